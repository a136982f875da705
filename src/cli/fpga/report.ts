import type { Command } from 'commander';
import { readFpgaReport } from '../../fpga/reports/readFpgaReport.js';
import { reportsJson, reportsText } from '../../present/fpga/reportView.js';
import { readText } from '../options.js';
import { note } from '../progress.js';

/** `hwcast fpga report FILE...`: what a tool's report says, in one form for all formats. */
export function registerFpgaReport(fpga: Command): void {
  fpga
    .command('report')
    .description('read csynth, synthesis, implementation, timing and power reports of Xilinx tools, and stat -json of Yosys')
    .argument('<file...>', 'reports; - for standard input')
    .option('--json', 'print JSON')
    .action((files: string[], options: { json?: boolean }) => {
      const reports = files.map((file) => {
        const { text, where } = readText(file, 'report');
        return { file: where, ...readFpgaReport(text, where) };
      });
      for (const r of reports) for (const warning of r.warnings) note(`warning: ${r.file}: ${warning}`);
      process.stdout.write(`${options.json ? reportsJson(reports) : reportsText(reports)}\n`);
    });
}
