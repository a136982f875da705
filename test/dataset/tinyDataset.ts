import type { Dataset, TaskData } from '../../src/dataset/dataset.js';
import { parseWorkload, type Workload } from '../../src/graph/workload.js';

/** A free graph of one input and one operator. */
export const freeWorkload = (id: string): Workload => ({
  id,
  graph: {
    nodes: [
      { id: 'x', op: 'input', inputs: [], attrs: {}, shape: [1, 4], dtype: 'fp32' },
      { id: 'y', op: 'linear', inputs: ['x'], attrs: { outFeatures: 2, bias: 1 }, shape: [1, 2], dtype: 'fp32' },
    ],
    outputs: ['y'],
  },
});

export function task(device: string, cells: Record<number, number>, extra: Partial<TaskData> = {}): TaskData {
  const rows = Int32Array.from(Object.keys(cells), Number);
  return {
    device,
    condition: '',
    target: 'latency',
    rows,
    values: Float64Array.from(Object.values(cells)),
    spread: new Float64Array(rows.length).fill(Number.NaN),
    repeats: new Int32Array(rows.length),
    ...extra,
  };
}

/** Three cells and one free graph on two devices, one of them under two conditions. */
export function tinyDataset(): Dataset {
  return {
    card: {
      name: 'tiny',
      source: 'written by hand',
      licence: 'CC0-1.0',
      devices: {
        cpu: { conditions: { '': { batch: 1, dtype: 'fp32' } } },
        gpu: { hardware: 'T4', conditions: { b1: { batch: 1 }, b8: { batch: 8, note: 'warm' } } },
      },
      noise: { 'cpu:latency': { halves: 0.98, ofMean: 0.99, medianDifference: 0.01, passes: 8 } },
      notes: ['a note'],
    },
    workloads: [
      parseWorkload('nasbench201:#0'),
      parseWorkload('nasbench201:#1'),
      freeWorkload('free'),
      parseWorkload('nasbench201:#2'),
    ],
    tasks: [
      task(
        'cpu',
        { 0: 0.01, 1: 0.02, 2: 0.02, 3: 0.04 },
        { spread: Float64Array.of(0.01, 0.02, Number.NaN, 0.03), repeats: Int32Array.of(8, 8, 0, 7) },
      ),
      task('gpu', { 0: 0.001, 3: 0.003 }, { condition: 'b1' }),
      task('gpu', { 0: 1.5 }, { condition: 'b8', target: 'energy' }),
    ],
    splits: { test: ['1', '3'], devices: ['gpu'] },
  };
}
