import { closeNames, HwcastError } from '../core/errors.js';
import { createRandom } from '../core/random.js';
import { type Task, taskId } from '../dataset/dataset.js';
import { type Target, UNITS } from '../graph/targets.js';
import type { Workload } from '../graph/workload.js';
import { mostInformative } from '../surrogate/head/chooseSupport.js';
import { nearestSize, supportWidth } from '../surrogate/head/tuneSettings.js';
import { columnPrior, innerProducts } from '../surrogate/multiTask/columnPrior.js';
import {
  type KernelParts,
  kernelOf,
  LEVEL_VARIANCE,
  meanVariance,
  ownVariance,
  SCALES_OF_CHOICE,
  type SeenWorkloads,
  type TaskPosterior,
  taskPosterior,
} from '../surrogate/multiTask/taskPosterior.js';
import type { RunSetting } from '../surrogate/operatorSum/machine.js';
import { saidOfUnmeasured, sumGraph } from '../surrogate/operatorSum/operatorSum.js';
import {
  type AskedTask,
  type Estimate,
  type Learner,
  type Predictor,
  type SupportRow,
  singleTarget,
} from '../surrogate/predictor.js';
import { AdaptedMultiTask, type Fit, likelyFits } from './adaptedMultiTask.js';
import { checkSupport } from './checkSupport.js';
import { DrawnTable, drawnTables } from './drawnTable.js';
import { describeModel, isDescribed, type ModelDescription } from './modelDescription.js';
import { kernelParts } from './modelKernel.js';
import type { ModelTable, SeenModels, SeenTable, TableSum } from './modelTable.js';
import { logRange } from './ratioInterval.js';
import { withoutTasks } from './restrictTable.js';
import { type UnmeasuredSetting, unmeasuredSetting } from './unmeasuredSetting.js';

/** Factor on the deviations of a table after a number of measurements, so that 90 % intervals cover 90 %. */
export interface IntervalScale {
  table: string;
  target: string;
  size: number;
  scale: number;
}

/** Everything a multi-task model is. */
export interface MultiTaskState {
  name: string;
  tables: readonly ModelTable[];
  intervals: readonly IntervalScale[];
}

/** Measurements of a support, by their rows in it; tables keep what they see of a list of models. */
interface Measured {
  rows: readonly number[];
  models: readonly ModelDescription[];
}

/** Share of the asked that a table must know to be used alone. */
const KNOWN_SHARE = 0.5;
/** Share of the measured that must have graphs, for machines to be judged by them. */
const GRAPH_SHARE = 0.5;
/** Candidates beyond this number are drawn from. */
const MOST_CANDIDATES = 1500;
/** How much a costly workload must be worth more than a cheap one: its worth is divided by its time, relative to the mean, to this power. */
const COST_POWER = 0.3;
/** Measurements of a trained task that its predictor stands on. */
const TRAINED_SUPPORT = 120;

/**
 * Real models on devices: a Gaussian over tasks in log values. Mean and covariance of models come from the training tasks, and from what models are where nothing of
 * them was measured; which tasks the new one is like, and how much each part counts, is averaged by evidence (docs/method.md 11).
 */
export class MultiTask implements Learner {
  readonly name: string;
  private readonly models = new Map<string, ModelDescription>();

  constructor(readonly state: MultiTaskState) {
    this.name = state.name;
    for (const { values } of state.tables) for (const model of values.models) this.models.set(model.id, model);
  }

  /** The models of its tables, by name. */
  known(): Workload[] {
    return [...this.models.keys()].map((id) => ({ id, facts: {} }));
  }

  /** Names of the models that tasks of a target have measured. */
  measuredOn(target: Target): ReadonlySet<string> {
    return new Set(this.state.tables.filter((t) => t.values.target === target).flatMap((t) => [...t.position.keys()]));
  }

  /** @throws HwcastError `unsupported` for a name that nothing is known of */
  describe(workloads: readonly Workload[]): ModelDescription[] {
    return workloads.map((workload) => {
      const known = this.models.get(workload.id);
      if (known) return known;
      const description = describeModel(workload);
      if (isDescribed(description)) return description;
      throw new HwcastError('unsupported', `nothing is known of the model '${workload.id}' but its name`, {
        hint: `give the file of the model${hintOf(closeNames(workload.id, this.models.keys(), 3))}`,
      });
    });
  }

