import { describe, expect, it } from 'vitest';
import { measurementsToHalve } from '../../src/networks/measurementsToHalve.js';
import type { ModelMetrics } from '../../src/networks/model.js';

const metrics = (errors: Record<string, Record<number, number>>): ModelMetrics => ({
  protocol: 'each training device left out',
  rows: Object.entries(errors).flatMap(([device, bySize]) =>
    Object.entries(bySize).map(([measurements, medianApe]) => ({
      device,
      target: 'latency' as const,
      measurements: Number(measurements),
      spearman: 0.9,
      medianApe,
      within10: 0.5,
      coverage90: 0.9,
    })),
  ),
});
const SIZES = metrics({
  a: { 5: 0.4, 10: 0.2, 20: 0.12, 50: 0.08 },
  b: { 5: 0.1, 10: 0.08, 20: 0.06, 50: 0.04 },
  c: { 50: 0.9 },
});

describe('measurementsToHalve', () => {
  it('is the first number whose error is half, each device against itself', () => {
    expect(measurementsToHalve(SIZES, 'latency', 5)).toEqual({ measurements: 20, isMore: false });
    expect(measurementsToHalve(SIZES, 'latency', 10)).toEqual({ measurements: 50, isMore: false });
  });

  it('stands for the largest number scored below it', () => {
    expect(measurementsToHalve(SIZES, 'latency', 13)).toEqual({ measurements: 50, isMore: false });
  });

  it('is more than the most that was tried where none halves it', () => {
    expect(measurementsToHalve(SIZES, 'latency', 20)).toEqual({ measurements: 50, isMore: true });
  });

  it('is not known from one number, from larger ones only, or for another target', () => {
    expect(measurementsToHalve(metrics({ a: { 10: 0.1 } }), 'latency', 10)).toBeUndefined();
    expect(measurementsToHalve(SIZES, 'latency', 50)).toBeUndefined();
    expect(measurementsToHalve(SIZES, 'latency', 4)).toBeUndefined();
    expect(measurementsToHalve(SIZES, 'energy', 10)).toBeUndefined();
    expect(measurementsToHalve(metrics({}), 'latency', 10)).toBeUndefined();
  });
});
