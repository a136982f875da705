import { createRandom } from '../../core/random.js';
import { type Dataset, taskId } from '../../dataset/dataset.js';
import type { Target } from '../../graph/targets.js';
import type { Workload } from '../../graph/workload.js';
import type { TrainingTask } from '../../networks/closedForm.js';
import type { MultiTask } from '../../networks/multiTask.js';
import { domainTasks } from '../../surrogate/domainTasks.js';
import { domainOf } from '../../surrogate/kind.js';
import { intervalsOf } from '../../surrogate/predictor.js';
import { TABLE_BASELINES } from '../baselines/tableBaselines.js';
import type { CaseMethod, EvaluationCase, Part } from '../evaluationCase.js';
import { NETWORK_SCORING } from '../scoring.js';
import type { ProtocolOptions } from './protocol.js';

/** Fewest measurements of a task that is tested, and fewest models that are left to be predicted. */
export const LEAST_TESTED = 25;
const LEAST_QUERIES = 10;
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

/** Cases of a dataset, under the names that their rows have. */
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

export const nameOf = (task: TrainingTask): string => (task.condition ? `${task.device} @ ${task.condition}` : task.device);
export const positions = (task: TrainingTask): number[] => Array.from(task.rows, (_, i) => i);

/** Each task under its name, measured by a part of its models, asked for the others. */
export function* casesOf(split: TableSplit, options: ProtocolOptions): Generator<EvaluationCase<Query>> {
  const { protocol, space, task } = split;
  for (const { device, target, parts } of split.tested)
    yield {
      place: { protocol, space, task, device },
      targets: [target],
      sizes: parts.some(({ further }) => further?.some((method) => method.most === 0)) ? [0, ...options.k] : options.k,
      selections: options.selections,
      draws: (k) => (k === 0 ? 1 : options.draws),
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
      return learner.choose([...of.keys()], count, [], target).map((w) => of.get(w)!);
    },
    query(support) {
      const taken = new Set(support.map((q) => q.position));
      return queries.filter((q) => !taken.has(q.position));
    },
  };
}
