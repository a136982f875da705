/** A table in Markdown. */
export const markdownTable = (head: readonly string[], body: readonly (readonly string[])[]): string =>
  [`| ${head.join(' | ')} |`, `|${head.map(() => '---').join('|')}|`, ...body.map((r) => `| ${r.join(' | ')} |`)].join('\n');

/** Nothing where the value is not known. */
export const numberCell = (value: number | null | undefined, digits = 3): string =>
  typeof value === 'number' && !Number.isNaN(value) ? value.toFixed(digits) : '';

/** A fraction in percent; nothing where it is not known. */
export const percentCell = (fraction: number | null | undefined, digits = 1): string =>
  typeof fraction === 'number' ? numberCell(100 * fraction, digits) : '';
