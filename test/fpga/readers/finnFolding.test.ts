import { describe, expect, it } from 'vitest';
import { finnDesign, isFinnFolding } from '../../../src/fpga/readers/finnFolding.js';
import { encodeOnnx } from '../../graph/readers/onnx/encodeOnnx.js';

const UNIT = { PE: 16, SIMD: 49, mem_mode: 'internal_decoupled', ram_style: 'block', resType: 'lut' };
const SIZES = { MW: 784, MH: 64, weightDataType: 'INT2', inputDataType: 'UINT8' };
const network = (layers: object[]) => ({
  content: JSON.stringify({
    id: 'n',
    layers,
    precision: { bits: 8, intBits: 8, signed: false },
    reuseFactor: 1,
    strategy: 'latency',
    ioType: 'io_stream',
    assumptions: [],
  }),
  name: 'n.json',
});
const weight = { bits: 2, intBits: 2, signed: true };
const fc = { name: 'fc', kind: 'dense', inputs: [], inShape: [784], outShape: [64], weight };
const conv = {
  name: 'conv',
  kind: 'conv2d',
  inputs: [],
  inShape: [8, 8, 4],
  outShape: [6, 6, 16],
  kernel: [3, 3],
  stride: [1, 1],
  padding: 'valid',
  weight,
};

describe('finnDesign', () => {
  it('tells a folding configuration by the units in it, over the versions of FINN', () => {
    expect(isFinnFolding({ Defaults: {}, StreamingFCLayer_Batch_0: { PE: 1, SIMD: 2 } })).toBe(true);
    expect(isFinnFolding({ VVAU_rtl_0: { PE: 1 } })).toBe(true);
    expect(isFinnFolding({ Defaults: {}, LabelSelect_0: { PE: 1 } })).toBe(false);
    expect(isFinnFolding({ layers: [], ioType: 'io_stream' })).toBe(false);
  });

  it('takes sizes and types that units state', () => {
    const { layers, tool } = finnDesign(
      { MVAU_hls_0: { ...UNIT, ...SIZES }, MVAU_hls_1: { ...UNIT, SIMD: 16, ...SIZES, MW: 64, numInputVectors: [1, 3, 3] } },
      undefined,
      'a/f.json',
    );
    expect(tool).toBe('finn');
    expect(layers).toMatchObject([
      {
        name: 'MVAU_hls_0',
        inShape: [784],
        outShape: [64],
        weight: { bits: 2 },
        folding: {
          pe: 16,
          simd: 49,
          unit: 'hls',
          memory: 'decoupled',
          ramStyle: 'block',
          multipliers: 'lut',
          inputBits: 8,
          inputSigned: false,
        },
      },
      { name: 'MVAU_hls_1', inputs: ['MVAU_hls_0'], inShape: [9, 64], outShape: [9, 64] },
    ]);
  });

  it('says which units have no sizes and what to give', () => {
    expect(() =>
      finnDesign({ MatrixVectorActivation_0: UNIT, MatrixVectorActivation_1: { ...UNIT, ...SIZES } }, undefined, 'f.json'),
    ).toThrow(
      expect.objectContaining({
        code: 'bad-input',
        where: 'f.json',
        message: expect.stringContaining('1 of 2 units are not known (MatrixVectorActivation_0)'),
        hint: expect.stringContaining('--network'),
      }),
    );
  });

  it('folds the layers of a network in the order of the file, with defaults and windows', () => {
    const folding = {
      Defaults: { ram_style: ['distributed', ['all']] },
      ConvolutionInputGenerator_rtl_0: { SIMD: 2 },
      MVAU_rtl_0: { PE: 4, SIMD: 6 },
      FMPadding_rtl_0: { SIMD: 1 },
    };
    const { layers, assumptions } = finnDesign(folding, network([conv]), 'f.json');
    expect(layers[0].folding).toMatchObject({
      pe: 4,
      simd: 6,
      unit: 'rtl',
      ramStyle: 'distributed',
      window: { simd: 2, unit: 'rtl' },
    });
    expect(assumptions).toContain("FINN's own formulas count nothing for FMPadding_rtl_0");
  });

  it('reads sizes of an ONNX network, whose weights need a type', () => {
    const content = encodeOnnx({
      name: 'm',
      inputs: { x: [1, 784] },
      constants: { w: { dims: [784, 64], values: Array.from({ length: 784 * 64 }, () => 1) } },
      nodes: [{ op: 'MatMul', in: ['x', 'w'], out: ['y'], name: 'fc' }],
    });
    expect(() => finnDesign({ MVAU_0: UNIT }, { content, name: 'm.onnx' }, 'f.json')).toThrow(
      /layer 'fc', whose weights have no type in m.onnx/,
    );
  });

  it('takes sizes and types of the nodes of a model of FINN', () => {
    const content = encodeOnnx({
      name: 'm',
      inputs: { x: [1, 784] },
      constants: {},
      nodes: [
        {
          op: 'MVAU_hls',
          domain: 'finn.custom_op.fpgadataflow.hls',
          in: ['x'],
          out: ['y'],
          name: 'MVAU_hls_0',
          attributes: { MW: 784, MH: 64, numInputVectors: [1], weightDataType: 'INT2', inputDataType: 'UINT8' },
        },
      ],
    });
    const { layers } = finnDesign({ MVAU_hls_0: UNIT }, { content, name: 'm.onnx' }, 'f.json');
    expect(layers).toMatchObject([{ name: 'MVAU_hls_0', inShape: [784], outShape: [64], weight: { bits: 2, signed: true } }]);
  });

  it.each([
    ['another number of units', { MVAU_0: UNIT, MVAU_1: UNIT }, /2 units with a matrix .* 1 in the network n.json/],
    ['PE that does not divide', { MVAU_0: { ...UNIT, PE: 7 } }, /unit 'MVAU_0' has PE 7, which does not divide its 64 outputs/],
    ['SIMD that does not divide', { MVAU_0: { ...UNIT, SIMD: 5 } }, /SIMD 5, which does not divide its 784 inputs/],
    ['a memory that is not known', { MVAU_0: { ...UNIT, mem_mode: 'cloud' } }, /mem_mode "cloud"/],
    ['PE that is no number', { MVAU_0: { ...UNIT, PE: '4' } }, /has PE "4", not a positive whole number/],
  ])('refuses %s', (_, folding, message) => {
    expect(() => finnDesign(folding, network([fc]), 'f.json')).toThrow(message);
  });
});
