import { describe, expect, test } from 'vitest';
import { EINSUM_DENSE, type HlsDesign, type HlsLayer } from '../../../src/fpga/design/hlsDesign.js';
import { analyseDesign } from '../../../src/fpga/rules/analyseDesign.js';
import { denseDesign } from './fpgaRows.js';

const precision = { bits: 16, intBits: 6, signed: true };
const design = (layers: HlsLayer[], more: Partial<HlsDesign> = {}): HlsDesign => ({
  ...denseDesign([1, 1], { strategy: 'latency', tool: 'vitis_hls', toolVersion: '2023.2' }),
  layers,
  ...more,
});
const matmul = (rows: number, terms: number, columns: number): HlsLayer => ({
  name: 'product',
  kind: 'merge',
  merge: 'matmul',
  inputs: [],
  inShape: [rows, terms],
  outShape: [rows, columns],
});
const of = (d: HlsDesign) => analyseDesign(d).layers[0];

describe('a product of two tensors', () => {
  test('has all its products, shared over RF cycles', () => {
    // 4 x 6 sums of 8 products
    expect(of(design([matmul(4, 8, 6)]))).toMatchObject({ multipliers: 192, dsp: 192, ii: 1 });
    const shared = of(design([matmul(4, 8, 6)], { reuseFactor: 8 }));
    expect(shared).toMatchObject({ multipliers: 24, dsp: 24, ii: 8 });
    expect(shared.latencyMax).toBe(8);
    expect(of(design([matmul(4, 8, 6)], { multipliers: 'lut' }))).toMatchObject({ multipliers: 192, dsp: 0 });
    expect(of(design([matmul(4, 8, 6)], { precision: { ...precision, bits: 4 } })).dsp).toBe(0);
  });

  test('hls4ml takes io_parallel and strategy latency only', () => {
    for (const more of [{ ioType: 'io_stream' }, { strategy: 'resource' }] as const)
      expect(analyseDesign(design([matmul(4, 8, 6)], more)).verdict.verdict).toBe('will-not-synthesise');
    expect(analyseDesign(design([matmul(4, 8, 6)])).verdict.verdict).not.toMatch(/synthesise/);
  });
});

describe('every position at once', () => {
  const dense = (positions: number, more: Partial<HlsLayer> = {}): HlsLayer => ({
    name: 'a',
    kind: 'dense',
    inputs: [],
    inShape: positions > 1 ? [positions, 16] : [16],
    outShape: positions > 1 ? [positions, 8] : [8],
    weight: precision,
    ...more,
  });

  test('a dense layer over steps with strategy latency has multipliers for each step, and the cycles of one', () => {
    const one = of(design([dense(1)])),
      many = of(design([dense(5)]));
    expect(many).toMatchObject({ multipliers: 5 * one.multipliers, dsp: 5 * one.dsp, ii: one.ii, latencyMax: one.latencyMax });
    expect(Math.abs(many.lut - 5 * one.lut)).toBeLessThan(5);
    const shared = of(design([dense(6)], { reuseFactor: 2 }));
    expect(shared).toMatchObject({ multipliers: 6 * 64, ii: 2 });
    // parts of the signal one after another
    expect(of(design([dense(8)], { reuseFactor: 8 }))).toMatchObject({ multipliers: 8 * 16, ii: 8 });
    expect(of(design([dense(5)], { reuseFactor: 2 })).warnings.join()).toContain('reuse factor 2 does not divide 5 positions');
  });

  test('a convolution with a kernel of one position is the same; one over two axes, or of several positions, takes turns', () => {
    const conv = (kernel: number): HlsLayer => dense(5, { kind: 'conv1d', kernel: [kernel], stride: [1], padding: 'same' });
    expect(of(design([conv(1)]))).toMatchObject({ multipliers: of(design([dense(5)])).multipliers });
    expect(of(design([conv(3)])).ii).toBeGreaterThan(4);
    const picture = dense(5, { inShape: [5, 5, 16], outShape: [5, 5, 8] });
    expect(of(design([picture])).ii).toBeGreaterThan(24);
    // hls4ml 0.5 has no such kernel
    expect(of(design([conv(1)], { hls4mlVersion: '0.5.0' })).ii).toBeGreaterThan(4);
    expect(of(design([dense(5)], { strategy: 'resource', reuseFactor: 4 })).ii).toBeGreaterThan(4);
  });

  test('an EinsumDense over any number of positions, with io_parallel and without weights in memory only', () => {
    const einsum = dense(5, { source: EINSUM_DENSE });
    expect(of(design([einsum]))).toMatchObject({ multipliers: of(design([dense(5)])).multipliers, ii: 1 });
    for (const more of [{ ioType: 'io_stream' }, { strategy: 'resource', reuseFactor: 2 }] as const) {
      const { verdict, reasons } = analyseDesign(design([einsum], more)).verdict;
      expect(verdict).toBe('will-not-synthesise');
      expect(reasons.join()).toContain('hls4ml takes io_parallel');
    }
  });
});

test('a warning that several layers have is said once', () => {
  const positions = (name: string, inputs: string[]): HlsLayer => ({
    ...{ name, kind: 'dense', inputs, weight: precision },
    ...{ inShape: [5, 8], outShape: [5, 8] },
  });
  const { warnings } = analyseDesign(design([positions('a', []), positions('b', ['a'])]));
  expect(warnings.filter((w) => w.includes('all 5 positions'))).toEqual([expect.stringMatching(/^layers 'a', 'b': all 5/)]);
});

test('a tanh of two values is one comparison a value, of three two, without DSPs, and said to be by the source', () => {
  const tanh = (activation: string, bits: number): HlsLayer => ({
    ...{ name: 't', kind: 'activation', activation, inputs: [] },
    ...{ inShape: [8], outShape: [8], result: { bits, intBits: bits, signed: true } },
  });
  const two = of(design([tanh('binary_tanh', 1)])),
    three = of(design([tanh('ternary_tanh', 2)]));
  // of 16 bits: 23 LUTs a comparison, and a bit of result
  expect(two).toMatchObject({ lut: 8 * 24, dsp: 0, bram18: 0, ii: 1 });
  expect(three).toMatchObject({ lut: 8 * 47, dsp: 0, bram18: 0, ii: 1 });
  expect(three.warnings.join()).toContain('by the source of hls4ml');
});
