import { HwcastError } from '../core/errors.js';
import { listCache } from '../core/listCache.js';
import { type Task, taskId } from '../dataset/dataset.js';
import { type Target, UNITS } from '../graph/targets.js';
import type { Workload } from '../graph/workload.js';
import { FEATURE_GROUPS, type FeatureGroup } from '../surrogate/featureGroups.js';
import { adaptHead, type Posterior, predictHead } from '../surrogate/head/bayesianHead.js';
import { chooseSupport } from '../surrogate/head/chooseSupport.js';
import { type Link, linked } from '../surrogate/head/link.js';
import type { Setting } from '../surrogate/head/settings.js';
import { type TaskPrior, type TaskValues, taskPrior } from '../surrogate/head/taskPrior.js';
import { nearestSize, supportWidth, type Tuning, Z90 } from '../surrogate/head/tuneSettings.js';
import type { RunSetting } from '../surrogate/operatorSum/machine.js';
import {
  type Learner,
  type Prediction,
  type Predictor,
  type Provenance,
  type SupportRow,
  singleTarget,
} from '../surrogate/predictor.js';
import { checkSupport } from './checkSupport.js';
import type { FeatureMap } from './featureMap.js';
import { networkSettings } from './networkSettings.js';
import { priorOfChoice } from './priorOfChoice.js';

export interface TrainedTask extends Task {
  id: string;
  /** ridge weights of value / level - 1 on centred features, [width] */
  weights: Float64Array;
  /** mean value, SI */
  level: number;
  /** prediction of the mean network relative to `level`, so that value = level (1 + offset + x.weights) */
  offset: number;
  /** standard deviation of the relative residual on networks of the task that were not fitted */
  residual: number;
}

/** Everything a closed-form model is; plain data, see `closedFormArtefact.ts` for its files. */
export interface ClosedFormState {
  name: string;
  map: FeatureMap;
  link: Link;
  learnedVariances: number[];
  tasks: TrainedTask[];
  tuning: Tuning[];
}

/**
 * Hierarchical Bayesian linear model on physical (and learned) features (docs/method.md): prior of the weights from the training tasks, posterior from the
 * support set, averaged over hyperparameters by evidence; networks to measure chosen by the prior's uncertainty.
 * Prior: parametric empirical Bayes (Morris, JASA 78, 1983). Averaging: Hoeting et al., Bayesian model averaging: a tutorial, Statistical Science
 * 14, 1999. Choice: greedy largest conditional variance, the pivots of a Cholesky decomposition of the prior covariance (Harbrecht, Peters and
 * Schneider, Applied Numerical Mathematics 62, 2012).
 */
export class ClosedForm implements Learner {
  readonly name: string;
  private readonly settings: Setting[];
  private readonly prior: TaskPrior;
  /** a mixture adapts its members to the same support array as its baseline */
  private readonly adapted = listCache<SupportRow, AdaptedClosedForm>();

  constructor(readonly state: ClosedFormState) {
    this.name = state.name;
    this.settings = settingsOf(state.map, state.learnedVariances);
    this.prior = taskPrior(
      state.tasks.map((t) => t.weights),
      state.map.width,
    );
  }

  /** The `k` candidates to measure, most informative first; `measured` networks count as known. */
  choose(candidates: readonly Workload[], k: number, measured: readonly Workload[] = []): Workload[] {
    const { map } = this.state,
      all = [...measured, ...candidates];
    const fixed = measured.map((_, i) => i);
    return chooseSupport(this.prior, map.group, map.of(all), k, { ...priorOfChoice(map.group), fixed }).map((i) => all[i]);
  }

  adapt(support: readonly SupportRow[], task: Task): AdaptedClosedForm {
    const known = this.adapted(support, () => this.compute(support, task));
    return taskId(known.task) === taskId(task) ? known : this.compute(support, task);
  }

  private compute(support: readonly SupportRow[], task: Task): AdaptedClosedForm {
    checkSupport(support);
    const { map, link } = this.state;
    const values = linked(
      support.map((s) => s.value),
      link,
    );
    const tuning = this.tuningFor(support.length);
    const X = map.of(support.map((s) => s.workload));
    const posterior = adaptHead(this.prior, map.group, { X, values: values.values }, this.settings, tuning.logPrior);
    return new AdaptedClosedForm(
      this.name,
      map,
      link,
      posterior,
      values.back,
      (tuning.intervals[task.target] ?? tuning.interval) * supportWidth(support.length, posterior.looSquare),
      { ...task },
      [...support],
    );
  }

