import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../../../src/graph/graphBuilder.js';
import { graphCosts } from '../../../src/graph/operatorCost.js';
import { isOperator, operatorNamed, operatorNames } from '../../../src/graph/operators/index.js';
import { costOf, refusal } from './costOf.js';

describe('matrix products', () => {
  it('contract with a weight, or two activations', () => {
    expect(costOf('linear', [[2, 7, 16]], { outFeatures: 5, bias: 1 })).toMatchObject({
      shape: [2, 7, 5],
      macs: 2 * 7 * 5 * 16,
      flops: 2 * 2 * 7 * 5 * 16 + 70,
      params: 85,
    });
    expect(
      costOf(
        'matmul',
        [
          [4, 1, 8, 3],
          [5, 8, 6],
        ],
        { transposeA: 1 },
      ),
    ).toMatchObject({ shape: [4, 5, 3, 6], macs: 4 * 5 * 18 * 8, params: 0 });
    expect(refusal('linear', [[1, 128, 768]], { bias: 1 })).toBe(
      'bad-input: linear: needs attrs.outFeatures (inputs [1,128,768])\n  it takes outFeatures, bias, weightDtype, computeDtype, params, shape',
    );
  });
});

describe('attention', () => {
  const q = [2, 8, 10, 64];
  it('takes from the tensors what they say; keys and values may have fewer heads', () => {
    const grouped = costOf('attention', [q, [2, 2, 30, 64], [2, 2, 30, 64]]);
    expect(grouped).toMatchObject({
      shape: q,
      macs: 2 * 8 * 10 * 30 * 64 * 2,
      bytesIn: 4 * (2 * 8 * 10 * 64 + 2 * 2 * 2 * 30 * 64),
    });
    expect(costOf('attention', [q, q, q], { causal: 1 }).macs).toBe((2 * 8 * 10 * 10 * 64 * 2) / 2);
    expect(
      costOf(
        'attention',
        [
          [2, 10, 512],
          [2, 30, 128],
          [2, 30, 128],
        ],
        { heads: 8 },
      ),
    ).toMatchObject({ shape: [2, 10, 512], macs: grouped.macs });
    // values wider than queries
    expect(costOf('attention', [q, q, [2, 8, 10, 128]])).toMatchObject({
      shape: [2, 8, 10, 128],
      macs: 2 * 8 * 100 * (64 + 128),
    });
  });

  it('is not priced without its heads', () => {
    expect(refusal('attention', [[2, 10, 512]])).toBe(
      'bad-input: attention: needs attrs.heads (inputs [2,10,512])\n  the number of heads in the last axis of the queries',
    );
    expect(refusal('attention', [[2, 10, 512]], { heads: 7, headDim: 64 })).toContain(
      '7 heads of 64 are not what the queries hold',
    );
    expect(refusal('attention', [q, [2, 3, 10, 64], [2, 3, 10, 64]])).toContain('3 key heads do not divide 8 heads');
  });
});

describe('pools', () => {
  it('round down, or up in ceil mode, where a last window starts inside the input', () => {
    const window = { kernel: 3, stride: 2 };
    expect(costOf('max_pool2d', [[1, 2, 8, 9]], window)).toMatchObject({ shape: [1, 2, 3, 4], flops: 2 * 12 * 9 });
    expect(costOf('max_pool2d', [[1, 2, 8, 9]], { ...window, ceilMode: 1 }).shape).toEqual([1, 2, 4, 4]);
    // a window that would start in the padding behind does not count
    expect(costOf('avg_pool1d', [[1, 2, 3]], { kernel: 1, stride: 2, padding: 1, ceilMode: 1 }).shape).toEqual([1, 2, 2]);
    expect(costOf('global_max_pool', [[1, 2, 3, 4, 5]])).toMatchObject({ shape: [1, 2, 1, 1, 1], flops: 120 });
    expect(refusal('max_pool2d', [[1, 2, 8, 8]])).toContain('max_pool2d: needs attrs.kernel');
    expect(refusal('max_pool2d', [[1, 2, 8, 8]], { ...window, shape: [1, 3, 4, 4] })).toContain(
      'attrs.shape [1,3,4,4] is no pool of [1,2,8,8]',
    );
  });
});

