import { HwcastError } from '../../core/errors.js';
import type { FpgaPart } from '../../device/fpgaParts.js';
import type { HlsDesign } from '../../fpga/design/hlsDesign.js';
import type { FamilyDesignPrediction, FamilyPredictor } from '../../fpga/families/familyPredictor.js';
import { familyCsv, familyJson, familyText, familyWarnings } from '../../present/fpga/familyView.js';
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
  for (const p of rows) for (const w of familyWarnings(p)) note(`warning: ${p.id}: ${w}`);
  const print = options.csv ? familyCsv : options.json ? familyJson : familyText;
  process.stdout.write(`${print({ family, predictions: rows, part: options.part })}\n`);
}
