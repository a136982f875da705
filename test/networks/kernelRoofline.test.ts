import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../../src/graph/graphBuilder.js';
import { kernelRoofline } from '../../src/networks/kernelRoofline.js';

const H100 = { hardware: 'H100-SXM5-80GB', dtype: 'fp32', batch: 1, execution: 'graph', framework: 'pytorch' };
/** 0.75 of 66.9 TFLOP/s, 0.8 of 3.35 TB/s, 2 us a kernel. */
const PEAK = 0.75 * 66.9e12,
  BANDWIDTH = 0.8 * 3.35e12,
  LAUNCH = 2e-6;

/** A linear layer of `rows` rows, `size` to `size`. */
function linear(rows: number, size: number) {
  const b = new GraphBuilder();
  return b.build([b.add('linear', [b.input([rows, size])], { outFeatures: size })]);
}

describe('kernelRoofline', () => {
  it('is arithmetic at the peak where tiles fill all multiprocessors', () => {
    // 132 tiles of 64 x 64 a wave: 64 x 132 tiles are 64 waves
    const [rows, size] = [64 * 64, 64 * 132];
    expect(kernelRoofline(linear(rows, size), H100)).toBeCloseTo((2 * rows * size * size) / PEAK + LAUNCH, 9);
  });

  it('takes as much longer as tiles leave multiprocessors idle', () => {
    // one row of 64 tiles on 132 multiprocessors
    const [rows, size] = [64, 4096],
      compute = ((2 * rows * size * size) / PEAK) * (132 / 64),
      memory = (4 * (2 * rows * size + size * size)) / BANDWIDTH;
    expect(compute).toBeGreaterThan(memory);
    expect(kernelRoofline(linear(rows, size), H100)).toBeCloseTo(compute + LAUNCH, 9);
  });

  it('grows with the batch, and has no kernels less than a launch', () => {
    const graph = linear(8, 64),
      of = (batch: number) => kernelRoofline(graph, { ...H100, batch })!;
    expect(of(1)).toBeGreaterThanOrEqual(LAUNCH);
    expect(of(4096)).toBeGreaterThan(of(1));
  });

  it('is unknown in an incomplete setting, and of a graph without kernels', () => {
    const b = new GraphBuilder();
    expect(kernelRoofline(b.build([b.input([1, 3])]), H100)).toBeUndefined();
    expect(
      [{ dtype: 'fp32' }, { ...H100, execution: 'vulkan' }, { ...H100, dtype: '' }].map((s) => kernelRoofline(linear(8, 8), s)),
    ).toEqual([undefined, undefined, undefined]);
  });
});
