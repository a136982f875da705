import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  broadcasted,
  broadcastIndex,
  flattened,
  keptAxes,
  reshaped,
  transposedValues,
  unsqueezed,
} from '../../../../src/graph/readers/onnx/onnxShapes.js';

const size = (dims: readonly number[]): number => dims.reduce((a, b) => a * b, 1);

describe('shapes', () => {
  test('Reshape: 0 keeps, -1 takes the rest', () => {
    expect(reshaped([1, 4, 6], [0, -1])).toEqual([1, 24]);
    expect(reshaped([1, 4, 6], [1, 2, 0, 2])).toEqual([1, 2, 6, 2]);
    expect(reshaped([1, 4, 6], [5, -1])).toBeUndefined();
    expect(reshaped([1, 4, 6], [1, 25])).toBeUndefined();
    expect(reshaped([0, 4], [0, 3], true)).toEqual([0, 3]);
  });

  test('Flatten, Squeeze and Unsqueeze', () => {
    expect(flattened([2, 3, 4], 1)).toEqual([2, 12]);
    expect(flattened([2, 3, 4], -1)).toEqual([6, 4]);
    expect(keptAxes([1, 3, 1], undefined)).toEqual([1]);
    expect(keptAxes([1, 3, 1], [-1])).toEqual([0, 1]);
    expect(unsqueezed([3, 4], [0, -1])).toEqual([1, 3, 4, 1]);
  });

  test('broadcasting', () => {
    expect(broadcasted([2, 3, 4], [3, 1])).toEqual([2, 3, 4]);
    expect(broadcasted([2, 3], [4])).toBeUndefined();
    const index = broadcastIndex([2, 3, 2], [3, 1])!;
    expect(Array.from({ length: 12 }, (_, i) => index(i))).toEqual([0, 0, 1, 1, 2, 2, 0, 0, 1, 1, 2, 2]);
    expect(broadcastIndex([2, 3], [2])).toBeUndefined();
  });

  test('a transposed tensor has each element at the permuted place', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 }), fc.nat(), (dims, seed) => {
        const perm = dims.map((_, i) => i).sort((a, b) => ((a * 7 + seed) % 5) - ((b * 7 + seed) % 5) || a - b);
        const values = Float64Array.from({ length: size(dims) }, (_, i) => i),
          out = transposedValues(values, dims, perm),
          outDims = perm.map((p) => dims[p]);
        expect(out).toHaveLength(size(dims));
        for (let flat = 0; flat < out.length; flat++) {
          const at: number[] = [];
          let rest = flat;
          for (let axis = outDims.length - 1; axis >= 0; axis--) {
            at[perm[axis]] = rest % outDims[axis];
            rest = Math.floor(rest / outDims[axis]);
          }
          expect(out[flat]).toBe(at.reduce((sum, index, axis) => sum * dims[axis] + index, 0));
        }
      }),
    );
  });
});
