import type { Command } from 'commander';
import '../operators/operatorKind.js';
import type { Target } from '../graph/targets.js';
import { adapt } from '../networks/adapter.js';
import { measurementsToHalve } from '../networks/measurementsToHalve.js';
import type { ModelMetrics } from '../networks/model.js';
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
      const { metrics, model } = await adapt({
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
      if (error !== null) note(`expect about that error of other workloads; ${halvingText(model.metrics, target, rows.length)}`);
    });
}

/** What the model's scores say of more measurements. */
function halvingText(metrics: ModelMetrics, target: Target, measured: number): string {
  const halving = measurementsToHalve(metrics, target, measured);
  if (!halving)
    return `how many more would halve it is not known: the model was not scored with more than ${measured} measurements`;
  const more = halving.measurements - measured;
  return halving.isMore
    ? `to halve it takes more than ${more} more, as it did on the training devices`
    : `about ${more} more would halve it, as on the training devices`;
}
