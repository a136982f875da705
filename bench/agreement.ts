/**
 * How far two tasks of the datasets of real models agree on the workloads of both, a common factor taken out: what no method can predict of one from the
 * other.
 *   npx tsx bench/agreement.ts zoo_ort_t1 h200_ort_t1
 */
import { resolve } from 'node:path';
import { median, quantile } from '../src/core/statistics.js';
import { readDataset } from '../src/dataset/store.js';
import '../src/index.js';

const FOLDERS = ['zoo-h100', 'zoo-h200', 'timm', 'timm-h200'];
const [first, second] = process.argv.slice(2);
if (!second) throw new Error('which two devices? npx tsx bench/agreement.ts DEVICE[@CONDITION] DEVICE[@CONDITION]');

/** Latency by workload. */
async function valuesOf(device: string): Promise<Map<string, number>> {
  for (const name of FOLDERS) {
    const { tasks, workloads } = await readDataset(resolve(import.meta.dirname, '../datasets', name)),
      task = tasks.find((t) => t.target === 'latency' && (t.condition ? `${t.device}@${t.condition}` : t.device) === device);
    if (task) return new Map(Array.from(task.rows, (row, i) => [workloads[row].id, task.values[i]]));
  }
  throw new Error(`no latency of '${device}' in ${FOLDERS.join(', ')}`);
}

const [a, b] = [await valuesOf(first), await valuesOf(second)];
const logs = [...a].flatMap(([id, value]) => (b.has(id) ? [Math.log(value / b.get(id)!)] : [])),
  level = median(logs),
  apart = logs.map((l) => Math.abs(Math.expm1(l - level)));
const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
console.log(
  `${first} and ${second}: ${logs.length} workloads, factor ${Math.exp(level).toFixed(2)}, apart ${percent(median(apart))} in the median, ${percent(quantile(apart, 0.9))} at nine tenths`,
);
