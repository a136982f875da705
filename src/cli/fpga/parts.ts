import type { Command } from 'commander';
import { csvText } from '../../core/csv.js';
import { FPGA_PARTS, fpgaPartNamed } from '../../device/fpgaParts.js';
import { plainTable } from '../../present/plainTable.js';

/** `hwcast fpga parts [NAME...]`: capacities of FPGA parts. */
export function registerFpgaParts(fpga: Command): void {
  fpga
    .command('parts')
    .description('list FPGA parts and what they hold')
    .argument('[name...]', 'a part, board or family; all without one')
    .option('--csv', 'print CSV')
    .action((names: string[], options: { csv?: boolean }) => {
      const parts = names.length ? names.map(fpgaPartNamed) : FPGA_PARTS;
      const head = ['part', 'family', 'lut', 'ff', 'dsp', 'bram18', 'uram', 'multiplier', 'boards and other names'];
      const rows = parts.map((p) => [
        p.name,
        p.family,
        p.lut,
        p.ff,
        p.dsp,
        p.bram18,
        p.uram,
        p.dspGeneration,
        p.aliases.join(' '),
      ]);
      process.stdout.write(
        `${options.csv ? csvText(head, rows) : plainTable(head, rows, ['lut', 'ff', 'dsp', 'bram18', 'uram'])}\n`,
      );
    });
}
