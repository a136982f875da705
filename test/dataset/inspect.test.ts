import { describe, expect, it } from 'vitest';
import { inspectDataset } from '../../src/dataset/inspect.js';
import { tinyDataset } from './tinyDataset.js';

describe('inspectDataset', () => {
  it('counts, and shows ranges, ties, spread and noise in display units', () => {
    const summary = inspectDataset(tinyDataset());
    expect(summary).toMatchObject({
      name: 'tiny',
      licence: 'CC0-1.0',
      workloads: 4,
      spaces: { nasbench201: 3, 'free graphs': 1 },
      devices: 2,
      measurements: 7,
      unmeasured: 0,
      splits: { test: 2, devices: 1 },
    });
    expect(summary.tasks[0]).toEqual({
      task: 'cpu:latency',
      device: 'cpu',
      condition: '',
      target: 'latency',
      unit: 'ms',
      measured: 4,
      missing: 0,
      min: 10,
      median: 20,
      max: 40,
      distinct: 3,
      tied: 0.5,
      grain: 10,
      spreadPercent: 2,
      repeats: 8,
      noise: { halves: 0.98, ofMean: 0.99, medianDifference: 0.01, passes: 8 },
    });
    expect(summary.tasks[2]).toMatchObject({
      task: 'gpu@b8:energy',
      unit: 'mJ',
      missing: 3,
      min: 1500,
      grain: null,
      spreadPercent: null,
      repeats: null,
      noise: null,
    });
  });

  it('keeps the tasks of a device, a target or an id', () => {
    const ids = (only: string) => inspectDataset(tinyDataset(), only).tasks.map((t) => t.task);
    expect(ids('gpu')).toEqual(['gpu@b1:latency', 'gpu@b8:energy']);
    expect(ids('latency')).toEqual(['cpu:latency', 'gpu@b1:latency']);
    expect(ids('gpu@b8:energy')).toEqual(['gpu@b8:energy']);
    expect(inspectDataset(tinyDataset(), 'gpu').unmeasured).toBe(2);
  });
});
