import { describe, expect, test } from 'vitest';
import { hlsNetwork } from '../../../src/fpga/design/designBuilder.js';
import { analyseDesign } from '../../../src/fpga/rules/analyseDesign.js';
import { wordsRead } from '../../../src/fpga/rules/streamProcess.js';

const vitis = { part: 'xczu9eg', clockNs: 5, tool: 'vitis_hls', toolVersion: '2023.2', ioType: 'io_stream' } as const;
const sums = (bits: number, intBits: number) => ({ result: { bits, intBits, signed: true } });
const hard = { result: { bits: 8, intBits: 1, signed: true } };

// LeNet-5 of QKeras <8,4>, its types as hls4ml infers them
const built = hlsNetwork({ ...vitis, input: [28, 28, 1], bits: 8, intBits: 4 })
  .conv2d(6, 5, sums(22, 14))
  .activation('hard_tanh', hard)
  .maxPool(2, hard)
  .conv2d(16, 5, sums(25, 14))
  .activation('hard_tanh', hard)
  .maxPool(2, hard)
  .flatten(hard)
  .dense(16, sums(25, 14))
  .batchNorm(sums(34, 19))
  .activation('hard_tanh', hard)
  .dense(16, sums(21, 10))
  .batchNorm(sums(30, 15))
  .activation('hard_tanh', hard)
  .dense(10, sums(21, 10))
  .softmax()
  .build();
const lenet = {
  ...built,
  layers: built.layers.map((l) => (l.kind === 'conv2d' || l.kind === 'dense' ? { ...l, accum: l.result } : l)),
};

describe('io_stream of Vitis HLS', () => {
  test('LeNet-5: processes take the cycles of the report, the interval is one more than the longest', () => {
    const { layers, total } = analyseDesign(lenet);
    const reported = [2355, 580, 1155, 867, 68, 131, 0, 25, 1, 3, 3, 2, 3, 3, 10];
    const off = layers.map((l, i) => Math.abs(l.latencyMax - reported[i]));
    expect(off.filter((d, i) => d > 0 && layers[i].kind !== 'reshape')).toEqual([1, 1]);
    expect(total.iiMax).toBe(2356);
    expect(Math.abs(total.latencyMax / 2374 - 1)).toBeLessThan(0.01);
  });

  test('LeNet-5: FIFOs of 18 bits a block, and the counts within the stated errors', () => {
    const { total } = analyseDesign(lenet);
    expect(Math.abs(total.bram18 - 58)).toBeLessThanOrEqual(1);
    expect(Math.abs(total.lut / 145_061 - 1)).toBeLessThan(0.15);
    expect(Math.abs(total.ff / 36_198 - 1)).toBeLessThan(0.15);
    expect(Math.abs(total.dsp - 18)).toBeLessThanOrEqual(6);
  });

  test('a recurrent layer takes its steps one after another, whatever tool', () => {
    const cycles = (tool: string, ioType: 'io_parallel' | 'io_stream') =>
      analyseDesign(
        hlsNetwork({ ...vitis, tool, ioType, input: [10, 8], bits: 16 })
          .gru(16)
          .build(),
      ).total.latencyMax;
    expect(cycles('vitis_hls', 'io_stream')).toBeGreaterThanOrEqual(cycles('vivado_hls', 'io_parallel'));
  });

  test('a flattened tensor still comes pixel by pixel', () => {
    expect(wordsRead(lenet, lenet.layers[7])).toBe(16);
    expect(wordsRead(lenet, lenet.layers[10])).toBe(1);
  });

  test('a small network: products, rectifiers and a softmax one after another', () => {
    const mlp = hlsNetwork({ ...vitis, part: 'xczu7ev-ffvc1156-2-e', clockNs: 10, input: [16], bits: 16 })
      .dense(64)
      .relu()
      .dense(32)
      .relu()
      .dense(32)
      .relu()
      .dense(5)
      .softmax()
      .build();
    const { total } = analyseDesign(mlp);
    // reported by Vitis HLS 2025.2: 7, 20, 4
    expect(total.iiMax).toBe(7);
    expect(total.latencyMax).toBe(21);
    expect(total.bram18).toBe(4);
  });
});

describe('pools with io_parallel', () => {
  const pool = (tool: string, kind: 'maxPool' | 'avgPool', padding: 'same' | 'valid') =>
    analyseDesign(
      hlsNetwork({ input: [121, 3], bits: 16, part: 'xcvu13p-flga2577-2-e', clockNs: 5, tool })
        [kind](2, { padding })
        .build(),
    ).total;

  test('compare or add in one cycle; Vivado HLS divides where padding makes windows differ', () => {
    expect(pool('vitis_hls', 'maxPool', 'valid')).toMatchObject({ lut: 7027, ff: 5810, latencyMax: 0, iiMax: 1 });
    expect(pool('vitis_hls', 'avgPool', 'valid').lut).toBe(4176);
    const divided = pool('vivado_hls', 'avgPool', 'same');
    expect(divided.latencyMax).toBe(21);
    expect(Math.abs(divided.ff / 137_178 - 1)).toBeLessThan(0.02);
    expect(Math.abs(divided.lut / 89_529 - 1)).toBeLessThan(0.03);
  });
});

describe('pixels of streams', () => {
  const stream = (tool: string, input: number[] = [8, 8, 4]) =>
    hlsNetwork({ part: 'xczu9eg', clockNs: 5, ioType: 'io_stream', tool, input, bits: 8, strategy: 'latency' });
  const moving = (kind: 'resize' | 'padding' | 'transpose', outShape: number[], tool: string) => {
    const { layers, ...design } = stream(tool).relu().build();
    const layer = { name: 'moves', kind, inputs: ['relu_0'], inShape: [8, 8, 4], outShape };
    return analyseDesign({ ...design, layers: [...layers, layer] }).layers[1].latencyMax;
  };

  test.each(['vivado_hls', 'vitis_hls'])('%s: none is read or written faster than one a cycle', (tool) => {
    expect(moving('resize', [16, 16, 4], tool)).toBeGreaterThanOrEqual(256);
    expect(moving('padding', [10, 10, 4], tool)).toBeGreaterThanOrEqual(100);
    // an image is read as a whole before it is written
    expect(moving('transpose', [8, 8, 4], tool)).toBeGreaterThanOrEqual(128);
  });

  test('convolutions read the padding too, and take as many turns as their loop is pipelined at', () => {
    const cycles = (padding: 'same' | 'valid', reuseFactor: number) =>
      analyseDesign(stream('vitis_hls').conv2d(4, 3, { padding, reuseFactor }).build()).layers[0].latencyMax;
    expect((cycles('same', 1) - 3) / (cycles('valid', 1) - 3)).toBe(100 / 64);
    const turns = [1, 2, 4, 16, 64].map((reuse) => cycles('valid', reuse));
    expect(turns).toEqual([...turns].sort((a, b) => a - b));
    expect(turns[4]).toBeGreaterThanOrEqual(64 * 64);
  });

  test('a global pool compares each pixel with one element a channel', () => {
    const lut = (side: number) => analyseDesign(stream('vitis_hls', [side, side, 4]).globalMaxPool().build()).layers[0].lut;
    expect(lut(32)).toBe(lut(8));
  });
});
