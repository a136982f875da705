import type { Target } from '../graph/targets.js';

/** One row of `results.json`: mean over draws; errors, shares and coverage are fractions; unknown = null. */
export interface ResultRow {
  protocol: string;
  space: string;
  task: string;
  device: string;
  target: Target;
  method: string;
  /** measurements of the device in total, reference networks included */
  k: number;
  selection: 'random' | 'chosen';
  draws: number;
  spearman: number | null;
  spearmanSd: number | null;
  kendall: number | null;
  mape: number | null;
  medianApe: number | null;
  within5: number | null;
  within10: number | null;
  coverage90: number | null;
  /** Spearman of the same features fitted to up to 900 measurements of the very device */
  ceiling: number | null;
  /** date and time of the run, ISO 8601 */
  measuredAt: string;
  command: string;
}
