/** A Markdown table. */
export const markdownTable = (head: readonly string[], body: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...body].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

/** A fraction as percent; a dash where it is unknown. */
export const percent = (fraction: number | null, digits = 1): string =>
  fraction === null ? '-' : `${(100 * fraction).toFixed(digits)} %`;

/** A number with a fixed count of digits; a dash where it is unknown. */
export const fixed = (value: number | null, digits: number): string => (value === null ? '-' : value.toFixed(digits));

/** Mean of the values that are known; null where none is. */
export function meanOfKnown(values: readonly (number | null | undefined)[]): number | null {
  const known = values.filter((v): v is number => typeof v === 'number' && Number.isFinite(v));
  return known.length ? known.reduce((a, b) => a + b, 0) / known.length : null;
}

/** Every value once, in the order in which they come. */
export const distinct = <T>(values: readonly T[]): T[] => [...new Set(values)];

/** The commands behind some rows, each with the days on which it ran. */
export function commandList(rows: readonly { command: string; measuredAt: string }[]): string {
  return distinct(rows.map((r) => r.command))
    .map((command) => {
      const days = distinct(rows.filter((r) => r.command === command).map((r) => r.measuredAt.slice(0, 10))).sort();
      return `- \`${command}\` (${days.join(', ')})`;
    })
    .join('\n');
}
