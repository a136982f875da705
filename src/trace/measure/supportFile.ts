import { parse } from 'csv-parse/sync';
import { HwcastError } from '../../errors.js';
import { readFileChecked, writeFileAtomic } from '../../files.js';
import { parseWorkload, type Workload } from '../../graph/workload.js';

/**
 * Writes measured rows as a support file: CSV `workload,latency_ms,spread,repeats`, or JSON lines with the same names where the name ends in
 * `.jsonl`. Whole or not at all.
 */
export function writeSupport(path: string, rows: readonly { workload: string; latency: number; spread: number; repeats: number }[]): void {
  const records = rows.map(({ workload, latency, spread, repeats }) => ({ workload, latency_ms: round(latency * 1000), spread: round(spread), repeats }));
  const lines = path.endsWith('.jsonl')
    ? records.map((r) => JSON.stringify(r))
    : ['workload,latency_ms,spread,repeats', ...records.map((r) => `${quote(r.workload)},${r.latency_ms},${r.spread},${r.repeats}`)];
  writeFileAtomic(path, `${lines.join('\n')}\n`);
}

/**
 * The workloads of a file, told apart by content: CSV or JSONL with a column `workload` (others are not read), or one workload a line as
 * `hwcast sample` prints them.
 * @throws HwcastError `not-found`, or `bad-input` naming the row.
 */
export function readWorkloads(path: string): Workload[] {
  const text = readFileChecked(path, 'workload file').toString('utf8').replace(/^\uFEFF/, '');
  const rows: { value: unknown; line: number }[] = text.trimStart().startsWith('{')
    ? text.split('\n').flatMap((line, i) => (line.trim() ? [{ value: jsonLine(line, `${path}:${i + 1}`).workload, line: i + 1 }] : []))
    : isWorkload(text.trimStart().split('\n', 1)[0])
      ? text.split('\n').flatMap((line, i) => (line.trim() ? [{ value: line, line: i + 1 }] : []))
      : csvColumn(text, path);
  if (!rows.length) throw new HwcastError('bad-input', 'holds no workload', { where: path });
  return rows.map(({ value, line }) => {
    if (typeof value !== 'string' || !value.trim()) throw new HwcastError('bad-input', 'no workload in this row', { where: `${path}:${line}` });
    try {
      return parseWorkload(value);
    } catch (error) {
      if (!(error instanceof HwcastError)) throw error;
      throw new HwcastError(error.code, error.message, { where: `${path}:${line}`, hint: error.hint, cause: error });
    }
  });
}

function isWorkload(line: string): boolean {
  try {
    parseWorkload(line);
    return true;
  } catch {
    return false;
  }
}

function jsonLine(line: string, where: string): Record<string, unknown> {
  try {
    const value = JSON.parse(line);
    if (value && typeof value === 'object' && !Array.isArray(value)) return value;
  } catch (cause) {
    throw new HwcastError('bad-input', `not a JSON object: '${line.slice(0, 80)}'`, { where, cause });
  }
  throw new HwcastError('bad-input', `not a JSON object: '${line.slice(0, 80)}'`, { where });
}

function csvColumn(text: string, path: string): { value: unknown; line: number }[] {
  let records: { record: string[]; info: { lines: number } }[];
  try {
    records = parse(text, { relax_column_count: true, skip_empty_lines: true, info: true, trim: true }) as unknown as typeof records;
  } catch (cause) {
    throw new HwcastError('bad-input', `not a CSV file: ${(cause as Error).message}`, { where: path, cause });
  }
  const header = records.shift()?.record ?? [];
  const column = header.indexOf('workload');
  if (column < 0)
    throw new HwcastError('bad-input', `no column 'workload' in the header '${header.join(',').slice(0, 120)}'`, { where: path, hint: 'write a CSV or JSONL file with a column workload' });
  return records.map(({ record, info }) => ({ value: record[column], line: info.lines }));
}

const round = (v: number) => Number(v.toPrecision(7));
const quote = (text: string) => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
