import type { LabelStage } from '../../fpga/design/hlsDesign.js';
import { FPGA_TARGETS, type FpgaTarget, type FpgaValue } from '../../fpga/fpgaPredictor.js';
import type { Verdict } from '../../fpga/rules/feasibility.js';

/** Columns of tables by target. */
export const COLUMN: Record<FpgaTarget, string> = {
  lut: 'lut',
  ff: 'ff',
  dsp: 'dsp',
  bram18: 'bram18',
  uram: 'uram',
  latMin: 'lat_min',
  latMax: 'lat_max',
  iiMin: 'ii_min',
  iiMax: 'ii_max',
};

/** What a row of CSV shows of a prediction. */
export interface CsvPrediction {
  stage: LabelStage;
  targets: Partial<Record<FpgaTarget, FpgaValue>>;
  verdict: Verdict;
}

/** Columns `id,stage,lut,..,ii_max,feasible`, then an interval per target and the provenance; empty what is not known. `feasible` is the verdict. */
export const CSV_HEAD: readonly string[] = [
  'id',
  'stage',
  ...FPGA_TARGETS.map((t) => COLUMN[t]),
  'feasible',
  ...FPGA_TARGETS.flatMap((t) => [`${COLUMN[t]}_low`, `${COLUMN[t]}_high`]),
  'provenance',
];
export function csvRow(id: string, { stage, targets, verdict }: CsvPrediction): (string | number)[] {
  const rounded = (v: number | null | undefined): number | '' => (v === null || v === undefined ? '' : Math.round(v));
  return [
    id,
    stage,
    ...FPGA_TARGETS.map((t) => rounded(targets[t]?.value)),
    verdict,
    ...FPGA_TARGETS.flatMap((t) => [rounded(targets[t]?.low), rounded(targets[t]?.high)]),
    [...new Set(FPGA_TARGETS.flatMap((t) => targets[t]?.provenance ?? []))].join('+'),
  ];
}

/** Interval of a value as text. */
export const span = (v: FpgaValue): string =>
  v.low === null || v.high === null ? '' : v.low === v.high ? 'exact' : `${Math.round(v.low)}-${Math.round(v.high)}`;

/** Share of a part as text. */
export const percent = (v: number): string => (Number.isFinite(v) ? `${v < 10 ? v.toFixed(1) : v.toFixed(0)} %` : 'none there');
