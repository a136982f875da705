import { elementCount } from '../../core/elementCount.js';
import { tf } from '../../tensor/tf.js';
import type { EncodedNetworks } from './encoder.js';

/** Uploads the given rows of encoded networks (all unless told): tensors [rows.length, ...shape] by input name. The caller disposes. */
export function batchOf(networks: EncodedNetworks, rows?: ArrayLike<number>): Record<string, tf.Tensor> {
  const count = rows?.length ?? networks.size;
  return Object.fromEntries(
    Object.entries(networks.inputs).map(([name, { shape, data }]) => {
      if (!rows) return [name, tf.tensor(data, [count, ...shape])];
      const width = elementCount(shape),
        picked = new Float32Array(count * width);
      for (let i = 0; i < count; i++) picked.set(data.subarray(rows[i] * width, (rows[i] + 1) * width), i * width);
      return [name, tf.tensor(picked, [count, ...shape])];
    }),
  );
}
