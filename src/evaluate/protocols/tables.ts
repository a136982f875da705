import { existsSync } from 'node:fs';
import { HwcastError } from '../../core/errors.js';
import { createRandom } from '../../core/random.js';
import type { Dataset } from '../../dataset/dataset.js';
import { mergeDatasets } from '../../dataset/merge.js';
import { readDataset } from '../../dataset/store.js';
import { hardwareOf, trainMultiTask } from '../../networks/trainMultiTask.js';
import { domainOf } from '../../surrogate/kind.js';
import type { CaseGroup, EvaluationCase } from '../evaluationCase.js';
import { knownConfigurations } from './knownConfigurations.js';
import { knownOperators, newModels, operatorsOf } from './newModels.js';
import type { Protocol, ProtocolOptions } from './protocol.js';
import { casesOf, LEAST_TESTED, modelTasks, nameOf, positions, type TestedTask } from './tableCases.js';

const EMBEDDED = ['datasets/ncnn', 'datasets/ai-hub', 'datasets/timm', 'datasets/vitis-dpu'];

/** Each hardware left out with all it measured; the asked models are known on others. @param operators those of other element types may be known */
function* knownModels(
  data: Dataset,
  { devices, seed, onProgress }: ProtocolOptions,
  operators: readonly Dataset[],
): Generator<TestedTask> {
  const tasks = modelTasks(data),
    all = [...new Set(tasks.map((t) => hardwareOf(t.device)))];
  for (const hardware of all) {
    const left = tasks.filter(
      (t) => hardwareOf(t.device) === hardware && t.rows.length >= LEAST_TESTED && (!devices || devices.includes(t.device)),
    );
    const rest = tasks.filter((t) => hardwareOf(t.device) !== hardware);
    if (!left.length || !rest.length) continue;
    onProgress?.(`  without ${hardware}`);
    const known = knownOperators(operators, () => false, left[0]);
    const learner = trainMultiTask(data.workloads, rest, { random: createRandom(seed), operators: known });
    for (const task of left) {
      const measured = learner.measuredOn(task.target);
      const pool = positions(task).filter((i) => measured.has(data.workloads[task.rows[i]].id));
      if (pool.length >= LEAST_TESTED) yield { device: nameOf(task), target: task.target, parts: [{ task, learner, pool }] };
    }
  }
}

const ZOO = 'datasets/zoo-h100';
/** What stands beside a dataset that is tested: other models and their operators are known there, and graphs of its own. */
const BESIDE: Readonly<Record<string, string>> = { 'zoo-h100': 'datasets/zoo-h200', timm: 'datasets/timm-h200' };

/** The dataset asked for, or the zoo, with the one beside it. */
async function unitedModels({
  dataset = ZOO,
}: ProtocolOptions): Promise<{ data: Dataset; tested: Dataset; operators: Dataset[] }> {
  const tested = await readDataset(dataset),
    beside = BESIDE[tested.card.name],
    read = beside && existsSync(beside) ? [tested, await readDataset(beside)] : [tested];
  return { data: read.length > 1 ? mergeDatasets(read) : tested, tested, operators: await operatorsOf(read) };
}

/** Devices of the dataset that is tested, where none are asked for. */
const devicesOf = ({ tasks }: Dataset, { devices }: ProtocolOptions): readonly string[] => devices ?? tasks.map((t) => t.device);

/** A protocol on datasets of real models, the one asked for or the embedded ones. */
const realModels = (
  name: string,
  part: string | undefined,
  embedded: readonly string[],
  [task, testedOf]: readonly [
    task: string,
    tested: (data: Dataset, options: ProtocolOptions, operators: readonly Dataset[]) => Iterable<TestedTask>,
  ],
): Protocol => ({
  name,
  part,
  report: 'networks',
  async *groups(options) {
    for (const folder of options.dataset ? [options.dataset] : embedded) {
      const data = await readDataset(folder),
        { workloads, card } = data;
      if (!workloads.some((w) => domainOf(w) === 'models'))
        throw new HwcastError('bad-input', `the dataset ${card.name} has no real models`, { where: folder });
      const split = {
        protocol: name,
        space: card.name,
        task,
        workloads,
        tested: testedOf(data, options, await operatorsOf([data])),
      };
      yield { cases: casesOf(split, options) as Iterable<EvaluationCase>, across: 'mean and median' } satisfies CaseGroup;
    }
  },
});

const KNOWN = ['known models', knownModels] as const;

/** Real models on hardware that was left out: models known on other hardware. */
export const tables = realModels('tables', undefined, EMBEDDED, KNOWN);

/** Real models with graphs on a configuration that was left out: known on other configurations. */
export const zooKnown = realModels('zoo', 'known-models', [ZOO], KNOWN);

/** Real models that were left out, on a configuration that was left out. */
export const zooNew: Protocol = {
  name: 'zoo',
  part: 'new-models',
  report: 'networks',
  async *groups(options) {
    const { data, tested, operators } = await unitedModels(options),
      { workloads } = data,
      asked = { ...options, devices: devicesOf(tested, options) };
    const split = { protocol: 'zoo', space: tested.card.name, task: 'new models', workloads };
    const cases = casesOf({ ...split, tested: newModels(data, asked, operators) }, options);
    yield { cases: cases as Iterable<EvaluationCase>, across: 'mean and median' } satisfies CaseGroup;
  },
};

/** Models that were left out, on configurations that are known: whole families left out, and single models. */
export const zooKnownConfigurations: Protocol = {
  name: 'zoo',
  part: 'known-configurations',
  report: 'networks',
  async *groups(options) {
    const { data, tested, operators } = await unitedModels(options),
      asked = { ...options, devices: devicesOf(tested, options) };
    for (const [left, task] of [
      ['families', 'new models, known configuration'],
      ['models', 'new models of known families, known configuration'],
    ] as const) {
      const split = { protocol: 'zoo', space: tested.card.name, task };
      const cases = knownConfigurations(data, left, split, asked, operators);
      yield { cases: cases as Iterable<EvaluationCase>, across: 'mean and median' } satisfies CaseGroup;
    }
  },
};
