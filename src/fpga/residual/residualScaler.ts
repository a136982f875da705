import { CONTEXT_NUMBERS } from './contextColumns.js';
import { LAYER_COLUMNS, LAYER_NUMBERS } from './layerColumns.js';
import type { DesignFeatures } from './layerFeatures.js';

const F = LAYER_COLUMNS.length,
  N = LAYER_NUMBERS.length,
  M = CONTEXT_NUMBERS.length;

/** Mean and spread of the number columns over the training layers, and the range they were seen in: [LAYER_NUMBERS, then CONTEXT_NUMBERS] each. */
export interface ResidualScaler {
  mean: number[];
  spread: number[];
  low: number[];
  high: number[];
}

/** Fits the scaler to the layers and contexts of training designs; a column that does not vary is left at 0. */
export function fitResidualScaler(designs: readonly DesignFeatures[]): ResidualScaler {
  const size = N + M,
    sum = new Float64Array(size),
    squares = new Float64Array(size),
    low = new Array<number>(size).fill(Number.POSITIVE_INFINITY),
    high = new Array<number>(size).fill(Number.NEGATIVE_INFINITY);
  let n = 0;
  for (const d of designs)
    for (let i = 0; i < d.nodes; i++, n++)
      for (let k = 0; k < size; k++) {
        const v = k < N ? d.layers[i * F + k] : d.context[k - N];
        sum[k] += v;
        squares[k] += v * v;
        low[k] = Math.min(low[k], v);
        high[k] = Math.max(high[k], v);
      }
  const mean = Array.from(sum, (s) => s / Math.max(1, n));
  const spread = mean.map((m, k) => {
    const variance = squares[k] / Math.max(1, n) - m * m;
    return variance > 1e-9 * (1 + m * m) ? Math.sqrt(variance) : 0;
  });
  return { mean, spread, low, high };
}

/** One number column: held within what training saw, centred, in units of its spread. */
function scaled({ mean, spread, low, high }: ResidualScaler, k: number, v: number): number {
  return spread[k] === 0 ? 0 : (Math.min(high[k], Math.max(low[k], v)) - mean[k]) / spread[k];
}

/** A column of a layer as the network reads it: numbers scaled, ones and zeros as they are. */
export const scaledLayer = (scaler: ResidualScaler, column: number, value: number): number =>
  column < N ? scaled(scaler, column, value) : value;

/** A column of the context of a design as the network reads it. */
export const scaledContext = (scaler: ResidualScaler, column: number, value: number): number =>
  column < M ? scaled(scaler, N + column, value) : value;
