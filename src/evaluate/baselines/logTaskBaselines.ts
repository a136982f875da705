import { ridge } from '../../core/cholesky.js';
import { mean, median } from '../../core/statistics.js';
import { type LogModel, scaleRows } from '../../surrogate/head/logTasks.js';

/** Ridge on the support alone, of log values; the mean of the support where it says no more. */
export function ridgeLogTask(model: LogModel, support: { X: Float64Array; values: Float64Array }, X: Float64Array): Float64Array {
  const { width } = model,
    A = scaleRows(support.X, model.centre, model.scale),
    Q = scaleRows(X, model.centre, model.scale),
    k = support.values.length;
  const log = Float64Array.from(support.values, Math.log),
    level = mean(log),
    centre = new Float64Array(width);
  for (let i = 0; i < A.length; i++) centre[i % width] += A[i] / k;
  const w = ridge(
    A.map((v, i) => v - centre[i % width]),
    log.map((v) => v - level),
    k,
    width,
    1,
  );
  return Float64Array.from({ length: X.length / width }, (_, i) => {
    let v = level;
    for (let j = 0; j < width; j++) v += (Q[i * width + j] - centre[j]) * w[j];
    return Math.exp(v);
  });
}

/** The median of the support for every row. */
export const medianLogTask = (support: { values: Float64Array }, rows: number): Float64Array =>
  new Float64Array(rows).fill(median(support.values));
