import { describe, expect, it } from 'vitest';
import { initialSpread } from '../../../src/fpga/readers/keras/kerasInitializer.js';

describe('initialSpread', () => {
  it.each([
    ['GlorotUniform', [16, 8], Math.sqrt(6 / 24)],
    ['glorot_uniform', [3, 3, 4, 8], Math.sqrt(6 / (36 + 72))],
    [{ class_name: 'HeNormal', config: { seed: null } }, [16, 8], Math.sqrt(6 / 16)],
    [{ class_name: 'LecunUniform' }, [12, 8], 0.5],
    [{ class_name: 'QInitializer', config: { initializer: { class_name: 'LecunUniform', config: {} } } }, [12, 8], 0.5],
    [{ class_name: 'RandomUniform', config: { minval: -0.1, maxval: 0.05 } }, [12, 8], 0.1],
    [{ class_name: 'RandomNormal', config: { stddev: 0.1 } }, [12, 8], Math.sqrt(0.03)],
  ])('of %j', (initializer, shape, spread) => {
    expect(initialSpread(initializer, shape)).toBeCloseTo(spread, 12);
  });

  it('is not known of others', () => {
    expect([undefined, null, 'Zeros', { class_name: 'Orthogonal' }, 3].map((i) => initialSpread(i, [4, 4]))).toEqual(
      Array(5).fill(undefined),
    );
  });
});
