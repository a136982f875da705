import { describe, expect, test } from 'vitest';
import { hlsNetwork } from '../../../src/fpga/design/designBuilder.js';
import type { HlsLayer, Precision } from '../../../src/fpga/design/hlsDesign.js';
import { type TypedTensor, withInferredTypes } from '../../../src/fpga/readers/inferredTypes.js';

const fixed = (bits: number, intBits: number | null, signed = true): Precision => ({ bits, intBits, signed });
const ALL: TypedTensor[] = ['accum', 'result'];

/** Inferred layers of a chain, accumulators and results of all of them `auto`; the model's type is <8,4>. */
function inferred(layers: readonly HlsLayer[], maximum?: Precision): { layers: HlsLayer[]; said: string[] } {
  const said: string[] = [];
  const autos = new Map(layers.map(({ name }) => [name, new Set(ALL)]));
  return { layers: withInferredTypes(layers, autos, { general: fixed(8, 4), input: fixed(8, 4), maximum }, said), said };
}

// LeNet of QKeras <8,4>; types as Vitis HLS 2023.2 names them in its report
const lenet = hlsNetwork({ input: [12, 12, 1], bits: 8, intBits: 4 })
  .conv2d(6, [5, 5])
  .maxPool(2)
  .flatten()
  .dense(16)
  .batchNorm()
  .build().layers;

describe('types that hls4ml infers', () => {
  test('sums hold every sum of products and the bias; pools and reshapes pass on', () => {
    const { layers, said } = inferred(lenet);
    expect(layers.map((l) => l.result)).toEqual([fixed(22, 14), fixed(22, 14), fixed(22, 14), fixed(38, 26), fixed(47, 31)]);
    expect(layers[0].accum).toEqual(fixed(22, 14));
    expect(said[0]).toBe("layer 'conv2d_0': types are 'auto', inferred as hls4ml does: accum fixed<22,14>, result fixed<22,14>");
  });

  test('no wider than the maximum of the model, the mean of a pool apart', () => {
    const [conv, pool] = inferred(
      hlsNetwork({ input: [8, 8, 1] })
        .conv2d(2, 3)
        .avgPool(2)
        .build().layers,
      fixed(16, 6),
    ).layers;
    expect(conv.result).toEqual(fixed(16, 6));
    expect(pool).toMatchObject({ accum: fixed(20, 8), result: fixed(16, 6) });
  });

  test('unsigned inputs, no bias, activations and unknown types', () => {
    const relu = { result: fixed(6, 0, false) };
    const chain = hlsNetwork({ input: [16], bits: 8 })
      .dense(4)
      .relu(relu)
      .dense(2, { useBias: false })
      .relu()
      .build().layers;
    const autos = new Map<string, Set<TypedTensor>>([
      ['dense_1', new Set(ALL)],
      ['relu_1', new Set<TypedTensor>(['result'])],
    ]);
    const of = (general: Precision) => withInferredTypes(chain, autos, { general, input: general }, []);
    expect(of(fixed(8, 4))[2].accum).toEqual(fixed(17, 7));
    expect(of(fixed(8, 4))[3].result).toEqual(fixed(8, 4));
    expect(of(fixed(8, null))[2].accum).toEqual(fixed(8, null));
  });

  test('merges', () => {
    const [a, b] = inferred(
      hlsNetwork({ input: [4] })
        .relu()
        .relu()
        .build().layers,
    ).layers;
    const merged = (merge: HlsLayer['merge'], second = b) =>
      withInferredTypes(
        [
          a,
          { ...second, inputs: [] },
          { name: 'm', kind: 'merge', merge, inputs: [a.name, b.name], inShape: [4], outShape: [4] },
        ],
        new Map([['m', new Set(ALL)]]),
        { general: fixed(8, 4), input: fixed(8, 4) },
        [],
      )[2].result;
    expect(merged('add')).toEqual(fixed(9, 5));
    expect(merged('multiply')).toEqual(fixed(16, 8));
    expect(merged('dot')).toEqual(fixed(18, 10));
    expect(merged('maximum')).toEqual(fixed(8, 4));
    expect(merged('concatenate', { ...b, result: fixed(8, 4, false) })).toEqual(fixed(9, 5));
  });
});
