import type { Command } from 'commander';
import '../operators/operatorKind.js';
import { HwcastError } from '../core/errors.js';
import type { Target } from '../graph/targets.js';
import { type Adapted, adapt, loadAdapter } from '../networks/adapter.js';
import { measurementsToHalve } from '../networks/measurementsToHalve.js';
import type { ModelMetrics } from '../networks/model.js';
import { parseSupport } from '../networks/supportFile.js';
import type { ToldSetting } from '../networks/toldSetting.js';
import { Z90 } from '../surrogate/head/tuneSettings.js';
import { readText, targetOption, whole } from './options.js';
import { note } from './progress.js';

interface Options {
  model?: string;
  device?: string;
  support?: string;
  from?: string;
  condition?: string;
  target?: string;
  runtimeVersion?: string;
  hardware?: string;
  dtype?: string;
  batch?: string;
  threads?: string;
  execution?: string;
  framework?: string;
  out: string;
}

export function registerAdapt(program: Command): void {
  program
    .command('adapt')
    .description('adapt a model to a new device from a few measurements')
    .option('--model <folder>', 'trained model; with --from that of the adapter unless told')
    .option('--device <id>', 'name of the new device; with --from that of the adapter unless told')
    .option(
      '--support <file>',
      'CSV or JSONL with columns workload and latency_ms (or energy_mj, ..), optionally spread and repeats',
    )
    .option('--from <adapter>', 'go on from an adapter of the device before it changed; two or three new measurements do')
    .option('--runtime-version <text>', 'version of the runtime that was measured; the adapter keeps it')
    .option('--condition <key>', 'how the device ran, where it has several ways')
    .option('--target <name>', 'where the file has columns of several targets')
    .option('--hardware <name>', 'what the device is in the catalogue, where --device is a name of your own')
    .option('--dtype <type>', 'element type that was measured: fp32, fp16, .. or amp')
    .option('--batch <count>', 'images per batch that was measured')
    .option('--threads <count>', 'threads of a processor')
    .option('--execution <kind>', 'eager, graph (CUDA graph) or compiled')
    .option('--framework <name>', 'e.g. onnxruntime')
    .requiredOption('--out <file>', 'adapter to write')
    .addHelpText(
      'after',
      `
Examples:
  hwcast adapt --model models/real --device board --support measured.csv --runtime-version "ncnn 20260113" --out board.json
  hwcast adapt --model models/real --device "RTX 4090" --dtype fp16 --batch 1 --execution graph --support measured.csv --out gpu.json
  hwcast adapt --from board.json --support three-more.csv --runtime-version "ncnn 20260526" --out board-new.json`,
    )
    .action(adaptCommand);
}

async function adaptCommand(o: Options): Promise<void> {
  checkOptions(o);
  const asked = o.target === undefined ? undefined : targetOption(o.target);
  const from = o.from === undefined ? undefined : await loadAdapter(o.from, o.model);
  const read = o.support === undefined ? undefined : await supportOf(o.support, asked ?? from?.task.target);
  const adapted = await adapt({
    model: o.model,
    device: o.device,
    condition: o.condition,
    runtimeVersion: o.runtimeVersion,
    from,
    support: read?.rows,
    target: read?.target ?? asked,
    setting: settingOf(o),
    out: o.out,
  });
  const { task, metrics, model, support } = adapted,
    { leaveOneOutMedianApe: error } = metrics;
  if (task.setting) note(settingText(task.setting));
  if (adapted.drift) note(driftText(adapted.drift));
  note(
    `${o.out}: ${task.target} of '${task.device}' from ${support.length} measurements${error === null ? '' : `; each predicted from the others: median error ${(100 * error).toFixed(1)} %`}`,
  );
  if (error !== null)
    note(`expect about that error of other workloads; ${halvingText(model.metrics, task.target, support.length)}`);
}

/** @throws HwcastError `usage` */
function checkOptions({ from, model, device, support }: Options): void {
  if (from !== undefined) return;
  const missing = [
    ['--model FOLDER', model],
    ['--device ID', device],
    ['--support FILE', support],
  ].flatMap(([flag, value]) => (value === undefined ? [flag] : []));
  if (missing.length)
    throw new HwcastError('usage', `adapt needs ${missing.join(', ')}`, {
      hint: 'or --from ADAPTER, to go on from an adapter of the device before it changed',
    });
}

/** What was told of how the device runs; undefined where nothing was. @throws HwcastError `usage` */
function settingOf({ hardware, dtype, batch, threads, execution, framework }: Options): ToldSetting | undefined {
  const count = (flag: string, text: string | undefined) => (text === undefined ? undefined : whole(flag, text, 1));
  const told = {
    hardware,
    dtype,
    batch: count('--batch', batch),
    threads: count('--threads', threads),
    execution,
    framework: framework?.toLowerCase(),
  };
  return Object.values(told).some((v) => v !== undefined) ? told : undefined;
}

/** What new graphs are taken to run on. */
function settingText({ hardware, ...ran }: ToldSetting): string {
  const told = Object.entries(ran).map(([name, value]) => `${name} ${value}`),
    open = (['dtype', 'batch', 'execution'] as const).filter((name) => ran[name] === undefined);
  const what = [...(hardware === undefined ? [] : [`${hardware} of the catalogue`]), ...told].join(', ');
  return `taken for ${what}${hardware !== undefined && open.length ? `; ${open.map((name) => `--${name}`).join(', ')} would say more` : ''}`;
}

async function supportOf(path: string, target: Target | undefined) {
  const { text, where } = readText(path, 'support file');
  return parseSupport(text, where, target);
}

/** What changed, and where no new measurement says so. */
function driftText({ ratio, level, own, measured, from }: NonNullable<Adapted['drift']>): string {
  const percent = (x: number) => `${(100 * x).toFixed(1)} %`;
  const what = `the ${from.measurements} measurements of before${from.runtimeVersion ? ` (${from.runtimeVersion})` : ''}`;
  return measured
    ? `${what} x ${ratio.toFixed(3)} (within ${percent(Z90 * level)}), as ${measured} new ones show; a model differs from that by ${percent(own)}`
    : `${what} as they were: nothing new was measured, so the intervals are widened by what a release changes, ${percent(Z90 * Math.hypot(level, own))}`;
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