  /**
   * The `k` candidates to measure so that the others are known best, cheap ones preferred where they tell as much.
   * @param asked what is to be known of the others; latency, where the model knows it, unless told
   */
  choose(candidates: readonly Workload[], k: number, measured: readonly Workload[] = [], asked?: Target): Workload[] {
    const drawn =
      candidates.length > MOST_CANDIDATES
        ? createRandom('candidates')
            .sample(candidates.length, MOST_CANDIDATES)
            .map((i) => candidates[i])
        : candidates;
    const all = [...measured, ...drawn],
      models = this.describe(all);
    const targets = this.state.tables.map((t) => t.values.target),
      target = asked ?? (targets.includes('latency') ? 'latency' : targets[0]);
    const [table] = this.tablesFor(target, models),
      seen = table.see(models);
    const { C, own, mean } = covarianceOfChoice(table, seen);
    const worth = mean.map((m) => Math.exp(-COST_POWER * Math.max(0, m)));
    return mostInformative(C, own, k, { fixed: measured.map((_, i) => i), worth }).map((i) => all[i]);
  }

  adapt(support: readonly SupportRow[], task: AskedTask): AdaptedMultiTask {
    return this.adaptOn(this.state.tables, support, task);
  }

  private adaptOn(tables: readonly ModelTable[], support: readonly SupportRow[], task: AskedTask): AdaptedMultiTask {
    checkSupport(support);
    const models = this.describe(support.map((s) => s.workload));
    const logs = Float64Array.from(support, (s) => Math.log(s.value)),
      spread = Float64Array.from(support, (s) => (s.spread !== undefined && Number.isFinite(s.spread) ? s.spread ** 2 : 0));
    const known = this.tablesFor(task.target, models, tables),
      all = [...models.keys()],
      withGraph = all.filter((i) => models[i].graph),
      everything: Measured = { rows: all, models },
      drawable: Measured =
        withGraph.length === all.length ? everything : { rows: withGraph, models: withGraph.map((i) => models[i]) };
    const fitOn = (table: SeenTable, of: Measured): Fit => {
      const seen = table.see(of.models),
        noise = seen.noise.map((v, i) => v + spread[of.rows[i]]);
      const parts = kernelParts(seen.scaled, seen.scaled, table.values.scales.length);
      const values = Float64Array.from(of.rows, (i) => logs[i] - table.level);
      const posterior = robustPosterior(table, { at: seen.at, noise }, values, parts),
        looSquare = meanSquare(posterior.leftOut.standardised);
      const scale = this.intervalScale(table, of.rows.length) * supportWidth(of.rows.length, looSquare);
      return { table, seen, posterior, scale, evidence: posterior.evidence, probability: 0 };
    };
    const fits = known.flatMap((table) => {
      const own = fitOn(table, everything),
        drawn = withGraph.length < GRAPH_SHARE * all.length ? [] : drawnTables(table, drawable.models, task.setting);
      if (!drawn.length) return [own];
      // machines know graphs only: what was measured without one is left to the table, whatever the machine
      const rest = drawable === everything ? 0 : own.evidence - fitOn(table, drawable).evidence;
      const ofMachine = (machine: SeenTable): Fit => {
        const fit = fitOn(machine, drawable);
        return { ...fit, evidence: fit.evidence + rest };
      };
      return [own, ...drawn.map(ofMachine)];
    });
    return new AdaptedMultiTask(this, likelyFits(fits), { ...task }, [...support]);
  }

  /** Latency on hardware of its tasks in a setting that was not measured; undefined where it knows nothing of that. */
  inSetting(setting: RunSetting): UnmeasuredSetting | undefined {
    return unmeasuredSetting(this.state.tables, setting);
  }

  /** The predictor of a task that was trained on: measured values where there are, the others from them and from the other tasks. */
  trained(asked: Task): Predictor {
    const isAsked = (own: Task) => taskId(own) === taskId(asked);
    // a table of another target may hold the task too, to inform its own
    const table = this.state.tables.find((t) => t.values.target === asked.target && t.values.tasks.some(isAsked));
    if (!table) throw new HwcastError('not-found', `the model was not trained on ${taskId(asked)}`);
    const { tasks, models, logs } = table.values,
      column = tasks.findIndex(isAsked);
    const measured = models.map((_, m) => m).filter((m) => !Number.isNaN(logs[column * models.length + m]));
    const valueAt = (m: number) => Math.exp(logs[column * models.length + m]);
    const drawn =
      measured.length > TRAINED_SUPPORT
        ? createRandom('trained')
            .sample(measured.length, TRAINED_SUPPORT)
            .map((i) => measured[i])
        : measured;
    const others = tasks.length > 1 ? withoutTasks(table, isAsked) : table;
    const support = drawn.map((m) => ({ workload: { id: models[m].id, facts: {} }, value: valueAt(m) }));
    const adapted = this.adaptOn([others], support, asked),
      values = new Map(measured.map((m) => [models[m].id, valueAt(m)]));
    const sum = table.values.sums?.find((s) => s.column === column);
    return {
      name: this.name,
      predict: (workloads) =>
        adapted.predict(workloads).map((p, i) => {
          const value = values.get(workloads[i].id),
            isNew = !table.position.has(workloads[i].id),
            summed = sum && isNew ? estimateOfSum(sum, workloads[i], asked.target) : undefined,
            estimate = summed?.estimate ?? p.targets[asked.target]!;
          if (value === undefined)
            return {
              ...p,
              warnings: summed?.warnings ?? p.warnings,
              targets: { [asked.target]: { ...estimate, provenance: 'surrogate' as const } },
            };
          return singleTarget(asked.target, { ...estimate, value, low: null, high: null, provenance: 'measured' });
        }),
    };
  }

