import { csvText } from '../../core/csv.js';
import { HwcastError } from '../../core/errors.js';
import type { FpgaPart } from '../../device/fpgaParts.js';
import type { HlsDesign } from '../../fpga/design/hlsDesign.js';
import type { FamilyDesignPrediction, FamilyPredictor } from '../../fpga/families/familyPredictor.js';
import { fits } from '../../fpga/fits.js';
import { DESIGN_TARGETS, type DesignTarget } from '../../fpga/fpgaPredictor.js';
import { COLUMN, CSV_HEAD, csvRow, percent, shownEstimate, span } from '../../present/fpga/predictTable.js';
import { plainTable } from '../../present/plainTable.js';
import type { Estimate } from '../../surrogate/predictor.js';
import { whole } from '../options.js';
import { note } from '../progress.js';

interface Options {
  /** asked for by hand */
  stages?: readonly string[];
  method?: string;
  seed?: string;
  /** to compare with; the part that a design names is of another family, most likely, and is left alone */
  part?: FpgaPart;
  csv?: boolean;
  json?: boolean;
}

/**
 * Prints the counts of designs on one family of FPGAs. Of many designs, those that are not written as Verilog are named on stderr and left out; where none can be, the first error
 * is thrown.
 */
export function predictFamily(family: FamilyPredictor, designs: readonly HlsDesign[], options: Options): void {
  const { stages, method } = options;
  if (method !== undefined)
    throw new HwcastError('usage', `--method ${method} knows no family`, { hint: 'leave out --adapter or --family' });
  if (stages?.some((s) => s !== family.stage))
    throw new HwcastError('usage', `'${family.name}' was counted at stage ${family.stage}, not '${stages.join(',')}'`);
  const seed = options.seed === undefined ? undefined : whole('--seed', options.seed);
  const rows: FamilyDesignPrediction[] = [],
    issues: HwcastError[] = [];
  for (const design of designs) {
    try {
      rows.push(family.predict([design], { seed })[0]);
    } catch (error) {
      if (!(error instanceof HwcastError)) throw error;
      issues.push(error);
    }
  }
  if (!rows.length) throw issues[0];
  for (const issue of issues) note(`left out: ${issue.describe()}`);
  for (const design of designs) for (const line of design.assumptions) note(`${design.id}: assumed: ${line}`);
  for (const p of rows) for (const w of warningsOf(p)) note(`warning: ${p.id}: ${w}`);
  const print = options.csv ? csv : options.json ? json : tables;
  process.stdout.write(`${print(family, rows, options.part)}\n`);
}

/** Block RAM in the blocks that the family counts. */
const bramOf = ({ targets }: FamilyDesignPrediction): Estimate => (targets.bram ?? targets.bram18)!;

const warningsOf = ({ assumptions, warnings }: FamilyDesignPrediction): string[] => [
  ...assumptions.map((a) => `assumed: ${a}`),
  ...warnings,
];

/** The columns of other predictions, then block RAM in the family's own blocks. */
const csv = (_: FamilyPredictor, rows: readonly FamilyDesignPrediction[], part?: FpgaPart): string =>
  csvText(
    [...CSV_HEAD, 'bram', 'bram_low', 'bram_high'],
    rows.map((p) => [...csvRow(p.id, p, fits(p, part).verdict), bramOf(p).value, bramOf(p).low, bramOf(p).high]),
  );

const json = (family: FamilyPredictor, rows: readonly FamilyDesignPrediction[], part?: FpgaPart): string =>
  JSON.stringify(
    rows.map((p) => ({
      id: p.id,
      family: family.name,
      part: part?.name ?? null,
      stage: p.stage,
      ...Object.fromEntries(DESIGN_TARGETS.map((t) => [COLUMN[t], shownEstimate(p.targets[t])])),
      bram: shownEstimate(bramOf(p)),
      feasible: fits(p, part).verdict,
      reasons: fits(p, part).reasons,
      knowledge: p.knowledge,
      warnings: warningsOf(p),
    })),
    null,
    2,
  );

function tables(family: FamilyPredictor, rows: readonly FamilyDesignPrediction[], part?: FpgaPart): string {
  if (rows.length > 8) return summary(family, rows, part);
  const right = ['predicted', '90 % interval', '% of part'];
  return rows
    .flatMap((p) => {
      const { verdict, reasons } = fits(p, part);
      const shown: [string, DesignTarget | 'bram'][] = DESIGN_TARGETS.filter((t) => p.targets[t]).map((t) => [COLUMN[t], t]);
      if (family.bram === 'bram') shown.splice(3, 0, ['bram', 'bram']);
      const lines = shown.map(([column, t]) => {
        const v = p.targets[t]!;
        const has = part && ['lut', 'ff', 'dsp', 'bram18'].includes(t) ? part[t as 'lut'] : undefined;
        const share = has === undefined ? '' : v.value === 0 ? percent(0) : percent((100 * v.value) / has);
        return [column, v.value, span(v), share, v.provenance];
      });
      return [
        `${p.id} on ${family.name}${part ? ` (${part.name})` : ''}, ${p.stage}: ${verdict}`,
        ...reasons.map((r) => `  ${r}`),
        plainTable(['target', ...right, 'from'], lines, right),
        '',
      ];
    })
    .join('\n')
    .trimEnd();
}

function summary(family: FamilyPredictor, rows: readonly FamilyDesignPrediction[], part?: FpgaPart): string {
  const numbers = ['lut', 'ff', 'dsp', family.bram, 'lat_max', 'ii_max'];
  return plainTable(
    ['design', 'family', ...numbers, 'verdict', 'from'],
    rows.map((p) => [
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
