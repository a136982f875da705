import { Matrix, SVD } from 'ml-matrix';

/** Factors that the completion keeps. */
const RANK = 6;
const MOST_ROUNDS = 30;
/** Largest change, in logs, at which it has settled. */
const SETTLED = 1e-3;

/**
 * Fills what is not known of a table of log values, devices by workloads: row and column effects, then their interaction by a low rank whose singular
 * values are shrunk by half of their median (soft-impute: Mazumder, Hastie and Tibshirani, JMLR 11, 2010). What is known stays.
 * @param values [columns, workloads] row-major, a row a column of the table (a task), NaN where unknown; every row and every workload has a value
 * @returns [columns, workloads] without NaN
 */
export function completeColumns(values: Float64Array, columns: number, workloads: number): Float64Array {
  const filled = additive(values, columns, workloads);
  if (!values.some(Number.isNaN) || columns < 2) return filled;
  for (let round = 0; round < MOST_ROUNDS; round++)
    if (replaceUnknown(filled, values, lowRank(filled, columns, workloads)) < SETTLED) break;
  return filled;
}

/** @returns the largest change */
function replaceUnknown(filled: Float64Array, values: Float64Array, by: Float64Array): number {
  let most = 0;
  for (let i = 0; i < values.length; i++) {
    if (!Number.isNaN(values[i])) continue;
    most = Math.max(most, Math.abs(by[i] - filled[i]));
    filled[i] = by[i];
  }
  return most;
}

/** Known values, and level + effect of the row + effect of the workload elsewhere. */
function additive(values: Float64Array, columns: number, workloads: number): Float64Array {
  const ofColumn = new Float64Array(columns),
    ofWorkload = new Float64Array(workloads);
  const meanOf = (cells: readonly number[], left: (i: number) => number): number => {
    const known = cells.filter((i) => !Number.isNaN(values[i]));
    return known.length ? known.reduce((a, i) => a + left(i), 0) / known.length : 0;
  };
  const row = (c: number) => Array.from({ length: workloads }, (_, m) => c * workloads + m),
    line = (m: number) => Array.from({ length: columns }, (_, c) => c * workloads + m);
  for (let round = 0; round < 10; round++) {
    for (let c = 0; c < columns; c++) ofColumn[c] = meanOf(row(c), (i) => values[i] - ofWorkload[i - c * workloads]);
    for (let m = 0; m < workloads; m++) ofWorkload[m] = meanOf(line(m), (i) => values[i] - ofColumn[(i - m) / workloads]);
  }
  return values.map((v, i) => (Number.isNaN(v) ? ofColumn[Math.floor(i / workloads)] + ofWorkload[i % workloads] : v));
}

/** Row means, mean row, and the shrunk interaction of the rest. */
function lowRank(filled: Float64Array, columns: number, workloads: number): Float64Array {
  const level = new Float64Array(columns),
    mean = new Float64Array(workloads);
  for (let c = 0; c < columns; c++) for (let m = 0; m < workloads; m++) level[c] += filled[c * workloads + m] / workloads;
  for (let c = 0; c < columns; c++)
    for (let m = 0; m < workloads; m++) mean[m] += (filled[c * workloads + m] - level[c]) / columns;
  const rest = new Matrix(columns, workloads);
  for (let c = 0; c < columns; c++)
    for (let m = 0; m < workloads; m++) rest.set(c, m, filled[c * workloads + m] - level[c] - mean[m]);
  const svd = new SVD(rest, { autoTranspose: true });
  const sizes = [...svd.diagonal].sort((a, b) => b - a),
    shrink = sizes.length ? sizes[Math.floor(sizes.length / 2)] / 2 : 0;
  const kept = svd.diagonal.map((s, i) => ({ s: Math.max(0, s - shrink), i })).sort((a, b) => b.s - a.s);
  const out = new Float64Array(columns * workloads);
  for (let c = 0; c < columns; c++) for (let m = 0; m < workloads; m++) out[c * workloads + m] = level[c] + mean[m];
  for (const { s, i } of kept.slice(0, RANK)) {
    if (!s) continue;
    const left = svd.leftSingularVectors.getColumn(i),
      right = svd.rightSingularVectors.getColumn(i);
    for (let c = 0; c < columns; c++) for (let m = 0; m < workloads; m++) out[c * workloads + m] += s * left[c] * right[m];
  }
  return out;
}
