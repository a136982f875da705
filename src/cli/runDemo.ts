import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { closeNames, HwcastError } from '../core/errors.js';
import { writeFileAtomic } from '../core/files.js';
import { createRandom } from '../core/random.js';
import type { Condition, DeviceEntry } from '../dataset/dataset.js';
import { ingest } from '../dataset/ingest/ingest.js';
import { readDataset, writeDataset } from '../dataset/store.js';
import type { Checked } from '../evaluate/checkAdapted.js';
import { demoHere, HERE, type HereResult } from '../evaluate/demoHere.js';
import { demoLeftOut, type LeftOutResult } from '../evaluate/demoLeftOut.js';
import { demoRealModels } from '../evaluate/demoRealModels.js';
import { renderScatter } from '../evaluate/report/figureScatter.js';
import { renderPng } from '../evaluate/report/figureStyle.js';
import { shortName } from '../graph/shortName.js';
import type { Target } from '../graph/targets.js';
import { tfjsRuntime } from '../measure/tfjsRuntime.js';
import { train } from '../networks/train.js';
import type { DemoSource } from './demoSource.js';
import { exampleTable, realModelsText, scoreTable } from './demoTables.js';
import { whole } from './options.js';
import { note, progress } from './progress.js';

const MEASUREMENTS = 10,
  CHECKS = 20;
/** Agreement of halves below which the errors on this machine are noise in good part. */
const NOISY = 0.9;

export interface DemoOptions {
  device: string;
  out: string;
  quick?: boolean;
  /** the first part only */
  realModels?: boolean;
  backend?: string;
  seed: string;
}

/**
 * Real models on a device that was left out; then the whole way once: raw passes, dataset, training without `device`, ten chosen networks, predictions beside the measured truth; then the same for
 * this machine, whose networks are measured here. Tables on stdout, progress on stderr, everything it makes in `out`.
 */
export async function runDemo(source: DemoSource, o: DemoOptions): Promise<void> {
  const seed = whole('--seed', o.seed),
    model = join(o.out, 'model');
  const started = Date.now(),
    step = (text: string) => note(`[${((Date.now() - started) / 1000).toFixed(0).padStart(3)} s] ${text}`);

  if (o.realModels) {
    if (source.real) await demoReal(source.real, { seed, step });
    return;
  }

  // what can be wrong is found before anything is computed
  const runtime = await tfjsRuntime(o.backend ?? process.env.HWCAST_BACKEND);
  for (const warning of runtime.warnings) note(`warning: ${warning}`);
  const described = await readDataset(source.dataset);
  checkDevice(o.device, Object.keys(described.card.devices));
  checkFolder(o.out);

  if (source.real) await demoReal(source.real, { seed, step });

  step('reading raw passes into a dataset');
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
    `${report.rows.usable} values of single passes: ${count} measurements, ${dataset.workloads.length} networks, ${dataset.tasks.length} tasks`,
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
      passes: source.rounds[o.quick ? 'quick' : 'full'],
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
}

/** The first part: real models on a device that is left out. */
async function demoReal(
  { dataset, device, condition }: NonNullable<DemoSource['real']>,
  { seed, step }: { seed: number; step(text: string): void },
): Promise<void> {
  step(`real models: learning from all devices but ${device}`);
  const random = createRandom(seed);
  const real = demoRealModels(await readDataset(dataset), { device, condition, measurements: MEASUREMENTS, random });
  process.stdout.write(`${realModelsText(real)}\n`);
}

function checkDevice(device: string, known: readonly string[]): void {
  if (known.includes(device)) return;
  throw new HwcastError('not-found', `no device '${device}' in the passes`, {
    hint: `close names: ${closeNames(device, known).join(', ') || known.join(', ')}`,
  });
}

function checkFolder(out: string): void {
  if (existsSync(out) && !statSync(out).isDirectory())
    throw new HwcastError('bad-input', `'${out}' is a file, not a folder`, { hint: 'give another --out' });
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
  lines.push(
    '',
    'FLOPs: a value proportional to the FLOPs of the network, the factor from the same measurements.',
    'ceiling: the features of hwcast fitted to that many measurements of the device itself.',
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
