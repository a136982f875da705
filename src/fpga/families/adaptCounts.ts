import { kept } from '../../core/kept.js';
import { adaptHead, type Posterior, predictHead } from '../../surrogate/head/bayesianHead.js';
import { chooseForAll } from '../../surrogate/head/chooseSupport.js';
import { linked } from '../../surrogate/head/link.js';
import type { Setting } from '../../surrogate/head/settings.js';
import { type TaskPrior, taskPrior } from '../../surrogate/head/taskPrior.js';
import { nearestSize, supportWidth, Z90 } from '../../surrogate/head/tuneSettings.js';
import type { CountTarget } from './familyCounts.js';
import { type HeadRow, SHARES } from './familyReferences.js';

/** Whether the training families synthesised the design asked about (`seen`), or only their part costs speak of it (`unseen`). */
export const KNOWLEDGE = ['seen', 'unseen'] as const;
export type Knowledge = (typeof KNOWLEDGE)[number];

/** What was tuned for one target; plain data. */
export interface CountTuning {
  sizes: { size: number; logPrior: number[]; interval: number }[];
  /** without any measurement: mean of log(count / baseline) over the training families, and the half width of a 90 % interval */
  prior: { level: number; half: number };
}
export type CountTunings = Record<CountTarget, Record<Knowledge, CountTuning>>;

/** Groups of the head's columns: `part`, shares of the cost of the parts; `family`, one column a training family. */
const COLUMN_GROUPS = ['part', 'family'] as const;
const variances = (of: Record<(typeof COLUMN_GROUPS)[number], number>) => Float64Array.from(COLUMN_GROUPS, (g) => of[g]);

/** Settings that evidence averages over: how far a family is from the training families (`device`), in its own part costs (`part`) and columns (`family`). */
export const COUNT_SETTINGS: readonly Setting[] = [0, 0.1, 1, 3].flatMap((device) =>
  [1e-2, 1e-1, 4e-1].flatMap((part) =>
    [1e-3].flatMap((family) =>
      [5e-4, 3e-3, 1.6e-2].flatMap((noise) =>
        (['tasks', 0] as const)
          .filter((mean) => mean === 0 || device <= 0.1)
          .map(
            (mean): Setting => ({
              device,
              group: variances({ part, family }),
              noise,
              mean,
            }),
          ),
      ),
    ),
  ),
);

/** Feature groups of the head's columns: a column a training family, then the shares. */
export const groupsOf = (families: number): Uint8Array =>
  Uint8Array.from({ length: families + SHARES }, (_, j) => COLUMN_GROUPS.indexOf(j < families ? 'family' : 'part'));

/** Prior over what a new family is: near a copy of any training family but `without`, or between them. */
export function copiesPrior(families: number, without = -1): TaskPrior {
  const weights: Float64Array[] = [];
  for (let g = 0; g < families; g++) {
    if (g === without) continue;
    const w = new Float64Array(families + SHARES);
    w[g] = 1;
    weights.push(w);
  }
  return taskPrior(weights, families + SHARES);
}

/** Columns of rows, [rows, width]. */
export const stacked = (rows: readonly HeadRow[], width: number): Float64Array => {
  const X = new Float64Array(rows.length * width);
  rows.forEach((r, i) => {
    X.set(r.x, i * width);
  });
  return X;
};

/** Positions of `k` rows whose counts tell most of the others on a new family, after those at `fixed`. */
export const chooseRows = (
  families: number,
  rows: readonly HeadRow[],
  k: number,
  fixed: readonly number[] = [],
  without?: number,
): number[] =>
  chooseForAll(copiesPrior(families, without), groupsOf(families), stacked(rows, families + SHARES), k, {
    variance: variances({ part: 0.1, family: 1e-3 }),
    device: 1,
    noise: 4e-3,
    noiseScale: rows.map((r) => r.noise),
    fixed,
  });

/** Counts of one target on one family, after adaptation. */
export interface AdaptedCounts {
  /** log marginal likelihood of the support's counts, 0 without any */
  logEvidence: number;
  predict(rows: readonly HeadRow[], knowledge: Knowledge): { value: number; low: number; high: number }[];
}

/** Posterior of a family from measured counts (docs/method.md 9); without any, the mean of the training families. */
export function adaptCounts(
  families: number,
  tuning: Record<Knowledge, CountTuning>,
  support: readonly HeadRow[],
  counts: readonly number[],
): AdaptedCounts {
  const between = (log: number, half: number) => ({
    value: Math.exp(log),
    low: Math.exp(log - half),
    high: Math.exp(log + half),
  });
  if (!support.length)
    return {
      logEvidence: 0,
      predict: (rows, knowledge) => {
        const { level, half } = tuning[knowledge].prior;
        return rows.map((r) => between(r.base + level, half));
      },
    };
  const width = families + SHARES,
    X = stacked(support, width),
    ratio = linked(
      counts.map((c, i) => Math.max(1, c) / Math.exp(support[i].base)),
      'log',
    );
  const known = new Map<Knowledge, { posterior: Posterior; interval: number }>();
  const adapted = (knowledge: Knowledge) =>
    kept(known, knowledge, () => {
      const tuned = nearestSize(tuning[knowledge].sizes, support.length);
      const logPrior = tuned?.logPrior ?? new Array(COUNT_SETTINGS.length).fill(-Math.log(COUNT_SETTINGS.length));
      const posterior = adaptHead(
        copiesPrior(families),
        groupsOf(families),
        { X, values: ratio.values, noiseScale: Float64Array.from(support, (r) => r.noise) },
        COUNT_SETTINGS,
        logPrior,
      );
      return { posterior, interval: (tuned?.interval ?? 1) * supportWidth(support.length, posterior.looSquare) };
    });
  return {
    logEvidence: adapted('seen').posterior.logEvidence,
    predict: (rows, knowledge) => {
      if (!rows.length) return [];
      const { posterior, interval } = adapted(knowledge);
      const { mean, deviation } = predictHead(posterior, stacked(rows, width));
      return rows.map((r, i) => between(Math.log(ratio.back(mean[i])) + r.base, Z90 * interval * deviation[i] * posterior.scale));
    },
  };
}
