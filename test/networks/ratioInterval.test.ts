import { describe, expect, it } from 'vitest';
import { deviceNamed } from '../../src/device/deviceNamed.js';
import { RUNTIME_RATIOS } from '../../src/networks/measuredRatios.js';
import { kindsFor, mixtureRange, productRange } from '../../src/networks/ratioInterval.js';

describe('mixtureRange', () => {
  const range = { median: 2, low: 1, high: 8 };

  it('of one or of the same twice is that', () => {
    expect(mixtureRange([range])).toEqual(range);
    const twice = mixtureRange([range, range]);
    expect(twice.median).toBeCloseTo(2, 6);
    expect(twice.low).toBeCloseTo(1, 6);
    expect(twice.high).toBeCloseTo(8, 6);
  });

  it('of two far apart keeps a tenth of each outside', () => {
    const { median, low, high } = mixtureRange([
      { median: 1, low: 0.5, high: 2 },
      { median: 100, low: 50, high: 200 },
    ]);
    const tenth = 2 ** (Math.log(9) / Math.log(19));
    expect(low).toBeCloseTo(1 / tenth, 4);
    expect(high).toBeCloseTo(100 * tenth, 2);
    expect(median).toBeCloseTo(10, 4);
  });
});

it('productRange adds widths as of independent factors', () => {
  const { median, low, high } = productRange({ median: 3, low: 1.5, high: 6 }, { median: 5, low: 5, high: 10 });
  expect(median).toBe(15);
  expect(low).toBeCloseTo(7.5, 9);
  expect(high).toBeCloseTo(15 * 2 ** Math.SQRT2, 9);
});

describe('kindsFor', () => {
  it('knows the processor of edge devices; others may run any kind', () => {
    const units = (device: string) => new Set(kindsFor(deviceNamed(device), RUNTIME_RATIOS).map((r) => r.unit));
    expect(units('Jetson-Nano')).toEqual(new Set(['gpu']));
    expect(units('Raspberry-Pi-4B')).toEqual(new Set(['cpu']));
    expect(units('EPYC-7763')).toEqual(new Set(['cpu']));
    expect(units('TPUv4')).toEqual(new Set(['gpu', 'cpu']));
  });
});
