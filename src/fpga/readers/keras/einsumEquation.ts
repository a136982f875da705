/** How hls4ml computes an equation of two operands (`parse_einsum`): axes that both and the result have, that one operand and the result have, and that are summed over. */
export interface EinsumSizes {
  /** in both operands and the result */
  inPlace: number;
  /** of the first operand alone, of the second alone */
  free: readonly [number, number];
  /** summed over */
  contracted: number;
  outShape: number[];
}

/**
 * The sizes of an equation such as `abc,cd->abd`, the batch its first letter; undefined where it is none of two operands, or sums an axis of one operand alone.
 * @param first shape of the first operand without the batch
 * @param second that of the second, with the batch where that operand has it; of weights unknown, their sizes are those of `out`
 * @param out shape of the result without the batch, where stated
 */
export function einsumSizes(
  equation: string,
  first: readonly number[],
  second: readonly number[] | undefined,
  out?: readonly (number | null)[],
): EinsumSizes | undefined {
  const match = /^([a-zA-Z]+),([a-zA-Z]+)->([a-zA-Z]+)$/.exec(withoutDots(equation, first.length).replaceAll(/\s/g, ''));
  if (!match) return undefined;
  const [a, b, result] = match.slice(1),
    batch = a[0];
  const sizes = new Map<string, number>();
  const learn = (letters: string, shape: readonly (number | null)[] | undefined): void => {
    const axes = letters.replace(batch, '');
    if (shape?.length === axes.length)
      for (const [i, letter] of [...axes].entries()) if (shape[i] !== null && !sizes.has(letter)) sizes.set(letter, shape[i]!);
  };
  learn(a, first);
  learn(b, second);
  learn(result, out);
  const letters = new Set(`${a}${b}`.replaceAll(batch, ''));
  if (result[0] !== batch || [...letters].some((l) => !sizes.has(l) || !(result.includes(l) || (a.includes(l) && b.includes(l)))))
    return undefined;
  const product = (keep: (letter: string) => boolean): number =>
    [...letters].filter(keep).reduce((n, letter) => n * sizes.get(letter)!, 1);
  return {
    inPlace: product((l) => a.includes(l) && b.includes(l) && result.includes(l)),
    free: [product((l) => !b.includes(l)), product((l) => !a.includes(l))],
    contracted: product((l) => !result.includes(l)),
    outShape: [...result].slice(1).map((l) => sizes.get(l)!),
  };
}

/** Letters for the axes that `...` stands for: those of the first operand that its letters do not name. */
function withoutDots(equation: string, axes: number): string {
  const named = equation.split(',')[0].replaceAll(/[\s.]/g, '').length;
  return equation.replaceAll('...', 'ZYXWV'.slice(0, Math.max(0, axes + 1 - named)));
}
