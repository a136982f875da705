import { describe, expect, it } from 'vitest';
import type { TimedKernel } from '../../../src/analytical/fit/fitDevice.js';
import { fitDevicePower, isBetter } from '../../../src/analytical/fit/fitDevicePower.js';
import { powerConstants } from '../../../src/analytical/powerConstants.js';
import { POWER } from '../../../src/analytical/rules/fittedEfficiencies.js';
import { type PowerConstants, powerOf } from '../../../src/analytical/rules/power.js';
import { deviceNamed } from '../../../src/device/deviceNamed.js';

const device = { peak: { bf16: 1e15 }, bandwidth: 1e12, tdp: 400 };
/** Kernels of a hundredth of a second that reach these shares of the rates, as a device with such constants draws. */
const kernels = (constants: PowerConstants, seconds = 0.01): TimedKernel[] =>
  Array.from({ length: 24 }, (_, i) => {
    const use = { compute: (i % 6) / 10, memory: (i % 4) / 4 };
    return {
      dtype: 'bf16',
      seconds,
      work: { flops: use.compute * 1e15 * seconds, bytes: use.memory * 1e12 * seconds },
      watts: powerOf(use, { limit: 400 }, constants),
    };
  });
/** It rests at a fifth of its limit, where others rest at nearly half. */
const FRUGAL = { base: 0.2, compute: 1, memory: 0.5 };

describe('fitDevicePower', () => {
  it('finds how a device draws power that others draw otherwise', () => {
    const fit = fitDevicePower(kernels(FRUGAL), device)!;
    expect(fit.kernels).toBe(24);
    expect(fit.errors.others).toBeGreaterThan(0.2);
    expect(fit.errors.own).toBeLessThan(0.05);
    expect(fit.constants.base).toBeCloseTo(0.2, 1);
    expect(isBetter(fit)).toBe(true);
  });

  it('a device that draws as the others keeps their constants', () =>
    expect(isBetter(fitDevicePower(kernels(POWER), device)!)).toBe(false));

  it('short kernels, few kernels and an unknown limit tell nothing', () => {
    expect(fitDevicePower(kernels(FRUGAL, 1e-4), device)).toBeUndefined();
    expect(fitDevicePower(kernels(FRUGAL).slice(0, 7), device)).toBeUndefined();
    expect(fitDevicePower(kernels(FRUGAL), { ...device, tdp: undefined })).toBeUndefined();
  });
});

describe('powerConstants', () => {
  it('are those of all measured devices unless the device has its own', () => {
    const catalogued = deviceNamed('A100-SXM4-80GB');
    expect(powerConstants(catalogued)).toBe(POWER);
    expect(powerConstants({ ...catalogued, power: FRUGAL })).toBe(FRUGAL);
  });
});
