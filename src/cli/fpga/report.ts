import type { Command } from 'commander';
import { readFpgaReport } from '../../fpga/reports/readFpgaReport.js';
import { plainTable } from '../../present/plainTable.js';
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
      if (options.json) {
        process.stdout.write(`${JSON.stringify(reports, null, 2)}\n`);
        return;
      }
      const range = (r: { min: number | null; max: number | null } | null) =>
        r === null ? '' : r.min === r.max ? `${r.min ?? ''}` : `${r.min ?? '?'}-${r.max ?? '?'}`;
      const head = ['file', 'kind', 'stage', 'part', 'tool', 'latency', 'ii', 'lut', 'ff', 'dsp', 'bram18', 'uram'];
      const rows = reports.map((r) => [
        r.file.replace(/.*[/\\]/, ''),
        r.kind,
        r.stage ?? '',
        r.part ?? '',
        [r.tool, r.toolVersion].filter(Boolean).join(' '),
        range(r.latency),
        range(r.ii),
        ...(['lut', 'ff', 'dsp', 'bram18', 'uram'] as const).map((k) => r.resources[k] ?? ''),
      ]);
      process.stdout.write(`${plainTable(head, rows, head.slice(5))}\n`);
    });
}
