import type { Command } from 'commander';
import '../operators/operatorKind.js';
import { adapt } from '../networks/adapter.js';
import { parseSupport } from '../networks/supportFile.js';
import { readText, targetOption } from './options.js';
import { note } from './progress.js';

export function registerAdapt(program: Command): void {
  program
    .command('adapt')
    .description('adapt a model to a new device from a few measurements')
    .requiredOption('--model <folder>', 'trained model')
    .requiredOption('--device <id>', 'name of the new device')
    .requiredOption(
      '--support <file>',
      'CSV or JSONL with columns workload and latency_ms (or energy_mj, ..), optionally spread and repeats',
    )
    .option('--condition <key>', 'how the device ran, where it has several ways')
    .option('--target <name>', 'where the file has columns of several targets')
    .requiredOption('--out <file>', 'adapter to write')
    .action(async (o) => {
      const { text, where } = readText(o.support, 'support file');
      const { target, rows } = await parseSupport(text, where, o.target && targetOption(o.target));
      const { metrics } = await adapt({
        model: o.model,
        device: o.device,
        condition: o.condition,
        support: rows,
        target,
        out: o.out,
      });
      const { leaveOneOutMedianApe: error } = metrics;
      note(
        `${o.out}: ${target} of '${o.device}' from ${rows.length} measurements${error === null ? '' : `; each predicted from the others: median error ${(100 * error).toFixed(1)} %`}`,
      );
    });
}
