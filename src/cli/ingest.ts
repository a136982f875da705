import type { Command } from 'commander';
import { z } from 'zod';
import { HwcastError } from '../core/errors.js';
import { readFileChecked } from '../core/files.js';
import { type DeviceEntry, DeviceEntrySchema } from '../dataset/dataset.js';
import { ingest } from '../dataset/ingest/ingest.js';
import type { IngestOptions } from '../dataset/ingest/ingestOptions.js';
import { renderIngestReport } from '../dataset/ingest/ingestReport.js';
import { ingestShard, type Shard } from '../dataset/ingest/ingestShard.js';
import { writeDataset } from '../dataset/store.js';
import { READERS } from '../trace/registry.js';
import { folderName, limitsOf, MODEL_OPTION, whole, withLimits } from './options.js';
import { note } from './progress.js';

/** milliseconds between two lines of progress; no bar, since the number of sources shows only at the end */
const PROGRESS_EVERY = 2000;

interface Options {
  out: string;
  format?: string;
  device?: string;
  model?: string;
  batch?: string;
  map: Record<string, string>;
  wideDevices?: boolean;
  minAgreement?: number;
  devices?: string;
  name?: string;
  source?: string;
  licence?: string;
  json?: boolean;
  workers?: string;
  cache?: string;
  shard?: string;
  maxDepth?: string;
  maxUnpacked?: string;
}

/** `hwcast ingest`: traces and tables of measurements -> dataset folder. */
export function registerIngest(program: Command): void {
  const command = program
    .command('ingest')
    .description('profiler traces and tables of measurements into a dataset; formats are found by content')
    .argument('<sources...>', 'files, folders, .gz, .tar.gz, .zip, or - for standard input')
    .requiredOption('--out <dataset>', 'folder to write, whole or not at all')
    .option('--format <format>', `read all sources as this format: ${READERS.map((r) => r.format).join(', ')}`)
    .option('--device <id>', 'device id, where the sources name none (or instead of the name in a trace)')
    .option('--model <path>', MODEL_OPTION)
    .option('--batch <n>', 'images or sequences of a run, for profiles of kernels that do not tell')
    .option(
      '--map <name=column,...>',
      'columns of tables: workload, device, condition, run, pass, repeats, spread, latency_ms, energy_mj, ...; a column, or text with {column} in it',
      columnMap,
      {},
    )
    .option('--wide-devices', 'tables with one column a device: every other numeric column is a device, in milliseconds')
    .option('--min-agreement <r>', 'drop tasks whose passes agree less (Spearman of the mean of all passes)', agreement)
    .option('--devices <file>', 'JSON: hardware and conditions of device ids, for the card')
    .option('--name <name>', 'name of the dataset')
    .option('--source <text>', 'where the measurements come from, for the card')
    .option('--licence <text>', 'licence, for the card')
    .option('--workers <n>', 'read files by so many threads; the dataset is the same')
    .option('--cache <folder>', 'keep there what files gave: those whose content was read before are not read again')
    .option('--shard <i/n>', 'read only part i of n of the files, for `hwcast dataset merge` to put the parts together')
    .option('--json', 'the report as JSON on stdout');
  withLimits(command).action(async (sources: string[], options: Options) => {
    const { out, devices, json, batch, workers, shard, maxDepth, maxUnpacked, ...rest } = options;
    let last = Date.now();
    const told: IngestOptions = {
      ...rest,
      workers: workers === undefined ? undefined : whole('--workers', workers, 1),
      batch: batch === undefined ? undefined : whole('--batch', batch, 1),
      limits: limitsOf({ maxDepth, maxUnpacked }),
      devices: devices === undefined ? undefined : deviceEntries(devices),
      onProgress(done, name) {
        if (Date.now() - last < PROGRESS_EVERY) return;
        last = Date.now();
        note(`${done} read, now ${name}`);
      },
    };
    if (shard !== undefined) {
      const part = await ingestShard(sources, shardOf(shard), out, told);
      for (const { where, reason } of part.issues) note(`refused ${where}: ${reason}`);
      note(`${out}: part ${shard}, ${part.sources} sources; hwcast dataset merge makes a dataset of all parts`);
      if (json) process.stdout.write(`${JSON.stringify({ out, shard, sources: part.sources, refused: part.issues.length })}\n`);
      return;
    }
    const { dataset, report } = await ingest(sources, { ...told, name: told.name ?? folderName(out) });
    await writeDataset(out, dataset);
    note(renderIngestReport(report));
    note(`${out}: ${dataset.workloads.length} workloads, ${dataset.tasks.length} tasks`);
    if (json) process.stdout.write(`${JSON.stringify({ out, ...report })}\n`);
  });
}

/** `2/8` */
function shardOf(text: string): Shard {
  const [, index, count] = /^(\d+)\/(\d+)$/.exec(text)?.map(Number) ?? [];
  if (!(index >= 1 && index <= count))
    throw new HwcastError('usage', `--shard takes a part and the number of parts, e.g. 1/4, not '${text}'`);
  return { index, count };
}

/** `a=b,c=d`; repeated flags add up. A comma inside braces or a later `=` belongs to the column. */
function columnMap(text: string, before: Record<string, string>): Record<string, string> {
  const map = { ...before };
  for (const part of text.split(/,(?=\s*\w+=)/)) {
    const at = part.indexOf('=');
    if (at < 1 || at === part.length - 1)
      throw new HwcastError('usage', `--map: '${part}' is no name=column`, {
        hint: 'e.g. --map workload=arch_str,latency_ms=median_ms',
      });
    map[part.slice(0, at).trim()] = part.slice(at + 1).trim();
  }
  return map;
}

function agreement(text: string): number {
  const value = Number(text);
  if (!(value > 0 && value <= 1)) throw new HwcastError('usage', `--min-agreement takes a number above 0 up to 1, not '${text}'`);
  return value;
}

function deviceEntries(path: string): Record<string, DeviceEntry> {
  let value: unknown;
  try {
    value = JSON.parse(readFileChecked(path, 'devices').toString('utf8'));
  } catch (cause) {
    if (cause instanceof HwcastError) throw cause;
    throw new HwcastError('bad-input', `not JSON: ${(cause as Error).message}`, { where: path, cause });
  }
  const parsed = z.record(z.string(), DeviceEntrySchema).safeParse(value);
  if (!parsed.success)
    throw new HwcastError('bad-input', `not a list of devices: ${z.prettifyError(parsed.error)}`, {
      where: path,
      hint: '{"my_gpu": {"hardware": "H100-SXM5-80GB", "conditions": {"": {"batch": 1, "dtype": "fp32"}}}}',
      cause: parsed.error,
    });
  return parsed.data;
}
