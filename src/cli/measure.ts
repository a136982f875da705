import { type Command, Option } from 'commander';
import { HwcastError } from '../core/errors.js';
import type { Workload } from '../graph/workload.js';
import { type MeasureResult, measureWorkloads } from '../measure/measureWorkloads.js';
import { onnxRuntime } from '../measure/onnxRuntime.js';
import type { Runtime } from '../measure/runtime.js';
import { tfjsRuntime } from '../measure/tfjsRuntime.js';
import { supportText, writeSupport } from '../measure/writeSupport.js';
import { sample } from '../networks/sample.js';
import { collected, modelOptions, SHAPE_HELP } from './modelOptions.js';
import { whole } from './options.js';
import { note, progress } from './progress.js';
import { givenWorkloads, inputWorkloads } from './workloadInput.js';

export interface MeasureDeps {
  /** the networks `hwcast sample` would choose for a model folder */
  chooseWorkloads(modelFolder: string, n: number): Promise<Workload[]>;
}

const CHOSEN: MeasureDeps = { chooseWorkloads: (model, n) => sample({ model, n }) };

interface Options {
  model?: string;
  input?: string;
  n: string;
  out?: string;
  runtime?: 'tfjs' | 'onnx';
  backend?: string;
  threads?: string;
  passes: string;
  repeats: string;
  batch?: string;
  shape?: string[];
  seed: string;
}

/** Agreement of halves below which the user is told to measure again. */
const NOISY = 0.9;

/** `hwcast measure [FILE|WORKLOAD...] --out SUPPORT`: times networks on this machine and writes a support file. */
export function registerMeasure(program: Command, deps: MeasureDeps = CHOSEN): void {
  program
    .command('measure')
    .description('time networks on this machine and write them as a support file')
    .argument('[workloads...]', 'model files, or networks of a space')
    .option('--model <folder>', 'measure the networks that this model learns most from')
    .option('--input <file>', 'measure these workloads or model files instead (CSV, JSONL or one a line; - reads standard input)')
    .option('--n <count>', 'how many networks to choose with --model', '10')
    .option('--out <file>', 'support file to write: CSV, or JSON lines where it ends in .jsonl; standard output unless told')
    .addOption(
      new Option('--runtime <name>', 'what runs them; onnx unless told where one is an ONNX file, else tfjs').choices([
        'tfjs',
        'onnx',
      ]),
    )
    .option('--backend <name>', 'backend of tfjs: native, wasm or cpu (also HWCAST_BACKEND)')
    .option('--threads <count>', 'threads of onnx; as many as the machine has processors unless told')
    .option('--passes <count>', 'rounds over all networks, spread over time', '5')
    .option('--repeats <count>', 'least timed runs of a network in a round', '5')
    .option('--batch <count>', 'inputs at a time, where a model file leaves it open; 1 unless told')
    .option('--shape <name=sizes>', SHAPE_HELP, collected)
    .option('--seed <number>', 'of orders, weights and inputs', '0')
    .addHelpText(
      'after',
      `
Examples:
  hwcast measure --model models/nb201 --n 10 --out support.csv
  hwcast measure resnet50.onnx mobilenet.onnx --threads 4 --out support.csv
  hwcast measure bert.onnx --batch 8 --shape sequence=128`,
    )
    .action((workloads: string[], options: Options) => measureCommand(workloads, options, deps));
}

async function measureCommand(texts: string[], options: Options, deps: MeasureDeps): Promise<void> {
  if ([options.model, options.input, texts[0]].filter((given) => given !== undefined).length !== 1)
    throw new HwcastError('usage', 'measure needs either workloads, --model or --input', {
      hint: 'hwcast sample --model MODEL --input FILE chooses from a file',
    });
  const [n, passes, repeats] = (['n', 'passes', 'repeats'] as const).map((name) => whole(`--${name}`, options[name], 1));
  const seed = whole('--seed', options.seed, 0);
  const read = modelOptions(options);
  const workloads = texts.length
    ? (await givenWorkloads(texts, read)).map((given) => given.workload)
    : options.model === undefined
      ? await inputWorkloads(options.input!, read)
      : await deps.chooseWorkloads(options.model, n);
  const runtime = await runtimeFor(workloads, options);
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
      batch: read.batch,
      seed,
      signal: interrupt.signal,
      onProgress: ({ pass, done, total }) => bar.update(done, total, `pass ${pass} of ${passes}`),
    });
    bar.stop();
    finish(result, workloads.length, options.out);
  } finally {
    bar.stop();
    process.off('SIGINT', onSignal);
  }
}

/** The runtime asked for, or the one that fits the workloads. */
async function runtimeFor(workloads: readonly Workload[], { runtime, backend, threads }: Options): Promise<Runtime> {
  const name = runtime ?? (workloads.some((w) => w.file?.format === 'onnx') ? 'onnx' : 'tfjs');
  const [stray, value] = name === 'onnx' ? ['backend', backend] : ['threads', threads];
  if (value !== undefined)
    throw new HwcastError('usage', `--${stray} is none of the runtime '${name}'`, {
      hint: `name the other one: --runtime ${name === 'onnx' ? 'tfjs' : 'onnx'}`,
    });
  if (name === 'onnx') return onnxRuntime(threads === undefined ? {} : { threads: whole('--threads', threads, 1) });
  const tfjs = await tfjsRuntime(backend ?? process.env.HWCAST_BACKEND);
  for (const warning of tfjs.warnings) note(`warning: ${warning}`);
  return tfjs;
}

/** Writes what is complete and says how good it is. @throws HwcastError `interrupted`, `unsupported` after the rest where workloads were refused */
function finish({ rows, complete, noise, assumptions, refused }: MeasureResult, count: number, out: string | undefined): void {
  if (rows.length && out !== undefined) writeSupport(out, rows);
  else if (rows.length) process.stdout.write(supportText(rows, 'csv'));
  for (const { error } of refused) note(`error: ${error.describe()}`);
  const done = rows.length
    ? `${rows.length} of ${count} workloads, ${rows[0].repeats} passes, ${out === undefined ? 'printed' : `in ${out}`}`
    : 'nothing was complete';
  if (!complete) throw new HwcastError('interrupted', `interrupted: ${done}`);
  note(done);
  for (const assumption of assumptions) note(`assumed: ${assumption}`);
  report(
    noise,
    rows.map((r) => r.spread),
  );
  if (refused.length)
    throw new HwcastError('unsupported', `${refused.length} of ${count} workloads could not be measured`, {
      hint: 'the errors above say why; the others are written',
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
