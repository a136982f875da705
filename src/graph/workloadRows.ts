import { type CsvLine, readCsvLines } from '../core/csv.js';
import { HwcastError } from '../core/errors.js';
import { jsonObject } from '../core/textRows.js';
import { anyWorkload } from './anyWorkload.js';
import type { ReadModelOptions } from './readers/modelReader.js';
import type { Workload } from './workload.js';
import { isModelPath, workloadsOf } from './workloadsOf.js';

/** One row of a file of workloads: the workload and its other columns as text or JSON values. */
export interface WorkloadRow {
  workload: Workload;
  fields: Record<string, unknown>;
  /** from 1 */
  line: number;
  /** of the model file that the row names, as `TextWorkload` has them */
  format?: string | undefined;
  warnings?: readonly string[];
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
  const text = firstLine.trim();
  return isModelPath(text) || isWorkload(text) || WORKLOAD_LIKE.test(text) ? 'list' : 'csv';
}

/** One cell that names a space or table: a workload, even where it is misspelt, and no header. */
const WORKLOAD_LIKE = /^[a-z][a-z0-9_-]*:[^,;\t]+$/i;

/**
 * Rows of a text of workloads, told apart by content: JSON lines or CSV with a column `workload`, or one workload a line as `hwcast sample` prints.
 * A workload may be the path of a model file; a file of several models gives a row each. `workloadBatches` reads the same from a stream.
 * @throws HwcastError `bad-input` naming file and line: no column `workload`, a bad workload, broken JSON or CSV, no row at all; what is wrong with a
 * model file
 */
export async function workloadRows(source: string, where: string, options: ReadModelOptions = {}): Promise<WorkloadRow[]> {
  const text = source.replace(/^\uFEFF/, '');
  if (!text.trim()) throw noWorkload(where);
  const form = rowForm(text.trimStart().split('\n', 1)[0]);
  const plain =
    form === 'csv'
      ? csvRows(text, where)
      : text.split('\n').flatMap((content, i) => (content.trim() ? [rowOfLine(content, form, `${where}:${i + 1}`, i + 1)] : []));
  if (!plain.length) throw noWorkload(where);
  const rows: WorkloadRow[] = [];
  for (const row of plain) {
    if (isModelRow(row)) rows.push(...(await modelRows(row, where, options)));
    else rows.push(workloadRow(row, where));
  }
  return rows;
}

export const noWorkload = (where: string): HwcastError => new HwcastError('bad-input', 'holds no workload', { where });

/** Whether a row names a model file, to be read by `modelRows`; other rows are read by `workloadRow`, at once. */
export const isModelRow = ({ fields }: PlainRow): boolean =>
  typeof fields.workload === 'string' && isModelPath(fields.workload.trim());

/** A row with its workload read. @throws HwcastError `bad-input`, `not-found` naming file and line */
export function workloadRow({ fields, line }: PlainRow, where: string): WorkloadRow {
  const { workload, ...rest } = fields,
    at = `${where}:${line}`;
  if (typeof workload !== 'string' || !workload.trim())
    throw new HwcastError('bad-input', 'no workload in this row', { where: at });
  try {
    return { workload: anyWorkload(workload), fields: rest, line };
  } catch (error) {
    throw inRow(error, at);
  }
}

/** The models of the file that a row names, a row each. @throws HwcastError as `workloadsOf`, naming file and line */
export async function modelRows({ fields, line }: PlainRow, where: string, options: ReadModelOptions): Promise<WorkloadRow[]> {
  const { workload: text, ...rest } = fields;
  try {
    const read = await workloadsOf([text as string], options);
    return read.map((model) => ({ ...model, fields: rest, line }));
  } catch (error) {
    throw inRow(error, `${where}:${line}`);
  }
}

/** An error of a workload as one of its row; a place inside of a model file goes before the message. */
function inRow(error: unknown, where: string): unknown {
  if (!(error instanceof HwcastError)) return error;
  const message = error.where === undefined ? error.message : `${error.where}: ${error.message}`;
  return new HwcastError(error.code, message, { where, hint: error.hint, cause: error });
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
