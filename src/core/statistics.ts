/** Standard deviation of a normal variable over its median absolute deviation. */
export const MEDIAN_TO_DEVIATION = 1.4826;

/** Middle value; the mean of the two middle ones for an even count. NaN for an empty list. */
export function median(values: ArrayLike<number>): number {
  return quantile(values, 0.5);
}

/** Quantile by linear interpolation between order statistics (type 7). NaN for an empty list. */
export function quantile(values: ArrayLike<number>, q: number): number {
  const v = Float64Array.from(values).sort();
  if (!v.length) return Number.NaN;
  const at = (v.length - 1) * q,
    low = Math.floor(at);
  return v[low] + (at - low) * ((v[low + 1] ?? v[low]) - v[low]);
}

export function mean(values: ArrayLike<number>): number {
  let s = 0;
  for (let i = 0; i < values.length; i++) s += values[i];
  return s / values.length;
}

/** Standard deviation over the population (divisor n). */
export function standardDeviation(values: ArrayLike<number>): number {
  const m = mean(values);
  let s = 0;
  for (let i = 0; i < values.length; i++) s += (values[i] - m) ** 2;
  return Math.sqrt(s / values.length);
}

/** Pearson correlation; NaN where one side is constant. */
export function pearson(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const ma = mean(a),
    mb = mean(b);
  let ab = 0,
    aa = 0,
    bb = 0;
  for (let i = 0; i < a.length; i++) {
    ab += (a[i] - ma) * (b[i] - mb);
    aa += (a[i] - ma) ** 2;
    bb += (b[i] - mb) ** 2;
  }
  return aa > 0 && bb > 0 ? ab / Math.sqrt(aa * bb) : Number.NaN;
}

/** Ranks from 0, ties share their mean rank. */
export function ranks(values: ArrayLike<number>): Float64Array {
  const order = Uint32Array.from({ length: values.length }, (_, i) => i).sort((i, j) => values[i] - values[j]);
  const out = new Float64Array(values.length);
  for (let i = 0; i < order.length; ) {
    let j = i;
    while (j + 1 < order.length && values[order[j + 1]] === values[order[i]]) j++;
    for (let k = i; k <= j; k++) out[order[k]] = (i + j) / 2;
    i = j + 1;
  }
  return out;
}

/** Spearman rank correlation with mean ranks for ties; NaN where one side is constant. */
export function spearman(a: ArrayLike<number>, b: ArrayLike<number>): number {
  return pearson(ranks(a), ranks(b));
}

/** Kendall tau-b in O(n log n) (Knight, JASA 1966); NaN where one side is constant. */
export function kendall(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const n = a.length;
  const order = Uint32Array.from({ length: n }, (_, i) => i).sort((i, j) => a[i] - a[j] || b[i] - b[j]);
  const pairs = (count: number) => (count * (count - 1)) / 2;
  let tiesA = 0,
    tiesBoth = 0,
    tiesB = 0;
  for (let i = 0, runA = 1, runBoth = 1; i < n; i++) {
    const sameA = i + 1 < n && a[order[i]] === a[order[i + 1]];
    const sameBoth = sameA && b[order[i]] === b[order[i + 1]];
    if (sameBoth) runBoth++;
    else {
      tiesBoth += pairs(runBoth);
      runBoth = 1;
    }
    if (sameA) runA++;
    else {
      tiesA += pairs(runA);
      runA = 1;
    }
  }
  let values = Float64Array.from(order, (i) => b[i]),
    swaps = 0;
  for (let width = 1; width < n; width *= 2) {
    const merged = new Float64Array(n);
    for (let low = 0; low < n; low += 2 * width) {
      const mid = Math.min(low + width, n),
        high = Math.min(low + 2 * width, n);
      let i = low,
        j = mid;
      for (let k = low; k < high; k++) {
        if (i < mid && (j >= high || values[i] <= values[j])) merged[k] = values[i++];
        else {
          merged[k] = values[j++];
          swaps += mid - i;
        }
      }
    }
    values = merged;
  }
  for (let i = 0, run = 1; i < n; i++) {
    if (i + 1 < n && values[i] === values[i + 1]) run++;
    else {
      tiesB += pairs(run);
      run = 1;
    }
  }
  const all = pairs(n),
    spread = Math.sqrt((all - tiesA) * (all - tiesB));
  return spread > 0 ? (all - tiesA - tiesB + tiesBoth - 2 * swaps) / spread : Number.NaN;
}

/** Symmetric percentage error, 200 |y - p| / (|y| + |p|); 0 of 0 is no error. */
export const symmetricError = (y: number, p: number): number =>
  y === p ? 0 : (200 * Math.abs(y - p)) / (Math.abs(y) + Math.abs(p));

/** Smallest value that, with all smaller ones, has at least `share` of the weight; the largest where none has. Weights sum to one. NaN of no values. */
export function weightedQuantile(values: readonly number[], weights: readonly number[], share: number): number {
  const order = values.map((_, i) => i).sort((a, b) => values[a] - values[b]);
  let left = share - 1e-9;
  for (const i of order) {
    left -= weights[i];
    if (left <= 0) return values[i];
  }
  return order.length ? values[order[order.length - 1]] : Number.NaN;
}

/**
 * Probability that a standard normal variable is at most `z`, to 1e-15 absolute: the series of Marsaglia, Evaluating the normal distribution, Journal of
 * Statistical Software 11(4), 2004. NaN for NaN.
 */
export function normalCdf(z: number): number {
  if (Math.abs(z) > 9) return z > 0 ? 1 : 0;
  let sum = z,
    before = Number.NaN;
  for (let term = z, i = 3; sum !== before && !Number.isNaN(z); i += 2) {
    before = sum;
    term *= (z * z) / i;
    sum += term;
  }
  return Math.min(1, Math.max(0, 0.5 + sum * Math.exp(-0.5 * z * z) * LEVEL));
}
/** Height of the standard normal density at 0. */
const LEVEL = 1 / Math.sqrt(2 * Math.PI);
