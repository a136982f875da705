import { readCsvLines } from '../core/csv.js';
import { HwcastError } from '../core/errors.js';
import { anyWorkload } from './anyWorkload.js';
import type { Workload } from './workload.js';

/** One row of a file of workloads: the workload and its other columns as text or JSON values. */
export interface WorkloadRow {
  workload: Workload;
  fields: Record<string, unknown>;
  /** from 1 */
  line: number;
}

/**
 * Rows of a text of workloads, told apart by content: JSON lines or CSV with a column `workload`, or one workload a line as `hwcast sample` prints.
 * @throws HwcastError `bad-input` naming file and line: no column `workload`, a bad workload, broken JSON or CSV, no row at all.
 */
export function workloadRows(source: string, where: string): WorkloadRow[] {
  const text = source.replace(/^\uFEFF/, '');
  const first = text.trimStart().split('\n', 1)[0];
  const rows: { fields: Record<string, unknown>; line: number }[] = first.startsWith('{')
    ? nonEmptyLines(text).map(({ content, line }) => ({ fields: jsonObject(content, `${where}:${line}`), line }))
    : isWorkload(first)
      ? nonEmptyLines(text).map(({ content, line }) => ({ fields: { workload: content }, line }))
      : csvRows(text, where);
  if (!rows.length) throw new HwcastError('bad-input', 'holds no workload', { where });
  return rows.map(({ fields, line }) => {
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
  });
}

const nonEmptyLines = (text: string) =>
  text.split('\n').flatMap((content, i) => (content.trim() ? [{ content, line: i + 1 }] : []));

function isWorkload(line: string): boolean {
  try {
    anyWorkload(line);
    return true;
  } catch {
    return false;
  }
}

function jsonObject(line: string, where: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (cause) {
    throw new HwcastError('bad-input', `not a JSON object: '${line.slice(0, 80)}'`, { where, cause });
  }
  if (!value || typeof value !== 'object' || Array.isArray(value))
    throw new HwcastError('bad-input', `not a JSON object: '${line.slice(0, 80)}'`, { where });
  return value as Record<string, unknown>;
}

function csvRows(text: string, where: string): { fields: Record<string, unknown>; line: number }[] {
  const { header, lines } = readCsvLines(text, where);
  if (!header.includes('workload'))
    throw new HwcastError('bad-input', `no column 'workload' in the header '${header.join(',').slice(0, 120)}'`, {
      where,
      hint: 'write a CSV or JSONL file with a column workload',
    });
  return lines.map(({ cells, line }) => ({ fields: Object.fromEntries(header.map((name, i) => [name, cells[i]])), line }));
}
