import { MEDIAN_TO_DEVIATION, median, quantile } from '../../core/statistics.js';
import type { OpGraph } from '../../graph/opGraph.js';
import { Z90 } from '../head/tuneSettings.js';
import { fitSums, logSum, type MeasuredSum } from './fitSums.js';
import type { Machine } from './machine.js';
import type { NearOperators } from './nearOperators.js';
import { type Lowering, type OperatorSum, setOf } from './operatorSum.js';
import type { UtilisationPrior } from './utilisationPrior.js';

/** A task whose models are sums of kernels. */
export interface SumTask {
  machine: Machine;
  /** measured operators of its element type */
  near?: NearOperators | undefined;
  /** logs of what was measured, by the position of the model; NaN where not */
  logs: ArrayLike<number>;
}

/** Sums of related tasks: each, and what models got that were left out. */
export interface TrainedSums {
  sums: OperatorSum[];
  rows: MeasuredSum[];
  /** with the noise that predicts left-out models best */
  prior: UtilisationPrior;
  /** [tasks][models]: log of a model predicted without any of its fold; NaN where not measured */
  leftOut: Float64Array[];
}

/** Fewest measured models of a task. */
export const LEAST_MODELS = 40;
/** Folds of the models, to know how far models that were not fitted are off. */
const FOLDS = 3;
/** Variances of models around sums beside that of the prior: hosts that launch, and processors that others use, differ from run to run. */
const FURTHER_NOISES = [0.02, 0.08];

/**
 * Trains sums of tasks of one kind of runtime.
 * @param fold of each model; models of one family are in one
 */
export function trainSums(
  graphs: readonly (OpGraph | undefined)[],
  fold: ArrayLike<number>,
  tasks: readonly SumTask[],
  lowering: Lowering,
  prior: UtilisationPrior,
): TrainedSums {
  const rows = rowsToFit(graphs, tasks).flatMap((models, task) => {
    const { machine, near, logs } = tasks[task];
    return models.flatMap((model): (MeasuredSum & { model: number })[] => {
      const graph = graphs[model]!;
      const set = setOf(graph, { lowering, machine, near });
      return set.seconds.length ? [{ task, set, log: logs[model], model }] : [];
    });
  });
  // where operators were measured, sums are as near as these say
  const isKnown = lowering === 'captured' && tasks.some((t) => t.near),
    trials = [prior.noise, ...(isKnown ? [] : FURTHER_NOISES)].map((noise) => {
      const tried = { ...prior, noise },
        leftOut = predictLeftOut(rows, fold, tasks.length, graphs.length, tried);
      return { tried, leftOut, error: robustDeviation(rows.map((r) => Math.abs(leftOut[r.task][r.model] - r.log))) };
    });
  const { tried, leftOut } = trials.reduce((best, t) => (t.error < best.error ? t : best)),
    fits = fitSums(rows, tasks.length, tried);
  const sums = tasks.map(({ machine, near, logs }, task): OperatorSum => {
    const errors = Array.from(leftOut[task], (p, m) => Math.abs(p - logs[m])).filter((e) => !Number.isNaN(e));
    return { ...fits[task], machine, near, lowering, deviation: quantile(errors, 0.9) / Z90 };
  });
  return { sums, leftOut, rows, prior: tried };
}

/** More rows of related tasks than these are not all fitted, but so many: the fit grows with their cube. */
const MOST_ROWS = 1200,
  FITTED_ROWS = 600;

/** Models of each task to fit, those with a graph and a value; of too many each task takes others, evenly spread. */
function rowsToFit(graphs: readonly (OpGraph | undefined)[], tasks: readonly SumTask[]): number[][] {
  const measured = tasks.map(({ logs }) => [...graphs.keys()].filter((m) => graphs[m] && !Number.isNaN(logs[m]))),
    all = measured.reduce((sum, of) => sum + of.length, 0);
  if (all <= MOST_ROWS) return measured;
  const each = Math.max(LEAST_MODELS, Math.floor(FITTED_ROWS / tasks.length));
  return measured.map((of, t) => {
    const step = of.length / each;
    return step <= 1 ? of : Array.from({ length: each }, (_, i) => of[Math.floor(step * (i + (t + 0.5) / tasks.length))]);
  });
}

/** What each row gets without any of its fold, [tasks][models]; NaN where not measured. */
function predictLeftOut(
  rows: readonly (MeasuredSum & { model: number })[],
  fold: ArrayLike<number>,
  tasks: number,
  models: number,
  prior: UtilisationPrior,
): Float64Array[] {
  const leftOut = Array.from({ length: tasks }, () => new Float64Array(models).fill(Number.NaN));
  for (let f = 0; f < FOLDS; f++) {
    const isLeft = ({ model }: { model: number }) => fold[model] % FOLDS === f;
    const fits = fitSums(
      rows.filter((r) => !isLeft(r)),
      tasks,
      prior,
    );
    for (const row of rows.filter(isLeft))
      leftOut[row.task][row.model] = fits[row.task].level + logSum(row.set, fits[row.task].weights);
  }
  return leftOut;
}

/** Root mean square of errors, those beyond three deviations of the middle ones cut. */
function robustDeviation(errors: readonly number[]): number {
  const most = 3 * MEDIAN_TO_DEVIATION * median(errors);
  return Math.sqrt(errors.reduce((sum, e) => sum + Math.min(e, most) ** 2, 0) / errors.length);
}
