import { describe, expect, it } from 'vitest';
import { fitEfficiency, PLAIN_START } from '../../../src/analytical/fit/fitEfficiency.js';
import type { Efficiency } from '../../../src/analytical/rules/efficiencies.js';
import { kernelTime } from '../../../src/analytical/rules/kernelTime.js';

const RATES = { peak: 1e14, bandwidth: 1e12 };
const TRUE: Efficiency = { compute: 0.5, memory: 0.9, sharpness: 20, launch: 1e-5 };
const kernels = (dispatch?: number) =>
  [1e6, 1e7, 1e8, 1e9, 1e10, 1e11].flatMap((flops) =>
    [1e4, 1e6, 1e8].map((bytes) => {
      const predict = (e: Efficiency) => kernelTime({ flops, bytes }, { ...RATES, dispatch }, e).time;
      return { predict, measured: predict({ ...TRUE, host: 2 }) };
    }),
  );

describe('fitEfficiency', () => {
  it('leaves a constant that no kernel depends on as it is, and finds the others', () => {
    const fitted = fitEfficiency([kernels()], { ...PLAIN_START, host: 1 }, { steps: 600 });
    expect(fitted.host).toBe(1);
    expect(fitted.launch).toBeCloseTo(1e-5, 6);
    expect(fitted.compute).toBeCloseTo(0.5, 1);
  });

  it('finds what a host needs to hand a kernel over where the kernels show it', () => {
    const { host } = fitEfficiency([kernels(4e-5)], { ...PLAIN_START, host: 1 }, { steps: 600 });
    expect(host).toBeCloseTo(2, 1);
  });
});