describe('elementwise operators and norms', () => {
  it('broadcast any number of operands', () => {
    expect(costOf('add', [[2, 1, 4], [3, 1], [1]])).toMatchObject({
      shape: [2, 3, 4],
      flops: 2 * 24,
      bytesIn: 4 * (8 + 3 + 1),
      bytesOut: 96,
    });
    expect(costOf('where', [[3, 1], [4], []]).shape).toEqual([3, 4]);
    expect(costOf('mul', [[0], [1]]).shape).toEqual([0]);
    expect(
      refusal('mul', [
        [2, 3],
        [2, 4],
      ]),
    ).toBe('bad-input: mul: shapes do not broadcast (inputs [2,3] [2,4])');
  });

  it('count their formulas', () => {
    const flops = Object.fromEntries(
      ['relu', 'gelu', 'silu', 'softmax', 'layer_norm', 'rms_norm', 'batch_norm', 'instance_norm', 'prelu'].map((op) => [
        op,
        costOf(op, [[2, 5]]).flops / 10,
      ]),
    );
    expect(flops).toEqual({
      relu: 1,
      gelu: 8,
      silu: 5,
      softmax: 5,
      layer_norm: 7,
      rms_norm: 5,
      batch_norm: 2,
      instance_norm: 7,
      prelu: 2,
    });
    expect(costOf('group_norm', [[2, 8, 3, 3]], { groups: 4 })).toMatchObject({ flops: 7 * 144, params: 16 });
    expect(refusal('softmax', [[2, 5]], { axis: 2 })).toContain('has no axis 2 among 2');
  });
});

describe('embedding', () => {
  it('keeps the table, reads the rows it gives', () => {
    expect(costOf('embedding', [[2, 7]], { rows: 1000, dim: 8, weightDtype: 'fp16' })).toMatchObject({
      shape: [2, 7, 8],
      params: 8000,
      bytesIn: 4 * 112,
      bytesWeights: 0,
      bytesResident: 16_000,
    });
    expect(refusal('embedding', [[2, 7]], { rows: 1000 })).toContain('embedding: needs attrs.dim');
  });
});

describe('data movement', () => {
  it.each([
    [
      'concat',
      [
        [1, 2, 3],
        [1, 2, 4],
      ],
      { axis: -1 },
      [1, 2, 7],
    ],
    ['transpose', [[1, 2, 3]], { order: [2, 0, 1] }, [3, 1, 2]],
    ['slice', [[4, 4]], { begin: [1, 1], shape: [2, 3] }, [2, 3]],
    ['pad', [[2, 3]], { before: [0, 1], after: [1, 2] }, [3, 6]],
    [
      'gather',
      [
        [10, 8],
        [2, 3],
      ],
      { axis: 0 },
      [2, 3, 8],
    ],
    ['expand', [[3, 1]], { shape: [2, 3, 4] }, [2, 3, 4]],
    ['tile', [[2, 3]], { repeats: [2, 1] }, [4, 3]],
    ['space_to_depth', [[1, 3, 8, 8]], { block: 2 }, [1, 12, 4, 4]],
    ['depth_to_space', [[1, 12, 4, 4]], { block: 2 }, [1, 3, 8, 8]],
    ['copy', [[2, 3]], {}, [2, 3]],
    ['resize', [[1, 2, 4, 4]], { shape: [1, 2, 8, 8] }, [1, 2, 8, 8]],
  ])('%s of %j with %j', (op, inputs, attrs, shape) => {
    expect(costOf(op, inputs, attrs)).toMatchObject({ shape, flops: 0, params: 0 });
  });

  it('reads only what it gives out where it picks', () => {
    expect(costOf('slice', [[100, 100]], { shape: [1, 10] }).bytesIn).toBe(40);
    expect(costOf('gather', [[1000, 8], [2]], { axis: 0 }).bytesIn).toBe(64);
  });

  it('refuses what does not fit', () => {
    expect(refusal('reshape', [[2, 3]], { shape: [7] })).toContain('cannot make 7 elements [7] of 6');
    expect(
      refusal(
        'concat',
        [
          [1, 2],
          [2, 3],
        ],
        { axis: 1 },
      ),
    ).toContain('shapes differ beside axis 1');
    expect(refusal('transpose', [[2, 3]], { order: [0, 0] })).toContain('a permutation of the axes');
    expect(refusal('split', [[2, 6]], { parts: [2, 3] })).toContain('parts of 5 are not the 6 of axis 1');
    expect(refusal('depth_to_space', [[1, 3, 4, 4]], { block: 2 })).toContain('block 2 does not divide it');
  });
});

describe('reductions', () => {
  it('read everything once', () => {
    expect(costOf('reduce', [[2, 3, 4]], { axis: [1, -1] })).toMatchObject({ shape: [2], flops: 24 });
    expect(costOf('reduce', [[2, 3, 4]], { axis: 1, keepDims: 1, kind: 'max' }).shape).toEqual([2, 1, 4]);
    expect(costOf('argmax', [[2, 3, 4]]).shape).toEqual([2, 3]);
    expect(costOf('cumsum', [[2, 3]])).toMatchObject({ shape: [2, 3], flops: 6 });
    expect(refusal('reduce', [[2, 3]], { axis: 1, shape: [3] })).toContain('over axes 1 leaves 2 elements, not [3]');
    expect(refusal('reduce', [[2, 3]], { axis: 1, kind: 'median' })).toContain(
      'attrs.kind must be one of mean, sum, max, min, prod, norm',
    );
  });
});

