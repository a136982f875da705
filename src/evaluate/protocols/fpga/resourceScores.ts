import { mean, symmetricError } from '../../../core/statistics.js';

/** A count with its 90 % interval where the method has one. */
export interface ScoredCount {
  value: number;
  truth: number;
  low?: number;
  high?: number;
}

/** Scores of predicted counts; shares and SMAPE as fractions, `coverage90` null where the method has no interval. */
export interface ResourceScores {
  /** mean of 2 |p - y| / (p + y), 0 where both are 0 */
  smape: number;
  within10: number;
  exact: number;
  /** null where all true counts are equal */
  r2: number | null;
  rmse: number;
  coverage90: number | null;
}

export function resourceScores(counts: readonly ScoredCount[]): ResourceScores {
  const share = (test: (c: ScoredCount) => boolean) => mean(counts.map((c) => (test(c) ? 1 : 0)));
  const truth = mean(counts.map((c) => c.truth)),
    square = mean(counts.map((c) => (c.value - c.truth) ** 2)),
    spread = mean(counts.map((c) => (c.truth - truth) ** 2));
  return {
    smape: mean(counts.map((c) => symmetricError(c.truth, c.value))) / 100,
    within10: share((c) => Math.abs(c.value - c.truth) <= 0.1 * c.truth),
    exact: share((c) => Math.round(c.value) === c.truth),
    r2: spread > 0 ? 1 - square / spread : null,
    rmse: Math.sqrt(square),
    coverage90: counts.every((c) => c.low !== undefined && c.high !== undefined)
      ? share((c) => c.low! <= c.truth && c.truth <= c.high!)
      : null,
  };
}

/** One line of an FPGA adaptation result: means over draws (and over tasks, where `task` is `all`). */
export interface TransferRow extends ResourceScores {
  /** the family or source left out */
  task: string;
  /** what is known of the designs asked about */
  setting: string;
  target: string;
  method: string;
  k: number;
  selection: 'random' | 'chosen' | 'none';
  draws: number;
  /** standard deviation of the draws' SMAPE */
  smapeSd: number;
}

type Key = Pick<TransferRow, 'task' | 'setting' | 'target' | 'method' | 'k' | 'selection'>;

const meanOrNull = (v: readonly (number | null)[]): number | null => {
  const known = v.filter((x): x is number => x !== null);
  return known.length ? mean(known) : null;
};

/** Collects the scores of draws into rows, in the order they came. */
export class TransferRows {
  private readonly draws = new Map<string, { key: Key; scores: ResourceScores[] }>();

  add(key: Key, counts: readonly ScoredCount[]): void {
    if (!counts.length) return;
    const name = JSON.stringify(key),
      have = this.draws.get(name) ?? { key, scores: [] };
    have.scores.push(resourceScores(counts));
    this.draws.set(name, have);
  }

  /** Every task's rows, then the mean over tasks (task `all`, where there are several). */
  rows(): TransferRow[] {
    const each = [...this.draws.values()].map(({ key, scores }): TransferRow => {
      const smape = scores.map((s) => s.smape),
        centre = mean(smape);
      return {
        ...key,
        draws: scores.length,
        smape: centre,
        smapeSd: Math.sqrt(mean(smape.map((s) => (s - centre) ** 2))),
        within10: mean(scores.map((s) => s.within10)),
        exact: mean(scores.map((s) => s.exact)),
        r2: meanOrNull(scores.map((s) => s.r2)),
        rmse: mean(scores.map((s) => s.rmse)),
        coverage90: meanOrNull(scores.map((s) => s.coverage90)),
      };
    });
    const over = new Map<string, TransferRow[]>();
    for (const row of each) {
      const { setting, target, method, k, selection } = row,
        name = JSON.stringify([setting, target, method, k, selection]);
      over.set(name, [...(over.get(name) ?? []), row]);
    }
    const all = [...over.values()]
      .filter((rows) => rows.length > 1)
      .map(
        (rows): TransferRow => ({
          ...rows[0],
          task: 'all',
          draws: rows.reduce((n, r) => n + r.draws, 0),
          smape: mean(rows.map((r) => r.smape)),
          smapeSd: mean(rows.map((r) => r.smapeSd)),
          within10: mean(rows.map((r) => r.within10)),
          exact: mean(rows.map((r) => r.exact)),
          r2: meanOrNull(rows.map((r) => r.r2)),
          rmse: mean(rows.map((r) => r.rmse)),
          coverage90: meanOrNull(rows.map((r) => r.coverage90)),
        }),
      );
    return [...each, ...all];
  }
}
