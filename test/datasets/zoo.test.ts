import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { buildZoo, buildZooOperators } from '../../datasets/collect/zoo.js';
import { zooOperators } from '../../datasets/collect/zooOperators.js';
import { csvText } from '../../src/core/csv.js';
import { taskId } from '../../src/dataset/dataset.js';
import { inspectDataset } from '../../src/dataset/inspect.js';
import { mergeDatasets } from '../../src/dataset/merge.js';
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
    expect(splits.map((s) => s.space)).toEqual(['models']);
  });

  it.skipIf(!hasShared)('is what its command makes of the measurements (needs ../shared)', async () => {
    const made = await buildZoo(join(SHARED, 'data/zoo')),
      stored = await readDataset(folder);
    expect(made.workloads.map((w) => [w.id, domainOf(w)])).toEqual(stored.workloads.map((w) => [w.id, domainOf(w)]));
    expect(made.tasks.map((t) => [taskId(t), [...t.values]])).toEqual(stored.tasks.map((t) => [taskId(t), [...t.values]]));
  });
});

describe('zooOperators', () => {
  const HEAD = ['model', 'operator', 'input_dims', 'input_types', 'concrete_inputs', 'kernel', 'calls', 'microseconds'];
  const half = (count: number) => JSON.stringify(Array(count).fill('c10::Half'));
  const add = ['aten::add_', '[[8, 4], [8, 4]]', half(2), '["", ""]'];
  const relu = ['aten::clamp_min_', '[[8, 4], []]', '["c10::Half", "Scalar"]', '["", "0"]'];
  const softmax = ['aten::_softmax', '[[8, 4], [], []]', '["c10::Half", "Scalar", "Scalar"]', '["", "-1", "False"]'];
  const rows = [
    // one kernel or the other a call: 2 + 6 calls of 3 us
    ['a', ...add, 'vectorized', '2', '6'],
    ['a', ...add, 'strided', '6', '18'],
    // both kernels a call, the first of them twice: 2 calls of 10 us, and of another model 2 of 20 us
    ['a', ...softmax, 'first', '4', '12'],
    ['a', ...softmax, 'second', '2', '8'],
    ['b', ...softmax, 'whole', '2', '40'],
    ['b', ...relu, 'clamp', '4', '10'],
    ['b', 'aten::exotic', '[[8, 4]]', half(1), '[""]', 'x', '2', '5'],
    ['b', 'fused', 'null', 'null', 'null', 'fused', '2', '3'],
  ];

  it('takes the mean over calls, and says what it cannot use', () => {
    const { operators, used, share, reasons } = zooOperators(csvText(HEAD, rows), 'kernels.csv', 'eager_fp16_b8');
    const shown = operators.map((o) => [o.id, Number((o.seconds * 1e6).toFixed(6)), o.calls]);
    expect(shown).toEqual([
      ['op:add/fp16/8x4;8x4/', 3, 4],
      ['op:softmax/fp16/8x4/', 15, 2],
      ['op:relu/fp16/8x4/', 2.5, 2],
      ['op:opaque/fp16/8x4/kind=aten::exotic;shape=[8x4]', 2.5, 1],
    ]);
    expect([used, [...reasons]]).toEqual([7, [['no operator with shapes', 1]]]);
    expect(share).toBeCloseTo(99 / 102, 12);
  });
});

describe('datasets/zoo-h200-operators', () => {
  it('keeps configurations apart, each under its own element type', () => {
    const HEAD = ['model', 'configuration', 'operator', 'input_dims', 'input_types', 'concrete_inputs', 'kernel'];
    const call = (type: string) => ['aten::add', '[[8, 4], [8, 4]]', JSON.stringify([type, type]), '["", ""]', 'add'];
    const rows = [
      ['a', 'graph_fp16_b8', ...call('c10::Half'), '2', '6'],
      ['a', 'graph_fp32_b8', ...call('float'), '2', '10'],
    ];
    const { operators } = zooOperators(csvText([...HEAD, 'calls', 'microseconds'], rows), 'kernels.csv', 'eager_fp16_b8');
    expect(operators.map((o) => [o.configuration, o.id, Number((o.seconds * 1e6).toFixed(6))])).toEqual([
      ['eager_fp16_b8', 'op:add/fp16/8x4;8x4/', 3],
      ['eager_fp32_b8', 'op:add/fp32/8x4;8x4/', 5],
    ]);
  });

  it('has the four configurations that were profiled, and unites with those of the H100', async () => {
    const at = (name: string) => readDataset(join(import.meta.dirname, '../../datasets', name));
    const { tasks } = await at('zoo-h200-operators');
    expect(tasks.map(taskId)).toEqual(
      [1, 8]
        .flatMap((b) => [`h200_eager_fp16_b${b}@kernels:latency`])
        .concat([1, 8].map((b) => `h200_eager_fp32_b${b}@kernels:latency`)),
    );
    const both = mergeDatasets([await at('zoo-h100'), await at('zoo-h200')]);
    expect(both.workloads).toHaveLength(335);
  });
});

describe('datasets/zoo-h100-operators', () => {
  const operators = join(import.meta.dirname, '../../datasets/zoo-h100-operators');

  it('has operators with one value each', async () => {
    const { workloads, tasks, card } = await readDataset(operators);
    expect(inspectDataset({ workloads, tasks, card, splits: {} }).spaces).toEqual({ operators: 6143 });
    expect(tasks.map(taskId)).toEqual(['zoo_eager_fp16_b8@kernels:latency']);
    expect(tasks[0].rows).toHaveLength(workloads.length);
    expect(card.notes.join()).toMatch(
      /12641 of 12868 rows of kernels .* 98\.7 % of all kernel time\. Not used: 187 aten::cudnn_convolution/,
    );
  });

  it.skipIf(!hasShared)('is what its command makes of the kernels (needs ../shared)', async () => {
    const made = await buildZooOperators(join(SHARED, 'data/zoo')),
      stored = await readDataset(operators);
    expect(made.workloads.map((w) => w.id)).toEqual(stored.workloads.map((w) => w.id));
    expect([...made.tasks[0].values]).toEqual([...stored.tasks[0].values]);
  });
});
