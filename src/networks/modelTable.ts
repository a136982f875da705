import { backwardSolve, cholesky, forwardSolve } from '../core/cholesky.js';
import { createRandom } from '../core/random.js';
import type { Task } from '../dataset/dataset.js';
import type { Target } from '../graph/targets.js';
import { columnLevels } from '../surrogate/multiTask/columnPrior.js';
import { completeColumns } from '../surrogate/multiTask/completeColumns.js';
import { kernelOf, type SeenWorkloads } from '../surrogate/multiTask/taskPosterior.js';
import type { Machine } from '../surrogate/operatorSum/machine.js';
import { type Lowering, type OperatorSum, sumGraph } from '../surrogate/operatorSum/operatorSum.js';
import type { ModelDescription } from './modelDescription.js';
import { kernelParts, type ScaledModel, type SizeScale, scaledModels, selfParts, sizeScale } from './modelKernel.js';

/** A task of a table, and the kind of runtime it ran in. */
export interface TableTask extends Task {
  kind: string;
}

/** Scales of the Gaussian process that predicts a model of no measurement from what it is; variances in squared logs. */
export interface DescriptionScales {
  length: number;
  linear: number;
  smooth: number;
  words: number;
  noise: number;
}

/** A sum over operators, of a task of a table. */
export interface TableSum extends OperatorSum {
  /** position of the task */
  column: number;
}

/** Machines that a new task may run on, and weights of the utilisation that it may have there. */
export interface DrawnMachines {
  machines: readonly { lowering: Lowering; machine: Machine }[];
  /** [draws, WEIGHTS] */
  draws: Float64Array;
}

/** What is kept of a table of models: its tasks of one target, and logs of what was measured. */
export interface TableValues {
  name: string;
  target: Target;
  tasks: readonly TableTask[];
  models: readonly ModelDescription[];
  /** [tasks, models], NaN where not measured */
  logs: Float64Array;
  scales: DescriptionScales;
  /** sums over operators, of the tasks where they tell more of a model of no measurement than what it is */
  sums?: readonly TableSum[];
  /** what tasks that nothing was measured of may be like */
  drawn?: readonly DrawnMachines[];
}

/** Models that the process of descriptions stands on; more make it slower, hardly better. */
const BASIS = 300;

/** Models as a table sees them. */
export interface SeenModels extends SeenWorkloads {
  scaled: readonly ScaledModel[];
}

/** What the posterior of a new task stands on: a table, or one that is made of sums over operators. */
export interface SeenTable {
  readonly values: TableValues;
  readonly kinds: readonly string[];
  /** [models, tasks], the level of each task taken out */
  readonly centred: Float64Array;
  /** mean level of the tasks */
  readonly level: number;
  see(models: readonly ModelDescription[]): SeenModels;
}

/** What a table is made into when it is first asked. */
interface Completed {
  /** [models, tasks], the level of each task taken out */
  centred: Float64Array;
  /** mean log value of each task, [tasks] */
  levels: Float64Array;
  /** standard deviation of the mean values of models */
  spread: number;
  sizes: SizeScale;
}

/** Real models on devices, without gaps: values of known models from all tasks, of others from what they are. */
export class ModelTable implements SeenTable {
  readonly position: ReadonlyMap<string, number>;
  readonly kinds: readonly string[];
  private readonly completed: () => Completed;
  /** lists that were seen; hypotheses of machines ask for the same one after another */
  private readonly seen = new WeakMap<readonly ModelDescription[], SeenModels>();
  private readonly process: () => { basis: ScaledModel[]; factor: Float64Array; weights: Float64Array };

  constructor(readonly values: TableValues) {
    this.position = new Map(values.models.map((m, i) => [m.id, i]));
    this.kinds = values.tasks.map((t) => t.kind);
    this.completed = once(() => this.complete());
    this.process = once(() => this.fitProcess());
  }

  /** [models, tasks], the level of each task taken out */
  get centred(): Float64Array {
    return this.completed().centred;
  }

  /** mean log value of each task, [tasks] */
  get levels(): Float64Array {
    return this.completed().levels;
  }

  get sizes(): SizeScale {
    return this.completed().sizes;
  }

  private complete(): Completed {
    const { models, tasks, logs } = this.values,
      n = models.length,
      columns = tasks.length;
    const filled = completeColumns(logs, columns, n),
      levels = columnLevels({ filled, columns, workloads: n }),
      centred = new Float64Array(logs.length);
    for (let c = 0; c < columns; c++) for (let m = 0; m < n; m++) centred[m * columns + c] = filled[c * n + m] - levels[c];
    let squares = 0;
    for (let m = 0; m < n; m++) squares += this.meanAt(centred, m) ** 2;
    return { centred, levels, spread: Math.sqrt(squares / n) || 1, sizes: sizeScale(models) };
  }

  /** Mean level of the tasks. */
  get level(): number {
    const { levels } = this.completed();
    return levels.reduce((a, l) => a + l, 0) / levels.length;
  }

  private meanAt(at: Float64Array, row: number): number {
    let sum = 0;
    for (let c = 0; c < this.kinds.length; c++) sum += at[row * this.kinds.length + c];
    return sum / this.kinds.length;
  }

