/**
 * ONNX Runtime profiles joined with their models: `npx tsx bench/onnxruntime.ts [PROFILES MODELS LATENCIES]`, of the zoo unless told. Of each profile: nodes
 * that became operators with attributes, the sum of the nodes of a run, the run, and the latency of the zoo's table, measured without a profiler.
 */
import { resolve } from 'node:path';
import { readCsv } from '../src/core/csv.js';
import { readTextChecked } from '../src/core/files.js';
import { median } from '../src/core/statistics.js';
import { plainTable } from '../src/present/plainTable.js';
import { readerFor } from '../src/trace/registry.js';
import { walkSources } from '../src/trace/source/walkSources.js';

const zoo = resolve(process.env.HWCAST_SHARED ?? '../shared', 'data/zoo');
const [profiles = `${zoo}/profiles.tar`, model = `${zoo}/onnx.tar`, table = `${zoo}/latency.csv.gz`] = process.argv.slice(2);

const measured = new Map(
  readCsv(readTextChecked(table), table).flatMap(({ fields: values }) =>
    values.configuration === 'ort_t1' ? [[values.model.replaceAll('/', '__'), Number(values.latency_ms)]] : [],
  ),
);
const rows: (string | number)[][] = [];
for await (const source of walkSources([profiles])) {
  if ('kind' in source) continue;
  const reader = readerFor(source);
  if (reader.format !== 'onnxruntime') continue;
  let used = 0,
    left = 0,
    cells: (string | number)[] = ['-', '-', '-', '-', '-'];
  for await (const record of reader.read(source, { model })) {
    if (record.kind === 'operator') used++;
    else if (record.kind === 'issue' && record.what === 'operator') left += record.count;
    else if (record.kind === 'network') {
      const [sum, run] = [median(record.busy) * 1e3, median(record.latencies) * 1e3],
        table = measured.get(record.name ?? '');
      const shown = [sum, run, table ?? Number.NaN].map((v) => (Number.isNaN(v) ? '-' : v.toPrecision(4)));
      cells = [...shown, table ? (sum / table).toFixed(3) : '-', table ? (run / table).toFixed(3) : '-'];
    }
  }
  rows.push([source.name.split('!').at(-1)!, used, left, ...cells]);
}
const numbers = ['operators', 'left out', 'nodes ms', 'run ms', 'table ms', 'nodes / table', 'run / table'];
process.stdout.write(`${plainTable(['profile', ...numbers], rows, numbers)}\n`);
