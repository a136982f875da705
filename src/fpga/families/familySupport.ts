import { closeNames, HwcastError } from '../../core/errors.js';
import { readFpgaReport } from '../reports/readFpgaReport.js';
import { isEmpty, LATE_STAGES, type LateStage, onceIn, readDesign, supportLines, textBeside, wholeOf } from '../supportLines.js';
import { cellCounts } from '../synth/cellCounts.js';
import { addersOutsideLuts, CELL_TABLES } from '../synth/cellTables.js';
import { isYosysFamily, YOSYS_FAMILIES } from '../synth/yosysFamilies.js';
import { FAMILY_TARGETS, type FamilyCounts } from './familyCounts.js';
import { type KnownDesigns, type SeededDesign, sameVerilog, seededDesign } from './seededDesign.js';

/** What block RAM is counted in: blocks of 18 Kb, or the family's own blocks, whatever their size. */
export const BRAM_UNITS = ['bram18', 'bram'] as const;
export type BramUnit = (typeof BRAM_UNITS)[number];

/** A design of a support file; `counts` is null until it is synthesised. */
export interface FamilySupportRow extends SeededDesign {
  counts: FamilyCounts | null;
}
/** A support file of a family of FPGAs. */
export interface FamilySupportFile {
  rows: FamilySupportRow[];
  /** as the rows name it */
  family?: string;
  bram: BramUnit;
  /** what counted: logic synthesis unless the rows say otherwise */
  stage: LateStage;
}

/** Unit of the block RAM that Yosys counts on a family; the family's own where nothing is known of it. */
export const bramUnitOf = (family: string | undefined): BramUnit =>
  isYosysFamily(family) && CELL_TABLES[family].bramBits === 18432 ? 'bram18' : 'bram';

/** One line of a support file: counts to fill in, and the design itself where the model does not have it. */
export function familySupportLine(
  row: SeededDesign & { counts?: FamilyCounts | null },
  options: { known: KnownDesigns; family?: string; bram: BramUnit },
): string {
  const { counts = null } = row,
    own = options.known.get(row.id);
  return JSON.stringify({
    id: row.design.id,
    seed: row.seed,
    ...(options.family === undefined ? {} : { family: options.family }),
    lut: counts?.lut ?? null,
    ff: counts?.ff ?? null,
    dsp: counts?.dsp ?? null,
    [options.bram]: counts?.bram ?? null,
    ...(counts?.adders === undefined ? {} : { adders: counts.adders }),
    ...(own && sameVerilog(own, row) ? {} : { design: row.design }),
  });
}

/**
 * Reads a support file, a design a row: JSON lines, or a table separated by commas, semicolons or tabs. Files that a row names are looked for beside it. Columns of
 * counts are those that `hwcast ingest` reads.
 *
 * | column | holds |
 * |---|---|
 * | id | a design of the model |
 * | design | in place of it: an HLS design in any form that hwcast reads, or the name of its file |
 * | seed | of the weights |
 * | family, stage | of all rows: what they were synthesised for, and what counted (vsynth, impl) |
 * | lut, ff, dsp, bram or bram18 | counts, all or none: a row without any is not synthesised yet. `bram`: the family's own blocks |
 * | adders | where it is known: bits of adders in cells of their own, which `lut` does not count; 0 where LUTs hold them |
 * | report | in place of counts: the name of a report of Vivado's utilisation or Yosys' `stat -json` |
 *
 * @throws HwcastError `bad-input` naming file, line and value: unknown id, duplicate, count that is missing or no whole number from 0 on, several families,
 * stages or units of block RAM; and those of the readers of designs and reports
 */
export function parseFamilySupport(text: string, name: string, known: KnownDesigns): FamilySupportFile {
  const rows: FamilySupportRow[] = [],
    seen = new Map<string, number>();
  let family: string | undefined, bram: BramUnit | undefined, stage: LateStage | undefined;
  const same = <T extends string>(have: T | undefined, now: T, what: string, where: string): T => {
    if (have !== undefined && have !== now)
      throw new HwcastError('bad-input', `${what} is '${now}' here and '${have}' before`, {
        where,
        hint: 'a support file is of one family and stage, its block RAM in one unit: bram18 is blocks of 18 Kb, bram the blocks of the family',
      });
    return now;
  };
  for (const row of supportLines(text, name)) {
    const { fields, where } = row;
    if (!isEmpty(fields.family)) family = same(family, String(fields.family), 'the family', where);
    const design = designOf(fields, name, where, known);
    onceIn(seen, design.id, row, design.design.id);
    const found = countsOf(fields, name, where, family);
    if (found) {
      bram = same(bram, found.bram, 'block RAM', where);
      stage = same(stage, found.stage, 'the stage', where);
    }
    rows.push({ ...design, counts: found?.counts ?? null });
  }
  return { rows, family, bram: bram ?? bramUnitOf(family), stage: stage ?? 'vsynth' };
}

