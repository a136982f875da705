/**
 * `npm run accuracy`: runs every protocol and writes docs/accuracy.json and docs/accuracy.md from all of them (about two hours on two cores).
 *
 *     npx tsx scripts/accuracy.ts [--data ../shared/data] [--only NAME,NAME] [--keep | --page]
 *
 * Each run writes to out/accuracy/NAME; with --keep those that are complete are not run again. --page runs nothing: it writes the page from docs/accuracy.json.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { writeFileAtomic } from '../src/core/files.js';
import type { ResultRow } from '../src/evaluate/resultRow.js';
import { accuracyPage } from './accuracyPage.js';
import { protocolRows } from './protocolRuns.js';

const { values: flags } = parseArgs({
  options: {
    data: { type: 'string', default: '../shared/data' },
    only: { type: 'string' },
    keep: { type: 'boolean', default: false },
    page: { type: 'boolean', default: false },
  },
});
const BASELINES = 'flops,roofline,device-ridge,nearest-device,additive-mixture,closed-form';
const RUNS: Record<string, string> = {
  loo: '--protocol leave-one-out --dataset datasets/nb201-h100 --methods flops,nearest-device,additive-mixture,closed-form,learned,hwcast',
  help: `--protocol help --space nasbench201 --methods ${BASELINES},learned,hwcast --k 10,20`,
  'help-rest':
    '--protocol help --space fbnet,ofa --methods flops,nearest-device,additive-mixture,closed-form,learned,hwcast --k 10,20',
  'help-meta': '--protocol help --space nasbench201 --methods help --k 20 --selection random',
  'nasflat-nb201': '--protocol nasflat --tasks N1,N2,N3,N4,NA,ND --methods additive-mixture,closed-form,hwcast',
  'nasflat-fbnet': '--protocol nasflat --tasks FD,F1,F2,F3,F4,FA --methods additive-mixture,closed-form,hwcast',
};

function runProtocols(): void {
  const dataOf = (line: string) => (line.includes('leave-one-out') ? [] : ['--data', flags.data]);
  const runs = Object.fromEntries(Object.entries(RUNS).map(([name, line]) => [name, [...line.split(' '), ...dataOf(line)]]));
  const rows = protocolRows({ runs, folder: join('out', 'accuracy'), only: flags.only?.split(','), keep: flags.keep });
  writeFileAtomic('docs/accuracy.json', `${JSON.stringify(rows)}\n`);
}

if (!flags.page) runProtocols();
const rows: ResultRow[] = JSON.parse(readFileSync('docs/accuracy.json', 'utf8'));
writeFileAtomic('docs/accuracy.md', accuracyPage(rows));
process.stderr.write(`docs/accuracy.md: ${rows.length} rows\n`);
