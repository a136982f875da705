import { describe, expect, it } from 'vitest';
import type { HwcastError } from '../../../src/core/errors.js';
import { denseDesign } from '../../../src/fpga/synth/denseDesign.js';
import { integerNetwork } from '../../../src/fpga/synth/integerNetwork.js';
import { integerReference } from '../../../src/fpga/synth/integerReference.js';
import type { MatrixStage } from '../../../src/fpga/synth/integerStage.js';
import { designOf, fixed } from './designs.js';

const dense = (fields: Partial<Parameters<typeof denseDesign>[0]> = {}) =>
  denseDesign({ nIn: 4, nOut: 6, weightBits: 5, dataBits: 6, reuseFactor: 1, strategy: 'resource', ...fields });
const matrixOf = (design: ReturnType<typeof dense>, seed = 0) => integerNetwork(design, seed).stages[0] as MatrixStage;

describe('integer network', () => {
  it('snaps the reuse factor and says so', () => {
    const network = integerNetwork(dense({ reuseFactor: 10 }), 0);
    expect((network.stages[0] as MatrixStage).reuseFactor).toBe(8); // 8 and 12 are valid, the smaller of two as near
    expect(network.assumptions).toEqual(['dense: reuse factor 10 snapped to 8']);
    expect(integerNetwork(dense({ reuseFactor: 12 }), 0).assumptions).toEqual([]);
    expect(matrixOf(dense({ reuseFactor: 1000 })).reuseFactor).toBe(24);
  });

  it('draws the same weights for a seed, other ones for another, within their bits', () => {
    const weights = matrixOf(dense(), 3).weights;
    expect(matrixOf(dense(), 3).weights).toEqual(weights);
    expect(matrixOf(dense(), 4).weights).not.toEqual(weights);
    for (const w of weights.flat()) expect(w >= -16 && w <= 15).toBe(true);
  });

  it('puts as many zeros into the weights as asked for', () => {
    const layer = { ...dense({ nIn: 16, nOut: 16 }).layers[0], zeroWeights: 100 };
    const { weights } = integerNetwork(designOf([layer]), 0).stages[0] as MatrixStage;
    expect(weights.flat().filter((w) => w === 0)).toHaveLength(100);
  });

  it('sizes the accumulator for the worst input and keeps the binary point', () => {
    const stage = matrixOf(dense());
    // 4 products of at most 2^5 x 2^4, and a bias of at most 2^4 at 4 places, moved to 9: 4 512 + 16 32 = 2560
    expect(stage.accumulatorBits).toBe(13);
    expect(stage.shift).toBe(5 + 4 - 4); // frac of input and weight less frac of the result (6 bits, 2 of them integer)
  });

  it('flattens an image before a dense layer of a vector', () => {
    const network = integerNetwork(
      designOf([
        { name: 'conv', kind: 'conv1d', inputs: [], inShape: [4, 1], outShape: [3, 2], kernel: [2] },
        { name: 'flat', kind: 'reshape', inputs: ['conv'], inShape: [3, 2], outShape: [6] },
        { name: 'dense', kind: 'dense', inputs: ['flat'], inShape: [6], outShape: [2] },
      ]),
      0,
    );
    expect(network.stages.map((s) => s.kind)).toEqual(['matrix', 'flatten', 'matrix']);
    expect(network).toMatchObject({ inBeats: 4, inWidth: 1, outBeats: 1, outWidth: 2 });
  });

  it('takes the input as its quantiser leaves it, and no quantiser between layers', () => {
    const quant = { name: 'quant', kind: 'activation' as const, activation: 'linear', inputs: [], inShape: [4], outShape: [4] };
    const inner = { ...dense().layers[0], inputs: ['quant'] };
    const quantised = integerNetwork({ ...designOf([{ ...quant, result: fixed(6, 2) }, inner]), precision: fixed(16, 6) }, 0);
    expect(quantised.input.bits).toBe(6);
    expect(quantised.assumptions).toEqual(['the input comes quantised, 6 bits']);
    expect(quantised.stages.map((s) => s.kind)).toEqual(['matrix']);
    const after = { ...quant, name: 'late', inputs: ['dense'], inShape: [6], outShape: [6], result: fixed(3, 1) };
    expect(() => integerNetwork(designOf([dense().layers[0], after]), 0)).toThrow(
      /a quantiser from fixed<6,2> to fixed<3,1> is not written/,
    );
    // the same width with another point is another type
    const moved = { ...after, result: fixed(6, 3) };
    expect(() => integerNetwork(designOf([dense().layers[0], moved]), 0)).toThrow(/fixed<6,3>/);
    const same = { ...after, result: dense().layers[0].result };
    expect(integerNetwork(designOf([dense().layers[0], same]), 0).stages).toHaveLength(1);
  });

  it('takes quantisers of the input in a row by the last, an image too', () => {
    const quant = (name: string, inputs: string[], result?: ReturnType<typeof fixed>) => ({
      ...{ name, kind: 'activation' as const, activation: 'linear', inputs, inShape: [2, 2], outShape: [2, 2] },
      ...(result ? { result } : {}),
    });
    const image = designOf([
      quant('a', [], fixed(8, 2)),
      quant('b', ['a'], fixed(6, 2)),
      quant('c', ['b']),
      { ...dense().layers[0], inputs: ['c'], inShape: [4] },
    ]);
    const network = integerNetwork({ ...image, precision: fixed(16, 6) }, 0);
    expect(network.input).toEqual({ bits: 6, signed: true, frac: 4 });
    expect(network.stages.map((s) => s.kind)).toEqual(['flatten', 'matrix']);
  });

  it('says that weights of a file are not those it draws', () => {
    const counted = { ...dense().layers[0], constants: { shiftAdd: 0, full: 0, distinct: 1, multiplied: 0 } };
    expect(integerNetwork(designOf([counted]), 0).assumptions).toEqual([
      'dense: weights are drawn at full width, not those of the file',
    ]);
  });

  const pool = { name: 'pool', kind: 'max_pool' as const, inputs: ['dense'], inShape: [6], outShape: [3] };
  const layer = dense().layers[0];
  for (const [what, design, message] of [
    ['a layer that is not written', () => designOf([layer, pool]), /layer 'pool': a max_pool layer is not written as Verilog/],
    ['the latency strategy with reuse', () => dense({ strategy: 'latency', reuseFactor: 4 }), /layer 'dense': .* reuse factor 4/],
    ['a strategy without multipliers', () => dense({ strategy: 'distributed_arithmetic' }), /strategy 'distributed_arithmetic'/],
    ['too many bits', () => dense({ weightBits: 20 }), /20 bits for the weights/],
    ['unsigned weights', () => designOf([{ ...layer, weight: fixed(4, 1, false) }]), /unsigned weights/],
    [
      'an activation by table',
      () => designOf([layer, { ...pool, kind: 'activation', activation: 'tanh', outShape: [6] }]),
      /'tanh'/,
    ],
    ['a branch', () => designOf([layer, { ...layer, name: 'other' }]), /only a chain of layers/],
    [
      'shapes that do not meet',
      () => designOf([layer, { ...layer, name: 'next', inputs: ['dense'], inShape: [5] }]),
      /\[5\] does not continue the shape \[6\]/,
    ],
    ['more zeros than weights', () => designOf([{ ...layer, zeroWeights: 25 }]), /25 zero weights of 24/],
    [
      'nothing to multiply',
      () => designOf([{ ...pool, inputs: [], kind: 'activation', activation: 'relu', outShape: [6] }]),
      /no dense or convolution/,
    ],
    [
      'an output shape that the convolution does not give',
      () => designOf([{ name: 'conv', kind: 'conv1d', inputs: [], inShape: [8, 1], outShape: [8, 2], kernel: [3] }]),
      /gives 6 pixels, its output shape says \[8,2\]/,
    ],
  ] as const)
    it(`names ${what}`, () => {
      let said = '';
      try {
        integerNetwork(design(), 0);
      } catch (error) {
        said = (error as HwcastError).describe();
      }
      expect(said).toMatch(message);
    });
});

