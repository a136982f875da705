import { inverseOf } from '../../core/cholesky.js';
import type { Gram } from './gram.js';
import { OFFSET_VARIANCE, type Setting } from './settings.js';
import type { TaskPrior } from './taskPrior.js';

/** Rows [k, n] that settings weight by a variance, and the columns that are not 0 in all of them. */
interface Block {
  weight(s: Setting): number;
  rows: Float64Array;
  columns: number[];
}

/**
 * What the support explains of the prior covariance, averaged over settings: sum of p (X P)^T K^-1 (X P). The rows X P of a setting are a sum of blocks that all
 * settings share, weighted by its variances: one block a feature group, one of the training tasks, one of the offset. So only [k, k] matrices are summed per setting.
 */
export class Explained {
  private readonly blocks: Block[] = [];
  /** sum of p x weight a x weight b x K^-1 of blocks a >= b, [k, k] each */
  private readonly sums: Float64Array[][];
  private readonly n: number;
  private readonly k: number;

  constructor({ width, tasks, mean, deviations }: TaskPrior, group: Uint8Array, g: Gram, X: Float64Array) {
    const k = g.k,
      n = width + 1;
    this.k = k;
    this.n = n;
    for (const of of new Set(group)) {
      const rows = new Float64Array(k * n);
      for (let i = 0; i < k; i++) for (let j = 0; j < width; j++) if (group[j] === of) rows[i * n + j] = X[i * width + j];
      this.push((s) => s.group[of], rows);
    }
    const ofTasks = new Float64Array(k * n),
      ofOffset = new Float64Array(k * n);
    for (let i = 0; i < k; i++) {
      for (let j = 0; j < width; j++) ofTasks[i * n + j] = 0.5 * g.atMean[i] * mean[j];
      for (let t = 0; t < tasks; t++) {
        const at = g.atDeviations[i * tasks + t];
        for (let j = 0; j < width; j++) ofTasks[i * n + j] += at * deviations[t * width + j];
      }
      ofOffset[i * n + width] = 1;
    }
    this.push((s) => s.device, ofTasks);
    this.push(() => OFFSET_VARIANCE, ofOffset);
    this.sums = this.blocks.map((_, a) => Array.from({ length: a + 1 }, () => new Float64Array(k * k)));
  }

  private push(weight: Block['weight'], rows: Float64Array): void {
    const { n, k } = this;
    const columns = Array.from({ length: n }, (_, j) => j).filter((j) => {
      for (let i = 0; i < k; i++) if (rows[i * n + j] !== 0) return true;
      return false;
    });
    this.blocks.push({ weight, rows, columns });
  }

  add(s: Setting, L: Float64Array, p: number): void {
    const inverse = inverseOf(L, this.k),
      weight = this.blocks.map((b) => b.weight(s));
    this.sums.forEach((row, a) => {
      row.forEach((sum, b) => {
        const w = p * weight[a] * weight[b];
        if (w !== 0) for (let i = 0; i < sum.length; i++) sum[i] += w * inverse[i];
      });
    });
  }

  /** Lower triangle of `covariance` [n, n] -= what is explained. */
  subtractFrom(covariance: Float64Array): void {
    const { k, n } = this;
    this.blocks.forEach(({ rows }, a) => {
      // R = sum over blocks b of (sum of K^-1) rows_b, [k, n]
      const R = new Float64Array(k * n);
      this.blocks.forEach((other, b) => {
        const sum = a >= b ? this.sums[a][b] : this.sums[b][a];
        for (let i = 0; i < k; i++)
          for (let l = 0; l < k; l++) {
            const v = sum[i * k + l];
            if (v !== 0) for (const j of other.columns) R[i * n + j] += v * other.rows[l * n + j];
          }
      });
      for (let i = 0; i < k; i++)
        for (let x = 0; x < n; x++) {
          const v = rows[i * n + x];
          if (v !== 0) for (let y = 0; y <= x; y++) covariance[x * n + y] -= v * R[i * n + y];
        }
    });
  }
}
