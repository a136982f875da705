import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { kerasWeights } from '../../../../src/graph/readers/keras/kerasWeights.js';
import { hasShared, SHARED } from '../../../shared.js';

const CASES = join(SHARED, 'data/fpga/cases/keras-file-direct');

describe('kerasWeights', () => {
  it('is undefined for other bytes', () => {
    expect(kerasWeights(new TextEncoder().encode('{}'), [], 'model.json')).toBeUndefined();
  });

  it.skipIf(!hasShared)('reads kernels of .h5 and .keras files by the name of the layer (needs ../shared)', () => {
    const h5 = kerasWeights(readFileSync(join(CASES, 'iris_mlp_fixed.h5')), [], 'iris.h5')!,
      archive = kerasWeights(readFileSync(join(CASES, 'keras_model.keras')), [], 'model.keras')!;
    expect(h5.get('dense_8')!.map(({ shape }) => shape)).toEqual([[4, 8], [8]]);
    expect(h5.get('dense_8')![0].values[0]).toBeCloseTo(-0.25349, 4);
    expect(archive.get('output')!.map(({ shape }) => shape)).toEqual([[8, 3], [3]]);
    expect(Array.from(archive.get('dense_8_2')![0].values)).toEqual(Array.from(h5.get('dense_8_2')![0].values));
  });

  it.skipIf(!hasShared)('refuses cut files (needs ../shared)', () => {
    for (const file of ['iris_mlp_fixed.h5', 'keras_model.keras'])
      expect(() => kerasWeights(readFileSync(join(CASES, file)).subarray(0, 3000), [], file)).toThrow(
        expect.objectContaining({ code: 'corrupt', where: file }),
      );
    expect.hasAssertions();
  });
});
