import { describe, expect, it } from 'vitest';
import { systolicNetwork } from '../../src/analytical/systolicNetwork.js';
import { GraphBuilder } from '../../src/graph/graphBuilder.js';
import type { Attrs } from '../../src/graph/operators/attributes.js';
import type { OpType } from '../../src/graph/opGraph.js';

const chip = { rows: 4, columns: 4, clock: 1e6, buffer: 65536, bandwidth: 1e12 };

/** One operator on an input of int8. */
function graphOf(op: OpType, shape: number[], attrs: Attrs = {}) {
  const b = new GraphBuilder(),
    x = b.input(shape, 'int8');
  return b.build([b.add(op, [x], attrs)]);
}

describe('systolicNetwork', () => {
  it('a linear layer is one product: 8 rows over 10 to 12', () => {
    const { cycles, macs, time, operators } = systolicNetwork(
      graphOf('linear', [8, 10], { outFeatures: 12 }),
      'output',
      chip,
      'int8',
    );
    // two by three folds of 2 x 4 + 4 + 10 - 2
    expect({ cycles, macs }).toEqual({ cycles: 6 * 20, macs: 960 });
    expect(time).toBeCloseTo(120e-6, 12);
    expect(operators[0]).toMatchObject({ op: 'linear', products: 1, bound: 'compute', use: 960 / (120 * 16) });
  });

  it('channels of a depthwise convolution go one by one, so that one column works', () => {
    const { cycles, use } = systolicNetwork(
      graphOf('conv2d', [1, 8, 4, 4], { groups: 8, kernel: [3, 3], outChannels: 8, padding: [1, 1] }),
      'output',
      chip,
      'int8',
    );
    // eight products of 16 x 9 to 1: four folds of 8 + 4 + 9 - 2
    expect(cycles).toBe(8 * 4 * 19);
    expect(use).toBeLessThan(0.25);
  });

  it('attention is two products a head; what does not multiply is named', () => {
    const b = new GraphBuilder();
    const x = b.input([1, 2, 8, 4], 'int8');
    const y = b.add('relu', [b.add('attention', [x, x, x])]);
    const { operators, elsewhere } = systolicNetwork(b.build([y]), 'weight', chip, 'int8');
    // scores 8 x 4 to 8: two folds of 8 + 4 + 8 - 2; values 8 x 8 to 4: two folds
    expect(operators[0]).toMatchObject({ cycles: 2 * (2 * 18 + 2 * 18), products: 4 });
    expect([...elsewhere]).toEqual([['relu', 1]]);
  });

  it('a network without products is refused', () =>
    expect(() => systolicNetwork(graphOf('relu', [1, 8, 4, 4]), 'output', chip, 'int8')).toThrow(/multiplies no matrices/));
});
