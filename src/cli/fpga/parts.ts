import type { Command } from 'commander';
import { FPGA_PARTS, fpgaPartNamed } from '../../device/fpgaParts.js';
import { partsCsv, partsText } from '../../present/fpga/partView.js';

/** `hwcast fpga parts [NAME...]`: capacities of FPGA parts. */
export function registerFpgaParts(fpga: Command): void {
  fpga
    .command('parts')
    .description('list FPGA parts and what they hold')
    .argument('[name...]', 'a part, board or family; all without one')
    .option('--csv', 'print CSV')
    .action((names: string[], options: { csv?: boolean }) => {
      const parts = names.length ? names.map(fpgaPartNamed) : FPGA_PARTS;
      process.stdout.write(`${options.csv ? partsCsv(parts) : partsText(parts)}\n`);
    });
}
