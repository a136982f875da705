import type { Command } from 'commander';
import { z } from 'zod';
import { HwcastError } from '../core/errors.js';
import { readFileChecked } from '../core/files.js';
import { type DeviceEntry, DeviceEntrySchema } from '../dataset/dataset.js';
import { ingest } from '../dataset/ingest/ingest.js';
import { renderIngestReport } from '../dataset/ingest/ingestReport.js';
import { writeDataset } from '../dataset/store.js';
import { READERS } from '../trace/registry.js';
import { limitsOf, MODEL_OPTION, whole, withLimits } from './options.js';
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
    .option('--json', 'the report as JSON on stdout');
  withLimits(command).action(async (sources: string[], options: Options) => {
    const { out, devices, json, batch, maxDepth, maxUnpacked, ...rest } = options;
    let last = Date.now();
    const { dataset, report } = await ingest(sources, {
      ...rest,
      name: rest.name ?? out.replace(/\/+$/, '').split('/').at(-1),
      batch: batch === undefined ? undefined : whole('--batch', batch, 1),
      limits: limitsOf({ maxDepth, maxUnpacked }),
      devices: devices === undefined ? undefined : deviceEntries(devices),
      onProgress(done, name) {
        if (Date.now() - last < PROGRESS_EVERY) return;
        last = Date.now();
        note(`${done} read, now ${name}`);
      },
    });
    await writeDataset(out, dataset);
    note(renderIngestReport(report));
    note(`${out}: ${dataset.workloads.length} workloads, ${dataset.tasks.length} tasks`);
    if (json) process.stdout.write(`${JSON.stringify({ out, ...report })}\n`);
  });
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
