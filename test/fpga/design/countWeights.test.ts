import { describe, expect, it } from 'vitest';
import { type LayerWeights, withCountedWeights } from '../../../src/fpga/design/countWeights.js';
import { parseHlsDesign } from '../../../src/fpga/design/hlsDesign.js';

const design = parseHlsDesign({
  id: 'd',
  layers: [{ name: 'fc', kind: 'dense', inputs: [], inShape: [2], outShape: [3], weight: { bits: 4, intBits: 2, signed: true } }],
  precision: { bits: 16, intBits: 6, signed: true },
  reuseFactor: 1,
  strategy: 'latency',
  ioType: 'io_parallel',
  assumptions: [],
});
const counted = (weights: Partial<LayerWeights>) =>
  withCountedWeights(design, {
    byLayer: new Map([['fc', { matrices: [[0, 0.12, -0.12, 0.25, 0.75, -1.75]], rounding: 'down', ...weights }]]),
    source: 'w.h5',
  });

describe('withCountedWeights', () => {
  it('cuts bits as ap_fixed does: a small negative weight is -1 step, a small positive one is zero', () => {
    // 0, 0, -1 | 1, 3, -7 quarters
    const { layers, assumptions } = counted({});
    expect(layers[0]).toMatchObject({ zeroWeights: 2, constants: { distinct: 4, shiftAdd: 2, full: 0, multiplied: 0 } });
    expect(assumptions).toEqual(['zero weights counted in w.h5, as values of the weight types: fc 2 of 6']);
  });

  it('rounds to nearest where a quantiser of the network does', () => {
    expect(counted({ rounding: 'nearest' }).layers[0]).toMatchObject({ zeroWeights: 3 });
  });

  it('counts what is zero already where the scale of the quantiser is not in the file', () => {
    const [layer] = counted({ rounding: 'none' }).layers;
    expect(layer.zeroWeights).toBe(1);
    expect(layer.constants).toBeUndefined();
  });

  it('scales outputs by a folded batch norm before it counts', () => {
    expect(counted({ scale: [1, 4, 0.1], rounding: 'nearest' }).layers[0]).toMatchObject({ zeroWeights: 2 });
  });

  it('tells no constants of a transposed matrix', () => {
    const [layer] = counted({ transposed: true }).layers;
    expect(layer.zeroWeights).toBe(2);
    expect(layer.constants).toBeUndefined();
  });

  it('says where weights do not fit the layer, and leaves its zeros unknown', () => {
    const { layers, assumptions } = counted({ matrices: [[1, 2]] });
    expect(layers[0].zeroWeights).toBeUndefined();
    expect(assumptions).toEqual(["the weights in w.h5 do not fit 'fc' (2 values, 6 expected): zeros there not counted"]);
  });

  it('keeps what a reader counted', () => {
    const known = { ...design, layers: [{ ...design.layers[0], zeroWeights: 5 }] };
    expect(withCountedWeights(known, { byLayer: new Map([['fc', { matrices: [[1]], rounding: 'down' }]]), source: 's' })).toEqual(
      known,
    );
  });
});
