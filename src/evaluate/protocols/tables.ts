import { HwcastError } from '../../core/errors.js';
import { kept } from '../../core/kept.js';
import { createRandom } from '../../core/random.js';
import { type Dataset, taskId } from '../../dataset/dataset.js';
import { readDataset } from '../../dataset/store.js';
import type { Target } from '../../graph/targets.js';
import type { Workload } from '../../graph/workload.js';
import type { TrainingTask } from '../../networks/closedForm.js';
import type { MultiTask } from '../../networks/multiTask.js';
import { hardwareOf, trainMultiTask } from '../../networks/trainMultiTask.js';
import { domainTasks } from '../../surrogate/domainTasks.js';
import { domainOf } from '../../surrogate/kind.js';
import { intervalsOf } from '../../surrogate/predictor.js';
import { TABLE_BASELINES } from '../baselines/tableBaselines.js';
import type { CaseGroup, CaseMethod, EvaluationCase, Part } from '../evaluationCase.js';
import { NETWORK_SCORING } from '../scoring.js';
import type { Protocol, ProtocolOptions } from './protocol.js';

const EMBEDDED = ['datasets/ncnn', 'datasets/ai-hub', 'datasets/timm', 'datasets/vitis-dpu'];
/** Fewest measurements of a task that is tested, and fewest models that are left to be predicted. */
export const LEAST_TESTED = 25,
  LEAST_QUERIES = 10;
/** Folds of the models, for those that are left out. */
const FOLDS = 4;
const METHOD = 'multi-task';

/** A task left out, and a model that was trained without it. */
export interface Tested {
  task: TrainingTask;
  learner: MultiTask;
  /** positions in `task.rows` that may be measured and asked */
  pool: readonly number[];
  /** methods beside the model and the baselines; positions are those of `task.rows` */
  further?: readonly CaseMethod<Query>[];
}

/** A case: a task under its name; the cases of a device have one part each, those of folds several. */
export interface TestedTask {
  device: string;
  target: Target;
  parts: readonly Tested[];
}

export interface TableSplit {
  protocol: string;
  space: string;
  task: string;
  workloads: readonly Workload[];
  tested: Iterable<TestedTask>;
}

/** The tasks of real models. */
export const modelTasks = (data: Dataset): TrainingTask[] =>
  domainTasks(data, data.workloads.map(domainOf), 'models').map(({ repeats: _, ...task }) => task);

const nameOf = (task: TrainingTask): string => (task.condition ? `${task.device} @ ${task.condition}` : task.device);
const positions = (task: TrainingTask): number[] => Array.from(task.rows, (_, i) => i);

/** Each hardware left out with all it measured; the asked models are known on others. */
function* knownModels(data: Dataset, { devices, seed, onProgress }: ProtocolOptions): Generator<TestedTask> {
  const tasks = modelTasks(data),
    all = [...new Set(tasks.map((t) => hardwareOf(t.device)))];
  for (const hardware of all) {
    const left = tasks.filter(
      (t) => hardwareOf(t.device) === hardware && t.rows.length >= LEAST_TESTED && (!devices || devices.includes(t.device)),
    );
    const rest = tasks.filter((t) => hardwareOf(t.device) !== hardware);
    if (!left.length || !rest.length) continue;
    onProgress?.(`  without ${hardware}`);
    const learner = trainMultiTask(data.workloads, rest, { random: createRandom(seed) });
    for (const task of left) {
      const known = learner.measuredOn(task.target);
      const pool = positions(task).filter((i) => known.has(data.workloads[task.rows[i]].id));
      if (pool.length >= LEAST_TESTED) yield { device: nameOf(task), target: task.target, parts: [{ task, learner, pool }] };
    }
  }
}

/** Each task left out with near copies of it, and a quarter of the models at a time, which are then measured and asked. */
function* newModels(data: Dataset, { devices, seed, onProgress }: ProtocolOptions): Generator<TestedTask> {
  const tasks = modelTasks(data),
    fold = foldOf(data.workloads, seed);
  for (const task of tasks) {
    if (task.rows.length < LEAST_TESTED * FOLDS || (devices && !devices.includes(task.device))) continue;
    const rest = tasks.filter((t) => !nearCopies(t, task));
    if (!rest.length) continue;
    onProgress?.(`  new models, without ${nameOf(task)} and its near copies`);
    const parts = Array.from({ length: FOLDS }, (_, f): Tested => {
      const learner = trainMultiTask(
        data.workloads,
        rest.map((t) => restricted(t, (row) => fold[row] !== f)),
        { random: createRandom(seed) },
      );
      return { task, learner, pool: positions(task).filter((i) => fold[task.rows[i]] === f) };
    });
    yield { device: nameOf(task), target: task.target, parts };
  }
}

