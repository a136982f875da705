import { mean, median, spearman } from '../../core/statistics.js';

/** One measured pass of one workload. */
export interface Pass {
  /** any key of the workload */
  workload: number;
  /** the machine start or session the pass belongs to; passes of one run share its drift */
  run: string;
  /** SI */
  value: number;
}

export interface AggregatedValue {
  workload: number;
  /** SI */
  value: number;
  /** median absolute deviation of the logs of the passes, run factors taken out */
  spread: number;
  /** number of passes */
  repeats: number;
}

/** Noise of one task, as `DatasetCard.noise` holds it. */
export interface PassNoise {
  /** Spearman between the means of every other pass and of the rest, over workloads with at least the median number of passes */
  halves: number;
  /** what that implies for the mean of all passes (Spearman-Brown) */
  ofMean: number;
  /** median over workloads of the difference of the two halves' log means */
  medianDifference: number;
  /** passes per workload, median, at least 2 */
  passes: number;
}

export interface Aggregation {
  values: AggregatedValue[];
  /** log factor taken out of each run; their mean is 0 */
  runFactors: Record<string, number>;
  /** null where fewer than three workloads have two passes */
  noise: PassNoise | null;
}

const POLISH_ROUNDS = 8;

/**
 * Many passes of a task to one value a workload. A machine shared with others drifts: passes of different runs differ by more than those within
 * one. So log(value) = level of the workload + factor of the run + noise is fitted by median polish (Tukey 1977, Exploratory Data Analysis,
 * chapter 11; 8 rounds), the run factors are taken out, and the value is the geometric mean over passes. With `mean: 'arithmetic'` (counters
 * such as energy, which add up) nothing is taken out and the value is the plain mean.
 * @param passes in the order they were measured, per workload
 */
export function aggregatePasses(passes: readonly Pass[], options: { mean?: 'geometric' | 'arithmetic' } = {}): Aggregation {
  const geometric = options.mean !== 'arithmetic';
  const logs = passes.map((p) => Math.log(p.value));
  const factors = geometric ? medianPolish(passes, logs) : new Map(passes.map((p) => [p.run, 0]));
  const byWorkload = groupBy(passes, (p) => p.workload);
  const cleaned = new Map([...byWorkload].map(([w, at]) => [w, at.map((i) => logs[i] - factors.get(passes[i].run)!)]));
  const values = [...cleaned].map(([workload, v]) => ({
    workload,
    value: geometric ? Math.exp(mean(v)) : mean(byWorkload.get(workload)!.map((i) => passes[i].value)),
    spread: deviation(v),
    repeats: v.length,
  }));
  return { values, runFactors: Object.fromEntries(factors), noise: passNoise([...cleaned.values()]) };
}

function medianPolish(passes: readonly Pass[], logs: readonly number[]): Map<string, number> {
  const byWorkload = [...groupBy(passes, (p) => p.workload).values()],
    byRun = groupBy(passes, (p) => p.run);
  const factor = new Map([...byRun.keys()].map((run) => [run, 0]));
  if (factor.size < 2) return factor;
  const level = new Float64Array(passes.length);
  for (let round = 0; round < POLISH_ROUNDS; round++) {
    for (const at of byWorkload) {
      const middle = median(at.map((i) => logs[i] - factor.get(passes[i].run)!));
      for (const i of at) level[i] = middle;
    }
    for (const [run, at] of byRun) factor.set(run, median(at.map((i) => logs[i] - level[i])));
    const middle = mean([...factor.values()]);
    for (const run of factor.keys()) factor.set(run, factor.get(run)! - middle);
  }
  return factor;
}

function passNoise(logs: readonly number[][]): PassNoise | null {
  const passes = Math.max(2, Math.trunc(median(logs.map((v) => v.length))));
  const full = logs.filter((v) => v.length >= passes);
  if (full.length < 3) return null;
  const half = (from: number) => full.map((v) => mean(v.filter((_, i) => i % 2 === from)));
  const a = half(0),
    b = half(1),
    halves = spearman(a, b);
  if (Number.isNaN(halves)) return null;
  return { halves, ofMean: (2 * halves) / (1 + halves), medianDifference: median(a.map((x, i) => Math.abs(x - b[i]))), passes };
}

/** Median absolute deviation from the median. */
export function deviation(values: readonly number[]): number {
  const middle = median(values);
  return median(values.map((v) => Math.abs(v - middle)));
}

function groupBy<K>(passes: readonly Pass[], key: (pass: Pass) => K): Map<K, number[]> {
  const groups = new Map<K, number[]>();
  passes.forEach((p, i) => {
    const group = groups.get(key(p));
    if (group) group.push(i);
    else groups.set(key(p), [i]);
  });
  return groups;
}
