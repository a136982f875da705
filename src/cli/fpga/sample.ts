import { existsSync, readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { HwcastError } from '../../core/errors.js';
import { writeFileAtomic, writeFolderAtomic } from '../../core/files.js';
import { loadFamilyModel } from '../../fpga/families/familyModelFolder.js';
import { bramUnitOf, familySupportLine } from '../../fpga/families/familySupport.js';
import { sampleFpgaDesigns } from '../../fpga/families/sampleFpgaDesigns.js';
import type { SeededDesign } from '../../fpga/families/seededDesign.js';
import { integerNetwork } from '../../fpga/synth/integerNetwork.js';
import { verilogNetwork } from '../../fpga/synth/verilogNetwork.js';
import { isYosysFamily } from '../../fpga/synth/yosysFamilies.js';
import { whole } from '../options.js';
import { note } from '../progress.js';
import { designsOf } from './designs.js';

interface Options {
  k: string;
  family?: string;
  input?: string;
  model?: string;
  out?: string;
  verilog?: string;
}

/** `hwcast fpga sample --k 10`: the designs to synthesise on a new family of FPGAs. */
export function registerFpgaSample(fpga: Command): void {
  fpga
    .command('sample')
    .description('the designs to synthesise on a new family of FPGAs, most informative first: a support file to fill in')
    .requiredOption('--k <count>', 'how many designs')
    .option('--family <name>', 'what the new family is called')
    .option('--input <file>', 'choose from these designs (JSON array, JSON lines or CSV) instead of those of the model')
    .option('--model <folder>', 'a model of FPGA families instead of the bundled one')
    .option('--out <file>', 'support file to write; standard output unless told')
    .option('--verilog <folder>', 'write the Verilog of each design, ID.v with module top, and the design, ID.json')
    .addHelpText(
      'after',
      `
Fill in lut, ff, dsp and bram (blocks of the family; or bram18) of each row, or "report": "FILE" with
Vivado's utilisation report. With Yosys:
  hwcast fpga sample --k 10 --family machxo2 --out support.jsonl
  hwcast fpga synth --support support.jsonl
  hwcast fpga adapt --support support.jsonl --out machxo2.json
  hwcast fpga predict DESIGN.json --adapter machxo2.json`,
    )
    .action(async (o: Options) => {
      const k = whole('--k', o.k, 1);
      if (o.out !== undefined && existsSync(o.out))
        throw new HwcastError('usage', `--out ${o.out} is there already, and may hold counts`, { hint: 'name a new file' });
      if (o.verilog !== undefined && existsSync(o.verilog) && readdirSync(o.verilog).length)
        throw new HwcastError('usage', `--verilog ${o.verilog} is not empty`, { hint: 'name a new folder' });
      const families = await loadFamilyModel(o.model);
      if (o.family !== undefined && families.model.families.includes(o.family))
        note(`the model was trained on '${o.family}': hwcast fpga predict DESIGN --family ${o.family} needs no adapter`);
      const chosen = await sampleFpgaDesigns({
        k,
        model: families,
        candidates: o.input === undefined ? undefined : await designsOf(o.input),
        onIssue: (issue) => note(`left out: ${issue.describe()}`),
      });
      const lines = chosen.map((d) =>
        familySupportLine(d, { known: families.designs, family: o.family, bram: bramUnitOf(o.family) }),
      );
      if (o.verilog !== undefined) {
        writeFolderAtomic(resolve(o.verilog), verilogFiles(chosen));
        note(`wrote the Verilog of ${k} designs to ${o.verilog}: synthesise module top of each`);
      }
      if (o.out === undefined) process.stdout.write(`${lines.join('\n')}\n`);
      else {
        writeFileAtomic(o.out, `${lines.join('\n')}\n`);
        note(
          `wrote ${o.out}: ${isYosysFamily(o.family) ? `hwcast fpga synth --support ${o.out} fills it in` : 'fill in lut, ff, dsp and bram of each design'}`,
        );
      }
    });
}

/** Verilog and design of each, under names that any file system takes. */
function verilogFiles(designs: readonly SeededDesign[]): Record<string, string> {
  const files: Record<string, string> = {};
  for (const { design, seed } of designs) {
    const base = design.id.replace(/[^\w.-]+/g, '_');
    let name = base;
    for (let n = 2; Object.hasOwn(files, `${name}.v`); n++) name = `${base}_${n}`;
    files[`${name}.v`] = verilogNetwork(integerNetwork(design, seed)).text;
    files[`${name}.json`] = `${JSON.stringify(design, null, 2)}\n`;
  }
  return files;
}
