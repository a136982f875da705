import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { HwcastError } from '../../core/errors.js';
import { createRandom } from '../../core/random.js';
import type { Dataset } from '../../dataset/dataset.js';
import { importPublic } from '../../dataset/import/importPublic.js';
import { readDataset } from '../../dataset/store.js';
import { fitServing } from '../../llm/fitServing.js';
import { acceleratorOf, benchServed, PASSES, type Served, type ServedRow, servedPhases } from '../../llm/servedModel.js';
import type { TrainingTask } from '../../networks/closedForm.js';
import { trainMultiTask } from '../../networks/trainMultiTask.js';
import type { CaseGroup, CaseMethod, EvaluationCase } from '../evaluationCase.js';
import type { Protocol, ProtocolOptions } from './protocol.js';
import { casesOf, LEAST_TESTED, modelTasks, type Query, type Tested, type TestedTask } from './tableCases.js';

/** A measured request and its kernels, by position in its task. */
type Known = { served: Served; row: ServedRow } | undefined;
const named = ({ device, condition }: TrainingTask): string => `${device} @ ${condition}`;

/** The kernels of every request of a task that the rules know. */
function servedRows(data: Dataset, task: TrainingTask): Known[] {
  const { accelerator } = acceleratorOf(task.device);
  return Array.from(task.rows, (row, i) => {
    const served = benchServed(data.workloads[row].id, task.device, task.condition);
    if (!served) return undefined;
    const { first, rest, layers } = servedPhases(served);
    const { framework, batch, model } = served;
    return { served, row: { accelerator, model, framework, layers, batch, phases: [first, rest], measured: task.values[i] } };
  });
}

/** What the rules say of requests on an accelerator, by constants of the framework that were fitted to other accelerators; seconds. */
function analyticalOf(all: readonly ServedRow[], without: string): (row: ServedRow) => number {
  const others = all.filter((r) => r.accelerator !== without);
  const constants = new Map<string, Record<string, number>>();
  return (row) => {
    const { framework } = row;
    const known = others.filter((r) => r.framework === framework);
    if (!constants.has(framework)) constants.set(framework, fitServing(known.length ? known : others, PASSES));
    return PASSES.value(row, constants.get(framework)!);
  };
}

/** The rules, times the factor that the measured show. */
const analyticalMethod = (task: TrainingTask, estimates: readonly (number | undefined)[]): CaseMethod<Query> => ({
  name: 'analytical',
  answer(support, query) {
    const logs = support.map((q) => Math.log(task.values[q.position] / estimates[q.position]!));
    const factor = logs.length ? Math.exp(logs.reduce((a, b) => a + b, 0) / logs.length) : 1;
    return { [task.target]: query.map((q) => ({ value: factor * estimates[q.position]! })) };
  },
});

/** Each accelerator left out, alone and in groups; what the rules say of it stands among the training tasks. */
function* leftOutAccelerators(data: Dataset, { devices, seed, onProgress }: ProtocolOptions): Generator<TestedTask> {
  const tasks = modelTasks(data),
    rowsOf = new Map(tasks.map((task) => [task, servedRows(data, task)]));
  const all = [...rowsOf.values()].flat().flatMap((s) => (s ? [s.row] : []));
  for (const accelerator of new Set(tasks.map((t) => acceleratorOf(t.device).accelerator))) {
    const isLeft = (task: TrainingTask) => acceleratorOf(task.device).accelerator === accelerator;
    const left = tasks.filter((t) => isLeft(t) && t.rows.length >= LEAST_TESTED && (!devices || devices.includes(t.device)));
    if (!left.length) continue;
    onProgress?.(`  without ${accelerator}`);
    const analytical = analyticalOf(all, accelerator);
    const estimates = new Map(tasks.filter(isLeft).map((t) => [t, rowsOf.get(t)!.map((s) => s && analytical(s.row))]));
    const rules = [...estimates].flatMap(([task, values]) => rulesAsTask(task, values));
    const rest = tasks.filter((t) => !isLeft(t));
    const learner = trainMultiTask(data.workloads, [...rest, ...rules], { random: createRandom(seed) });
    const plain = trainMultiTask(data.workloads, rest, { random: createRandom(seed) });
    for (const task of left) {
      const known = learner.measuredOn(task.target),
        estimate = estimates.get(task)!;
      const pool = [...task.rows.keys()].filter(
        (i) =>
          estimate[i] !== undefined &&
          known.has(data.workloads[task.rows[i]].id) &&
          plain.measuredOn(task.target).has(data.workloads[task.rows[i]].id),
      );
      if (pool.length < LEAST_TESTED) continue;
      const tested: Tested = {
        task,
        learner,
        pool,
        further: [analyticalMethod(task, estimate), withoutRules(data, task, plain)],
      };
      yield { device: named(task), target: task.target, parts: [tested] };
    }
  }
}

/** Estimates as a task of training, beside what was measured on other accelerators. */
function rulesAsTask(task: TrainingTask, values: readonly (number | undefined)[]): TrainingTask[] {
  const at = values.flatMap((v, i) => (v === undefined ? [] : [i]));
  if (at.length < LEAST_TESTED) return [];
  return [
    {
      ...task,
      device: `rules of ${task.device}`,
      rows: Int32Array.from(at, (i) => task.rows[i]),
      values: Float64Array.from(at, (i) => values[i]!),
    },
  ];
}

/** The same learner without the rules. */
const withoutRules = (data: Dataset, task: TrainingTask, plain: Tested['learner']): CaseMethod<Query> => ({
  name: 'multi-task without rules',
  least: 1,
  answer(support, query) {
    const workloadOf = ({ position }: Query) => data.workloads[task.rows[position]];
    const measured = support.map((q) => ({ workload: workloadOf(q), value: task.values[q.position] }));
    const predictions = plain.adapt(measured, task).predict(query.map(workloadOf));
    return { [task.target]: predictions.map((p) => p.targets[task.target]!) as { value: number }[] };
  },
});

/** @throws HwcastError `usage` without the table */
async function benchData({ dataset, data }: ProtocolOptions): Promise<Dataset> {
  if (dataset) return readDataset(dataset);
  const file = data && join(data, 'model-tables', 'llm_inference_bench.csv.gz');
  if (!file || !existsSync(file))
    throw new HwcastError(
      'usage',
      '--protocol llm needs --data FOLDER with model-tables/llm_inference_bench.csv.gz, or --dataset',
      {
        hint: 'hwcast dataset import llm_inference_bench.csv.gz --out DATASET makes a dataset of it',
      },
    );
  return importPublic(file, { name: 'llm-inference-bench', networks: 0, seed: 0 });
}

/** Served language models on an accelerator that was left out with all it measured; row k = 0 has only the rules. */
export const llm: Protocol = {
  name: 'llm',
  report: 'networks',
  async *groups(options) {
    const data = await benchData(options);
    const split = {
      protocol: 'llm',
      space: data.card.name,
      task: 'accelerators',
      workloads: data.workloads,
      tested: leftOutAccelerators(data, options),
    };
    const cases = casesOf(split, { ...options, k: [0, ...options.k] }) as Iterable<EvaluationCase>;
    yield { cases, across: 'mean and median' } satisfies CaseGroup;
  },
};
