// How far verdicts on FPGA designs can be trusted: every collected row whose outcome is known, beside what `fits` says of its design; each row with counts on every part of its fabric.
// `npx tsx scripts/fpgaVerdicts.ts [FOLDER]` prints the tables of docs/fpga.md, `--page` puts them there. FOLDER is that of the collected tables, ../shared/data/fpga unless told.
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fpgaPartNamed } from '../src/device/fpgaParts.js';
import { type FpgaSourceRow, readFpgaSources } from '../src/fpga/data/fpgaSources.js';
import { readMoreFpgaRows } from '../src/fpga/data/moreFpgaRows.js';
import { fits } from '../src/fpga/fits.js';
import type { FpgaModel } from '../src/fpga/residual/fpgaModel.js';
import { loadFpgaModel } from '../src/fpga/residual/fpgaModelFolder.js';
import type { Verdict } from '../src/fpga/rules/feasibility.js';
import { modelsWithout, withIntervalsOf } from './fpgaLeftOut.js';
import { leastLeft, partVerdicts } from './fpgaPartVerdicts.js';
import { markdownTable, percent } from './markdown.js';
import { replaceBlock } from './replaceBlock.js';

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '..');

interface Judged {
  row: FpgaSourceRow;
  verdict: Verdict;
}

const REFUSES = /will-not-synthesise$/;
const share = (of: number, all: number): string => (all ? percent(of / all, 1) : '-');

/** The source that the model learned from. */
const LEARNED = 'wa_hls4ml_dense1';
const GROUPS: [string, (r: FpgaSourceRow) => boolean][] = [
  ['single dense layers of wa-hls4ml', (r) => r.source === LEARNED],
  ['networks of wa-hls4ml', (r) => r.source === 'wa_hls4ml_dense3'],
  ['test designs of hls4ml', (r) => r.source === 'hls4ml_baselines'],
  ['projects of hls4ml', (r) => r.source.includes('/')],
];

/** How often it was said that a design will not synthesise, how often rightly, and of how many of those that did not. */
function refusals(judged: readonly Judged[]): string {
  const body = GROUPS.map(([name, of]) => {
    const members = judged.filter((j) => of(j.row)),
      said = members.filter((j) => REFUSES.test(j.verdict)),
      right = said.filter((j) => !j.row.success).length,
      failed = members.filter((j) => !j.row.success).length;
    return [name, String(members.length), String(failed), String(said.length), share(right, said.length), share(right, failed)];
  });
  const alarms = judged.filter((j) => REFUSES.test(j.verdict) && j.row.success);
  return `Will not synthesise (likely or certain):

${markdownTable(['rows of', 'rows', 'so in truth', 'said', 'precision', 'recall'], body)}

False alarms: ${alarms.length ? alarms.map(alarmLine).join('; ') : 'none'}.`;
}

const alarmLine = ({ row, verdict }: Judged): string => `${row.id} (${row.stage}): ${verdict}`;

const { values, page } = {
  values: process.argv.slice(2).filter((a) => !a.startsWith('--')),
  page: process.argv.includes('--page'),
};
const folder = values[0] ?? join(ROOT, '..', 'shared', 'data', 'fpga');
// what a row does not record cannot be judged
const collected = [...readFpgaSources(folder, { onIssue: () => {} }), ...readMoreFpgaRows(folder)];
const rows = collected.filter(
  (r) => r.source !== 'hls4ml_modules' && !r.unknown.includes('reuseFactor') && !r.unknown.includes('kernel'),
);
const { model } = loadFpgaModel(join(ROOT, 'models', 'fpga')) as { model: FpgaModel };
const judged = rows.map((row): Judged => {
  const part = row.part ? fpgaPartNamed(row.part) : undefined;
  const [prediction] = model.predict([row.design], { stage: 'csynth', part });
  return { row, verdict: fits(prediction, part).verdict };
});
const least = leastLeft(collected);
const learned = await modelsWithout(rows.filter((r) => r.source === LEARNED));
const leftOut = new Map(
  [...new Set(rows.filter((r) => r.source !== LEARNED).map((r) => r.modelId))].map((group) => [
    group,
    withIntervalsOf(model, collected, (r) => r.source !== LEARNED && r.modelId !== group),
  ]),
);
const groups = GROUPS.flatMap(([name, of]) =>
  (['csynth', 'vsynth'] as const).flatMap((stage) => {
    const members = rows.filter((r) => of(r) && r.stage === stage);
    return members.length ? [{ name: `${name}, ${stage}`, rows: members }] : [];
  }),
);
const products = partVerdicts(
  groups.map((g) => ({
    ...g,
    modelOf: (row) => (row.source === LEARNED ? learned(row.modelId) : leftOut.get(row.modelId)!),
  })),
  least,
);
const text = `${refusals(judged)}

Every design with counts beside every part of its fabric, and a half to a 128th of the smallest, by models that know nothing of its network (said, precision, recall). Counts of csynth tell where they fit, and where they do not even if logic synthesis leaves as little as of any collected design; where only DSPs exceed, nothing is known:

${products}`;
console.log(text);
if (page) replaceBlock(join('docs', 'fpga.md'), 'fpga-verdicts', `\n${text}\n`);