describe('recurrent operators', () => {
  it('an LSTM by hand: 4 gates over input and state, two biases', () => {
    // B 2, L 10, D 6, H 5: 20 steps of 4 x 5 x (6 + 5) products
    const lstm = costOf('lstm', [[2, 10, 6]], { hidden: 5 });
    expect(lstm).toMatchObject({ shape: [2, 10, 5], macs: 20 * 220, params: 220 + 40 });
    expect(lstm.flops).toBe(2 * 20 * 220 + 20 * 5 * (28 + 2 * 4));
    expect(costOf('gru', [[2, 10, 6]], { hidden: 5, bias: 1 })).toMatchObject({ macs: 20 * 165, params: 165 + 15 });
    expect(costOf('rnn', [[2, 10, 6]], { hidden: 5, bias: 0 })).toMatchObject({ macs: 20 * 55, params: 55 });
    // 4 gates of 5 units over 6 features and 3 projected, then 5 x 3
    expect(costOf('lstm', [[2, 10, 6]], { hidden: 5, projection: 3, bias: 1 })).toMatchObject({
      shape: [2, 10, 3],
      macs: 20 * (4 * 5 * (6 + 3) + 15),
      params: 4 * 5 * (6 + 3) + 15 + 20,
    });
  });

  it('costs twice as much for twice the length; layers and directions add up', () => {
    const macs = (length: number, attrs = {}) => costOf('lstm', [[3, length, 8]], { hidden: 8, ...attrs }).macs;
    expect(macs(20)).toBe(2 * macs(10));
    expect(macs(10, { layers: 2 })).toBe(2 * macs(10));
    expect(macs(10, { directions: 2 })).toBe(2 * macs(10));
    // the second layer reads both directions: 16 + 8 in place of 8 + 8
    expect(macs(10, { directions: 2, layers: 2 })).toBe(2 * macs(10) * (1 + 24 / 16));
    expect(costOf('lstm', [[10, 3, 8]], { hidden: 4, timeAxis: 0 })).toMatchObject({ shape: [10, 3, 4], macs: 30 * 4 * 4 * 12 });
    expect(refusal('lstm', [[3, 8]], { hidden: 8 })).toContain('needs a [B, L, D] input');
    expect(refusal('lstm', [[3, 2, 8]], { hidden: 8, directions: 3 })).toContain('attrs.directions must be 1 or 2, not 3');
  });

  it('has its last states as further outputs', () => {
    const b = new GraphBuilder();
    const y = b.add('lstm', [b.input([2, 10, 6])], { hidden: 5, layers: 2, directions: 2 });
    expect(b.shapeOf(`${y}:1`)).toEqual([4, 2, 5]);
    expect(b.shapeOf(`${y}:2`)).toEqual([4, 2, 5]);
    const { each } = graphCosts(b.build([y]));
    expect(each[1].bytesOut).toBe(4 * (2 * 10 * 10 + 2 * 40));
  });
});

describe('changes of the element type', () => {
  it('read one type and write another', () => {
    const b = new GraphBuilder('fp32');
    const q = b.add('quantize', [b.input([8])], {}, 'int8');
    const y = b.add('dequantize', [q]);
    const { each } = graphCosts(b.build([y]));
    expect(each.slice(1)).toMatchObject([
      { flops: 16, bytesIn: 32, bytesOut: 8 },
      { flops: 16, bytesIn: 8, bytesOut: 32 },
    ]);
  });
});

describe('the table', () => {
  it('describes each operator in one line', () => {
    expect(operatorNames().length).toBeGreaterThan(90);
    expect(operatorNames().filter((name) => !operatorNamed(name).about)).toEqual([]);
  });

  it('names close operators of an unknown one', () => {
    expect(isOperator('conv2')).toBe(false);
    expect(() => operatorNamed('conv2')).toThrow(
      expect.objectContaining({ code: 'not-found', hint: expect.stringContaining('conv2d') }),
    );
  });
});

describe('views and fills', () => {
  it('a view costs nothing, a fill is written and reads nothing', () => {
    expect(costOf('view', [[4, 6]], { shape: [6] })).toMatchObject({ shape: [6], bytesIn: 0, bytesOut: 0 });
    expect(costOf('fill', [], { shape: [8] })).toMatchObject({ bytesIn: 0, bytesOut: 32, flops: 0 });
  });
});
