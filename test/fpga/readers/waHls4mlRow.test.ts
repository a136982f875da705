import { describe, expect, test } from 'vitest';
import { waHls4mlDesign } from '../../../src/fpga/readers/waHls4mlRow.js';

const settings = {
  model_id: 'm',
  weight_bits: '4',
  reuse_factor: '512',
  strategy: 'resource',
  io_type: 'io_parallel',
  part: 'xcu250-figd2104-2L-e',
};

describe('waHls4mlDesign', () => {
  test('one dense layer', () => {
    const design = waHls4mlDesign({
      ...settings,
      n_in: '32',
      n_out: '64',
      tool: 'vivado_hls',
      tool_version: '2020.1',
      clock_target_ns: '5',
    });
    expect(design).toMatchObject({ id: 'm/resource/rf512', reuseFactor: 512, tool: 'vivado_hls', clockS: 5e-9 });
    expect(design.layers).toMatchObject([{ kind: 'dense', inShape: [32], outShape: [64], weight: { bits: 4, intBits: null } }]);
    expect(design.assumptions).toHaveLength(1);
  });

  test('a failed synthesis leaves the clock out', () => {
    const design = waHls4mlDesign({
      ...settings,
      n_in: 32,
      n_out: 64,
      tool: 'vivado_hls',
      tool_version: '2020.1',
      clock_target_ns: '',
    });
    expect(design.assumptions.join()).toContain('clock not recorded');
  });

  test('three dense layers', () => {
    const design = waHls4mlDesign({
      ...settings,
      family: 'dense3',
      model_string: '104-48-104-16',
      tool_version: '2023.2',
      clock_target_ns: '5',
    });
    expect(design.layers.map((l) => [l.inputs, l.inShape, l.outShape])).toEqual([
      [[], [104], [48]],
      [['dense_1'], [48], [104]],
      [['dense_2'], [104], [16]],
    ]);
    expect(design.tool).toBe('vitis_hls');
  });

  test('convolutions of unknown kernel are opaque, the dense layers behind the flatten are exact', () => {
    const design = waHls4mlDesign({
      ...settings,
      family: 'conv2d',
      model_string: '16-64-8064-16-8',
      io_type: 'io_stream',
      tool_version: '2023.2',
    });
    expect(design.layers.map((l) => [l.kind, l.inShape, l.outShape])).toEqual([
      ['opaque', [], [16]],
      ['opaque', [16], [64]],
      ['reshape', [8064], [8064]],
      ['dense', [8064], [16]],
      ['dense', [16], [8]],
    ]);
    expect(design.assumptions.join()).toContain('kernel and image sizes of 2 convolutions (filters 16, 64) not recorded');
    const odd = waHls4mlDesign({
      ...settings,
      family: 'conv2d',
      model_string: '16-64-360-16',
      io_type: 'io_stream',
      tool_version: '2023.2',
    });
    expect(odd.assumptions.join()).toContain('360 is no multiple of 64');
  });

  test.each([
    [{ ...settings, n_in: 'x', n_out: '64', tool: 't', tool_version: '2020.1' }, 'n_in'],
    [{ ...settings, n_in: '32', n_out: '64', tool: 't', tool_version: '2020.1', weight_bits: '0' }, 'weight_bits'],
    [{ ...settings, n_in: '32', n_out: '64', tool: 't', tool_version: '2020.1', strategy: 'fast' }, 'strategy'],
    [{ ...settings, family: 'dense3', model_string: '104', tool_version: '2023.2' }, 'model_string'],
    [{ ...settings, family: 'conv2d', model_string: '64-16-8', tool_version: '2023.2' }, 'no flatten size'],
    [{ ...settings, family: 'dense3', model_string: '4-0-4', tool_version: '2023.2' }, 'size of zero'],
  ])('bad row %#', (row, text) => {
    expect(() => waHls4mlDesign(row, { where: 'f.csv:3' })).toThrow(
      expect.objectContaining({ code: 'bad-input', where: 'f.csv:3' }),
    );
    expect(() => waHls4mlDesign(row)).toThrow(text);
  });
});
