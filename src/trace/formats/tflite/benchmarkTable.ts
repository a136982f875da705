import { HwcastError } from '../../../core/errors.js';
import { shownName } from '../../shownName.js';
import { amountOf } from '../../source/recordsOf.js';

/** What a log puts before each line. */
const PREFIX = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+: [IWE] \S+\] ?/;
const RUN_ORDER = /=+ Run Order =+/;

/** A node that ran, by its mean. */
export interface BenchmarkNode {
  /** type of the operator, as it may be shown */
  type: string;
  /** s */
  time: number;
  calls: number;
  /** what it gives out, as the file writes it, and its number in the model; undefined where the table does not tell */
  name: string | undefined;
  number: number | undefined;
}

/** The regular runs of a benchmark. */
export interface Benchmark {
  nodes: BenchmarkNode[];
  /** s, mean of whole runs; undefined where the file does not say */
  latency: number | undefined;
  /** the table holds the first run in the place of means, as TensorFlow wrote it in 2018 */
  ofFirst: boolean;
}

/**
 * The table `Run Order` of the regular runs of the model itself: the tables behind it repeat its rows, or are of called subgraphs and of what a delegate
 * ran inside one node; those before it are of the start.
 * @throws HwcastError `bad-input` with the line where there is no such table or a time of it is none
 */
export function benchmarkTable(text: string, where: string): Benchmark {
  const lines = text.split('\n').map((l) => l.replace(/\r$/, '').replace(PREFIX, '')),
    regular = lines.findLastIndex((l) => /Profiling Info for Regular Benchmark Runs/.test(l)),
    inside = lines.findIndex((l, i) => i > regular && /^\s*Delegate internal:/.test(l)),
    tables = lines.flatMap((l, i) => (i > regular && (inside < 0 || i < inside) && RUN_ORDER.test(l) ? [i] : []));
  if (!tables.length)
    throw new HwcastError('bad-input', "no table 'Run Order'", { where, hint: 'benchmark_model --enable_op_profiling=true' });
  const from = (regular < 0 ? tables[tables.length - 1] : tables[0]) + 1,
    nodes = nodesOf(lines, from, where),
    inference = firstMatch(lines, /Inference \(avg\): (?<avg>[\d.]+(?:e\+?\d+)?)/),
    profiled = firstMatch(
      lines.slice(from),
      /^Timings \(microseconds\): count=\d+ (?:first=(?<first>\S+) .*avg=(?<avg>\S+)|curr=(?<curr>\d+))/,
    ),
    mean = micros(inference?.avg ?? profiled?.avg ?? profiled?.curr),
    first = micros(profiled?.first),
    sum = nodes.reduce((s, n) => s + n.time, 0);
  const isNear = (a: number, b: number) => Math.abs(a - b) < 0.002 * b;
  return {
    nodes,
    latency: mean,
    ofFirst: first !== undefined && mean !== undefined && isNear(sum, first) && !isNear(sum, mean),
  };
}

const firstMatch = (lines: readonly string[], pattern: RegExp): Record<string, string | undefined> | undefined =>
  lines.map((l) => pattern.exec(l)?.groups).find((groups) => groups !== undefined);

/** Seconds of a text of microseconds; undefined where it is no time. */
const micros = (text: string | undefined): number | undefined => (Number(text) > 0 ? Number(text) * 1e-6 : undefined);

function nodesOf(lines: readonly string[], from: number, where: string): BenchmarkNode[] {
  const head = lines[from] ?? '',
    separator = head.includes('\t') ? '\t' : ',',
    cells = (line: string) =>
      line
        .replace(/^\t/, '')
        .split(separator)
        .map((c) => c.trim()),
    header = cells(head).map((c) => c.replace(/[[\]]/g, '').toLowerCase().replace('_', ' '));
  const column = (name: string): number => {
    const at = header.indexOf(name);
    if (at < 0)
      throw new HwcastError('bad-input', `the table has no column '${name}': ${shownName(header.join(', '))}`, {
        where: `${where}:${from + 1}`,
      });
    return at;
  };
  const [type, average, calls] = [column('node type'), column('avg ms'), column('times called')],
    name = header.indexOf('name'),
    nodes: BenchmarkNode[] = [];
  for (let i = from + 1; i < lines.length && lines[i].trim() && !lines[i].includes('====='); i++) {
    const row = cells(lines[i]),
      time = Number(row[average]);
    if (!(time >= 0 && time <= Number.MAX_SAFE_INTEGER) || !row[average] || !row[type])
      throw new HwcastError('bad-input', `'${shownName(row[average] ?? '')}' is no time of an operator`, {
        where: `${where}:${i + 1}`,
      });
    // the names of several outputs have commas between them
    const [, outputs, number] = /^\[(.*)\](?::(\d+))?$/.exec(name < 0 ? '' : row.slice(name).join(', ')) ?? [];
    nodes.push({
      type: shownName(row[type]),
      time: time * 1e-3,
      calls: amountOf(Number(row[calls])) || 1,
      name: outputs,
      number: number === undefined ? undefined : Number(number),
    });
  }
  if (!nodes.length) throw new HwcastError('bad-input', "the table 'Run Order' is empty", { where: `${where}:${from + 1}` });
  return nodes;
}
