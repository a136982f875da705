const TOKEN = /\s*(?:(\d+)|([A-Za-z_][\w.]*)|(\/\/|[-+*/%(),]))/y;

const FUNCTIONS: Record<string, (...values: number[]) => number> = {
  floor: Math.floor,
  ceil: Math.ceil,
  ceiling: Math.ceil,
  max: Math.max,
  min: Math.min,
  Max: Math.max,
  Min: Math.min,
};

/**
 * The value of a symbolic axis such as `batch*2` or `floor((height - 1)/2) + 1`; undefined where a name in it is not bound or it is no expression.
 * Division is exact, `//` rounds down, as SymPy and PyTorch print them.
 */
export function dimExpression(text: string, bound: ReadonlyMap<string, number>): number | undefined {
  const whole = bound.get(text);
  if (whole !== undefined) return whole;
  const tokens = tokensOf(text);
  if (!tokens?.length) return undefined;
  let position = 0;
  const next = (...wanted: string[]): string | undefined => (wanted.includes(tokens[position]) ? tokens[position++] : undefined);

  function atom(): number {
    const token = tokens![position++];
    if (token === '-') return -atom();
    if (token === '(') {
      const value = sum();
      return next(')') ? value : Number.NaN;
    }
    if (/^\d/.test(token)) return Number(token);
    const call = FUNCTIONS[token];
    if (call && next('(')) {
      const values = [sum()];
      while (next(',')) values.push(sum());
      return next(')') ? call(...values) : Number.NaN;
    }
    return bound.get(token) ?? Number.NaN;
  }
  function product(): number {
    let value = atom();
    for (let sign = next('*', '/', '//', '%'); sign; sign = next('*', '/', '//', '%')) {
      const other = atom();
      if (sign === '*') value *= other;
      else if (sign === '/') value /= other;
      else if (sign === '//') value = Math.floor(value / other);
      else value -= Math.floor(value / other) * other;
    }
    return value;
  }
  function sum(): number {
    let value = product();
    for (let sign = next('+', '-'); sign; sign = next('+', '-')) value += (sign === '+' ? 1 : -1) * product();
    return value;
  }

  const value = sum();
  return position === tokens.length && Number.isInteger(value) && value >= 0 ? value : undefined;
}

function tokensOf(text: string): string[] | undefined {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.trimEnd().length) {
    const found = TOKEN.exec(text);
    if (!found) return undefined;
    tokens.push(found[1] ?? found[2] ?? found[3]);
  }
  return tokens;
}
