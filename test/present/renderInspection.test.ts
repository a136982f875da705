import { describe, expect, it } from 'vitest';
import { inspectDataset } from '../../src/dataset/inspect.js';
import { renderInspection } from '../../src/present/renderInspection.js';
import { tinyDataset } from '../dataset/tinyDataset.js';

describe('renderInspection', () => {
  it('renders a table', () => {
    const text = renderInspection(inspectDataset(tinyDataset()));
    expect(text).toContain(
      'tiny: 4 workloads (nasbench201 3, free graphs 1), 2 devices, 3 tasks, 7 measurements, 0 workloads unmeasured',
    );
    expect(text).toMatch(/cpu:latency +│ 4 +│ 0 +│ 10 +│ 20 +│ 40 +│ ms +│ 3 +│ 50% /);
    expect(text).toContain('splits: test 2, devices 1');
    expect(text).toContain('note: a note');
  });
});
