import { statSync } from 'node:fs';
import { type Command, Option } from 'commander';
import { HwcastError } from '../core/errors.js';
import { writeFileAtomic } from '../core/files.js';
import { deviceNamed } from '../device/deviceNamed.js';
import { traceWhatIf, type WhatIf, type WhatIfResult } from '../networks/traceWhatIf.js';
import { traceSvg } from '../present/tracePicture.js';
import { traceCsv, traceJson, traceTables } from '../present/traceView.js';
import { analyseSources } from '../trace/analyseSources.js';
import { READERS, readerFor } from '../trace/registry.js';
import { type SourceLimits, walkSources } from '../trace/source/walkSources.js';
import type { TraceAnalysis } from '../trace/traceAnalysis.js';
import type { OperatorRecord, ReadOptions } from '../trace/traceReader.js';
import { dtypeOption, limitsOf, MODEL_OPTION, whole, withLimits } from './options.js';
import { note } from './progress.js';

interface Options {
  format?: string;
  model?: string;
  device?: string;
  batch?: string;
  dtype?: string;
  json?: boolean;
  csv?: boolean;
  svg?: string;
  maxDepth?: string;
  maxUnpacked?: string;
}

/** `hwcast trace FILE...`: what profiles say of what ran, with or without shapes. */
export function registerTrace(program: Command): void {
  const command = program
    .command('trace')
    .description('what a profile says: steps, latency, launch or device bound, operators, kernels; several are compared')
    .argument('<files...>', 'profiles, folders, archives, or - for standard input; formats are found by content')
    .option(
      '--format <format>',
      `read all as this format: ${READERS.filter((r) => r.analyse)
        .map((r) => r.format)
        .join(', ')}`,
    )
    .option('--model <path>', MODEL_OPTION)
    .option('--device <name>', 'what if: the step on another device of the catalogue (hwcast devices)')
    .option('--batch <n>', 'what if: at another batch')
    .option('--dtype <type>', 'what if: in another element type')
    .addOption(new Option('--json', 'print JSON').conflicts('csv'))
    .option('--csv', 'print CSV')
    .option('--svg <file>', 'also write one step of each profile as a picture');
  withLimits(command).action(async (files: string[], options: Options) => {
    const limits = limitsOf(options),
      change = changeOf(options);
    if (change) refuseOnce(files);
    const { analyses, refused } = await analyseSources(files, { format: options.format, model: options.model, limits });
    for (const { where, reason } of refused) note(`refused ${where}: ${reason}`);
    if (options.svg !== undefined) {
      if (!analyses.some((a) => a.picture))
        throw new HwcastError('bad-input', 'no profile here says when things ran, so there is no timeline to draw', {
          where: files[0],
        });
      writeFileAtomic(options.svg, traceSvg(analyses));
    }
    const print = options.json ? traceJson : options.csv ? traceCsv : traceTables;
    process.stdout.write(
      `${print(analyses, change && (await whatIf(files, analyses, change, { model: options.model, limits })))}\n`,
    );
  });
}

function changeOf({ device, batch, dtype }: Options): WhatIf | undefined {
  if (device === undefined && batch === undefined && dtype === undefined) return undefined;
  return {
    device: device === undefined ? undefined : deviceNamed(device),
    batch: batch === undefined ? undefined : whole('--batch', batch, 1),
    dtype: dtype === undefined ? undefined : dtypeOption(dtype),
  };
}

/** @throws HwcastError `usage` for what can be read once only: a what-if reads profiles twice */
function refuseOnce(files: readonly string[]): void {
  const once = files.find((file) => {
    const found = file === '-' ? undefined : statSync(file, { throwIfNoEntry: false });
    return file === '-' || (found && !found.isFile() && !found.isDirectory());
  });
  if (once !== undefined)
    throw new HwcastError(
      'usage',
      `a what-if reads its profile twice, which ${once === '-' ? 'standard input' : `'${once}'`} cannot`,
      {
        hint: 'name a file',
      },
    );
}

/** Reads the operators of each profile again: what is printed of a profile needs none of them. */
async function whatIf(
  files: readonly string[],
  analyses: readonly TraceAnalysis[],
  change: WhatIf,
  { limits, ...options }: ReadOptions & { limits: SourceLimits },
): Promise<(WhatIfResult | null)[]> {
  // loaded where something changes: every command starts without the bundled models
  const isResized = change.batch !== undefined || change.dtype !== undefined,
    times = isResized ? await (await import('../networks/operatorTimes.js')).bundledOperatorTimes() : undefined,
    results = new Map<string, WhatIfResult>();
  for await (const source of walkSources(files, limits)) {
    const analysis = 'kind' in source ? undefined : analyses.find((a) => a.source === source.name);
    if ('kind' in source || !analysis) continue;
    const records: OperatorRecord[] = [];
    for await (const record of readerFor(source, analysis.format).read(source, options))
      if (record.kind === 'operator') records.push(record);
    results.set(source.name, traceWhatIf(analysis, records, change, times));
  }
  return analyses.map((a) => results.get(a.source) ?? null);
}
