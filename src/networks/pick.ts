import { isDeepStrictEqual } from 'node:util';
import { HwcastError } from '../core/errors.js';
import { MEDIAN_TO_DEVIATION } from '../core/statistics.js';
import type { Task } from '../dataset/dataset.js';
import { modelTableOf } from '../graph/namedModel.js';
import type { OpGraph } from '../graph/opGraph.js';
import { quantityOf } from '../graph/quantityOf.js';
import { UNITS } from '../graph/targets.js';
import type { Workload } from '../graph/workload.js';
import { Z90 } from '../surrogate/head/tuneSettings.js';
import { kindNamed } from '../surrogate/kind.js';
import { type Estimate, estimateOf, type Prediction, type Predictor, type SupportRow } from '../surrogate/predictor.js';
import { probabilityBelow } from '../surrogate/probabilityBelow.js';
import { valueOfMeasuring } from '../surrogate/valueOfMeasuring.js';
import { type Adapted, loadAdapter } from './adapter.js';
import type { Model } from './model.js';
import { asWorkloads, type PredictOptions, predictorFor } from './predict.js';

export interface PickOptions extends Omit<PredictOptions, 'adapter'> {
  /** an adapted device: the adapter file, or what `adapt` or `loadAdapter` gave */
  adapter?: string | (Pick<Adapted, 'predictor' | 'task' | 'support'> & Partial<Pick<Adapted, 'model'>>);
  /** workloads to judge, or a file of them; each counts once */
  candidates?: string | readonly (string | Workload)[];
  /** what a workload may cost at most: `10ms`, `5 mJ`, `512MiB`, or a number in SI */
  budget: string | number;
  /** probability of being wrong that a verdict may have; 0.05 unless told */
  risk?: number;
}

export type Verdict = 'yes' | 'no' | 'maybe';

/** What is known of one workload and the budget. */
export interface Judged {
  workload: Workload;
  /** the measured value where there is one (provenance `measured`), else the predicted one */
  estimate: Estimate;
  /** probability that it meets the budget; null where nothing is known of the error */
  meets: number | null;
  verdict: Verdict;
  /** rank among what is worth measuring, from 1; null where measuring it would not change a verdict */
  next: number | null;
  warnings: string[];
  assumptions: string[];
}

export interface Picked {
  task: Task;
  /** SI */
  budget: number;
  risk: number;
  /** one a workload, in the order of the candidates */
  judged: Judged[];
}

/**
 * Which workloads meet a budget on a device, how sure that is, and which to measure next.
 *
 * `meets` is the probability by the 90 % interval (`probabilityBelow`). The verdict is yes where it is at least 1 - risk, no where it is at most risk, else
 * maybe. A measured workload has its measured value; its spread, where known, is its error, else it is taken as exact, which `assumptions` say. Worth measuring is what is maybe and not measured:
 * first what leaves the fewest verdicts wrong if one had to judge then (`valueOfMeasuring`, in whole percent of a verdict). Where the predictor does not say
 * what errors have in common, a measurement tells of its own workload alone: min(meets, 1 - meets). Of equals the one with the smaller predicted value goes
 * first, which is measured sooner.
 * @throws HwcastError `usage` for a budget of another quantity, a risk outside 0 to 0.5, no candidates; as `predictorFor` and the predictor
 */
export async function pick(options: PickOptions): Promise<Picked> {
  const { risk = 0.05 } = options;
  if (!(risk > 0 && risk < 0.5))
    throw new HwcastError('usage', `the risk must be above 0 and below 0.5, not ${risk}`, {
      hint: '0.05: one verdict in twenty may be wrong',
    });
  const adapter = typeof options.adapter === 'string' ? await loadAdapter(options.adapter, options.model) : options.adapter;
  const { predictor, task } = await predictorFor({ ...options, adapter });
  const budget = budgetOf(options.budget, task);
  const given = options.candidates ?? knownTo(adapter),
    candidates = distinct((await asWorkloads(given)).map((read) => read.workload));
  if (!candidates.length)
    throw new HwcastError('usage', 'no candidates to pick from', { hint: 'name workloads, or a file of them' });
  const predictions = predictor.predict(candidates),
    measured = measurementsOf(candidates, adapter?.support.filter((row) => !row.carried) ?? []);
  const judged = candidates.map((workload, i) => judge(workload, predictions[i], measured[i], { task, budget, risk }));
  rankNext(judged, predictor);
  return { task, budget, risk, judged };
}

/** The real models of the tables that the adapter was measured on. @throws HwcastError `usage` where the model keeps no list of workloads */
function knownTo(adapter: { support: readonly SupportRow[]; model?: Model } | undefined): readonly Workload[] {
  const { model, support = [] } = adapter ?? {},
    tables = new Set(support.map((row) => modelTableOf(row.workload.id))),
    known = model?.known?.filter((workload) => tables.has(modelTableOf(workload.id)));
  if (known?.length) return known;
  const isSpace = model && kindNamed(model.info.domain).draw;
  throw new HwcastError('usage', 'no candidates to pick from', {
    hint: isSpace
      ? `give a file of networks (--input FILE): ${model.info.domain} has too many to judge all; \`hwcast sample\` draws some`
      : 'give a file of workloads (--input FILE)',
  });
}

