import { HwcastError } from '../../../core/errors.js';
import { operatorTotals } from '../../operatorTotals.js';
import { analysisOf, profileReader } from '../../profileReader.js';
import { shownName } from '../../shownName.js';
import { wholeText } from '../../source/wholeSource.js';
import type { TraceAnalysis } from '../../traceAnalysis.js';
import type { TraceSource } from '../../traceReader.js';

/** What a log puts before each line. */
const PREFIX = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+: [IWE] \S+\] ?/;

/**
 * Operator profiles of TensorFlow Lite's `benchmark_model` (`--enable_op_profiling`), text and CSV, and of TensorFlow's tool of the same name, whose
 * lines carry a log's prefix. Read is the table `Run Order` of the regular runs: the tables after it repeat its rows, that before it is the start.
 */
export const tfliteBenchmarkReader = profileReader(
  'tflite-benchmark',
  'a profile of benchmark_model',
  (text) => /tensorflow\/tools\/benchmark\/benchmark_model/.test(text) || /Run Order =+\s*\n[^\n]*\[?node type\]?/i.test(text),
  analyse,
);

async function analyse(source: TraceSource): Promise<TraceAnalysis[]> {
  const lines = (await wholeText(source)).split('\n').map((l) => l.replace(/\r$/, '').replace(PREFIX, ''));
  const tables = lines.flatMap((l, i) => (/=+ Run Order =+/.test(l) ? [i] : []));
  if (!tables.length)
    throw new HwcastError('bad-input', "no table 'Run Order'", {
      where: source.name,
      hint: 'benchmark_model --enable_op_profiling=true',
    });
  // the last one is of the regular runs
  const rows = rowsOf(lines, tables[tables.length - 1] + 1, source.name);
  const average = lines.map((l) => /Inference \(avg\): ([\d.]+)/.exec(l)?.[1]).find((v) => v !== undefined),
    sum = rows.reduce((s, r) => s + r.time, 0);
  return [
    analysisOf({
      source: source.name,
      format: 'tflite-benchmark',
      events: rows.length,
      latency: average === undefined ? sum : Number(average) * 1e-6,
      operators: rows.length,
      byOperator: operatorTotals(rows),
      notes: average === undefined ? ['latency is the sum of the means of operators, profiling on'] : [],
    }),
  ];
}

function rowsOf(lines: readonly string[], from: number, where: string): { name: string; time: number; calls: number }[] {
  const separator = lines[from].includes('\t') ? '\t' : ',';
  const cells = (line: string) => line.split(separator).map((c) => c.trim());
  const header = cells(lines[from].replace(/^\t/, '')).map((c) => c.replace(/[[\]]/g, '').toLowerCase().replace('_', ' '));
  const column = (name: string): number => {
    const at = header.indexOf(name);
    if (at < 0)
      throw new HwcastError('bad-input', `the table has no column '${name}': ${header.join(', ')}`, {
        where: `${where}:${from + 1}`,
      });
    return at;
  };
  const [type, average, calls] = [column('node type'), column('avg ms'), column('times called')];
  const rows: { name: string; time: number; calls: number }[] = [];
  for (let i = from + 1; i < lines.length && lines[i].trim() && !lines[i].includes('====='); i++) {
    const row = cells(lines[i].replace(/^\t/, '')),
      time = Number(row[average]);
    if (!(time >= 0) || !row[type])
      throw new HwcastError('bad-input', `'${shownName(row[average] ?? '')}' is no time of an operator`, {
        where: `${where}:${i + 1}`,
      });
    rows.push({ name: shownName(row[type]), time: time * 1e-3, calls: Number(row[calls]) || 1 });
  }
  if (!rows.length) throw new HwcastError('bad-input', "the table 'Run Order' is empty", { where: `${where}:${from + 1}` });
  return rows;
}
