import { describe, expect, test } from 'vitest';
import { hlsNetwork } from '../../../src/fpga/design/designBuilder.js';

describe('hlsNetwork', () => {
  test('a small network', () => {
    const design = hlsNetwork({
      input: [16],
      bits: 16,
      intBits: 6,
      reuseFactor: 4,
      strategy: 'resource',
      part: 'xc7z020clg400-1',
      clockNs: 5,
    })
      .dense(32, { bits: 8, intBits: 2, zeroWeights: 10 })
      .relu({ result: { bits: 8, intBits: 1, signed: false } })
      .dense(5, { name: 'out', reuseFactor: 2, strategy: 'latency', useBias: false })
      .softmax({ tableSize: 512 })
      .build();
    expect(design).toEqual({
      id: 'network',
      precision: { bits: 16, intBits: 6, signed: true },
      reuseFactor: 4,
      strategy: 'resource',
      ioType: 'io_parallel',
      part: 'xc7z020clg400-1',
      clockS: 5e-9,
      assumptions: [],
      layers: [
        {
          name: 'dense_0',
          kind: 'dense',
          inputs: [],
          inShape: [16],
          outShape: [32],
          weight: { bits: 8, intBits: 2, signed: true },
          zeroWeights: 10,
        },
        {
          name: 'relu_0',
          kind: 'activation',
          activation: 'relu',
          inputs: ['dense_0'],
          inShape: [32],
          outShape: [32],
          result: { bits: 8, intBits: 1, signed: false },
        },
        {
          name: 'out',
          kind: 'dense',
          inputs: ['relu_0'],
          inShape: [32],
          outShape: [5],
          reuseFactor: 2,
          strategy: 'latency',
          useBias: false,
        },
        {
          name: 'softmax_0',
          kind: 'activation',
          activation: 'softmax',
          inputs: ['out'],
          inShape: [5],
          outShape: [5],
          tableSize: 512,
        },
      ],
    });
  });

  test('images and sequences', () => {
    const image = hlsNetwork({ input: [28, 28, 1], ioType: 'io_stream' })
      .conv2d(8, 3, { padding: 'same' })
      .batchNorm()
      .relu()
      .maxPool(2)
      .depthwiseConv2d(3, { stride: 2 })
      .avgPool([2, 2])
      .flatten()
      .dense(10);
    expect(image.outShape).toEqual([10]);
    expect(image.build().layers.map((l) => l.outShape)).toEqual([
      [28, 28, 8],
      [28, 28, 8],
      [28, 28, 8],
      [14, 14, 8],
      [6, 6, 8],
      [3, 3, 8],
      [72],
      [10],
    ]);
    expect(
      hlsNetwork({ input: [20, 3] })
        .conv1d(4, 5)
        .globalAvgPool()
        .build()
        .layers.map((l) => l.outShape),
    ).toEqual([[16, 4], [4]]);
    expect(
      hlsNetwork({ input: [20, 3] })
        .gru(8, { returnSequences: true })
        .lstm(4)
        .build()
        .layers.map((l) => l.outShape),
    ).toEqual([[20, 8], [4]]);
    expect(
      hlsNetwork({ input: [4, 4, 2] })
        .globalMaxPool()
        .build().layers[0].outShape,
    ).toEqual([2]);
  });

  test('narrow tensors have no more integer bits than bits', () => {
    expect(
      hlsNetwork({ input: [4], bits: 4 })
        .dense(2)
        .build().precision,
    ).toEqual({ bits: 4, intBits: 4, signed: true });
  });

  test.each([
    [() => hlsNetwork({ input: [] }), 'input shape'],
    [() => hlsNetwork({ input: [4] }).build(), 'no layers'],
    [() => hlsNetwork({ input: [4] }).dense(0), 'dense_0'],
    [() => hlsNetwork({ input: [4] }).dense(2.5), 'dense_0'],
    [() => hlsNetwork({ input: [4] }).conv2d(2, 3), 'axes'],
    [() => hlsNetwork({ input: [2, 2, 1] }).conv2d(2, 3), 'windows fit'],
    [() => hlsNetwork({ input: [4] }).gru(2), '[steps, features]'],
    [
      () =>
        hlsNetwork({ input: [4], reuseFactor: 0 })
          .dense(2)
          .build(),
      'reuseFactor',
    ],
    [
      () =>
        hlsNetwork({ input: [4] })
          .dense(2, { name: 'a' })
          .dense(2, { name: 'a' })
          .build(),
      'twice',
    ],
  ])('wrong use %#', (use, text) => {
    expect(use).toThrow(expect.objectContaining({ code: 'bad-input' }));
    try {
      use();
    } catch (error) {
      const { message, hint } = error as { message: string; hint?: string };
      expect(`${message} ${hint}`).toContain(text);
    }
  });
});
