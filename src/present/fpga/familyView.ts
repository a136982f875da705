import { csvText } from '../../core/csv.js';
import type { FpgaPart } from '../../device/fpgaParts.js';
import { DESIGN_TARGETS, type DesignTarget } from '../../fpga/designTargets.js';
import type { FamilyDesignPrediction, FamilyPredictor } from '../../fpga/families/familyPredictor.js';
import { fits } from '../../fpga/fits.js';
import type { Estimate } from '../../surrogate/predictor.js';
import { plainTable } from '../plainTable.js';
import { COLUMN, CSV_HEAD, csvRow, percent, shownEstimate, span } from './designColumns.js';

/** Counts of designs on one family of FPGAs. */
export interface PredictedOnFamily {
  family: Pick<FamilyPredictor, 'name' | 'bram'>;
  predictions: readonly FamilyDesignPrediction[];
  /** to compare with */
  part?: FpgaPart;
}

/** Designs shown one by one; more are a line each. */
const DETAILED = 8;

/** Block RAM in the blocks that the family counts. */
const bramOf = ({ targets }: FamilyDesignPrediction): Estimate => (targets.bram ?? targets.bram18)!;

/** What was assumed of a design's Verilog, then its warnings. */
export const familyWarnings = ({ assumptions, warnings }: FamilyDesignPrediction): string[] => [
  ...assumptions.map((a) => `assumed: ${a}`),
  ...warnings,
];

/** The columns of other predictions, then block RAM in the family's own blocks. */
export const familyCsv = ({ predictions, part }: PredictedOnFamily): string =>
  csvText(
    [...CSV_HEAD, 'bram', 'bram_low', 'bram_high'],
    predictions.map((p) => [...csvRow(p.id, p, fits(p, part).verdict), bramOf(p).value, bramOf(p).low, bramOf(p).high]),
  );

/** One JSON array, an object a design. */
export const familyJson = ({ family, predictions, part }: PredictedOnFamily): string =>
  JSON.stringify(
    predictions.map((p) => ({
      id: p.id,
      family: family.name,
      part: part?.name ?? null,
      stage: p.stage,
      ...Object.fromEntries(DESIGN_TARGETS.map((t) => [COLUMN[t], shownEstimate(p.targets[t])])),
      bram: shownEstimate(bramOf(p)),
      feasible: fits(p, part).verdict,
      reasons: fits(p, part).reasons,
      knowledge: p.knowledge,
      warnings: familyWarnings(p),
    })),
    null,
    2,
  );

/** Tables for people: of few designs the targets of each, of many a line a design. */
export function familyText({ family, predictions, part }: PredictedOnFamily): string {
  if (predictions.length > DETAILED) return summary({ family, predictions, part });
  const right = ['predicted', '90 % interval', '% of part'];
  return predictions
    .flatMap((p) => {
      const { verdict, reasons } = fits(p, part);
      const shown: [string, DesignTarget | 'bram'][] = DESIGN_TARGETS.filter((t) => p.targets[t]).map((t) => [COLUMN[t], t]);
      if (family.bram === 'bram') shown.splice(3, 0, ['bram', 'bram']);
      const rows = shown.map(([column, target]) => {
        const estimate = p.targets[target]!;
        return [column, estimate.value, span(estimate), shareOf(estimate.value, target, part), estimate.provenance];
      });
      return [
        `${p.id} on ${family.name}${part ? ` (${part.name})` : ''}, ${p.stage}: ${verdict}`,
        ...reasons.map((r) => `  ${r}`),
        plainTable(['target', ...right, 'from'], rows, right),
        '',
      ];
    })
    .join('\n')
    .trimEnd();
}

/** Share of the part that a count takes, as text; empty without a part, and for what a part does not list. */
function shareOf(count: number, target: DesignTarget | 'bram', part: FpgaPart | undefined): string {
  if (!part || !(target === 'lut' || target === 'ff' || target === 'dsp' || target === 'bram18')) return '';
  return percent(count === 0 ? 0 : (100 * count) / part[target]);
}

function summary({ family, predictions, part }: PredictedOnFamily): string {
  const numbers = ['lut', 'ff', 'dsp', family.bram, 'lat_max', 'ii_max'];
  return plainTable(
    ['design', 'family', ...numbers, 'verdict', 'from'],
    predictions.map((p) => [
      p.id,
      family.name,
      ...(['lut', 'ff', 'dsp'] as const).map((t) => p.targets[t]?.value ?? ''),
      bramOf(p).value,
      p.targets.cycles?.value ?? '',
      p.targets.ii?.value ?? '',
      fits(p, part).verdict,
      p.targets.lut?.provenance ?? '',
    ]),
    numbers,
  );
}
