import type { LabelStage } from '../../fpga/design/hlsDesign.js';
import { COUNTS, DESIGN_TARGETS, type DesignTarget } from '../../fpga/designTargets.js';
import type { Verdict } from '../../fpga/rules/feasibility.js';
import type { Estimate, Prediction } from '../../surrogate/predictor.js';

/** Columns of tables by target. */
export const COLUMN: Record<DesignTarget, string> = {
  lut: 'lut',
  ff: 'ff',
  dsp: 'dsp',
  bram18: 'bram18',
  uram: 'uram',
  cycles_min: 'lat_min',
  cycles: 'lat_max',
  ii_min: 'ii_min',
  ii: 'ii_max',
};

/** What one line shows of a design: what HLS and logic synthesis both count, and the most cycles. */
export const LINE_TARGETS = [...COUNTS, 'cycles', 'ii'] as const satisfies readonly DesignTarget[];

/** What a row of CSV shows of a prediction. */
export type CsvPrediction = Pick<Prediction, 'targets'> & { stage: LabelStage };

/** Columns `id,stage,lut,..,ii_max,feasible`, then an interval per target and the provenance; empty what is not known. `feasible` is the verdict. */
export const CSV_HEAD: readonly string[] = [
  'id',
  'stage',
  ...DESIGN_TARGETS.map((t) => COLUMN[t]),
  'feasible',
  ...DESIGN_TARGETS.flatMap((t) => [`${COLUMN[t]}_low`, `${COLUMN[t]}_high`]),
  'provenance',
];
export function csvRow(id: string, { stage, targets }: CsvPrediction, verdict: Verdict): (string | number)[] {
  const rounded = (v: number | null | undefined): number | '' =>
    v === null || v === undefined || Number.isNaN(v) ? '' : Math.round(v);
  return [
    id,
    stage,
    ...DESIGN_TARGETS.map((t) => rounded(targets[t]?.value)),
    verdict,
    ...DESIGN_TARGETS.flatMap((t) => [rounded(targets[t]?.low), rounded(targets[t]?.high)]),
    [...new Set(DESIGN_TARGETS.flatMap((t) => targets[t]?.provenance ?? []))].join('+'),
  ];
}

/** Interval of a value as text. */
export const span = (v: Estimate): string =>
  v.low === null || v.high === null ? '' : v.low === v.high ? 'exact' : `${Math.round(v.low)}-${Math.round(v.high)}`;

/** Share of a part as text. */
export const percent = (v: number): string => (Number.isFinite(v) ? `${v < 10 ? v.toFixed(1) : v.toFixed(0)} %` : 'none there');

/** An estimate as JSON shows it; null where the predictor has none. */
export const shownEstimate = (e: Estimate | undefined): Omit<Estimate, 'unit'> | null =>
  e ? { value: e.value, low: e.low, high: e.high, provenance: e.provenance } : null;
