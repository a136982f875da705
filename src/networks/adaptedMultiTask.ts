import { listCache } from '../core/listCache.js';
import type { Task } from '../dataset/dataset.js';
import { UNITS } from '../graph/targets.js';
import type { Workload } from '../graph/workload.js';
import { Z90 } from '../surrogate/head/tuneSettings.js';
import { taskCovariance } from '../surrogate/multiTask/taskCovariance.js';
import { predictTask, type TaskPosterior } from '../surrogate/multiTask/taskPosterior.js';
import { type Prediction, type Predictor, type SupportRow, singleTarget } from '../surrogate/predictor.js';
import { DrawnTable } from './drawnTable.js';
import type { ModelDescription } from './modelDescription.js';
import { kernelParts, selfParts } from './modelKernel.js';
import type { SeenModels, SeenTable } from './modelTable.js';

/** What a table says of a task after its support. */
export interface Fit {
  table: SeenTable;
  /** the support, or those of it that have a graph */
  seen: SeenModels;
  posterior: TaskPosterior;
  /** on standard deviations, so that intervals cover what they say */
  scale: number;
  /** log probability of what was measured */
  evidence: number;
  probability: number;
}

/** Probabilities of fits among themselves. Machines that were drawn are one hypothesis together, so that their number does not count against a table. */
export function byEvidence(fits: readonly Fit[]): Fit[] {
  const isDrawn = ({ table }: Fit) => table instanceof DrawnTable,
    each = Math.log(fits.filter(isDrawn).length),
    logs = fits.map((f) => f.evidence - (isDrawn(f) ? each : 0));
  const best = Math.max(...logs),
    total = logs.reduce((a, l) => a + Math.exp(l - best), 0);
  return fits.map((f, i) => ({ ...f, probability: Math.exp(logs[i] - best) / total }));
}

/** Machines that were drawn below this probability are left out. */
const LEAST_PROBABILITY = 1e-3;

/** Fits with their probabilities, of sum 1, without machines that are hardly likely. */
export function likelyFits(fits: readonly Fit[]): Fit[] {
  const likely = byEvidence(fits).filter((f) => f.probability > LEAST_PROBABILITY || !(f.table instanceof DrawnTable)),
    total = likely.reduce((a, f) => a + f.probability, 0);
  return likely.map((f) => ({ ...f, probability: f.probability / total }));
}

/** Machines that were drawn know graphs only. */
const withoutDrawn = (fits: readonly Fit[]): Fit[] => byEvidence(fits.filter((f) => !(f.table instanceof DrawnTable)));

/** A task of real models after adaptation. */
export class AdaptedMultiTask implements Predictor {
  readonly name: string;
  private readonly predictions = listCache<Workload, Prediction[]>();

  constructor(
    private readonly model: { name: string; describe(workloads: readonly Workload[]): ModelDescription[] },
    private readonly fits: readonly Fit[],
    readonly task: Task,
    readonly support: readonly SupportRow[],
  ) {
    this.name = model.name;
  }

  predict(workloads: readonly Workload[]): Prediction[] {
    return this.predictions(workloads, () => this.compute(workloads)).map((p) => ({
      targets: { [this.task.target]: { ...p.targets[this.task.target]! } },
      warnings: [...p.warnings],
      assumptions: [...p.assumptions],
    }));
  }

  correlation(workloads: readonly Workload[]): Float64Array {
    const models = this.model.describe(workloads),
      n = models.length,
      mean = new Float64Array(n),
      square = new Float64Array(n * n);
    const fits = models.every((m) => m.graph) ? this.fits : withoutDrawn(this.fits);
    for (const { table, seen, posterior, scale, probability } of fits) {
      const asked = table.see(models),
        { length } = table.values.scales;
      const cross = kernelParts(asked.scaled, seen.scaled, length),
        at = taskCovariance(posterior, asked, cross, kernelParts(asked.scaled, asked.scaled, length));
      for (let i = 0; i < n; i++) {
        const m = at.mean[i] + table.level;
        mean[i] += probability * m;
        for (let j = 0; j < n; j++)
          square[i * n + j] += probability * (at.covariance[i * n + j] * scale ** 2 + m * (at.mean[j] + table.level));
      }
    }
    const deviation = mean.map((m, i) => Math.sqrt(Math.max(square[i * n + i] - m * m, 1e-8)));
    return square.map((s, cell) => {
      const [i, j] = [Math.floor(cell / n), cell % n];
      return i === j ? 1 : Math.max(-1, Math.min(1, (s - mean[i] * mean[j]) / (deviation[i] * deviation[j])));
    });
  }

  private compute(workloads: readonly Workload[]): Prediction[] {
    const models = this.model.describe(workloads),
      mean = new Float64Array(models.length),
      square = new Float64Array(models.length);
    const add = (rows: readonly number[], fits: readonly Fit[]) => {
      const of = rows.map((i) => models[i]);
      for (const { table, seen, posterior, scale, probability } of rows.length ? fits : []) {
        const asked = table.see(of),
          { length } = table.values.scales;
        const at = predictTask(posterior, asked, kernelParts(asked.scaled, seen.scaled, length), selfParts(asked.scaled, length));
        rows.forEach((i, row) => {
          const m = at.mean[row] + table.level;
          mean[i] += probability * m;
          square[i] += probability * ((at.deviation[row] * scale) ** 2 + m * m);
        });
      }
    };
    // what has no graph is left to the tables
    const all = models.map((_, i) => i);
    add(
      all.filter((i) => models[i].graph),
      this.fits,
    );
    add(
      all.filter((i) => !models[i].graph),
      withoutDrawn(this.fits),
    );
    const measured = new Set(this.support.map((s) => s.workload.id)),
      { target } = this.task;
    return workloads.map((workload, i) => {
      const half = Z90 * Math.sqrt(Math.max(square[i] - mean[i] ** 2, 1e-8)),
        value = Math.exp(mean[i]);
      const warnings: string[] = [];
      if (half > Math.log(2)) warnings.push('far from everything measured: the interval is wide');
      if (measured.has(workload.id))
        warnings.push('this network is in the support set; its measured value was one of the inputs');
      return singleTarget(
        target,
        { value, low: value * Math.exp(-half), high: value * Math.exp(half), unit: UNITS[target], provenance: 'adapted' },
        warnings,
        workload.graph?.assumptions ?? [],
      );
    });
  }
}
