import { join } from 'node:path';
import type { Command } from 'commander';
import type { Condition, DeviceEntry, Target } from '../dataset/dataset.js';
import { ingest } from '../dataset/ingest.js';
import { readDataset, writeDataset } from '../dataset/store.js';
import { HwcastError } from '../errors.js';
import type { Checked } from '../evaluate/checkAdapted.js';
import { demoHere, HERE, type HereResult } from '../evaluate/demoHere.js';
import { demoLeftOut, type LeftOutResult } from '../evaluate/demoLeftOut.js';
import { renderScatter } from '../evaluate/figureScatter.js';
import { renderPng } from '../evaluate/figureStyle.js';
import { writeFileAtomic } from '../files.js';
import { train } from '../surrogate/train.js';
import { tfjsRuntime } from '../trace/measure/tfjsRuntime.js';
import { exampleTable, scoreTable, shortName } from './demoTables.js';
import { EMBEDDED } from './embedded.js';
import { whole } from './options.js';
import { note, progress } from './progress.js';

/** Where the demonstration starts: raw passes, and the dataset whose card describes the devices in them. */
export interface DemoSource {
  passes: string;
  dataset: string;
  /** columns of the passes */
  map: Record<string, string>;
  /** tasks whose passes agree less are dropped */
  minAgreement: number;
}

const NB201: DemoSource = {
  ...EMBEDDED,
  map: { workload: 'arch_str', device: 'config', latency_ms: 'median_ms' },
  minAgreement: 0.95,
};
/** A configuration whose latency and energy were both measured. */
const LEFT_OUT = 'graph_tf32_b256';
const MEASUREMENTS = 10,
  CHECKS = 20,
  PASSES = 12,
  QUICK_PASSES = 4;
const NOISY = 0.9;

/** `hwcast demo`, what `npm start` runs: raw passes to predictions for a device left out, then for the machine it runs on. */
export function registerDemo(program: Command, source: DemoSource = NB201): void {
  program
    .command('demo')
    .description('the whole way once, on embedded measurements and on this machine (about two minutes)')
    .option('--device <id>', 'configuration to leave out of training and to predict', LEFT_OUT)
    .option('--out <folder>', 'where dataset, model, support files and adapters go', 'out/demo')
    .option('--quick', 'fewer passes when measuring this machine')
    .option('--backend <name>', 'tensor backend for this machine: native, wasm or cpu (also HWCAST_BACKEND)')
    .option('--seed <number>', 'of everything random', '1')
    .action(async (o: { device: string; out: string; quick?: boolean; backend?: string; seed: string }) => {
      const seed = whole('--seed', o.seed),
        model = join(o.out, 'model');
      const started = Date.now(),
        step = (text: string) => note(`[${((Date.now() - started) / 1000).toFixed(0).padStart(3)} s] ${text}`);

      step('reading raw passes into a dataset');
      const described = await readDataset(source.dataset);
      const { dataset, report } = await ingest([source.passes], {
        ...source,
        name: described.card.name,
        source: described.card.source,
        licence: described.card.licence,
        devices: described.card.devices,
      });
      await writeDataset(join(o.out, 'dataset'), dataset);
      const count = dataset.tasks.reduce((n, t) => n + t.rows.length, 0);
      step(
        `${report.rows.usable} passes of ${dataset.workloads.length} networks: ${count} values of ${dataset.tasks.length} tasks`,
      );

      step(`training without ${o.device}`);
      const bar = progress('train');
      try {
        await train({ dataset: join(o.out, 'dataset'), excludeDevices: [o.device], seed, out: model, onProgress: bar.update });
      } finally {
        bar.stop();
      }

      step(`adapting to ${o.device} and predicting the rest`);
      const leftOut = await demoLeftOut({
        dataset,
        model,
        device: o.device,
        measurements: MEASUREMENTS,
        seed,
        out: o.out,
      });
      for (const t of leftOut.targets) writeScatter(o.out, o.device, t.target, t);
      process.stdout.write(leftOutText(leftOut, described.card.devices[o.device]));

      const runtime = await tfjsRuntime(o.backend ?? process.env.HWCAST_BACKEND);
      for (const warning of runtime.warnings) note(`warning: ${warning}`);
      const how = Object.entries(runtime.describe())
        .map(([k, v]) => `${k} ${v}`)
        .join(', ');
      step(`measuring ${MEASUREMENTS + CHECKS} networks on this machine: ${how}`);
      const here = await interruptible((signal) => {
        const visits = progress('measure');
        return demoHere({
          model,
          runtime,
          measurements: MEASUREMENTS,
          checks: CHECKS,
          passes: o.quick ? QUICK_PASSES : PASSES,
          seed,
          out: o.out,
          signal,
          onProgress: ({ pass, passes, done, total }) => visits.update(done, total, `pass ${pass} of ${passes}`),
        }).finally(() => visits.stop());
      });
      writeScatter(o.out, HERE, 'latency', here);
      process.stdout.write(`\n${hereText(here, how)}`);
      if (here.halves < NOISY)
        note('warning: the passes agree poorly with each other, so the errors above are partly noise; close other programs');
      step(`done; everything is in ${o.out}`);
      process.stdout.write(`\n${nextText(o.out, leftOut, here)}`);
    });
}

