import { parse } from 'csv-parse/sync';
import { HwcastError } from './errors.js';

/** Cells of one row, the line it ends in, and `FILE:LINE` for messages. */
export interface CsvLine {
  cells: string[];
  line: number;
  where: string;
}

/** A row by column. */
export interface CsvRow extends Omit<CsvLine, 'cells'> {
  fields: Record<string, string>;
}

/** Separator of a table by its first line: comma, semicolon or tab, whichever divides it most. */
export function delimiterOf(firstLine: string): string {
  const cells = (delimiter: string) => firstLine.split(delimiter).length;
  return [',', ';', '\t'].reduce((best, delimiter) => (cells(delimiter) > cells(best) ? delimiter : best));
}

/**
 * Reads a table whose first line names its columns: separated by commas, semicolons or tabs, with or without a byte order mark, quoted as in RFC 4180.
 * Blank lines are skipped, cells trimmed.
 * @param where name of the file, for messages
 * @throws HwcastError `bad-input` naming file and line: a row with more or fewer cells than columns, an open quote, a column named twice.
 */
export function readCsvLines(text: string, where: string): { header: string[]; lines: CsvLine[] } {
  let records: { record: string[]; info: { lines: number } }[];
  try {
    records = parse(text, {
      bom: true,
      delimiter: delimiterOf(text.split('\n', 1)[0]),
      relax_column_count: true,
      skip_empty_lines: true,
      trim: true,
      info: true,
    }) as unknown as typeof records;
  } catch (cause) {
    const { lines } = cause as { lines?: number };
    throw new HwcastError('bad-input', `not a table: ${(cause as Error).message}`, {
      where: lines === undefined ? where : `${where}:${lines}`,
      cause,
    });
  }
  const header = records.shift()?.record ?? [];
  const twice = header.find((name, i) => header.indexOf(name) !== i);
  if (twice !== undefined) throw new HwcastError('bad-input', `column '${twice}' stands twice`, { where: `${where}:1` });
  const lines = records.map(({ record, info }) => ({ cells: record, line: info.lines, where: `${where}:${info.lines}` }));
  const uneven = lines.find(({ cells }) => cells.length !== header.length);
  if (uneven)
    throw new HwcastError('bad-input', `${uneven.cells.length} cells for ${header.length} columns`, {
      where: uneven.where,
      hint: uneven.cells.length > header.length ? 'put a cell that holds the separator in double quotes' : undefined,
    });
  return { header, lines };
}

/** The rows of `readCsvLines` by column. @throws HwcastError `bad-input` as there */
export function readCsv(text: string, where: string): CsvRow[] {
  const { header, lines } = readCsvLines(text, where);
  return lines.map(({ cells, ...place }) => ({
    fields: Object.fromEntries(header.map((name, i) => [name, cells[i]])),
    ...place,
  }));
}

/** One field of a CSV line, in double quotes where it holds a comma, a quote or a line break (RFC 4180). */
export const csvField = (text: string): string => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

/** Rows as CSV without the last line break; null and undefined are empty. */
export const csvText = (head: readonly string[], rows: readonly (readonly unknown[])[]): string =>
  [head, ...rows].map((row) => row.map((v) => csvField(v === null || v === undefined ? '' : String(v))).join(',')).join('\n');