  /** The models as this table sees them: known ones by their values, others by what they are, with the variance of that. */
  see(models: readonly ModelDescription[]): SeenModels {
    let seen = this.seen.get(models);
    if (!seen) {
      seen = this.look(models);
      this.seen.set(models, seen);
    }
    return seen;
  }

  private look(models: readonly ModelDescription[]): SeenModels {
    const columns = this.kinds.length,
      at = new Float64Array(models.length * columns),
      noise = new Float64Array(models.length);
    const unseen: number[] = [];
    models.forEach((model, i) => {
      const row = this.position.get(model.id);
      if (row === undefined) unseen.push(i);
      else at.set(this.centred.subarray(row * columns, (row + 1) * columns), i * columns);
    });
    if (unseen.length) this.predictUnseen(models, unseen, at, noise);
    const levels = models.map((_, i) => this.meanAt(at, i) / this.completed().spread);
    return { at, noise, scaled: scaledModels(models, this.sizes, levels) };
  }

  private predictUnseen(
    models: readonly ModelDescription[],
    unseen: readonly number[],
    at: Float64Array,
    noise: Float64Array,
  ): void {
    const { basis, factor, weights } = this.process(),
      { scales } = this.values,
      columns = this.kinds.length,
      size = basis.length;
    const scaled = scaledModels(
      unseen.map((i) => models[i]),
      this.sizes,
    );
    const cross = kernelParts(scaled, basis, scales.length),
      self = selfParts(scaled, scales.length);
    unseen.forEach((i, row) => {
      const k = new Float64Array(size);
      for (let j = 0; j < size; j++) k[j] = kernelOf(cross, row * size + j, scales);
      for (let c = 0; c < columns; c++) {
        let sum = 0;
        for (let j = 0; j < size; j++) sum += k[j] * weights[j * columns + c];
        at[i * columns + c] = sum;
      }
      forwardSolve(factor, size, k);
      let left = kernelOf(self, row, scales) + scales.noise;
      for (let j = 0; j < size; j++) left -= k[j] * k[j];
      noise[i] = Math.max(left, scales.noise);
      this.addSums(models[i], i, at, noise);
    });
  }

  /** Puts sums over operators in place of what a model without measurements gets from what it is. */
  private addSums({ graph }: ModelDescription, i: number, at: Float64Array, noise: Float64Array): void {
    const { sums } = this.values,
      columns = this.kinds.length;
    if (!graph || !sums?.length) return;
    let variance = 0;
    for (const sum of sums) {
      const summed = sumGraph(sum, graph);
      if (!summed) return;
      at[i * columns + sum.column] = summed.log - this.levels[sum.column];
      variance += sum.deviation ** 2 / sums.length;
    }
    noise[i] = variance;
  }

  private fitProcess() {
    const { models, scales } = this.values,
      columns = this.kinds.length,
      n = models.length;
    const positions =
      n <= BASIS
        ? models.map((_, i) => i)
        : createRandom('basis of a table')
            .sample(n, BASIS)
            .sort((a, b) => a - b);
    const basis = scaledModels(
      positions.map((i) => models[i]),
      this.sizes,
    );
    const size = basis.length,
      factor = descriptionFactor(basis, scales);
    const weights = new Float64Array(size * columns),
      column = new Float64Array(size);
    for (let c = 0; c < columns; c++) {
      for (let j = 0; j < size; j++) column[j] = this.centred[positions[j] * columns + c];
      forwardSolve(factor, size, column);
      backwardSolve(factor, size, column);
      for (let j = 0; j < size; j++) weights[j * columns + c] = column[j];
    }
    return { basis, factor, weights };
  }
}

/**
 * Cholesky factor of the covariance of models by what they are, [models, models]. Where models lack some of their sizes, what is like what need not be a
 * covariance: then noise is added until it is one.
 */
export function descriptionFactor(models: readonly ScaledModel[], scales: DescriptionScales): Float64Array {
  // more noise than the greatest row of the kernel sums to is enough
  for (let { noise } = scales; noise < MOST_NOISE; noise *= 2) {
    const factor = soundFactor(models, { ...scales, noise });
    if (factor) return factor;
  }
  throw new Error('what models are like is not a number');
}
const MOST_NOISE = 1e9;

/** The same, undefined where it is no covariance: every pivot of one is at least its noise. */
export function soundFactor(models: readonly ScaledModel[], scales: DescriptionScales): Float64Array | undefined {
  const n = models.length,
    parts = kernelParts(models, models, scales.length),
    factor = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) factor[i * n + j] = kernelOf(parts, i * n + j, scales);
    factor[i * n + i] += scales.noise + 1e-9;
  }
  if (!cholesky(factor, n)) return undefined;
  for (let i = 0; i < n; i++) if (factor[i * n + i] ** 2 < LEAST_PIVOT * scales.noise) return undefined;
  return factor;
}
/** Of the noise, what rounding leaves of the least pivot. */
const LEAST_PIVOT = 0.9;

function once<T>(make: () => T): () => T {
  let value: { made: T } | undefined;
  return () => {
    value ??= { made: make() };
    return value.made;
  };
}
