import { mean, median, spearman, symmetricError } from '../core/statistics.js';
import { countScores, coverage } from './countScores.js';
import type { ScoreValues } from './resultRow.js';
import { scores } from './scores.js';

/** A predicted value; `low` and `high` where the method knows a 90 % interval. */
export interface Answer {
  value: number;
  low?: number | null;
  high?: number | null;
}

/** How the answers of a protocol are scored and shown. */
export interface Scoring {
  /** scores of one draw; null where there is none, NaN where it cannot be known */
  score(answers: readonly Answer[], truth: readonly number[]): ScoreValues;
  /** score whose standard deviation over draws is shown */
  readonly spread?: 'spearman' | 'smape';
  /** rows have the columns of counts */
  readonly ofCounts: boolean;
  /** columns of a row from the means of scores */
  columns(means: ScoreValues): ScoreValues;
}

const asTheyAre = (means: ScoreValues): ScoreValues => means;
const percent = (fraction: number | null | undefined) => (typeof fraction === 'number' ? 100 * fraction : null);
/** SMAPE is averaged as a fraction and shown in percent. */
const smapeInPercent = (means: ScoreValues): ScoreValues => ({
  ...means,
  smape: percent(means.smape),
  smapeSd: percent(means.smapeSd),
});
const valuesOf = (answers: readonly Answer[]) => answers.map((a) => a.value);
const relativeErrors = (answers: readonly Answer[], truth: readonly number[]) =>
  answers.map((a, i) => Math.abs(a.value / truth[i] - 1));
const withinTenth = (errors: readonly number[]) => mean(errors.map((e) => (e <= 0.1 ? 1 : 0)));

/** Latency, energy: rank, relative errors, coverage. */
export const NETWORK_SCORING: Scoring = {
  score: (answers, truth) => ({
    ...scores(
      answers.map(({ value, low, high }) => ({ value, low: low ?? Number.NaN, high: high ?? Number.NaN })),
      truth,
    ),
    ...(answers.some((a) => typeof a.low === 'number') ? {} : { coverage90: null }),
  }),
  spread: 'spearman',
  ofCounts: false,
  columns: asTheyAre,
};

/** Counts after adaptation. */
export const ADAPTED_COUNT_SCORING: Scoring = {
  score(answers, truth) {
    const { smape, within10, exact, r2, rmse } = countScores(truth, valuesOf(answers));
    return { smape: smape / 100, within10, exact, r2: Number.isNaN(r2) ? null : r2, rmse, coverage90: coverage(answers, truth) };
  },
  spread: 'smape',
  ofCounts: true,
  columns: smapeInPercent,
};

/** Counts of designs that nothing was measured of. */
export const COUNT_SCORING: Scoring = {
  score(answers, truth) {
    const { exact: _, ...shown } = countScores(truth, valuesOf(answers));
    return { ...shown, coverage90: coverage(answers, truth) };
  },
  ofCounts: true,
  columns: asTheyAre,
};

/** HLS kernels, whose points may all be predicted alike: no rank is a rank of 0. */
export const KERNEL_SCORING: Scoring = {
  score(answers, truth) {
    const values = valuesOf(answers),
      errors = relativeErrors(answers, truth),
      rank = spearman(values, truth);
    return {
      spearman: Number.isFinite(rank) ? rank : 0,
      medianApe: median(errors),
      smape: mean(values.map((v, i) => symmetricError(truth[i], v))) / 100,
      within10: withinTenth(errors),
    };
  },
  spread: 'spearman',
  ofCounts: true,
  columns: smapeInPercent,
};

/** Watts and joules: relative errors alone. */
export const POWER_SCORING: Scoring = {
  score(answers, truth) {
    const errors = relativeErrors(answers, truth);
    return { n: errors.length, mape: mean(errors), medianApe: median(errors), within10: withinTenth(errors) };
  },
  ofCounts: true,
  columns: asTheyAre,
};
