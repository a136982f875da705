import { backwardSolve, cholesky, forwardSolve } from '../../core/cholesky.js';
import { mean } from '../../core/statistics.js';
import { SIZES } from '../../networks/modelDescription.js';
import type { ModelTable } from '../../networks/modelTable.js';
import { columnPrior, innerProducts } from '../../surrogate/multiTask/columnPrior.js';

/** Logs of the asked models, from logs of the measured ones; rows are positions in the table. */
export type TableBaseline = (
  table: ModelTable,
  support: readonly number[],
  logs: Float64Array,
  query: readonly number[],
) => Float64Array;

/** What a table of real models is predicted by without a model of its own. */
export const TABLE_BASELINES: Readonly<Record<string, TableBaseline>> = {
  'macs-scaled': macsScaled,
  'nearest-task': nearestTask,
  gaussian,
};

const rowsAt = ({ centred, kinds }: ModelTable, rows: readonly number[]): Float64Array => {
  const columns = kinds.length,
    at = new Float64Array(rows.length * columns);
  rows.forEach((row, i) => {
    at.set(centred.subarray(row * columns, (row + 1) * columns), i * columns);
  });
  return at;
};

/** A factor times the MACs; models of unknown MACs get the mean of the measured. */
function macsScaled(
  { values: { models } }: ModelTable,
  support: readonly number[],
  logs: Float64Array,
  query: readonly number[],
) {
  const macs = (row: number) => models[row].sizes[SIZES.indexOf('macs')];
  const known = support.map((row, i) => logs[i] - macs(row)).filter((v) => !Number.isNaN(v)),
    factor = known.length ? mean(known) : 0,
    level = mean(logs);
  return Float64Array.from(query, (row) => (Number.isNaN(macs(row)) || !known.length ? level : factor + macs(row)));
}

/** The task whose values fit the support best up to a factor, times that factor. */
function nearestTask(table: ModelTable, support: readonly number[], logs: Float64Array, query: readonly number[]) {
  const columns = table.kinds.length,
    at = rowsAt(table, support),
    asked = rowsAt(table, query);
  let best = { spread: Number.POSITIVE_INFINITY, task: 0, factor: 0 };
  for (let c = 0; c < columns; c++) {
    const left = logs.map((v, i) => v - at[i * columns + c]),
      factor = mean(left),
      spread = left.reduce((a, v) => a + (v - factor) ** 2, 0);
    if (spread < best.spread) best = { spread, task: c, factor };
  }
  return Float64Array.from(query, (_, i) => best.factor + asked[i * columns + best.task]);
}

/** A Gaussian over tasks with the mean and covariance of the training tasks, shrunk by a tenth, conditional on the support. */
function gaussian(table: ModelTable, support: readonly number[], logs: Float64Array, query: readonly number[]) {
  const columns = table.kinds.length,
    weights = new Float64Array(columns).fill(1);
  const all = columnPrior(table.centred, columns, weights),
    noise = 0.03 * Math.max(1e-3, mean(all.variance)) * 2;
  const own = columnPrior(rowsAt(table, support), columns, weights),
    asked = columnPrior(rowsAt(table, query), columns, weights);
  const covariance = (shared: number, a: number, b: number) => 0.9 * shared + 25 + 0.05 * a * b;
  const n = support.length,
    K = innerProducts(own, own, columns),
    cross = innerProducts(asked, own, columns);
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++) K[i * n + j] = covariance(K[i * n + j], own.mean[i], own.mean[j]) + (i === j ? noise : 0);
  cholesky(K, n);
  const solution = logs.map((v, i) => v - own.mean[i] - table.level);
  forwardSolve(K, n, solution);
  backwardSolve(K, n, solution);
  return Float64Array.from(query, (_, i) => {
    let m = asked.mean[i] + table.level;
    for (let j = 0; j < n; j++) m += covariance(cross[i * n + j], asked.mean[i], own.mean[j]) * solution[j];
    return m;
  });
}
