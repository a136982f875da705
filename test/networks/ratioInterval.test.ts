import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deviceNamed } from '../../src/device/deviceNamed.js';
import { RUNTIME_RATIOS } from '../../src/networks/measuredRatios.js';
import { kindsFor, mixtureRange, productRange, type Range } from '../../src/networks/ratioInterval.js';

/** Share of a mixture of ranges, each of two logistic halves, that lies below `value`. */
function shareBelow(ranges: readonly Range[], value: number): number {
  const shares = ranges.map(({ median, low, high }) => {
    const side = value < median ? median / low : high / median;
    return 1 / (1 + (value / median) ** (-Math.log(19) / Math.log(side)));
  });
  return shares.reduce((a, b) => a + b) / shares.length;
}

describe('mixtureRange', () => {
  const range = { median: 2, low: 1, high: 8 };

  it('has half of the mixture below its median, a twentieth outside either end', () => {
    const positive = fc.double({ min: 0.01, max: 100, noNaN: true }),
      factor = fc.double({ min: 1.05, max: 20, noNaN: true });
    const ranges = fc.record({ median: positive, down: factor, up: factor });
    // Newton's method turns in a circle there
    const circle = [
      { median: 0.024443713684866853, down: 1.05, up: 4.450159885275588 },
      { median: 0.01, down: 1.05, up: 1.05 },
      { median: 0.08370161258037961, down: 1.9638079868715759, up: 1.05 },
      { median: 0.025056798733245983, down: 1.05, up: 5.1885979835842635 },
    ];
    fc.assert(
      fc.property(fc.array(ranges, { minLength: 1, maxLength: 5 }), (drawn) => {
        const mixed = drawn.map(({ median, down, up }) => ({ median, low: median / down, high: median * up }));
        const { median, low, high } = mixtureRange(mixed);
        expect([low, median, high].map((value) => shareBelow(mixed, value).toFixed(9))).toEqual([
          '0.050000000',
          '0.500000000',
          '0.950000000',
        ]);
      }),
      { examples: [[circle]] },
    );
  });

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