function budgetOf(budget: string | number, { target }: Task): number {
  if (typeof budget === 'string') return quantityOf(budget, target, 'the budget');
  if (budget > 0 && Number.isFinite(budget)) return budget;
  throw new HwcastError('usage', `the budget must be a positive number of ${UNITS[target]}, not ${budget}`);
}

const distinct = (workloads: readonly Workload[]): Workload[] => {
  const seen = new Set<string>();
  return workloads.filter(({ id }) => !seen.has(id) && seen.add(id));
};

/** The measurement of each candidate, where it has one: of the same name, or of the same graph, since adapters name graphs by their files without folders. */
function measurementsOf(candidates: readonly Workload[], support: readonly SupportRow[]): (SupportRow | undefined)[] {
  const named = new Map(support.filter((row) => !row.workload.graph).map((row) => [row.workload.id, row]));
  const plain = ({ nodes, outputs }: OpGraph): unknown => JSON.parse(JSON.stringify({ nodes, outputs }));
  const graphs = support.flatMap((row) => (row.workload.graph ? [{ row, graph: plain(row.workload.graph) }] : []));
  return candidates.map(({ id, graph }) => {
    if (!graph) return named.get(id);
    const own = graphs.length ? plain(graph) : undefined;
    return graphs.find((measured) => isDeepStrictEqual(measured.graph, own))?.row;
  });
}

function judge(
  workload: Workload,
  prediction: Prediction,
  measured: SupportRow | undefined,
  { task, budget, risk }: Pick<Picked, 'task' | 'budget' | 'risk'>,
): Judged {
  const estimate = measured ? measuredEstimate(measured, UNITS[task.target]) : asMeasured(estimateOf(prediction, task.target)),
    meets = probabilityBelow(estimate, budget);
  const warnings = measured ? [] : [...prediction.warnings];
  if (meets === null) warnings.push('nothing is known of the error: no verdict');
  return {
    workload,
    estimate,
    meets,
    verdict: meets === null ? 'maybe' : meets >= 1 - risk ? 'yes' : meets <= risk ? 'no' : 'maybe',
    next: null,
    warnings,
    assumptions: [...(measured ? [] : prediction.assumptions), ...(isTakenAsExact(estimate) ? [TAKEN_AS_EXACT] : [])],
  };
}

const TAKEN_AS_EXACT = 'the measured value is taken as exact: no spread of its repeats is known';
const isTakenAsExact = ({ value, low, high, provenance }: Estimate): boolean =>
  provenance === 'measured' && low === value && high === value;

/** What a model has measured and keeps no spread of is taken as exact, like a measurement of the support set without spread. */
const asMeasured = (estimate: Estimate): Estimate =>
  estimate.provenance === 'measured' && estimate.low === null
    ? { ...estimate, low: estimate.value, high: estimate.value }
    : estimate;

/**
 * A measured value with the error that its spread (median absolute deviation of the logs of single measurements) leaves it, over the root of the repeats
 * where they are known. Without spread it is taken as exact.
 */
function measuredEstimate({ value, spread, repeats }: SupportRow, unit: string): Estimate {
  const error =
      spread !== undefined && Number.isFinite(spread) ? (MEDIAN_TO_DEVIATION * spread) / Math.sqrt(Math.max(1, repeats ?? 1)) : 0,
    factor = Math.exp(Z90 * error);
  return { value, low: value / factor, high: value * factor, unit, provenance: 'measured' };
}

/** Workloads between which what one tells of another is counted; of more, those that are the least sure. */
const MOST_UNSURE = 200;

/** Gives the workloads worth measuring their ranks. */
function rankNext(judged: readonly Judged[], predictor: Predictor): void {
  // a workload of which nothing is known may as well meet the budget as not
  const meetsOf = ({ meets }: Judged) => meets ?? 0.5,
    wrongOf = (j: Judged) => Math.min(meetsOf(j), 1 - meetsOf(j));
  const unsure = judged
      .filter((j) => j.estimate.provenance !== 'measured' && wrongOf(j) > 0)
      .sort((a, b) => wrongOf(b) - wrongOf(a)),
    together = unsure.filter((j) => j.meets !== null).slice(0, MOST_UNSURE),
    worth = new Map(unsure.map((j) => [j, wrongOf(j)]));
  if (predictor.correlation) {
    const values = valueOfMeasuring(together.map(meetsOf), predictor.correlation(together.map((j) => j.workload)));
    together.forEach((j, i) => {
      worth.set(j, values[i]);
    });
  }
  const percent = (j: Judged) => Math.round(100 * worth.get(j)!);
  unsure
    .filter((j) => j.verdict === 'maybe')
    .sort((a, b) => percent(b) - percent(a) || a.estimate.value - b.estimate.value)
    .forEach((j, i) => {
      j.next = i + 1;
    });
}