describe('integer reference', () => {
  it('multiplies, adds the bias, rounds down and saturates', () => {
    const network = integerNetwork(dense({ nIn: 2, nOut: 2 }), 0);
    const stage = network.stages[0] as MatrixStage;
    stage.weights = [
      [3, -2],
      [15, 15],
    ];
    stage.bias = [7, 0];
    stage.shift = 2;
    // (3 10 - 2 5 + 7) / 4 = 6; 15 (10 + 5) / 4 = 56, more than 31; (-3 3 + 7) / 4 = -0.5, rounded down
    expect(integerReference(network, [[10, 5]])).toEqual([[6, 31]]);
    expect(integerReference(network, [[31, 31]])).toEqual([[9, 31]]);
    expect(integerReference(network, [[-1, 2]])).toEqual([[0, 3]]);
    expect(integerReference(network, [[-3, 0]])).toEqual([[-1, -12]]);
  });

  it('slides a window over the padded image in row order, channels last', () => {
    const network = integerNetwork(
      designOf([
        {
          name: 'conv',
          kind: 'conv2d',
          inputs: [],
          inShape: [3, 2, 2],
          outShape: [3, 2, 1],
          kernel: [3, 2],
          padding: 'same',
          useBias: false,
          result: fixed(16, 10),
        },
      ]),
      0,
    );
    const stage = network.stages[0] as MatrixStage;
    stage.shift = 0;
    stage.weights = [[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]]; // [ky][kx][channel]
    const image = [
      [1, 0],
      [0, 1],
      [2, 0],
      [0, 0],
      [0, 0],
      [3, 0],
    ]; // [y][x][channel]
    // padded by one row above and below and one column right: e.g. the first pixel sees rows -1..1, columns 0..1
    expect(integerReference(network, image).flat()).toEqual([
      5 * 1 + 8 * 1 + 9 * 2, // 31
      6 * 1, // its right neighbour is padding
      1 * 1 + 4 * 1 + 5 * 2 + 11 * 3, // 48
      2 * 1 + 9 * 3, // 29
      1 * 2 + 7 * 3, // 23
      5 * 3, // 15
    ]);
  });

  it('clips at zero in a relu and gathers pixels in a flatten', () => {
    const network = integerNetwork(
      designOf([
        { name: 'dense', kind: 'dense', inputs: [], inShape: [2, 1], outShape: [2, 1], result: fixed(6, 1), useBias: false },
        {
          name: 'relu',
          kind: 'activation',
          activation: 'relu',
          inputs: ['dense'],
          inShape: [2, 1],
          outShape: [2, 1],
          result: fixed(5, 1, false),
        },
        { name: 'flat', kind: 'reshape', inputs: ['relu'], inShape: [2, 1], outShape: [2] },
      ]),
      0,
    );
    const stage = network.stages[0] as MatrixStage;
    stage.weights = [[1]];
    stage.shift = 0;
    expect(network.stages.map((s) => s.kind)).toEqual(['matrix', 'relu', 'flatten']);
    // 9 at five binary places is 4 at four, rounded down
    expect(integerReference(network, [[9], [-9]])).toEqual([[4, 0]]);
  });
});