/** `DEVICE-TARGET.svg` and `.png`: predicted against measured. */
function writeScatter(out: string, device: string, target: Target, { predictions, truth, support }: Checked): void {
  const svg = renderScatter(predictions, truth, { title: `${target} of ${device}`, target, support });
  writeFileAtomic(join(out, `${device}-${target}.svg`), svg);
  writeFileAtomic(join(out, `${device}-${target}.png`), renderPng(svg));
}

/** Runs until Ctrl-C at the latest; the work ends itself by its signal. */
async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const interrupt = new AbortController();
  const onSignal = () => interrupt.abort();
  process.once('SIGINT', onSignal);
  try {
    return await work(interrupt.signal);
  } catch (error) {
    if (error instanceof HwcastError && error.code === 'interrupted')
      throw new HwcastError('interrupted', error.message, {
        hint: 'the first part is complete; run `npx hwcast demo` again for the second',
      });
    throw error;
  } finally {
    process.off('SIGINT', onSignal);
  }
}

const conditionText = (entry: DeviceEntry | undefined): string => {
  const [c = {} as Condition] = Object.values(entry?.conditions ?? {});
  return [
    entry?.hardware,
    c.framework && [c.framework, c.frameworkVersion].filter(Boolean).join(' '),
    c.batch && `batch ${c.batch}`,
    c.dtype,
    c.execution,
    c.threads && `${c.threads} thread${c.threads > 1 ? 's' : ''}`,
    c.note,
  ]
    .filter(Boolean)
    .join(', ');
};

function leftOutText(result: LeftOutResult, entry: DeviceEntry | undefined): string {
  const lines = [
    `${result.device}, left out of training (${conditionText(entry)})`,
    `${result.chosen.length} networks measured, chosen by the model: ${result.chosen.map(shortName).join(' ')}`,
  ];
  for (const t of result.targets)
    lines.push(
      '',
      `${t.target} of ${t.workloads.length} other networks, eight of them from least to most:`,
      exampleTable(t, t.target),
      '',
      scoreTable(t, result.chosen.length, t.ceiling),
      ...(t.halves === undefined ? [] : [`(halves of the measured passes agree at Spearman ${t.halves.toFixed(3)})`]),
    );
  return `${lines.join('\n')}\n`;
}

function hereText(result: HereResult, how: string): string {
  return `${[
    `this machine (${how})`,
    `${MEASUREMENTS} networks chosen and measured, ${result.workloads.length} random ones measured to check, ${result.passes} interleaved passes`,
    '',
    `latency of ${result.workloads.length} other networks, eight of them from least to most:`,
    exampleTable(result, 'latency'),
    '',
    scoreTable(result, MEASUREMENTS),
    `(halves of the measured passes agree at Spearman ${result.halves.toFixed(3)})`,
  ].join('\n')}\n`;
}

function nextText(out: string, leftOut: LeftOutResult, here: HereResult): string {
  const network = leftOut.targets[0].workloads[0];
  return `${[
    'Next:',
    `  npx hwcast predict ${shortName(network)} --adapter ${here.adapter}          any other network on this machine`,
    `  npx hwcast predict ${shortName(network)} --adapter ${leftOut.targets.at(-1)!.adapter}`,
    `  npx hwcast sample --model ${join(out, 'model')} --n 10          what to measure on your own device`,
    `  npx hwcast adapt --model ${join(out, 'model')} --device NAME --support FILE.csv --out NAME.json`,
  ].join('\n')}\n`;
}
