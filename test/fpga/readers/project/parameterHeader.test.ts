import { describe, expect, it } from 'vitest';
import { parameterHeader } from '../../../../src/fpga/readers/project/parameterHeader.js';
import { DEFINES, PARAMETERS } from './projectFixture.js';

describe('parameterHeader', () => {
  it('reads structs, sizes by their macros, types and the names of layers', () => {
    const { layers, types, names } = parameterHeader({ parameters: PARAMETERS, defines: DEFINES }, 'p.h');
    expect(layers).toEqual([
      {
        config: 'config2',
        kind: 'dense',
        n_in: 2,
        n_out: 3,
        io_type: 'io_parallel',
        strategy: 'latency',
        reuse_factor: 1,
        n_zeros: 1,
        accum: { bits: 16, int_bits: 6, signed: true },
        bias: { bits: 6, int_bits: 1, signed: true },
        weight: { bits: 6, int_bits: 1, signed: true },
      },
      { config: 'relu_config4', kind: 'activ', n_in: 3, table_size: 1024 },
    ]);
    expect(types.get('layer4_t')).toMatchObject({ bits: 6, intBits: 0, signed: false, rounding: 'rnd_conv', overflow: 'sat' });
    expect([...names]).toEqual([
      ['2', 'fc1'],
      ['4', 'relu1'],
    ]);
  });

  it('takes types and sizes of older versions from the same file, names from the calls', () => {
    const parameters = `#define N_INPUT_1_1 2\n#define N_LAYER_2 3\ntypedef ac_fixed<16,6> weight_default_t;\nstruct config2 : nnet::dense_config {\n    static const unsigned n_in = N_INPUT_1_1;\n    static const unsigned n_out = N_LAYER_2;\n    typedef weight_default_t weight_t;\n};\n`;
    const top = 'nnet::dense<input_t, layer2_t, config2>(x, layer2_out, w2, b2); // fc1\n';
    const { layers, names } = parameterHeader({ parameters, top }, 'p.h');
    expect(layers).toEqual([
      { config: 'config2', kind: 'dense', n_in: 2, n_out: 3, weight: { bits: 16, int_bits: 6, signed: true } },
    ]);
    expect(names.get('2')).toBe('fc1');
  });
});
