import { describe, expect, test } from 'vitest';
import { readHlsDesign } from '../../../../src/fpga/readers/readHlsDesign.js';

const quantizer = (name: string, layers: Record<string, unknown>) => ({
  class_name: 'FixedPointQuantizer',
  name,
  config: { name, overrides: { layers } },
});
const named = (class_name: string, config: Record<string, unknown> & { name: string }) => ({
  class_name,
  name: config.name,
  config,
});
const proxy = (overrides: Record<string, unknown>): string =>
  JSON.stringify({
    class_name: 'Sequential',
    config: {
      name: 'proxy',
      layers: [
        named('InputLayer', { name: 'input_1', batch_input_shape: [null, 16] }),
        quantizer('q0', { input_1: { result_t: 'fixed<12,5,TRN,WRAP>' } }),
        named('Dense', { name: 'dense_1', units: 8, activation: 'linear' }),
        quantizer('q1', { dense_1: overrides }),
        named('Activation', { name: 'table', activation: 'sigmoid' }),
        quantizer('q2', { table: { table_size: 4096, result_t: 'ufixed<11,8,RND,SAT>' } }),
      ],
    },
  });

describe('a proxy model of hls4ml', () => {
  test('its quantisers tell types and table sizes, of the input too', () => {
    const design = readHlsDesign(proxy({ weight_t: 'fixed<10,5>', accum_t: 'fixed<21,9>', result_t: 'fixed<12,9>' }), 'p.json');
    expect(design.precision).toEqual({ bits: 12, intBits: 5, signed: true });
    expect(design.layers).toMatchObject([
      {
        name: 'dense_1',
        weight: { bits: 10, intBits: 5 },
        accum: { bits: 21, intBits: 9 },
        result: { bits: 12, intBits: 9 },
        ownWidths: true,
      },
      { name: 'table', tableSize: 4096, result: { bits: 11, intBits: 8, signed: false, rounding: 'rnd', overflow: 'sat' } },
    ]);
    expect(design.assumptions.join()).toContain('weights of dense_1 have widths of their own');
  });

  test('what they do not tell, or tell in other words, is left as it is', () => {
    const { layers, assumptions } = readHlsDesign(proxy({ weight_t: 'float', result_t: 7 }), 'p.json');
    expect(layers[0]).not.toHaveProperty('ownWidths');
    // the default, as the input has another type
    expect(layers[0].weight).toEqual({ bits: 16, intBits: 6, signed: true });
    expect(assumptions.join()).not.toContain('widths of their own');
  });
});
