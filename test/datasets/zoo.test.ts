import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { buildZoo } from '../../datasets/collect/zoo.js';
import { taskId } from '../../src/dataset/dataset.js';
import { readDataset } from '../../src/dataset/store.js';
import { leaveOneOutSplits } from '../../src/evaluate/protocols/leaveOneOut.js';
import { graphCosts } from '../../src/graph/operatorCost.js';
import { domainOf } from '../../src/surrogate/kind.js';
import { hasShared, SHARED } from '../shared.js';

const folder = join(import.meta.dirname, '../../datasets/zoo-h100');

describe('datasets/zoo-h100', () => {
  it('has real models with graphs, facts and eleven tasks', async () => {
    const { workloads, tasks, card } = await readDataset(folder);
    expect(tasks).toHaveLength(11);
    expect(tasks.map(taskId)).toContain('zoo_graph_fp16_b8:energy');
    expect(card.devices.zoo_ort_t4.conditions['']).toMatchObject({ threads: 4, framework: 'onnxruntime' });
    expect(workloads.filter((w) => w.graph)).toHaveLength(123);
    const resnet = workloads.find((w) => w.id === 'zoo:tv/resnet50')!;
    expect(resnet.facts).toMatchObject({ params: 25557032, inputSize: [3, 224, 224] });
    expect(graphCosts(resnet.graph!).total.macs / 4.09e9).toBeCloseTo(1, 1);
  });

  it('is split by what can be learned from: models without a graph stay out', async () => {
    const splits = leaveOneOutSplits(await readDataset(folder), ['zoo_ort_t1']);
    expect(splits.map((s) => s.space)).toEqual(['graphs']);
  });

  it.skipIf(!hasShared)('is what its command makes of the measurements (needs ../shared)', async () => {
    const made = await buildZoo(join(SHARED, 'data/zoo')),
      stored = await readDataset(folder);
    expect(made.workloads.map((w) => [w.id, domainOf(w)])).toEqual(stored.workloads.map((w) => [w.id, domainOf(w)]));
    expect(made.tasks.map((t) => [taskId(t), [...t.values]])).toEqual(stored.tasks.map((t) => [taskId(t), [...t.values]]));
  });
});
