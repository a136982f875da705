import { HwcastError } from '../../../core/errors.js';
import { TARGETS, type Target } from '../../../graph/targets.js';
import type { ResultRow } from '../../resultRow.js';

/** Scores that only FPGA designs have; null where unknown. SMAPE in percent, exact as a fraction. */
export interface FpgaScoreColumns {
  n: number | null;
  r2: number | null;
  smape: number | null;
  smapeSd: number | null;
  smapeRounded: number | null;
  /** rule4ml's form, |y| + |p| + 1 in the denominator */
  smapePlusOne: number | null;
  rmse: number | null;
  exact: number | null;
}

/** A row of `results.json` of the protocol fpga: the columns of all protocols, and those of FPGA designs. */
export type FpgaRow = ResultRow & FpgaScoreColumns;

const NAMES: Record<string, Target> = { bram: 'bram18' };

/** A row with null for what is unknown; numbers that are not finite are unknown. */
export function fpgaRow(
  known: Partial<Omit<FpgaRow, 'target'>> &
    Pick<ResultRow, 'space' | 'task' | 'device' | 'method' | 'k' | 'selection' | 'command' | 'measuredAt'> & {
      target: string;
    },
): FpgaRow {
  const target = NAMES[known.target] ?? known.target;
  if (!(TARGETS as readonly string[]).includes(target)) throw new HwcastError('bad-input', `no target '${known.target}'`);
  const number = (key: keyof FpgaScoreColumns | keyof ResultRow): never => {
    const v = known[key as 'mape'];
    return (typeof v === 'number' && Number.isFinite(v) ? v : null) as never;
  };
  return {
    protocol: 'fpga',
    space: known.space,
    task: known.task,
    device: known.device,
    target: target as Target,
    method: known.method,
    k: known.k,
    selection: known.selection,
    draws: known.draws ?? 1,
    spearman: number('spearman'),
    spearmanSd: number('spearmanSd'),
    kendall: number('kendall'),
    mape: number('mape'),
    medianApe: number('medianApe'),
    within5: number('within5'),
    within10: number('within10'),
    coverage90: number('coverage90'),
    ceiling: null,
    measuredAt: known.measuredAt,
    command: known.command,
    n: number('n'),
    r2: number('r2'),
    smape: number('smape'),
    smapeSd: number('smapeSd'),
    smapeRounded: number('smapeRounded'),
    smapePlusOne: number('smapePlusOne'),
    rmse: number('rmse'),
    exact: number('exact'),
  };
}
