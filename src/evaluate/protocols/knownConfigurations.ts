import { createRandom } from '../../core/random.js';
import type { Dataset } from '../../dataset/dataset.js';
import type { Target } from '../../graph/targets.js';
import type { Workload } from '../../graph/workload.js';
import type { TrainingTask } from '../../networks/closedForm.js';
import { ModelTable } from '../../networks/modelTable.js';
import { MultiTask } from '../../networks/multiTask.js';
import type { MeasuredOperators } from '../../networks/tableSums.js';
import { trainMultiTask } from '../../networks/trainMultiTask.js';
import { machineOf } from '../../surrogate/operatorSum/machine.js';
import { intervalsOf } from '../../surrogate/predictor.js';
import { factorOf, neighbourSums } from '../baselines/operatorNeighbours.js';
import type { CaseMethod, EvaluationCase, Part } from '../evaluationCase.js';
import { NETWORK_SCORING } from '../scoring.js';
import { FOLDS, foldOf, knownOperators, restricted } from './newModels.js';
import type { ProtocolOptions } from './protocol.js';
import { modelTasks, nameOf, positions, type TableSplit } from './tableCases.js';

/** A model that was left out of all tasks. */
interface Query {
  row: number;
  value: number;
}

/** What was trained without the models of a fold. */
interface Trained {
  learner: MultiTask;
  /** without sums over operators */
  described: MultiTask;
  operators: MeasuredOperators[];
}

/** How models are left out: whole families, or single models, whose siblings are known then. */
export type LeftModels = 'families' | 'models';

/** Models that were left out of every task, on tasks that are known: nothing is measured, a quarter of the models asked at a time. */
export function* knownConfigurations(
  data: Dataset,
  left: LeftModels,
  split: Omit<TableSplit, 'tested' | 'workloads'>,
  options: ProtocolOptions,
  operators: readonly Dataset[],
): Generator<EvaluationCase<Query>> {
  const { workloads } = data,
    tasks = modelTasks(data),
    fold = left === 'families' ? foldOf(workloads, options.seed) : foldOfModels(workloads, options.seed),
    foldById = new Map(workloads.map((w, row) => [w.id, fold[row]]));
  const trained = Array.from({ length: FOLDS }, (_, f): Trained => {
    options.onProgress?.(`  new models of known configurations: fold ${f + 1} of ${FOLDS}, ${left} left out`);
    const known = knownOperators(operators, (id) => foldById.get(id) === f);
    const learner = trainMultiTask(
      workloads,
      tasks.map((t) => restricted(t, (row) => fold[row] !== f)),
      { random: createRandom(options.seed), operators: known },
    );
    return { learner, described: withoutSums(learner), operators: known };
  });
  for (const task of tasks) {
    if (options.devices && !options.devices.includes(task.device)) continue;
    const asked = positions(task).filter((i) => workloads[task.rows[i]].graph);
    const parts = trained.map((t, f) =>
      partOf(
        workloads,
        task,
        t,
        asked.filter((i) => fold[task.rows[i]] === f).map((i) => ({ row: task.rows[i], value: task.values[i] })),
        (row) => fold[row] !== f,
      ),
    );
    yield {
      place: { ...split, device: nameOf(task) },
      targets: [task.target],
      sizes: [0],
      selections: ['random'],
      draws: () => 1,
      parts: () => parts,
      truth: ({ value }) => value,
      scoring: NETWORK_SCORING,
      headline: 'spearman',
    };
  }
}

/** A fold for each model, by itself. */
function foldOfModels(workloads: readonly Workload[], seed: number): Int32Array {
  const random = createRandom(seed).fork('folds of models');
  return Int32Array.from(workloads, () => random.int(FOLDS));
}

function withoutSums({ state }: MultiTask): MultiTask {
  const tables = state.tables.map(({ values: { sums: _sums, drawn: _drawn, ...values } }) => new ModelTable(values));
  return new MultiTask({ ...state, tables });
}

function partOf(
  workloads: readonly Workload[],
  task: TrainingTask,
  { learner, described, operators }: Trained,
  query: readonly Query[],
  isKnown: (row: number) => boolean,
): Part<Query> {
  const { target } = task;
  const byTask = (name: string, model: MultiTask): CaseMethod<Query> => ({
    name,
    answer: (_, asked) => ({
      [target]: intervalsOf(model.trained(task).predict(asked.map(({ row }) => workloads[row])), target),
    }),
  });
  const neighbours = byNeighbours(workloads, task, target, operators, isKnown);
  return {
    methods: [...(neighbours ? [neighbours] : []), byTask('description', described), byTask('multi-task', learner)],
    candidates: () => [],
    query: () => query,
  };
}

/** Three neighbours of each operator, times a factor from the known models; of tasks whose operators were measured. */
function byNeighbours(
  workloads: readonly Workload[],
  { rows, values, setting }: TrainingTask,
  target: Target,
  operators: readonly MeasuredOperators[],
  isKnown: (row: number) => boolean,
): CaseMethod<Query> | undefined {
  const of = operators.find((o) => o.setting.hardware === setting?.hardware && o.setting.dtype === setting?.dtype),
    machine = setting && machineOf(setting);
  if (!of || !machine || target !== 'latency' || setting.execution !== 'graph') return undefined;
  const sumOf = neighbourSums(of.kernels, machine);
  return {
    name: 'three-neighbours',
    answer(_, asked) {
      const known = [...rows.keys()].filter((i) => isKnown(rows[i]) && workloads[rows[i]].graph);
      const factor = factorOf(
        known.map((i) => sumOf(workloads[rows[i]].graph!)),
        known.map((i) => values[i]),
      );
      return { [target]: asked.map(({ row }) => ({ value: factor * sumOf(workloads[row].graph!) })) };
    },
  };
}
