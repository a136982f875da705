import { Readable } from 'node:stream';
import { CsvError, parse } from 'csv-parse';
import { delimiterOf } from '../../../core/csv.js';
import { HwcastError } from '../../../core/errors.js';
import { textLines } from '../../source/textLines.js';
import type { ReadIssue, ReadOptions, RowRecord, TraceReader, TraceSource } from '../../traceReader.js';
import { unreadFormat } from '../../unreadFormats.js';
import { type TableColumns, tableColumns } from './tableColumns.js';

/** Tables of measurements: CSV (`,` `;` or tab) and JSONL, told apart by content. Columns: see `tableColumns`. */
export const tableReader: TraceReader = {
  format: 'table',
  detect(head) {
    const text = Buffer.from(head)
      .toString('utf8')
      .replace(/^\ufeff/, '');
    if (text.includes('\0')) return false;
    const [first = '', second = ''] = text.split(/\r?\n/);
    // an object may be the row of a table or the whole of another format
    if (first.startsWith('{')) return isObject(first) && unreadFormat(head) === undefined;
    const delimiter = delimiterOf(first),
      names = first.split(delimiter);
    return (
      names.length > 1 &&
      names.every((n) => /^"?\w[\w .()/%#|~:+-]{0,79}"?$/.test(n)) &&
      (second.includes(delimiter) || text.trimEnd() === first)
    );
  },
  read,
};

const isObject = (line: string): boolean => {
  try {
    return typeof JSON.parse(line) === 'object';
  } catch {
    return false;
  }
};

interface Line {
  cells: string[];
  /** line of the file, from 1 */
  number: number;
}

async function* read(source: TraceSource, options: ReadOptions): AsyncGenerator<RowRecord | ReadIssue> {
  const json = Buffer.from(source.head)
    .toString('utf8')
    .replace(/^\ufeff/, '')
    .trimStart()
    .startsWith('{');
  let header: string[] | undefined, columns: TableColumns | undefined;
  for await (const line of json ? jsonLines(source) : csvLines(source)) {
    if ('kind' in line) {
      yield line;
      continue;
    }
    if (!header) {
      header = line.cells.map((name) => name.trim());
      const twice = header.find((name, i) => header!.indexOf(name) < i);
      if (twice !== undefined)
        throw new HwcastError('bad-input', `column '${twice}' stands twice in the header`, { where: source.name });
      continue;
    }
    const where = `${source.name}, line ${line.number}`;
    if (line.cells.length !== header.length) {
      yield {
        kind: 'issue',
        where,
        reason: `row of ${line.cells.length} fields under a header of ${header.length}`,
        count: 1,
        what: 'row',
      };
      continue;
    }
    columns ??= tableColumns(header, line.cells, options, source.name);
    yield* rowRecords(line.cells, columns, where);
  }
  if (!header) throw new HwcastError('corrupt', 'the file is empty', { where: source.name });
  if (!columns) throw new HwcastError('bad-input', 'the table has a header and no rows', { where: source.name });
}

async function* csvLines(source: TraceSource): AsyncGenerator<Line> {
  const first = Buffer.from(source.head).toString('utf8').split(/\r?\n/, 1)[0];
  const input = Readable.from(source.chunks, { objectMode: false });
  const parser = parse({
    bom: true,
    delimiter: delimiterOf(first),
    relax_column_count: true,
    skip_empty_lines: true,
    info: true,
  });
  input.on('error', (error) => parser.destroy(error));
  input.pipe(parser);
  try {
    for await (const { record, info } of parser as AsyncIterable<{ record: string[]; info: { lines: number } }>)
      yield { cells: record, number: info.lines };
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw new HwcastError('bad-input', `not a CSV table: ${error.message}`, { where: source.name, cause: error });
  } finally {
    input.destroy();
    parser.destroy();
  }
}

/** Lines of JSON objects as cells under the header of the first object's keys; keys that come later are added nowhere and named in an issue. */
async function* jsonLines(source: TraceSource): AsyncGenerator<Line | ReadIssue> {
  let number = 0,
    header: string[] | undefined;
  const line = function* (text: string): Generator<Line | ReadIssue> {
    number++;
    if (!text.trim()) return;
    let object: Record<string, unknown>;
    try {
      object = JSON.parse(text);
      if (typeof object !== 'object' || object === null || Array.isArray(object)) throw new TypeError('no object');
    } catch {
      yield {
        kind: 'issue',
        where: `${source.name}, line ${number}`,
        reason: 'line that is no JSON object',
        count: 1,
        what: 'row',
      };
      return;
    }
    if (!header) {
      header = Object.keys(object);
      yield { cells: header, number };
    }
    yield { cells: header.map((key) => cellText(object[key])), number };
  };
  for await (const text of textLines(source)) yield* line(text);
}

const cellText = (value: unknown): string =>
  value === null || value === undefined ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value);

const MISSING = /^(nan|na|n\/a|null|none|-)$/i;

/** One record per value of a row. Empty cells are no issue; what is no positive number is. */
function* rowRecords(row: readonly string[], columns: TableColumns, where: string): Generator<RowRecord | ReadIssue> {
  const bad = (reason: string, value: string): ReadIssue => ({
    kind: 'issue',
    where: `${where} ('${value.slice(0, 60)}')`,
    reason,
    count: 1,
    what: 'row',
  });
  const workload = columns.workload(row);
  if (workload === undefined) {
    yield bad('row without a workload', '');
    return;
  }
  const device = columns.device?.(row) ?? null,
    condition = columns.condition?.(row) ?? '';
  const run = columns.run?.(row) ?? null,
    pass = columns.pass?.(row) ?? null;
  const repeatsText = columns.repeats?.(row),
    repeats = repeatsText === undefined ? null : Number(repeatsText);
  if (repeats !== null && !(Number.isInteger(repeats) && repeats > 0)) {
    yield bad('repeats is no positive whole number', repeatsText!);
    return;
  }
  const spreadText = columns.spread?.cell(row),
    spread = spreadText === undefined ? null : Number(spreadText);
  if (spread !== null && !(spread >= 0)) {
    yield bad('spread is no number from 0', spreadText!);
    return;
  }
  const values = columns.values.map((v) => ({ ...v, text: v.cell(row) }));
  const longTarget = columns.long?.target(row);
  if (columns.long && longTarget !== undefined)
    values.push({ name: 'value', target: longTarget, scale: 1, cell: columns.long.value, text: columns.long.value(row) });
  // repeats and spread of a row with several targets are those of its latency
  const owner = values.length === 1 ? values[0] : values.find((v) => v.target === 'latency');
  for (const v of values) {
    if (v.text === undefined || MISSING.test(v.text)) continue;
    const value = Number(v.text) * v.scale;
    if (!(value > 0 && value < Infinity)) {
      yield bad(`${v.name} is no positive number`, v.text);
      continue;
    }
    const own = v.device !== undefined || v.target === owner?.target;
    yield {
      kind: 'row',
      workload,
      device: v.device ?? device,
      condition,
      target: v.target,
      value,
      run,
      pass,
      repeats: own ? repeats : null,
      spread:
        own && spread !== null ? (columns.spread!.scale === undefined ? spread : (spread * columns.spread!.scale) / value) : null,
      where,
    };
  }
}
