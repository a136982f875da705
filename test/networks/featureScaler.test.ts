import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mean, standardDeviation } from '../../src/core/statistics.js';
import { applyScaler, fitScaler } from '../../src/networks/featureScaler.js';
import type { Columns } from '../../src/surrogate/kind.js';

const table = (rows: number[][], names: string[]): Columns => ({
  names,
  group: Uint8Array.from(names, (_, j) => j % 3),
  data: Float64Array.from(rows.flat()),
  rows: rows.length,
});
const column = (X: Float64Array, width: number, j: number) =>
  Array.from({ length: X.length / width }, (_, i) => X[i * width + j]);

describe('fitScaler', () => {
  const rows = [
    // a, constant, 3 - 2a, b, nearly a, zero
    [1, 5, 1, 4, 1, 0],
    [2, 5, -1, 1, 2 + 1e-9, 0],
    [3, 5, -3, 9, 3, 0],
    [6, 5, -9, 2, 6, 0],
  ];
  const scaler = fitScaler(table(rows, ['a', 'constant', 'mirrored', 'b', 'copy', 'zero']));

  it('drops what does not vary and what repeats an earlier column, also mirrored', () => {
    expect(scaler.names).toEqual(['a', 'b']);
    expect([...scaler.columns]).toEqual([0, 3]);
    expect([...scaler.group]).toEqual([0, 0]);
    expect(scaler.mean[0]).toBe(3);
    expect(1 / scaler.scale[0]).toBeCloseTo(standardDeviation([1, 2, 3, 6]), 12);
  });

  it('keeps a column that is only correlated', () => {
    const close = [
      [1, 1.1],
      [2, 1.9],
      [3, 3.1],
      [4, 4],
    ];
    expect(fitScaler(table(close, ['a', 'b'])).names).toEqual(['a', 'b']);
  });

  it('does not take rounding of a large constant for variation', () => {
    const large = [1e9, 1e9 + 1e-7, 1e9, 1e9 - 1e-7].map((v) => [v]);
    expect(fitScaler(table(large, ['large'])).names).toEqual([]);
  });
});

describe('applyScaler', () => {
  it('gives mean 0 and variance 1 on what it was fitted to', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: -50, max: 50 }), fc.integer({ min: 0, max: 9 })), { minLength: 3, maxLength: 30 }),
        (rows) => {
          const t = table(rows, ['a', 'b']),
            scaler = fitScaler(t),
            X = applyScaler(scaler, t),
            width = scaler.columns.length;
          expect(X).toHaveLength(rows.length * width);
          for (let j = 0; j < width; j++) {
            expect(mean(column(X, width, j))).toBeCloseTo(0, 9);
            expect(standardDeviation(column(X, width, j))).toBeCloseTo(1, 9);
          }
        },
      ),
    );
  });

  it('uses the constants of the fit on other rows', () => {
    const scaler = fitScaler(table([[0], [4]], ['a']));
    expect([...applyScaler(scaler, table([[2], [8]], ['a']))]).toEqual([0, 3]);
  });
});