  /** Tables of the target: the one that knows most of the models, or all where none knows half. @throws HwcastError `unsupported` */
  private tablesFor(target: string, models: readonly ModelDescription[], tables = this.state.tables): ModelTable[] {
    const of = tables.filter((t) => t.values.target === target);
    if (!of.length)
      throw new HwcastError('unsupported', `the model was not trained on ${target}`, {
        hint: `it knows ${[...new Set(tables.map((t) => t.values.target))].join(', ')}`,
      });
    const shares = of.map((t) => models.filter((m) => t.position.has(m.id)).length / models.length),
      most = Math.max(...shares);
    return most >= KNOWN_SHARE ? of.filter((_, i) => shares[i] === most) : of;
  }

  private intervalScale(table: SeenTable, size: number): number {
    // draws are as wide as weights may differ; factors were found on tables
    if (table instanceof DrawnTable) return 1;
    const { name, target } = table.values;
    const of = this.state.intervals.filter((i) => i.table === name && i.target === target);
    return of.length ? nearestSize(of, size)!.scale : 1;
  }
}

/** What a model without measurements takes in a task, as the sum over its operators, and which of them none like them was measured for. */
function estimateOfSum(
  sum: TableSum,
  { graph }: Workload,
  target: Target,
): { estimate: Omit<Estimate, 'provenance'>; warnings: string[] } | undefined {
  const summed = graph && sumGraph(sum, graph);
  if (!summed) return undefined;
  const { median: value, low, high } = logRange(summed.log, sum.deviation);
  return {
    estimate: { value, low, high, unit: UNITS[target] },
    warnings: saidOfUnmeasured(summed.unmeasured),
  };
}

const hintOf = (names: readonly string[]): string => (names.length ? `, or one of: ${names.join(', ')}` : '');

const meanSquare = (values: Float64Array): number => values.reduce((a, v) => a + v * v, 0) / values.length;

/** Standard deviations beyond which a measurement is taken for an exception (a model that falls back to another unit, a disturbed run). */
const EXCEPTION = 3;

/** The posterior, with measurements that the others contradict counted less: their noise grows by what they are off. */
function robustPosterior(
  table: SeenTable,
  { at, noise }: SeenWorkloads,
  values: Float64Array,
  parts: KernelParts,
): TaskPosterior {
  let own = noise,
    posterior = taskPosterior(table.centred, table.kinds, { at, noise }, values, parts);
  for (let round = 0; round < values.length / 4; round++) {
    const { residual, standardised } = posterior.leftOut;
    let worst = 0;
    for (let i = 1; i < values.length; i++) if (Math.abs(standardised[i]) > Math.abs(standardised[worst])) worst = i;
    if (Math.abs(standardised[worst]) < EXCEPTION) break;
    own = own.map((v, i) => (i === worst ? v + residual[i] ** 2 : v));
    posterior = taskPosterior(table.centred, table.kinds, { at, noise: own }, values, parts);
  }
  return posterior;
}

/** Prior covariance of candidates, variance of each by itself, and its mean log value relative to the table's. */
function covarianceOfChoice(table: ModelTable, seen: SeenModels): { C: Float64Array; own: Float64Array; mean: Float64Array } {
  const columns = table.kinds.length,
    scales = SCALES_OF_CHOICE,
    weights = new Float64Array(columns).fill(1);
  const unit = meanVariance(table.centred, columns, weights),
    prior = columnPrior(seen.at, columns, weights),
    parts = kernelParts(seen.scaled, seen.scaled, table.values.scales.length);
  const C = innerProducts(prior, prior, columns);
  for (let i = 0; i < C.length; i++) C[i] = LEVEL_VARIANCE + scales.tasks * C[i] + unit * kernelOf(parts, i, scales);
  const own = prior.variance.map((_, i) => ownVariance(prior, seen, unit, scales, i));
  return { C, own, mean: prior.mean };
}
