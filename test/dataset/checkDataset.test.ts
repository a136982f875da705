import { describe, expect, it } from 'vitest';
import { checkDataset } from '../../src/dataset/checkDataset.js';
import type { Dataset } from '../../src/dataset/dataset.js';
import { task, tinyDataset } from './tinyDataset.js';

describe('checkDataset', () => {
  it('accepts a sound dataset', () => expect(() => checkDataset(tinyDataset())).not.toThrow());

  it.each<[string, (d: Dataset) => void, RegExp, string | undefined]>([
    ['a workload twice', (d) => d.workloads.push(d.workloads[1]), /stands twice/, 'workload 5'],
    ['a workload without id', (d) => (d.workloads[0] = { ...d.workloads[0], id: '' }), /without id/, 'workload 1'],
    ['a task twice', (d) => d.tasks.push(task('cpu', { 0: 1 })), /'cpu:latency' stands twice/, 'task 4'],
    [
      'columns of unequal length',
      (d) => (d.tasks[1].values = Float64Array.of(1)),
      /unequal length: 2 rows, 1 values/,
      'task gpu@b1:latency',
    ],
    [
      'an unknown device',
      (d) => delete (d.card.devices as Record<string, unknown>).cpu,
      /device 'cpu' is not in the card/,
      'task cpu:latency',
    ],
    ['an unknown condition', (d) => delete d.card.devices.gpu.conditions.b8, /condition 'b8'/, 'task gpu@b8:energy'],
    ['a position outside', (d) => (d.tasks[0].rows[1] = 4), /position 4 of 4 workloads/, 'task cpu:latency, row 2'],
    ['a workload twice in a task', (d) => (d.tasks[0].rows[1] = 0), /measured twice.*row 1\)/, 'task cpu:latency, row 2'],
    ['a latency of zero', (d) => (d.tasks[0].values[1] = 0), /value "0"/, 'task cpu:latency, row 2'],
    ['a negative spread', (d) => (d.tasks[0].spread[0] = -0.1), /spread "-0.1"/, 'task cpu:latency, row 1'],
  ])('refuses %s', (_, spoil, message, where) => {
    const dataset = tinyDataset();
    spoil(dataset);
    expect(() => checkDataset(dataset)).toThrow(
      expect.objectContaining({ code: 'bad-input', message: expect.stringMatching(message), where }),
    );
  });
});
