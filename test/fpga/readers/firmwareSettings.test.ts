import { describe, expect, it } from 'vitest';
import type { HlsLayer } from '../../../src/fpga/design/hlsDesign.js';
import { applyFirmware } from '../../../src/fpga/readers/firmwareSettings.js';

const conv = (): HlsLayer => ({ name: 'c', kind: 'conv1d', inputs: [], inShape: [8, 2], outShape: [6, 4], kernel: [3] }),
  softmax = (): HlsLayer => ({ name: 's', kind: 'activation', activation: 'softmax', inputs: [], inShape: [4], outShape: [4] });
const applied = (layer: HlsLayer, ...tables: Record<string, unknown>[]): HlsLayer => {
  applyFirmware(layer, tables);
  return layer;
};

describe('applyFirmware', () => {
  it('takes what the last table says, of convolutions', () => {
    const model = { ParallelizationFactor: 2, ConvImplementation: 'LineBuffer' };
    expect(applied(conv(), model, { ParallelizationFactor: 3, ConvImplementation: 'encoded' })).toMatchObject({
      pixelsAtOnce: 3,
      convolution: 'encoded',
    });
    expect(applied(conv(), model, { ParallelizationFactor: 1 })).not.toHaveProperty('pixelsAtOnce');
    expect(applied(conv(), model, {})).toMatchObject({ pixelsAtOnce: 2, convolution: 'line_buffer' });
    expect(applied({ ...conv(), kind: 'max_pool' }, model)).not.toHaveProperty('pixelsAtOnce');
    // as attributes hls4ml has them in lower case; `Pointwise` is what it does with a kernel of one position
    expect(applied(conv(), { parallelization_factor: 3 }).pixelsAtOnce).toBe(3);
    expect(applied(conv(), { ConvImplementation: 'Pointwise' })).not.toHaveProperty('convolution');
  });

  it('takes the way of a softmax, under Strategy where it is none of weights, and skips it', () => {
    expect(applied(softmax(), { Strategy: 'Latency' }, { Strategy: 'Stable' }).softmax).toBe('stable');
    expect(applied(softmax(), { Strategy: 'Latency' }, { Implementation: 'argmax' }).softmax).toBe('argmax');
    expect(applied(softmax(), { Strategy: 'Resource' }, { Strategy: 'Latency' })).not.toHaveProperty('softmax');
    expect(applied(softmax(), { Skip: true }).activation).toBe('linear');
  });

  it('refuses what hls4ml does not know', () => {
    expect(() => applied(conv(), { ParallelizationFactor: 1.5 })).toThrow(
      /layer 'c': ParallelizationFactor 1.5 is no positive whole/,
    );
    expect(() => applied(conv(), { ConvImplementation: 'winograd' })).toThrow(/ConvImplementation "winograd" is not known/);
    expect(() => applied(softmax(), { Implementation: 'exact' })).toThrow(/Implementation "exact"/);
  });
});
