import { existsSync } from 'node:fs';
import { HwcastError } from '../../core/errors.js';
import { readTextChecked, writeFileAtomic } from '../../core/files.js';
import type { HlsDesign } from '../../fpga/design/hlsDesign.js';
import { readFamilyDesigns } from '../../fpga/families/familyModelFolder.js';
import { bramUnitOf, type FamilySupportFile, familySupportLine, parseFamilySupport } from '../../fpga/families/familySupport.js';
import { type KnownDesigns, type SeededDesign, seededDesign } from '../../fpga/families/seededDesign.js';
import { addersOutsideLuts } from '../../fpga/synth/cellTables.js';
import type { SynthesisRow } from '../../fpga/synth/synthesise.js';
import { isYosysFamily, YOSYS_FAMILIES, type YosysFamily } from '../../fpga/synth/yosysFamilies.js';

/**
 * A support file that synthesis fills in: its rows without counts, or one more design. Every `add` writes the whole file, so that an interruption keeps what is done.
 */
export class SynthSupport {
  private readonly known: KnownDesigns;
  private readonly file: FamilySupportFile;
  private readonly lines: string[];
  readonly family: YosysFamily;

  /**
   * @param options `family`: named by hand, the file's unless told; `model`: folder of the family model; `create`: the file need not be there
   * @throws HwcastError `not-found` without file, `usage` for a family that is none of Yosys' or not the file's, `bad-input` of `parseFamilySupport`
   */
  constructor(
    private readonly path: string,
    options: { family?: YosysFamily; model?: string; create: boolean },
  ) {
    this.known = readFamilyDesigns(options.model);
    const text = !existsSync(path) && options.create ? '' : readTextChecked(path, 'support file').replace(/^\uFEFF/, '');
    if (text.trim() && !text.trimStart().startsWith('{'))
      throw new HwcastError('bad-input', 'synthesis fills in JSON lines only', { where: path });
    this.lines = text.split('\n').filter((l) => l.trim());
    this.file = text.trim()
      ? parseFamilySupport(text, path, this.known)
      : { rows: [], bram: bramUnitOf(options.family), stage: 'vsynth' };
    const family = options.family ?? this.file.family;
    if (options.family && this.file.family && options.family !== this.file.family)
      throw new HwcastError('usage', `--family ${options.family}, and the rows are of '${this.file.family}'`, {
        where: path,
        hint: 'a support file is of one family',
      });
    if (!isYosysFamily(family))
      throw new HwcastError('usage', family === undefined ? 'which family?' : `Yosys has no family '${family}'`, {
        where: path,
        hint: `--family, one of ${Object.keys(YOSYS_FAMILIES).join(', ')}; of another tool's family, fill in the counts by hand`,
      });
    this.family = family;
    if (this.file.rows.some((r) => r.counts) && this.file.bram !== bramUnitOf(family))
      throw new HwcastError('bad-input', `block RAM is counted as '${this.file.bram}', Yosys counts '${bramUnitOf(family)}'`, {
        where: path,
        hint: 'a support file is of one tool',
      });
  }

  /** Designs that are not filled in. */
  open(): SeededDesign[] {
    return this.file.rows.filter((r) => !r.counts);
  }

  /** A design by hand with the seed of its weights, the model's own or 0 unless given. @throws HwcastError `bad-input` where the file has its counts */
  design(design: HlsDesign, seed?: number): SeededDesign {
    const own = seededDesign(this.known, design, seed);
    if (this.file.rows.some((r) => r.id === own.id && r.counts))
      throw new HwcastError('bad-input', `design '${design.id}' is filled in already`, {
        where: this.path,
        hint: 'give each design once',
      });
    return own;
  }

  /** Puts the counts of a design into its row, or into one more, and writes the file. */
  add(design: SeededDesign, { lut, ff, dsp, bram, carry }: Pick<SynthesisRow, 'lut' | 'ff' | 'dsp' | 'bram' | 'carry'>): void {
    const row = { ...design, counts: { lut, ff, dsp, bram, adders: addersOutsideLuts(this.family, carry) } },
      unit = bramUnitOf(this.family),
      line = familySupportLine(row, { known: this.known, family: this.family, bram: unit });
    const at = this.file.rows.findIndex((r) => r.id === design.id);
    if (at < 0) {
      this.file.rows.push(row);
      this.lines.push(line);
    } else {
      // what else the user wrote into the row stays
      const { bram: _, bram18: __, ...fields } = JSON.parse(this.lines[at]);
      this.file.rows[at] = row;
      this.lines[at] = JSON.stringify({
        ...fields,
        ...JSON.parse(line),
        ...('design' in fields ? { design: fields.design } : {}),
      });
    }
    writeFileAtomic(this.path, `${this.lines.join('\n')}\n`);
  }
}
