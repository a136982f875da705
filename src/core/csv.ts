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

/** What csv-parse gives of a row when told `csvOptions`. */
export interface CsvRecord {
  record: string[];
  info: { lines: number };
}

/** How csv-parse reads a table with this first line. */
export const csvOptions = (firstLine: string) => ({
  bom: true,
  delimiter: delimiterOf(firstLine),
  relax_column_count: true,
  skip_empty_lines: true,
  trim: true,
  info: true as const,
});

/**
 * Reads a table whose first line names its columns: separated by commas, semicolons or tabs, with or without a byte order mark, quoted as in RFC 4180.
 * Blank lines are skipped, cells trimmed. `csvStream` reads the same piece by piece.
 * @param where name of the file, for messages
 * @throws HwcastError `bad-input` naming file and line: a row with more or fewer cells than columns, an open quote, a column named twice.
 */
export function readCsvLines(text: string, where: string): { header: string[]; lines: CsvLine[] } {
  let records: CsvRecord[];
  try {
    records = parse(text, csvOptions(text.split('\n', 1)[0])) as unknown as CsvRecord[];
  } catch (cause) {
    throw notATable(cause, where);
  }
  const header = checkHeader(records.shift()?.record ?? [], where);
  return { header, lines: records.map((record) => checkedLine(record, header, where)) };
}

/** @throws HwcastError `bad-input` for a column named twice */
export function checkHeader(header: string[], where: string): string[] {
  const twice = header.find((name, i) => header.indexOf(name) !== i);
  if (twice !== undefined) throw new HwcastError('bad-input', `column '${twice}' stands twice`, { where: `${where}:1` });
  return header;
}

/** @throws HwcastError `bad-input` for more or fewer cells than columns */
export function checkedLine({ record, info }: CsvRecord, header: readonly string[], where: string): CsvLine {
  const place = `${where}:${info.lines}`;
  if (record.length !== header.length)
    throw new HwcastError('bad-input', `${record.length} cells for ${header.length} columns`, {
      where: place,
      hint: record.length > header.length ? 'put a cell that holds the separator in double quotes' : undefined,
    });
  return { cells: record, line: info.lines, where: place };
}

/** What csv-parse complains about. */
export function notATable(cause: unknown, where: string): HwcastError {
  const { lines } = cause as { lines?: number };
  return new HwcastError('bad-input', `not a table: ${(cause as Error).message}`, {
    where: lines === undefined ? where : `${where}:${lines}`,
    cause,
  });
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

/** A row of CSV without its line break; null and undefined are empty. */
export const csvLine = (row: readonly unknown[]): string =>
  row.map((v) => csvField(v === null || v === undefined ? '' : String(v))).join(',');

/** Rows as CSV without the last line break. */
export const csvText = (head: readonly string[], rows: readonly (readonly unknown[])[]): string =>
  [head, ...rows].map(csvLine).join('\n');
