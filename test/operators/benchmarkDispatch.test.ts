import { describe, expect, it } from 'vitest';
import { deviceNamed } from '../../src/device/deviceNamed.js';
import { benchmarkDispatch } from '../../src/operators/benchmarkDispatch.js';

describe('benchmarkDispatch', () => {
  it('is the catalogue’s time of a call where the benchmark captures no graph: not on CUDA or ROCm', () => {
    expect(benchmarkDispatch(deviceNamed('b60'))).toBeCloseTo(40e-6, 12);
    expect(['h100_sxm', 'MI300X'].map((name) => benchmarkDispatch(deviceNamed(name)))).toEqual([undefined, undefined]);
  });
});