function designOf(fields: Record<string, unknown>, name: string, where: string, known: KnownDesigns): SeededDesign {
  const seed = isEmpty(fields.seed) ? undefined : wholeOf(fields.seed, 'seed', where);
  const { id } = fields;
  if (!isEmpty(fields.design)) {
    const design = readDesign(fields.design, name, where);
    if (!isEmpty(id) && id !== design.id)
      throw new HwcastError('bad-input', `id '${id}', and the design is '${design.id}'`, {
        where,
        hint: 'leave out the id of a design that is given in full',
      });
    return seededDesign(known, design, seed);
  }
  if (typeof id !== 'string' || id === '')
    throw new HwcastError('bad-input', 'a row without id or design', {
      where,
      hint: 'id names a design of the model; design is an HLS design or its file',
    });
  const own = known.get(id);
  if (!own) {
    const close = closeNames(id, known.keys());
    throw new HwcastError('bad-input', `the model has no design '${id}'`, {
      where,
      hint: `${close.length ? `it has ${close.join(', ')}; ` : ''}give a design of your own in full: "design": {...}`,
    });
  }
  if (seed !== undefined && seed !== own.seed)
    throw new HwcastError('bad-input', `seed ${seed} of design '${id}', which has ${own.seed} in the model`, {
      where,
      hint: 'other weights are another design: give it in full ("design": {...})',
    });
  return own;
}

interface Counted {
  counts: FamilyCounts;
  bram: BramUnit;
  stage: LateStage;
}

function countsOf(fields: Record<string, unknown>, name: string, where: string, family: string | undefined): Counted | undefined {
  const columns = [...FAMILY_TARGETS, 'bram18'].filter((c) => !isEmpty(fields[c]));
  const stage = isEmpty(fields.stage) ? undefined : LATE_STAGES.find((s) => s === fields.stage);
  if (!isEmpty(fields.stage) && !stage)
    throw new HwcastError('bad-input', `stage '${fields.stage}'`, { where, hint: `one of ${LATE_STAGES.join(', ')}` });
  if (!isEmpty(fields.report)) {
    if (columns.length)
      throw new HwcastError('bad-input', `a report, and '${columns[0]}' beside it`, { where, hint: 'give one of them' });
    return reportCounts(String(fields.report), name, where, family);
  }
  if (!columns.length) return undefined;
  if (columns.includes('bram') && columns.includes('bram18'))
    throw new HwcastError('bad-input', 'both bram and bram18', { where, hint: 'give block RAM in one unit' });
  const bram: BramUnit = columns.includes('bram18') ? 'bram18' : 'bram';
  const missing = ['lut', 'ff', 'dsp', bram].find((c) => !columns.includes(c));
  if (missing)
    throw new HwcastError('bad-input', `'${missing}' is not filled in`, {
      where,
      hint: 'a row has all of lut, ff, dsp and bram (or bram18), or none yet',
    });
  const count = (column: string) => wholeOf(fields[column], column, where);
  return {
    counts: {
      lut: count('lut'),
      ff: count('ff'),
      dsp: count('dsp'),
      bram: count(bram),
      ...(isEmpty(fields.adders) ? {} : { adders: count('adders') }),
    },
    bram,
    stage: stage ?? 'vsynth',
  };
}

function reportCounts(file: string, name: string, where: string, family: string | undefined): Counted {
  const report = readFpgaReport(textBeside(name, file, where, 'report'), file),
    { stage } = report;
  if (stage === 'csynth')
    throw new HwcastError('bad-input', `'${file}' is the estimate of an HLS tool, no synthesis`, {
      where,
      hint: 'give the utilisation that logic synthesis or implementation reports',
    });
  if (report.kind === 'yosys-stat') {
    if (!isYosysFamily(family))
      throw new HwcastError('bad-input', `what cells of Yosys count as is not known for family '${family ?? ''}'`, {
        where,
        hint: `"family" is one of ${Object.keys(YOSYS_FAMILIES).join(', ')}; or give lut, ff, dsp and bram`,
      });
    const { lut, ff, dsp, bram, carry } = cellCounts(family, report.cells ?? {}, file);
    return { counts: { lut, ff, dsp, bram, adders: addersOutsideLuts(family, carry) }, bram: bramUnitOf(family), stage };
  }
  const { lut, ff, dsp, bram18 } = report.resources;
  for (const [column, value] of Object.entries({ lut, ff, dsp, bram18 }))
    if (value === null) throw new HwcastError('bad-input', `'${file}' does not say ${column}`, { where });
  return { counts: { lut: lut!, ff: ff!, dsp: dsp!, bram: bram18! }, bram: 'bram18', stage };
}
