import { HwcastError } from '../core/errors.js';
import type { Columns } from '../surrogate/kind.js';

/** Which columns are kept, and how each is centred and scaled: z = (x - mean) * scale. Learned from a sample of the space, never from measured values. */
export interface FeatureScaler {
  columns: Int32Array;
  names: string[];
  group: Uint8Array;
  mean: Float64Array;
  scale: Float64Array;
}

/**
 * Keeps each column that varies and does not repeat an earlier one (|correlation| < 1 - 1e-6), scaled to unit variance over `table`.
 */
export function fitScaler(table: Columns): FeatureScaler {
  const { rows, names } = table,
    width = names.length;
  const kept: { column: number; mean: number; scale: number; z: Float64Array }[] = [];
  for (let j = 0; j < width; j++) {
    let mean = 0;
    for (let i = 0; i < rows; i++) mean += table.data[i * width + j];
    mean /= rows;
    const z = new Float64Array(rows);
    let square = 0;
    for (let i = 0; i < rows; i++) {
      z[i] = table.data[i * width + j] - mean;
      square += z[i] * z[i];
    }
    const sd = Math.sqrt(square / rows);
    if (!(sd > 1e-9 * Math.max(1, Math.abs(mean)))) continue;
    for (let i = 0; i < rows; i++) z[i] /= sd;
    const repeats = kept.some((k) => {
      let dot = 0;
      for (let i = 0; i < rows; i++) dot += k.z[i] * z[i];
      return Math.abs(dot) / rows > 1 - 1e-6;
    });
    if (!repeats) kept.push({ column: j, mean, scale: 1 / sd, z });
  }
  return {
    columns: Int32Array.from(kept, (k) => k.column),
    names: kept.map((k) => names[k.column]),
    group: Uint8Array.from(kept, (k) => table.group[k.column]),
    mean: Float64Array.from(kept, (k) => k.mean),
    scale: Float64Array.from(kept, (k) => k.scale),
  };
}

/** Scaled features, [rows, columns kept] row-major. */
export function applyScaler(scaler: FeatureScaler, table: Columns): Float64Array {
  const width = table.names.length,
    kept = scaler.columns.length;
  const moved = table.rows ? scaler.names.findIndex((name, j) => table.names[scaler.columns[j]] !== name) : -1;
  if (moved >= 0)
    throw new HwcastError(
      'unsupported',
      `the model was trained on a feature '${scaler.names[moved]}' that this version of hwcast computes no longer or elsewhere`,
      {
        hint: 'train the model again with this version',
      },
    );
  const out = new Float64Array(table.rows * kept);
  for (let i = 0; i < table.rows; i++) {
    for (let j = 0; j < kept; j++)
      out[i * kept + j] = (table.data[i * width + scaler.columns[j]] - scaler.mean[j]) * scaler.scale[j];
  }
  return out;
}
