/**
 * `npm run accuracy:fpga`: runs the protocol fpga and writes docs/accuracy-fpga.json and docs/accuracy-fpga.md (about half an hour on two cores).
 *
 *     npx tsx scripts/accuracyFpga.ts [--data ../shared/data] [--tasks residual,family,stage,kernels,power] [--keep | --page]
 *     npx tsx scripts/accuracyFpga.ts --page --earlier FILE
 *
 * Each task writes to out/accuracy-fpga/TASK; with --keep those that are complete are not run again. --page runs nothing: it writes the page from
 * docs/accuracy-fpga.json, beside docs/accuracy-fpga-earlier.json. --earlier makes the latter from the rows of an earlier accuracy-fpga.json.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { writeFileAtomic } from '../src/core/files.js';
import { partsOf } from '../src/evaluate/protocols/registry.js';
import type { ResultRow } from '../src/evaluate/resultRow.js';
import { accuracyFpgaPage, type EarlierError, earlierErrors } from './accuracyFpgaPage.js';
import { protocolRows } from './protocolRuns.js';

const EARLIER = 'docs/accuracy-fpga-earlier.json';
const FPGA_TASKS = partsOf('fpga');

const { values: flags } = parseArgs({
  options: {
    data: { type: 'string', default: '../shared/data' },
    tasks: { type: 'string', default: FPGA_TASKS.join(',') },
    keep: { type: 'boolean', default: false },
    page: { type: 'boolean', default: false },
    earlier: { type: 'string' },
  },
});

function runTasks(): void {
  const argsOf = (task: string) => ['--protocol', 'fpga', '--tasks', task, '--k', '5,10,20,50', '--data', flags.data];
  const runs = Object.fromEntries(FPGA_TASKS.map((task) => [task, argsOf(task)]));
  const rows = protocolRows({ runs, folder: join('out', 'accuracy-fpga'), only: flags.tasks.split(','), keep: flags.keep });
  // single families and models fill megabytes: their means are kept, each alone is in out/accuracy-fpga after a run
  const kept = rows.filter((r) => !/^(family left out|csynth to vsynth)/.test(r.task) || /^all/.test(r.device));
  writeFileAtomic('docs/accuracy-fpga.json', `${JSON.stringify(kept)}\n`);
}

if (!flags.page) runTasks();
const rows: ResultRow[] = JSON.parse(readFileSync('docs/accuracy-fpga.json', 'utf8'));
if (flags.earlier)
  writeFileAtomic(EARLIER, `${JSON.stringify(earlierErrors(JSON.parse(readFileSync(flags.earlier, 'utf8'))))}\n`);
const earlier: EarlierError[] = existsSync(EARLIER) ? JSON.parse(readFileSync(EARLIER, 'utf8')) : [];
writeFileAtomic('docs/accuracy-fpga.md', accuracyFpgaPage(rows, earlier));
process.stderr.write(`docs/accuracy-fpga.md: ${rows.length} rows\n`);
