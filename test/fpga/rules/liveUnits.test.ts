import { describe, expect, test } from 'vitest';
import type { HlsDesign } from '../../../src/fpga/design/hlsDesign.js';
import { analyseDesign } from '../../../src/fpga/rules/analyseDesign.js';
import { liveUnits } from '../../../src/fpga/rules/liveUnits.js';
import { denseDesign } from './fpgaRows.js';

/** Dense layers whose shares of zero weights are given. */
function pruned(sizes: readonly number[], zeros: readonly number[], more: Partial<HlsDesign> = {}): HlsDesign {
  const design = denseDesign(sizes, { strategy: 'latency', tool: 'vitis_hls', toolVersion: '2024.1', ...more });
  design.layers.forEach((layer, i) => {
    layer.zeroWeights = Math.round(zeros[i] * sizes[i] * sizes[i + 1]);
  });
  return design;
}

describe('liveUnits', () => {
  test('says nothing where no zeros are known, or the design is no chain', () => {
    expect(liveUnits(denseDesign([8, 8, 4]))).toBeUndefined();
    const branched = pruned([8, 8, 8], [0.5, 0.5]);
    branched.layers[1].inputs = [];
    expect(liveUnits(branched)).toBeUndefined();
    const conv = pruned([8, 8, 4], [0.5, 0.5]);
    Object.assign(conv.layers[1], { kind: 'conv1d' });
    expect(liveUnits(conv)).toBeUndefined();
  });

  test('a unit lives where a weight comes in from a live one, and counts where one goes out', () => {
    const [first, second] = liveUnits(pruned([2, 4, 3], [0.5, 0.5]))!;
    expect(first).toEqual({ inputs: 1, outputs: 0.75, read: 1 - 0.5 ** 3 });
    expect(second.inputs).toBe(0.75);
    expect(second.outputs).toBeCloseTo(1 - 0.5 ** 3, 12);
    expect(second.read).toBe(1);
  });

  test('without pruning everything lives; weights in memory are not looked at', () => {
    const one = expect.closeTo(1, 6);
    expect(liveUnits(pruned([64, 64, 64], [0.5, 0.5]))).toEqual(Array(2).fill({ inputs: one, outputs: one, read: one }));
    const inMemory = pruned([4, 4, 4], [0.9, 0.9], { strategy: 'resource', reuseFactor: 4 });
    expect(liveUnits(inMemory)).toEqual(Array(2).fill({ inputs: 1, outputs: 1, read: 1 }));
  });

  test('weights with a width each leave whole units, where all inputs are live', () => {
    const design = pruned([16, 64, 32], [0.94, 0.5]);
    const even = liveUnits(design)!;
    for (const layer of design.layers) layer.ownWidths = true;
    const [first, second] = liveUnits(design)!;
    expect(first.outputs).toBeCloseTo((1024 - 963) / 1024 / 0.75, 10);
    expect(first.outputs).toBeLessThan(0.2 * even[0].outputs);
    expect(second.outputs).toBeCloseTo(1 - 0.5 ** (64 * first.outputs), 10);
    design.layers[0].zeroWeights = 100;
    expect(liveUnits(design)![0].outputs).toBe(1);
  });

  test('softmax reads every unit before it', () => {
    const design = pruned([8, 8, 8], [0.9, 0]);
    design.layers.splice(1, 0, {
      name: 'softmax',
      kind: 'activation',
      activation: 'softmax',
      inputs: ['dense_1'],
      inShape: [8],
      outShape: [8],
    });
    design.layers[2].inputs = ['softmax'];
    design.layers[2].zeroWeights = 60;
    const [dense, softmax] = liveUnits(design)!;
    expect(softmax.read).toBeLessThan(0.5);
    expect(dense.read).toBe(1);
  });
});

describe('analyseDesign of pruned layers', () => {
  const cost = (zeros: number, topLevel = true) => analyseDesign(pruned([32, 32, 32, 32], [zeros, zeros, zeros]), { topLevel });

  test('the whole costs less than its layers alone, the more the sparser', () => {
    const alone = (zeros: number) =>
      3 * analyseDesign(pruned([32, 32], [zeros]), { topLevel: false }).layers[0].lut - cost(zeros, false).total.lut;
    expect(alone(0.5)).toBeLessThan(5);
    expect(alone(0.97)).toBeGreaterThan(0.2 * cost(0.97, false).total.lut);
  });

  test('results are registered between layers, as many as live', () => {
    const registers = (zeros: number) => cost(zeros).total.ff - cost(zeros, false).total.ff;
    // and the control of the pipeline, 23
    expect(registers(0)).toBe(2 * 32 * 16 + 23);
    expect(registers(0.97)).toBeLessThan(0.7 * registers(0));
    expect(registers(0.97)).toBeGreaterThan(0);
    const stream = pruned([32, 32, 32], [0, 0], { ioType: 'io_stream' });
    expect(analyseDesign(stream).total.ff).toBe(analyseDesign(stream, { topLevel: false }).total.ff + 16);
  });
});
