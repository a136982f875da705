/**
 * `npm run accuracy:models`: runs the protocols `tables` and `zoo` on the datasets of real models and writes docs/accuracy-models.json and .md (about twenty minutes on two
 * cores).
 *
 *     npx tsx scripts/accuracyModels.ts [--only NAME,NAME] [--keep | --page]
 *
 * Each run writes to out/accuracy-models/NAME; with --keep those that are complete are not run again, with --only the rows of the others stay. --page runs nothing: it writes the page from the JSON, which
 * has means and medians over tasks, and each task from ten chosen measurements.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { writeFileAtomic } from '../src/core/files.js';
import type { ResultRow } from '../src/evaluate/resultRow.js';
import { accuracyModelsPage } from './accuracyModelsPage.js';
import { protocolRows } from './protocolRuns.js';

const { values: flags } = parseArgs({
  options: {
    only: { type: 'string' },
    keep: { type: 'boolean', default: false },
    page: { type: 'boolean', default: false },
  },
});
const known = (dataset: string) => `--protocol tables --dataset datasets/${dataset} --draws 10`;
/** Configurations of the zoo that new models are tested on; a run each, since each trains four times. */
const CONFIGURATIONS = ['graph_fp16_b1', 'graph_fp16_b8', 'graph_fp32_b1', 'graph_fp32_b8', 'ort_t1', 'ort_t4'];
const fresh = (device: string) =>
  `--protocol zoo --tasks new-models --k 10 --selection random,chosen --draws 10 --devices ${device}`;
const RUNS: Record<string, string> = {
  'vitis-dpu': known('vitis-dpu'),
  timm: known('timm'),
  'zoo-known': '--protocol zoo --tasks known-models --draws 10',
  ...Object.fromEntries(CONFIGURATIONS.map((c) => [`zoo-new-${c}`, fresh(`zoo_${c}`)])),
  'zoo-configurations': '--protocol zoo --tasks known-configurations',
  'ai-hub': known('ai-hub'),
  ncnn: known('ncnn'),
};
const PAGE = 'docs/accuracy-models';

/** Tasks that are run one by one have no mean over all. */
const FRESH = 'new models';
/** Means and medians of every method and number of measurements, and each task from ten measurements, or from none where none are made: the rest is as large as a dataset. */
const isKept = ({ task, device, method, k, selection }: ResultRow): boolean =>
  task === FRESH
    ? (method === 'multi-task' || k === 0) && !/all$/.test(device)
    : k === 0 ||
      device === 'all' ||
      device === 'median of all' ||
      (method === 'multi-task' && k === 10 && selection === 'chosen');

function runProtocols(): void {
  const runs = Object.fromEntries(Object.entries(RUNS).map(([name, line]) => [name, line.split(' ')]));
  const rows = protocolRows({ runs, folder: join('out', 'accuracy-models'), only: flags.only?.split(','), keep: flags.keep });
  // with --only, the rows of runs that are not here stay as they are
  const runOf = ({ protocol, task, space, device }: ResultRow) =>
      [protocol, task, space, ...(task === FRESH ? [device] : [])].join(' '),
    made = new Set(rows.map(runOf));
  const before: ResultRow[] = flags.only ? JSON.parse(readFileSync(`${PAGE}.json`, 'utf8')) : [];
  const kept = before.filter((row) => isKept(row) && !made.has(runOf(row)));
  const brief = (_: string, v: unknown) => (typeof v === 'number' ? Number(v.toPrecision(5)) : v);
  writeFileAtomic(`${PAGE}.json`, `${JSON.stringify([...kept, ...rows.filter(isKept)], brief)}\n`);
}

if (!flags.page) runProtocols();
const rows: ResultRow[] = JSON.parse(readFileSync(`${PAGE}.json`, 'utf8'));
writeFileAtomic(`${PAGE}.md`, accuracyModelsPage(rows));
process.stderr.write(`${PAGE}.md: ${rows.length} rows\n`);
