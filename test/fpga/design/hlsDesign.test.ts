import { describe, expect, test } from 'vitest';
import { hlsNetwork } from '../../../src/fpga/design/designBuilder.js';
import { type HlsLayer, parseHlsDesign, type Strategy, strategyOf } from '../../../src/fpga/design/hlsDesign.js';

describe('strategyOf', () => {
  const of = (strategy: Strategy, kind: HlsLayer['kind'], reuseFactor = 4, ioType: 'io_parallel' | 'io_stream' = 'io_stream') => {
    const design = hlsNetwork({ input: [8, 4], strategy, reuseFactor, ioType })
      .conv1d(4, 3)
      .build();
    return strategyOf(design, { ...design.layers[0], kind });
  };

  test('is what hls4ml makes of it for the kind of layer', () => {
    expect(of('unrolled', 'conv1d')).toBe('unrolled');
    expect(of('unrolled', 'conv1d', 1)).toBe('resource');
    expect(of('unrolled', 'conv1d', 4, 'io_parallel')).toBe('resource');
    expect(of('unrolled', 'lstm', 4, 'io_parallel')).toBe('unrolled');
    expect(of('unrolled', 'depthwise_conv1d')).toBe('latency');
    expect(of('distributed_arithmetic', 'depthwise_conv1d')).toBe('latency');
    expect(of('distributed_arithmetic', 'gru')).toBe('latency');
    expect(of('distributed_arithmetic', 'conv1d')).toBe('distributed_arithmetic');
    expect(of('resource', 'depthwise_conv1d')).toBe('resource');
  });
});

describe('parseHlsDesign', () => {
  const design = hlsNetwork({ input: [4] })
    .dense(4, { zeroWeights: 6 })
    .build();
  const withLayer = (fields: Partial<HlsLayer>) =>
    parseHlsDesign({ ...design, layers: [{ ...design.layers[0], ...fields }] }, 'f.json');
  const constants = { shiftAdd: 2, full: 1, distinct: 8, multiplied: 2 };

  test('constants and zeros that fit the weights come back as they are', () => {
    expect(withLayer({ constants }).layers[0]).toMatchObject({ zeroWeights: 6, constants });
    expect(withLayer({ zeroWeights: 16 }).layers[0].zeroWeights).toBe(16);
  });

  test('the share of zeros of a layer becomes their number', () => {
    const { zeroWeights: _, ...bare } = design.layers[0];
    const read = (layer: object) => parseHlsDesign({ ...design, layers: [layer] }, 'f.json').layers[0];
    expect(read({ ...bare, sparsity: 0.75 })).toEqual({ ...bare, zeroWeights: 12 });
    expect(() => read({ ...bare, sparsity: 1 })).toThrow(/sparsity/);
    expect(() => read({ ...design.layers[0], sparsity: 0.5 })).toThrow(/'dense_0' has a sparsity, and zeroWeights too/);
    expect(() => read({ ...bare, kind: 'activation', activation: 'relu', sparsity: 0.5 })).toThrow(/activation has no weights/);
  });

  test.each<[string, Partial<HlsLayer>, RegExp]>([
    ['more zeros than weights', { zeroWeights: 17 }, /'dense_0' has 17 zero weights of 16/],
    ['of a recurrent layer', { kind: 'gru', inShape: [3, 4], zeroWeights: 97 }, /97 zero weights of 96/],
    ['more products than weights', { constants: { ...constants, distinct: 11 } }, /do not fit 10 weights/],
    ['more kinds than products', { constants: { ...constants, shiftAdd: 8 } }, /do not fit/],
    ['more multipliers than terms of them', { constants: { ...constants, full: 3 } }, /do not fit/],
    [
      'constants of a layer without a matrix',
      { kind: 'gru', inShape: [3, 4], zeroWeights: undefined, constants },
      /a gru has no constants/,
    ],
  ])('%s: refused with the layer', (_, fields, message) => {
    expect(() => withLayer(fields)).toThrow(message);
    expect(() => withLayer(fields)).toThrow(expect.objectContaining({ code: 'bad-input', where: 'f.json' }));
  });
});
