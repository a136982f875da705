import { describe, expect, test } from 'vitest';
import { hlsNetwork } from '../../../src/fpga/design/designBuilder.js';
import { withSparsity } from '../../../src/fpga/design/sparsity.js';

describe('withSparsity', () => {
  const design = hlsNetwork({ input: [8] })
    .dense(4, { name: 'a' })
    .relu()
    .dense(2, { name: 'b', zeroWeights: 1 })
    .build();

  test('gives zeros to the layers that have none counted, and says so', () => {
    const pruned = withSparsity(design, 0.75);
    expect(pruned.layers.map((l) => l.zeroWeights)).toEqual([24, undefined, 1]);
    expect(pruned.assumptions).toEqual(['75 % of the weights are zero, as given, in a']);
  });

  test('takes a share from 0 to below 1', () => {
    for (const share of [-0.1, 1, Number.NaN]) expect(() => withSparsity(design, share)).toThrow(/no share of zero weights/);
  });
});
