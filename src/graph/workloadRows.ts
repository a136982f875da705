import { type CsvLine, readCsvLines } from '../core/csv.js';
import { HwcastError } from '../core/errors.js';
import { jsonObject } from '../core/textRows.js';
import { anyWorkload } from './anyWorkload.js';
import type { Workload } from './workload.js';

/** One row of a file of workloads: the workload and its other columns as text or JSON values. */
export interface WorkloadRow {
  workload: Workload;
  fields: Record<string, unknown>;
  /** from 1 */
  line: number;
}

/** A row before its workload is read. */
export interface PlainRow {
  fields: Record<string, unknown>;
  line: number;
}

/** How a file of workloads is written: JSON lines, one workload a line, or CSV. */
export type RowForm = 'jsonl' | 'list' | 'csv';

/** @param firstLine the first line that is not blank */
export function rowForm(firstLine: string): RowForm {
  if (firstLine.startsWith('{')) return 'jsonl';
  return isWorkload(firstLine) || WORKLOAD_LIKE.test(firstLine.trim()) ? 'list' : 'csv';
}

/** One cell that names a space or table: a workload, even where it is misspelt, and no header. */
const WORKLOAD_LIKE = /^[a-z][a-z0-9_-]*:[^,;\t]+$/i;

/**
 * Rows of a text of workloads, told apart by content: JSON lines or CSV with a column `workload`, or one workload a line as `hwcast sample` prints.
 * `workloadBatches` reads the same from a stream.
 * @throws HwcastError `bad-input` naming file and line: no column `workload`, a bad workload, broken JSON or CSV, no row at all.
 */
export function workloadRows(source: string, where: string): WorkloadRow[] {
  const text = source.replace(/^\uFEFF/, '');
  if (!text.trim()) throw noWorkload(where);
  const form = rowForm(text.trimStart().split('\n', 1)[0]);
  const rows =
    form === 'csv'
      ? csvRows(text, where)
      : text.split('\n').flatMap((content, i) => (content.trim() ? [rowOfLine(content, form, `${where}:${i + 1}`, i + 1)] : []));
  if (!rows.length) throw noWorkload(where);
  return rows.map((row) => workloadRow(row, where));
}

export const noWorkload = (where: string): HwcastError => new HwcastError('bad-input', 'holds no workload', { where });

/** A row with its workload read. @throws HwcastError `bad-input`, `not-found` naming file and line */
export function workloadRow({ fields, line }: PlainRow, where: string): WorkloadRow {
  const { workload, ...rest } = fields,
    at = `${where}:${line}`;
  if (typeof workload !== 'string' || !workload.trim())
    throw new HwcastError('bad-input', 'no workload in this row', { where: at });
  try {
    return { workload: anyWorkload(workload), fields: rest, line };
  } catch (error) {
    if (!(error instanceof HwcastError)) throw error;
    throw new HwcastError(error.code, error.message, { where: at, hint: error.hint, cause: error });
  }
}

function isWorkload(line: string): boolean {
  try {
    anyWorkload(line);
    return true;
  } catch {
    return false;
  }
}

/** A line that is not blank. @throws HwcastError `bad-input` */
export function rowOfLine(content: string, form: 'jsonl' | 'list', where: string, line: number): PlainRow {
  return { fields: form === 'jsonl' ? jsonObject(content, where) : { workload: content }, line };
}

function csvRows(text: string, where: string): PlainRow[] {
  const { header, lines } = readCsvLines(text, where);
  checkColumns(header, where);
  return lines.map((line) => rowOfCells(line, header));
}

/** @throws HwcastError `bad-input` without a column `workload` */
export function checkColumns(header: readonly string[], where: string): void {
  if (!header.includes('workload'))
    throw new HwcastError('bad-input', `no column 'workload' in the header '${header.join(',').slice(0, 120)}'`, {
      where,
      hint: 'write a CSV or JSONL file with a column workload',
    });
}

export const rowOfCells = ({ cells, line }: CsvLine, header: readonly string[]): PlainRow => ({
  fields: Object.fromEntries(header.map((name, i) => [name, cells[i]])),
  line,
});
