import type { Command } from 'commander';
import '../operators/operatorKind.js';
import { sample } from '../networks/sample.js';
import { targetOption, whole } from './options.js';
import { inputWorkloads } from './workloadInput.js';

export function registerSample(program: Command): void {
  program
    .command('sample')
    .description('the networks to measure on a new device, one a line, most informative first')
    .requiredOption('--model <folder>', 'trained model')
    .requiredOption('--n <count>', 'how many networks')
    .option(
      '--input <file>',
      'choose from these workloads (CSV, JSONL or one a line; - reads standard input); 800 drawn from the space unless told',
    )
    .option('--table <name>', 'choose from the real models that the model knows of this table, e.g. ncnn')
    .option('--measured <file>', 'already measured workloads, which the choice completes')
    .option('--target <name>', 'what is to be known of the others: other models tell most of it; latency unless told')
    .option('--seed <number>', 'of the drawn candidates', '1')
    .action(async (o) => {
      const chosen = await sample({
        model: o.model,
        n: whole('--n', o.n, 1),
        candidates: o.input && (await inputWorkloads(o.input)),
        measured: o.measured && (await inputWorkloads(o.measured)),
        table: o.table,
        target: o.target && targetOption(o.target),
        seed: whole('--seed', o.seed),
      });
      process.stdout.write(`${chosen.map((w) => w.id).join('\n')}\n`);
    });
}
