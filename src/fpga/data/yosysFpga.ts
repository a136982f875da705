import { join } from 'node:path';
import { z } from 'zod';
import { readCsv } from '../../core/csv.js';
import { HwcastError } from '../../core/errors.js';
import { readTextChecked } from '../../core/files.js';
import { jsonLines } from '../../core/textRows.js';
import { type HlsDesign, parseHlsDesign } from '../design/hlsDesign.js';
import { addersOutsideLuts } from '../synth/cellTables.js';
import { isYosysFamily } from '../synth/yosysFamilies.js';

/** A synthesised design of `datasets/yosys-fpga`: what one design is on every family, and its counts on one. */
export interface YosysFpgaDesign {
  id: string;
  design: HlsDesign;
  /** of its weights, with `integerNetwork` */
  seed: number;
  /** simulated clock cycles from the first beat to the result, and between two results; null where not simulated */
  lat: number | null;
  ii: number | null;
}

/** Counts of one design on one family, in the family's own units (README.md of the folder). */
export interface YosysFpgaCounts {
  lut: number;
  ff: number;
  carry: number;
  /** bits of adders in cells of their own, which `lut` does not count */
  adders: number;
  dsp: number;
  bram: number;
  bramBits: number;
  lutram: number;
}

export interface YosysFpgaRow extends YosysFpgaDesign {
  family: string;
  toolVersion: string;
  counts: YosysFpgaCounts;
}

const Design = z.object({
  id: z.string().min(1),
  design: z.unknown(),
  seed: z.int(),
  lat: z.number().nullish(),
  ii: z.number().nullish(),
});
const Count = z.string().min(1).transform(Number).pipe(z.int().nonnegative());
const Counts = z.object({
  id: z.string().min(1),
  family: z.string().min(1),
  tool_version: z.string(),
  lut: Count,
  ff: Count,
  carry: Count,
  dsp: Count,
  bram: Count,
  bram_bits: Count,
  lutram: Count,
});

/**
 * The rows of a folder of `datasets/collect/fpga` (`designs.jsonl.gz`, `results.csv.gz`), in the order of the table.
 * @throws HwcastError `not-found`, `corrupt`, `bad-input` naming file and row; a result of a design that is not listed is `bad-input`
 */
export function readYosysFpga(folder: string): YosysFpgaRow[] {
  const listed = join(folder, 'designs.jsonl.gz'),
    table = join(folder, 'results.csv.gz');
  const designs = new Map<string, YosysFpgaDesign>();
  for (const { fields, where } of jsonLines(readTextChecked(listed), listed)) {
    const row = checked(Design, fields, 'a design of the sweep', where);
    designs.set(row.id, {
      id: row.id,
      design: parseHlsDesign(row.design, where),
      seed: row.seed,
      lat: row.lat ?? null,
      ii: row.ii ?? null,
    });
  }
  return readCsv(readTextChecked(table), table).map(({ fields, where }) => {
    const row = checked(Counts, fields, 'counts of a synthesised design', where);
    const design = designs.get(row.id);
    if (!design)
      throw new HwcastError('bad-input', `design '${row.id}' is not listed`, {
        where,
        hint: `${listed} lists the designs: the two files do not belong together`,
      });
    const { lut, ff, carry, dsp, bram, lutram } = row;
    return {
      ...design,
      family: row.family,
      toolVersion: row.tool_version,
      counts: {
        lut,
        ff,
        carry,
        adders: isYosysFamily(row.family) ? addersOutsideLuts(row.family, carry) : 0,
        dsp,
        bram,
        bramBits: row.bram_bits,
        lutram,
      },
    };
  });
}

function checked<T>(schema: z.ZodType<T>, value: unknown, what: string, where: string): T {
  const parsed = schema.safeParse(value);
  if (!parsed.success)
    throw new HwcastError('bad-input', `not ${what}: ${z.prettifyError(parsed.error)}`, { where, cause: parsed.error });
  return parsed.data;
}
