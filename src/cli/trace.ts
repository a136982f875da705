import { type Command, Option } from 'commander';
import { HwcastError } from '../core/errors.js';
import { writeFileAtomic } from '../core/files.js';
import { traceSvg } from '../present/tracePicture.js';
import { traceCsv, traceJson, traceTables } from '../present/traceView.js';
import { analyseSources } from '../trace/analyseSources.js';
import { READERS } from '../trace/registry.js';
import { note } from './progress.js';

interface Options {
  format?: string;
  json?: boolean;
  csv?: boolean;
  svg?: string;
}

/** `hwcast trace FILE...`: what profiles say of what ran, with or without shapes. */
export function registerTrace(program: Command): void {
  program
    .command('trace')
    .description('what a profile says: steps, latency, launch or device bound, operators, kernels; several are compared')
    .argument('<files...>', 'profiles, folders, archives, or - for standard input; formats are found by content')
    .option(
      '--format <format>',
      `read all as this format: ${READERS.filter((r) => r.analyse)
        .map((r) => r.format)
        .join(', ')}`,
    )
    .addOption(new Option('--json', 'print JSON').conflicts('csv'))
    .option('--csv', 'print CSV')
    .option('--svg <file>', 'also write one step of each profile as a picture')
    .action(async (files: string[], options: Options) => {
      const { analyses, refused } = await analyseSources(files, options);
      for (const { where, reason } of refused) note(`refused ${where}: ${reason}`);
      if (options.svg !== undefined) {
        if (!analyses.some((a) => a.picture))
          throw new HwcastError('bad-input', 'no profile here says when things ran, so there is no timeline to draw', {
            where: files[0],
          });
        writeFileAtomic(options.svg, traceSvg(analyses));
      }
      const print = options.json ? traceJson : options.csv ? traceCsv : traceTables;
      process.stdout.write(`${print(analyses)}\n`);
    });
}
