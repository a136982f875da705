/** A table of log values without gaps, a row a task; what a Gaussian prior over a new task is made from. */
export interface ColumnTable {
  /** [columns, workloads] row-major */
  filled: Float64Array;
  columns: number;
  workloads: number;
}

/** Mean and deviations of weighted tasks at some workloads: the covariance of two of them is the inner product of their deviations. */
export interface ColumnPrior {
  /** [rows] */
  mean: Float64Array;
  /** [rows, columns]: square root of the weight times the deviation from the mean */
  deviations: Float64Array;
  /** variance of each workload across tasks, [rows] */
  variance: Float64Array;
}

/** Mean of each task over the workloads of its table, [columns]. */
export function columnLevels({ filled, columns, workloads }: ColumnTable): Float64Array {
  const level = new Float64Array(columns);
  for (let c = 0; c < columns; c++) {
    for (let m = 0; m < workloads; m++) level[c] += filled[c * workloads + m];
    level[c] /= workloads;
  }
  return level;
}

/**
 * Prior over a new task, up to its level, from the tasks of a table (Schwaighofer, Tresp and Yu, Learning Gaussian process kernels via hierarchical Bayes,
 * NIPS 2004, eq. 6 and 7, with weights).
 * @param at values of the tasks at the workloads asked for, their level taken out, [rows, columns]
 * @param weights of the tasks; they are scaled to sum 1
 */
export function columnPrior(at: Float64Array, columns: number, weights: ArrayLike<number>): ColumnPrior {
  const rows = at.length / columns,
    mean = new Float64Array(rows),
    variance = new Float64Array(rows),
    deviations = new Float64Array(at.length);
  let total = 0;
  for (let c = 0; c < columns; c++) total += weights[c];
  for (let m = 0; m < rows; m++) {
    for (let c = 0; c < columns; c++) mean[m] += (weights[c] / total) * at[m * columns + c];
    for (let c = 0; c < columns; c++) {
      const deviation = Math.sqrt(weights[c] / total) * (at[m * columns + c] - mean[m]);
      deviations[m * columns + c] = deviation;
      variance[m] += deviation * deviation;
    }
  }
  return { mean, deviations, variance };
}

/** Covariance of rows of two lists by what the tasks have in common, [rows of a, rows of b]. */
export function innerProducts(a: ColumnPrior, b: ColumnPrior, columns: number): Float64Array {
  const rows = a.mean.length,
    others = b.mean.length,
    out = new Float64Array(rows * others);
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < others; j++) {
      let sum = 0;
      for (let c = 0; c < columns; c++) sum += a.deviations[i * columns + c] * b.deviations[j * columns + c];
      out[i * others + j] = sum;
    }
  return out;
}
