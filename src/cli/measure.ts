import { type Command, Option } from 'commander';
import { HwcastError } from '../core/errors.js';
import type { Workload } from '../graph/workload.js';
import { measureWorkloads } from '../measure/measureWorkloads.js';
import { tfjsRuntime } from '../measure/tfjsRuntime.js';
import { writeSupport } from '../measure/writeSupport.js';
import { sample } from '../networks/sample.js';
import { whole } from './options.js';
import { note, progress } from './progress.js';
import { inputWorkloads } from './workloadInput.js';

export interface MeasureDeps {
  /** the networks `hwcast sample` would choose for a model folder */
  chooseWorkloads(modelFolder: string, n: number): Promise<Workload[]>;
}

const CHOSEN: MeasureDeps = { chooseWorkloads: (model, n) => sample({ model, n }) };

interface Options {
  model?: string;
  input?: string;
  n: string;
  out: string;
  runtime: string;
  backend?: string;
  passes: string;
  repeats: string;
  batch: string;
  seed: string;
}

/** Agreement of halves below which the user is told to measure again. */
const NOISY = 0.9;

/** `hwcast measure --model MODEL --n 10 --out SUPPORT`: times networks on this machine and writes a support file. */
export function registerMeasure(program: Command, deps: MeasureDeps = CHOSEN): void {
  program
    .command('measure')
    .description('time networks on this machine and write them as a support file')
    .option('--model <folder>', 'measure the networks that this model learns most from')
    .option('--input <file>', 'measure these workloads or model files instead (CSV, JSONL or one a line; - reads standard input)')
    .option('--n <count>', 'how many networks to choose with --model', '10')
    .requiredOption('--out <file>', 'support file to write: CSV, or JSON lines where it ends in .jsonl')
    .addOption(new Option('--runtime <name>', 'what runs them').choices(['tfjs']).default('tfjs'))
    .option('--backend <name>', 'tensor backend: native, wasm or cpu (also HWCAST_BACKEND)')
    .option('--passes <count>', 'rounds over all networks, spread over time', '5')
    .option('--repeats <count>', 'least timed runs of a network in a round', '5')
    .option('--batch <count>', 'images per batch', '1')
    .option('--seed <number>', 'of orders, weights and inputs', '0')
    .action(async (options: Options) => {
      if ((options.model === undefined) === (options.input === undefined))
        throw new HwcastError('usage', 'measure needs either --model or --input', {
          hint: 'hwcast sample --model MODEL --input FILE chooses from a file',
        });
      const count = (name: 'n' | 'passes' | 'repeats' | 'batch') => whole(`--${name}`, options[name], 1);
      const [n, passes, repeats, batch, seed] = [
        count('n'),
        count('passes'),
        count('repeats'),
        count('batch'),
        whole('--seed', options.seed, 0),
      ];
      const workloads =
        options.model === undefined
          ? await inputWorkloads(options.input!, batch > 1 ? { batch } : {})
          : await deps.chooseWorkloads(options.model, n);
      const runtime = await tfjsRuntime(options.backend ?? process.env.HWCAST_BACKEND);
      for (const warning of runtime.warnings) note(`warning: ${warning}`);
      note(
        `measuring ${workloads.length} workloads, ${passes} passes: ${Object.entries(runtime.describe())
          .map(([k, v]) => `${k} ${v}`)
          .join(', ')}`,
      );

      const interrupt = new AbortController();
      const onSignal = () => {
        note('\ninterrupted: writing what is complete');
        interrupt.abort();
      };
      process.once('SIGINT', onSignal);
      const bar = progress('measure');
      try {
        const result = await measureWorkloads(workloads, runtime, {
          passes,
          repeats,
          batch,
          seed,
          signal: interrupt.signal,
          onProgress: ({ pass, done, total }) => bar.update(done, total, `pass ${pass} of ${passes}`),
        });
        bar.stop();
        if (result.rows.length) writeSupport(options.out, result.rows);
        const done = result.rows.length
          ? `${result.rows.length} of ${workloads.length} workloads, ${result.rows[0].repeats} passes, in ${options.out}`
          : 'nothing was complete';
        if (!result.complete) throw new HwcastError('interrupted', `interrupted: ${done}`);
        note(done);
        report(
          result.noise,
          result.rows.map((r) => r.spread),
        );
      } finally {
        bar.stop();
        process.off('SIGINT', onSignal);
      }
    });
}

function report(noise: number, spreads: readonly number[]): void {
  const worst = `largest spread ${(Math.max(...spreads) * 100).toFixed(1)} %`;
  if (Number.isNaN(noise)) {
    note(`noise: not known below 2 passes and 3 workloads; ${worst}`);
    return;
  }
  note(`noise: halves of the passes agree at Spearman ${noise.toFixed(3)}; ${worst}`);
  if (noise < NOISY) note('warning: the halves agree poorly; close other programs and measure with more --passes');
}
