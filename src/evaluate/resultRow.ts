import type { Target } from '../graph/targets.js';

export type Selection = 'random' | 'chosen';

/** Scores that rows of every protocol have: errors, shares and coverage are fractions; null where unknown. */
const SCORE_COLUMNS = ['spearman', 'spearmanSd', 'kendall', 'mape', 'medianApe', 'within5', 'within10', 'coverage90'] as const;
export type ScoreColumn = (typeof SCORE_COLUMNS)[number];

/**
 * Scores that rows of counts (protocol fpga) have besides: `n` designs, SMAPE and its spread over draws in percent, also of rounded predictions and
 * in rule4ml's form (|y| + |p| + 1 in the denominator), `exact` as a fraction.
 */
const COUNT_COLUMNS = ['n', 'r2', 'smape', 'smapeSd', 'smapeRounded', 'smapePlusOne', 'rmse', 'exact'] as const;
export type CountColumn = (typeof COUNT_COLUMNS)[number];

/** What a row is about. */
export interface RowPlace {
  protocol: string;
  space: string;
  task: string;
  device: string;
  target: Target;
  method: string;
  /** measurements of the device in total, reference networks included */
  k: number;
  selection: Selection;
}

/** One row of `results.json`: mean over draws; unknown = null. */
export interface ResultRow extends RowPlace, Record<ScoreColumn, number | null>, Partial<Record<CountColumn, number | null>> {
  draws: number;
  /** Spearman of the same features fitted to up to 900 measurements of the very device */
  ceiling: number | null;
  /** date and time of the run, ISO 8601 */
  measuredAt: string;
  command: string;
}

/** What all rows of a run have in common. */
export type RunStamp = Pick<ResultRow, 'command' | 'measuredAt'>;
/** Scores by column, of a draw or means of them. */
export type ScoreValues = Partial<Record<ScoreColumn | CountColumn, number | null>>;

/** A row with null for what is unknown or not finite; columns of counts only where `ofCounts`. */
export function resultRow(
  { protocol, space, task, device, target, method, k, selection }: RowPlace,
  values: ScoreValues & { draws: number; ceiling?: number | null; ofCounts: boolean },
  { measuredAt, command }: RunStamp,
): ResultRow {
  const finite = (value: number | null | undefined) => (typeof value === 'number' && Number.isFinite(value) ? value : null);
  const filled = <C extends keyof ScoreValues>(columns: readonly C[]) =>
    Object.fromEntries(columns.map((c) => [c, finite(values[c])])) as Record<C, number | null>;
  return {
    ...{ protocol, space, task, device, target, method, k, selection, draws: values.draws },
    ...filled(SCORE_COLUMNS),
    ceiling: finite(values.ceiling),
    measuredAt,
    command,
    ...(values.ofCounts ? filled(COUNT_COLUMNS) : {}),
  };
}