  /** The predictor of a task that was trained on. @throws HwcastError `not-found`. */
  trained(asked: Task): Predictor {
    const task = this.state.tasks.find((t) => taskId(t) === taskId(asked));
    if (!task) throw new HwcastError('not-found', `the model was not trained on ${taskId(asked)}`);
    const { map, link } = this.state,
      { weights, level, offset, residual } = task;
    return {
      name: this.name,
      predict: (workloads) => {
        const X = map.of(workloads),
          w = map.width;
        return workloads.map((_, i) => {
          let m = 1 + offset;
          for (let j = 0; j < w; j++) m += X[i * w + j] * weights[j];
          const value = link === 'log' ? level * Math.exp(m - 1) : level * m;
          const half = Z90 * residual;
          return prediction(link, value, link === 'log' ? half : half * level, level, task.target, 'surrogate', []);
        });
      },
    };
  }

  private tuningFor(size: number): Tuning {
    return nearestSize(this.state.tuning, size)!;
  }

  get trainedTasks(): readonly TrainedTask[] {
    return this.state.tasks;
  }
}

/** A task after adaptation. */
export class AdaptedClosedForm implements Predictor {
  constructor(
    readonly name: string,
    private readonly map: FeatureMap,
    private readonly link: Link,
    readonly posterior: Posterior,
    private readonly back: (v: number) => number,
    readonly interval: number,
    readonly task: Task,
    readonly support: readonly SupportRow[],
  ) {}

  predict(workloads: readonly Workload[]): Prediction[] {
    return this.predictions(workloads, () => this.compute(workloads)).map((p) => ({
      targets: { [this.task.target]: { ...p.targets[this.task.target]! } },
      warnings: [...p.warnings],
      assumptions: [...p.assumptions],
    }));
  }

  private readonly predictions = listCache<Workload, Prediction[]>();

  private compute(workloads: readonly Workload[]): Prediction[] {
    const { mean, deviation } = predictHead(this.posterior, this.map.of(workloads));
    const measured = new Map(this.support.map((s) => [s.workload.id, s.value]));
    return workloads.map((w, i) => {
      const half = Z90 * this.interval * deviation[i] * this.posterior.scale,
        warnings: string[] = [];
      if (deviation[i] > 0.5) warnings.push('far from everything measured: the interval is wide');
      if (measured.has(w.id)) warnings.push('this network is in the support set; its measured value was one of the inputs');
      return prediction(this.link, this.back(mean[i]), half, this.posterior.scale, this.task.target, 'adapted', warnings);
    });
  }
}

/** A prediction whose interval stays positive: a linear model may go below zero far from its support, which is labelled. */
function prediction(
  link: Link,
  value: number,
  half: number,
  level: number,
  target: Target,
  provenance: Provenance,
  warnings: string[],
): Prediction {
  const unit = UNITS[target];
  if (link === 'log')
    return singleTarget(
      target,
      { value, low: value * Math.exp(-half), high: value * Math.exp(half), unit, provenance },
      warnings,
    );
  const floor = 0.02 * level;
  if (value < floor) warnings.push('the linear model fell below 2 % of the mean measurement and was cut there');
  const v = Math.max(value, floor);
  return singleTarget(target, { value: v, low: Math.max(v - half, 0.1 * floor), high: v + half, unit, provenance }, warnings);
}

/** Between two steps of the noise grid, which are factors of ten and of four apart. */
const SCALES = [10 ** (-1 / 3), 1, 10 ** (1 / 3)];

/** The grid of settings of a model with this feature map. */
export function settingsOf(map: FeatureMap, learned: number[]): Setting[] {
  const has = (group: FeatureGroup) => map.group.includes(FEATURE_GROUPS.indexOf(group));
  return networkSettings({
    runtime: has('runtime') ? [0, 3e-3] : [0],
    learned: map.learned ? learned : [0],
    hypotheses: has('physical') && has('compiled') ? ['both', 'eager', 'compiled'] : ['both'],
    scales: SCALES,
  });
}

/** One task to train on. */
export interface TrainingTask extends Task, TaskValues {
  id: string;
  /** kind of runtime, e.g. `ncnn vulkan`; absent where the source does not say */
  runtime?: string;
  /** how it ran, as far as the source says */
  setting?: RunSetting;
}
