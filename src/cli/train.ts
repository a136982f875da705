import type { Command } from 'commander';
import { HwcastError } from '../core/errors.js';
import '../operators/operatorKind.js';
import { METHODS } from '../networks/methods.js';
import { train } from '../networks/train.js';
import { commaList, targetOption, whole } from './options.js';
import { note, progress } from './progress.js';

/** Scores that are told one by one. */
const MOST_LINES = 60;

export function registerTrain(program: Command): void {
  program
    .command('train')
    .description('train a model on the measurements of many devices')
    .requiredOption('--dataset <folder...>', 'dataset folders')
    .option('--exclude-device <ids>', 'devices to leave out, separated by commas')
    .option(
      '--method <name>',
      Object.values(METHODS)
        .map((m) => `${m.name}: ${m.summary}`)
        .join('; ')
        .concat('; unless told multi-task for real models, closed-form else'),
    )
    .option('--target <name>', 'learn from this target alone; latency and energy together unless told')
    .option('--space <name>', 'space to train on, where the dataset holds several')
    .option('--seed <number>', 'of everything random', '1')
    .option('--set <name=value...>', 'settings of the method, e.g. episodes=2000')
    .requiredOption('--out <folder>', 'model folder to write')
    .option('--quiet', 'no progress')
    .addHelpText('after', '\nExample:\n  hwcast train --dataset datasets/nb201-h100 --exclude-device graph_fp32_b1 --out model')
    .action(async (o) => {
      const bar = progress('train', o.quiet),
        interrupt = new AbortController();
      const onSignal = () => interrupt.abort();
      if (o.method === 'hwcast' || o.method === 'help') process.once('SIGINT', onSignal);
      try {
        const settings = Object.fromEntries(
          (o.set ?? []).map((s: string) => {
            const [name, value] = s.split('=');
            if (!value) throw new HwcastError('usage', `--set takes name=value, not '${s}'`);
            return [name, Number.isFinite(Number(value)) ? Number(value) : value];
          }),
        );
        const model = await train({
          dataset: o.dataset,
          excludeDevices: commaList(o.excludeDevice),
          method: o.method,
          targets: o.target ? [targetOption(o.target)] : undefined,
          space: o.space,
          seed: whole('--seed', o.seed),
          out: o.out,
          settings,
          signal: interrupt.signal,
          onProgress(done, total, what) {
            // a closed form is one piece of work: from there on Ctrl-C ends the process at once, and the encoder's checkpoint is kept
            if (what.startsWith('tuning')) process.off('SIGINT', onSignal);
            bar.update(done, total, what);
          },
          onWarning: (text) => note(`warning: ${text}`),
        });
        bar.stop();
        note(`${o.out}: ${model.info.method} on ${model.info.tasks.length} tasks of ${model.info.domain}`);
        const { rows } = model.metrics;
        if (rows.length > MOST_LINES) note(`  scores of ${rows.length} tasks left out in turn: ${o.out}/README.md, metrics.json`);
        for (const r of rows.length > MOST_LINES ? [] : rows)
          note(
            `  ${r.device} ${r.target}: left out, ${r.measurements} measured: Spearman ${r.spearman?.toFixed(3) ?? 'unknown'}, median error ${(100 * r.medianApe).toFixed(1)} %`,
          );
      } finally {
        bar.stop();
        process.off('SIGINT', onSignal);
      }
    });
}
