import { describe, expect, it } from 'vitest';
import { FITTED } from '../../src/analytical/rules/fittedEfficiencies.js';
import { GraphBuilder } from '../../src/graph/graphBuilder.js';
import { kernelRoofline } from '../../src/networks/kernelRoofline.js';

const H100 = { hardware: 'H100-SXM5-80GB', dtype: 'fp32', batch: 1, execution: 'graph', framework: 'pytorch' };
/** 66.9 TFLOP/s, 0.8 of 3.35 TB/s, 2 us a kernel; a tile of 128 x 128 reaches so much of the peak, a wave costs more. */
const PEAK = FITTED.gemm.compute * 66.9e12,
  LAUNCH = 2e-6;
const wave = (depth: number) => FITTED.gemm.waveCost! * Math.sqrt(depth / 64);

/** A linear layer of `rows` rows, `size` to `size`. */
function linear(rows: number, size: number) {
  const b = new GraphBuilder();
  return b.build([b.add('linear', [b.input([rows, size])], { outFeatures: size })]);
}

describe('kernelRoofline', () => {
  it('is arithmetic at the peak where tiles fill all multiprocessors', () => {
    // 132 tiles of 256 x 128 a wave: 64 waves
    const [rows, size] = [64 * 256, 128 * 132];
    // three quarters of the peak, which is less than the rule of tiles gives
    expect(kernelRoofline(linear(rows, size), H100)).toBeCloseTo((2 * rows * size * size) / (0.75 * 66.9e12) + LAUNCH, 9);
  });

  it('takes as much longer as tiles leave multiprocessors idle, and is not divided along its depth', () => {
    // one row of 66 tiles of 64 x 64 on 132 multiprocessors; tiles of 64 x 32 fill them at a lower rate
    const [rows, size] = [64, 64 * 66],
      small = (area: number) => (area / 128 ** 2) ** FITTED.gemm.smallTile!;
    const half = (2 * rows * size * size * 2) / (PEAK * small(64 * 64)),
      full = (2 * rows * size * size) / (PEAK * small(64 * 32));
    expect(kernelRoofline(linear(rows, size), H100)).toBeCloseTo(Math.min(half, full) + wave(size) + LAUNCH, 9);
  });

  it('puts convolutions of narrow elements in order: three kernels and two passes more than a linear layer has', () => {
    const b = new GraphBuilder(),
      conv = b.build([b.add('conv2d', [b.input([1, 4096, 8, 8])], { outChannels: 8, kernel: 3, padding: 1 })]);
    const [fp32, fp16] = ['fp32', 'fp16'].map((dtype) => kernelRoofline(conv, { ...H100, dtype })!);
    // the matrix product alone is faster in half precision
    expect(fp32).toBeGreaterThan(LAUNCH);
    const activations = 2 * 64 * (4096 + 8);
    expect(fp16).toBeGreaterThan(4 * LAUNCH + (2 * activations) / (0.8 * 3.35e12));
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