/** Fold of each workload; models whose names begin alike are in one. */
function foldOf(workloads: readonly Workload[], seed: number): Int32Array {
  const folds = new Map<string, number>(),
    random = createRandom(seed).fork('folds');
  return Int32Array.from(workloads, ({ id }) =>
    kept(folds, /[a-z]+/.exec(id.toLowerCase().replace(/^.*[:/]/, ''))?.[0] ?? id, () => random.int(FOLDS)),
  );
}

const restricted = (task: TrainingTask, keep: (row: number) => boolean): TrainingTask => {
  const at = positions(task).filter((i) => keep(task.rows[i]));
  return { ...task, rows: Int32Array.from(at, (i) => task.rows[i]), values: Float64Array.from(at, (i) => task.values[i]) };
};

/** The same hardware and kind of runtime, where they differ in threads or batch only. */
const nearCopies = (a: TrainingTask, b: TrainingTask): boolean =>
  (a.runtime === b.runtime && precisionOf(a) === precisionOf(b)) || taskId(a) === taskId(b);
const precisionOf = ({ device, condition }: TrainingTask): string =>
  /(fp16|fp32|bf16|int8|amp)/.exec(`${device} ${condition}`)?.[1] ?? '';

/** The cases of tasks that were left out. */
export function* casesOf(split: TableSplit, options: ProtocolOptions): Generator<EvaluationCase<Query>> {
  const { protocol, space, task } = split;
  for (const { device, target, parts } of split.tested)
    yield {
      place: { protocol, space, task, device },
      targets: [target],
      sizes: options.k,
      selections: options.selections,
      draws: () => options.draws,
      parts: (draw) => parts.map((tested) => partOf(split, tested, draw, options)),
      truth: ({ tested, position }) => tested.task.values[position],
      scoring: NETWORK_SCORING,
      headline: 'spearman',
    };
}

/** A measured model of a left-out task. */
export interface Query {
  tested: Tested;
  position: number;
}

function partOf({ workloads }: TableSplit, tested: Tested, draw: number, options: ProtocolOptions): Part<Query> {
  const { task, learner, pool } = tested,
    { target } = task;
  const queries = pool.map((position): Query => ({ tested, position })),
    workloadOf = ({ position }: Query): Workload => workloads[task.rows[position]];
  const own: CaseMethod<Query> = {
    name: METHOD,
    least: 1,
    answer(support, query) {
      const measured = support.map((q) => ({ workload: workloadOf(q), value: task.values[q.position] }));
      return { [target]: intervalsOf(learner.adapt(measured, task).predict(query.map(workloadOf)), target) };
    },
  };
  const table = learner.state.tables.find((t) => t.values.target === target && t.position.has(workloadOf(queries[0]).id));
  const baselines = table
    ? Object.entries(TABLE_BASELINES).map(
        ([name, baseline]): CaseMethod<Query> => ({
          name,
          least: 1,
          answer(support, query) {
            const row = (q: Query) => table.position.get(workloadOf(q).id)!;
            const logs = Float64Array.from(support, (q) => Math.log(task.values[q.position]));
            const predicted = baseline(table, support.map(row), logs, query.map(row));
            return { [target]: Array.from(predicted, (v) => ({ value: Math.exp(v) })) };
          },
        }),
      )
    : [];
  return {
    methods: [...baselines, ...(tested.further ?? []), own],
    candidates(k) {
      if (pool.length < k + LEAST_QUERIES) return undefined;
      return createRandom(`${options.seed} draw ${draw} ${taskId(task)}`).shuffle([...queries]);
    },
    choose(candidates, count) {
      // another draw chooses among other candidates: nine tenths of them
      const among = candidates.slice(0, Math.max(count, Math.ceil(0.9 * candidates.length))),
        of = new Map(among.map((q) => [workloadOf(q), q]));
      return learner.choose([...of.keys()], count).map((w) => of.get(w)!);
    },
    query(support) {
      const taken = new Set(support.map((q) => q.position));
      return queries.filter((q) => !taken.has(q.position));
    },
  };
}

const ZOO = ['datasets/zoo-h100'];

/** A protocol on datasets of real models, the one asked for or the embedded ones. */
const realModels = (
  name: string,
  part: string | undefined,
  embedded: readonly string[],
  [task, testedOf]: readonly [task: string, tested: (data: Dataset, options: ProtocolOptions) => Iterable<TestedTask>],
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
      const split = { protocol: name, space: card.name, task, workloads, tested: testedOf(data, options) };
      yield { cases: casesOf(split, options) as Iterable<EvaluationCase>, across: 'mean and median' } satisfies CaseGroup;
    }
  },
});

const KNOWN = ['known models', knownModels] as const,
  NEW = ['new models', newModels] as const;

/** Real models on hardware that was left out: models known on other hardware. */
export const tables = realModels('tables', undefined, EMBEDDED, KNOWN);

/** Real models with graphs on a configuration that was left out: known on other configurations. */
export const zooKnown = realModels('zoo', 'known-models', ZOO, KNOWN);

/** Real models that were left out, on a configuration that was left out. */
export const zooNew = realModels('zoo', 'new-models', ZOO, NEW);
