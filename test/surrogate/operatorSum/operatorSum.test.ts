import { describe, expect, it } from 'vitest';
import type { KernelWork } from '../../../src/analytical/kernelWork.js';
import { fitSums, logSum } from '../../../src/surrogate/operatorSum/fitSums.js';
import { KERNEL_WIDTH, kernelNumbers, WEIGHTS } from '../../../src/surrogate/operatorSum/kernelFeatures.js';
import { kernelSet } from '../../../src/surrogate/operatorSum/kernelSet.js';
import { type Machine, machineOf } from '../../../src/surrogate/operatorSum/machine.js';
import { measuredPrior, vaguePrior } from '../../../src/surrogate/operatorSum/utilisationPrior.js';

const MACHINE: Machine = {
  kind: 'processor',
  peak: 1e12,
  single: 1e12,
  bandwidth: 1e11,
  launch: 1e-6,
  units: 4,
  tile: 128,
  width: 4,
  batch: 1,
};
const linear = (rows: number, columns = 256, depth = 256): KernelWork => ({
  kind: 'linear',
  flops: 2 * rows * columns * depth,
  bytes: 4 * (rows * depth + rows * columns),
  weightBytes: 4 * columns * depth,
  row: columns,
  matrix: { rows, columns, depth, groups: 1, window: 1 },
});
const pass = (elements: number): KernelWork => ({
  kind: 'activation',
  flops: elements,
  bytes: 8 * elements,
  weightBytes: 0,
  row: 64,
});

describe('machineOf', () => {
  it('takes peaks of the catalogue, cores of a processor that is not there, and nothing where it is not known how it ran', () => {
    expect(machineOf({ hardware: 'H100-SXM5-80GB', batch: 8, dtype: 'fp16', execution: 'graph' })).toMatchObject({
      peak: 0.75 * 989e12,
      bandwidth: 0.8 * 3350e9,
      width: 2,
      batch: 8,
    });
    const [one, four] = [1, 4].map((threads) => machineOf({ batch: 1, dtype: 'fp32', execution: 'compiled', threads })!);
    expect(four.peak).toBe(4 * one.peak);
    expect(machineOf({ batch: 1, execution: 'graph' })).toBeUndefined();
    expect(machineOf({ batch: 1, dtype: 'fp32', execution: 'graph' })).toBeUndefined();
  });
});

describe('kernelNumbers', () => {
  it('is a roofline of arithmetic and traffic, with the last wave of tiles', () => {
    const { seconds, numbers } = kernelNumbers(linear(640), MACHINE, 1);
    // 84 MFLOP at 1 TFLOP/s against 1.6 MB at 100 GB/s
    expect(seconds).toBeCloseTo(83.886e-6 + 1e-6, 9);
    // 5 x 2 tiles on 4 units: 3 waves for 2.5
    expect(numbers[8]).toBeCloseTo(Math.log2(3 / 2.5), 12);
    expect(numbers[10]).toBe(0);
    expect(kernelNumbers(linear(640, 257), MACHINE, 1).numbers[10]).toBe(6);
  });

  it('makes rows of a batch, but weights once', () => {
    const { seconds } = kernelNumbers(linear(8), { ...MACHINE, peak: 1e15 }, 4);
    expect(seconds).toBeCloseTo((4 * 4 * (8 * 256 * 2) + 4 * 65536) / 1e11 + 1e-6, 12);
  });
});

describe('measuredPrior', () => {
  it('learns the utilisation of a kind from its operators, and stays vague where there are none', () => {
    const sizes = [16, 32, 64, 128, 256, 512, 1024];
    const prior = measuredPrior(
      sizes.map((rows) => ({
        kernel: linear(rows),
        seconds: 3 * kernelNumbers(linear(rows), MACHINE, 1).seconds,
        machine: MACHINE,
      })),
    );
    const log = (kernel: KernelWork) =>
      logSum(kernelSet([kernel], MACHINE, 1), prior.mean) - Math.log(kernelNumbers(kernel, MACHINE, 1).seconds);
    expect(log(linear(200))).toBeCloseTo(Math.log(3), 1);
    expect(log(pass(1e6))).toBe(0);
    expect(prior.mean).toHaveLength(WEIGHTS);
    expect(prior.covariance).toHaveLength((WEIGHTS / KERNEL_WIDTH) * KERNEL_WIDTH ** 2);
  });
});

describe('fitSums', () => {
  it('finds the utilisation of kinds of kernels from sums alone, and the level of each task', () => {
    const factor = { linear: 2, activation: 0.5 };
    const models = Array.from({ length: 24 }, (_, i) => [
      linear(32 * (1 + (i % 5))),
      ...Array.from({ length: 1 + (i % 7) }, () => pass(2e5 * (1 + (i % 3)))),
    ]);
    const logOf = (kernels: readonly KernelWork[], unit: number) =>
      Math.log(
        unit * kernels.reduce((s, k) => s + factor[k.kind as 'linear' | 'activation'] * kernelNumbers(k, MACHINE, 1).seconds, 0),
      );
    const rows = [1, 10].flatMap((unit, task) =>
      models.slice(0, 20).map((kernels) => ({ task, set: kernelSet(kernels, MACHINE, 1), log: logOf(kernels, unit) })),
    );
    const fits = fitSums(rows, 2, vaguePrior());
    expect(fits).toHaveLength(2);
    const errors = [1, 10].flatMap((unit, task) =>
      models.slice(20).map((kernels) => {
        const { level, weights } = fits[task];
        return Math.abs(level + logSum(kernelSet(kernels, MACHINE, 1), weights) - logOf(kernels, unit));
      }),
    );
    expect(errors).toHaveLength(8);
    expect(Math.max(...errors)).toBeLessThan(0.03);
  });
});
