import { describe, expect, it } from 'vitest';
import { band, newAcceleratorBand, newModelBand, wider } from '../scripts/servedBands.js';

describe('newAcceleratorBand', () => {
  it('of one accelerator is the quantiles of its runs', () =>
    expect(newAcceleratorBand([[0.5, 1, 2]])).toEqual(band([0.5, 1, 2])));

  it('of accelerators that agree is how runs differ on one', () => {
    const runs = [0.8, 1, 1.25];
    expect(newAcceleratorBand([runs, runs, runs])).toEqual(band(runs));
  });

  it('by hand: medians 1/2, 1 and 2 without spread, two degrees of freedom', () => {
    // variance of the logs ln(2)^2, times 1 + 1/3, t = 2.92
    const half = 2.92 * Math.log(2) * Math.sqrt(4 / 3);
    const [low, high] = newAcceleratorBand([[0.5], [1], [2]]);
    expect(high).toBeCloseTo(Math.exp(half), 1);
    expect(low).toBeCloseTo(Math.exp(-half), 3);
  });

  it('of two, one degree of freedom: t = 6.31', () => {
    const [, high] = newAcceleratorBand([[1], [1.1]]);
    expect(Math.log(high)).toBeCloseTo(Math.log(1.1) / 2 + 6.314 * (Math.log(1.1) / Math.SQRT2) * Math.sqrt(1.5), 2);
  });
});

describe('newModelBand', () => {
  const cell = (ratio: number): number[] => new Array(5).fill(ratio);

  it('by hand: two cells of the own framework and two of another, each two apart', () => {
    // variance of the logs ln(2)^2 / 2 of each, two degrees of freedom, t = 2.92, times 1 + 1/2; around sqrt(2)
    const half = 2.92 * Math.log(2) * Math.sqrt(0.5 * 1.5);
    const own = [cell(1), cell(2)];
    const [low, high] = newModelBand(own, [own, [cell(3), cell(6)]]);
    expect(high).toBeCloseTo(Math.SQRT2 * Math.exp(half), 1);
    expect(low).toBeCloseTo(Math.SQRT2 * Math.exp(-half), 2);
  });

  it('leaves out cells of few rows, and is by accelerator where no others are left', () => {
    expect(newModelBand([cell(1)], [[cell(1), [9]]])).toEqual(newAcceleratorBand([cell(1)]));
  });

  it('the wider of two goes from the lower to the higher', () => expect(wider([0.5, 1.2], [0.7, 2])).toEqual([0.5, 2]));
});
