import { describe, expect, it } from 'vitest';
import { type Dataset, taskId } from '../../src/dataset/dataset.js';
import { mergeDatasets } from '../../src/dataset/merge.js';
import { parseWorkload } from '../../src/graph/workload.js';
import { task, tinyDataset } from './tinyDataset.js';

const other = (change: (d: Dataset) => void = () => undefined): Dataset => {
  const dataset: Dataset = {
    card: {
      name: 'other',
      source: 'elsewhere',
      licence: 'MIT',
      devices: { cpu: { conditions: { '': { dtype: 'fp32', batch: 1 } } }, npu: { conditions: { '': {} } } },
      noise: {},
      notes: ['a note', 'more'],
    },
    workloads: [parseWorkload('nasbench201:#7'), parseWorkload('nasbench201:#1')],
    tasks: [task('cpu', { 0: 0.07, 1: 0.02 }), task('npu', { 1: 3 })],
    splits: { own: ['0', 'npu'] },
  };
  change(dataset);
  return dataset;
};

describe('mergeDatasets', () => {
  it('unites workloads by id and tasks by device, condition and target', () => {
    const merged = mergeDatasets([tinyDataset(), other()]);
    expect(merged.workloads.map((w) => w.id)).toEqual([
      ...tinyDataset().workloads.map((w) => w.id),
      parseWorkload('nasbench201:#7').id,
    ]);
    expect(merged.tasks.map((t) => [taskId(t), Array.from(t.rows), Array.from(t.values)])).toEqual([
      ['cpu:latency', [0, 1, 2, 3, 4], [0.01, 0.02, 0.02, 0.04, 0.07]],
      ['gpu@b1:latency', [0, 3], [0.001, 0.003]],
      ['gpu@b8:energy', [0], [1.5]],
      ['npu:latency', [1], [3]],
    ]);
    // the value that stands in both keeps the passes that are known
    expect(Array.from(merged.tasks[0].repeats)).toEqual([8, 8, 0, 7, 0]);
    expect(merged.card).toMatchObject({
      name: 'tiny+other',
      source: 'written by hand; elsewhere',
      licence: 'CC0-1.0; MIT',
      notes: ['a note', 'more'],
    });
    expect(merged.splits).toEqual({ test: ['1', '3'], devices: ['gpu'], own: ['4', 'npu'] });
  });

  it('is itself when merged with itself', () => {
    expect(mergeDatasets([tinyDataset(), tinyDataset()], 'tiny')).toEqual({
      ...tinyDataset(),
      card: { ...tinyDataset().card, name: 'tiny' },
    });
  });

  it('refuses two values of one measurement, and names both and the place', () => {
    const run = () => mergeDatasets([tinyDataset(), other((d) => (d.tasks[0].values[1] = 0.03))]);
    expect(run).toThrow(
      expect.objectContaining({
        code: 'bad-input',
        where: 'other, task cpu:latency, row 2',
        message: expect.stringMatching(/0\.02 in 'tiny', 0\.03 in 'other'/),
      }),
    );
  });

  it('refuses two descriptions of a condition or a device', () => {
    expect(() => mergeDatasets([tinyDataset(), other((d) => (d.card.devices.cpu.conditions[''] = { batch: 2 }))])).toThrow(
      /condition '' of device 'cpu' is described in two ways/,
    );
    expect(() => mergeDatasets([tinyDataset(), other((d) => (d.card.devices.cpu.hardware = 'x'))])).toThrow(
      /device 'cpu' is 'undefined' and 'x'/,
    );
  });

  it('keeps a split of the same name that differs under the name of its dataset', () => {
    expect(mergeDatasets([tinyDataset(), other((d) => (d.splits = { test: ['0'] }))]).splits).toEqual({
      test: ['1', '3'],
      devices: ['gpu'],
      'other/test': ['4'],
    });
  });

  it('leaves out noise that two runs state differently, and says so', () => {
    const noise = { 'cpu:latency': { halves: 0.5, ofMean: 0.6, medianDifference: 0.1, passes: 2 } };
    const merged = mergeDatasets([tinyDataset(), other((d) => (d.card.noise = noise))]);
    expect(merged.card.noise).toEqual({});
    expect(merged.card.notes.at(-1)).toMatch(/Noise of cpu:latency/);
  });

  it('refuses nothing, and graphs that differ under one id', () => {
    expect(() => mergeDatasets([])).toThrow(/nothing to merge/);
    const changed = tinyDataset();
    changed.workloads[2] = { id: 'free', graph: { ...changed.workloads[2].graph!, outputs: ['x'] } };
    expect(() => mergeDatasets([tinyDataset(), changed])).toThrow(/'free' has two different graphs/);
  });

  describe('models known by name', () => {
    const named = (facts: object, graph?: object) =>
      other((d) => {
        d.workloads[0] = { id: 'timm:net@224', facts, ...(graph ? { graph } : {}) } as (typeof d.workloads)[0];
      });

    it('keep what either dataset says of them, and the graph of the one that has it', () => {
      const graph = { nodes: [], outputs: ['x'] };
      const { workloads } = mergeDatasets([named({ macs: 5 }), named({ params: 7, macs: 5 }, graph)]);
      expect(workloads[0]).toEqual({ id: 'timm:net@224', facts: { macs: 5, params: 7 }, graph });
    });

    it('are refused where two datasets contradict each other', () => {
      expect(() => mergeDatasets([named({ macs: 5 }), named({ macs: 6 })])).toThrow(
        expect.objectContaining({ code: 'bad-input', message: "workload 'timm:net@224' has two values of macs: 5 and 6" }),
      );
    });
  });
});
