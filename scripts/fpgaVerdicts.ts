// How far verdicts on FPGA designs can be trusted: every collected row whose outcome is known, beside what `fits` says of its design before synthesis.
// `npx tsx scripts/fpgaVerdicts.ts [FOLDER]` prints the tables of docs/fpga.md, `--page` puts them there. FOLDER is that of the collected tables, ../shared/data/fpga unless told.
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fpgaPartNamed } from '../src/device/fpgaParts.js';
import { type FpgaSourceRow, readFpgaSources } from '../src/fpga/data/fpgaSources.js';
import { readMoreFpgaRows } from '../src/fpga/data/moreFpgaRows.js';
import { RESOURCES } from '../src/fpga/designTargets.js';
import { fits } from '../src/fpga/fits.js';
import { fpgaModel } from '../src/fpga/residual/bundledFpgaModel.js';
import type { Verdict } from '../src/fpga/rules/feasibility.js';
import { markdownTable, percent } from './markdown.js';
import { replaceBlock } from './replaceBlock.js';

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '..');

/** What became of a design, as far as its row tells. */
type Outcome = 'failed' | 'fits' | 'does not fit' | 'synthesised';
interface Judged {
  row: FpgaSourceRow;
  outcome: Outcome;
  verdict: Verdict;
}

/** A later stage's counts decide; csynth's, which are higher, only where they fit. */
function outcomeOf(row: FpgaSourceRow): Outcome {
  if (!row.success) return 'failed';
  const part = row.part ? fpgaPartNamed(row.part) : undefined;
  if (!part || row.labels.lut === undefined) return 'synthesised';
  const over = RESOURCES.some((r) => (row.labels[r] ?? 0) > part[r]);
  return !over ? 'fits' : row.stage === 'csynth' ? 'synthesised' : 'does not fit';
}

const REFUSES = /will-not-synthesise$/,
  MISFITS = /does-not-fit$/;
const share = (of: number, all: number): string => (all ? percent(of / all, 1) : '-');

/** Rows of a table: how often a verdict was said, right, wrong, and how many of those it should have been said of. */
function scored(
  what: string,
  judged: readonly Judged[],
  said: (v: Verdict) => boolean,
  true_: (o: Outcome) => boolean,
): string[] {
  const flagged = judged.filter((j) => said(j.verdict)),
    right = flagged.filter((j) => true_(j.outcome)).length,
    real = judged.filter((j) => true_(j.outcome)).length;
  return [what, String(judged.length), String(real), String(flagged.length), share(right, flagged.length), share(right, real)];
}

function tables(judged: readonly Judged[]): string {
  const groups: [string, (r: FpgaSourceRow) => boolean][] = [
    ['single dense layers of wa-hls4ml', (r) => r.source === 'wa_hls4ml_dense1'],
    ['networks of wa-hls4ml', (r) => r.source === 'wa_hls4ml_dense3'],
    ['test designs of hls4ml', (r) => r.source === 'hls4ml_baselines'],
    ['projects of hls4ml', (r) => r.source.includes('/')],
  ];
  const head = ['rows of', 'rows', 'so in truth', 'said', 'precision', 'recall'];
  const refused = groups.map(([name, of]) =>
    scored(
      name,
      judged.filter((j) => of(j.row)),
      (v) => REFUSES.test(v),
      (o) => o === 'failed',
    ),
  );
  const compared = judged.filter((j) => j.outcome === 'fits' || j.outcome === 'does not fit');
  const fit = groups.map(([name, of]) =>
    scored(
      name,
      compared.filter((j) => of(j.row)),
      (v) => MISFITS.test(v),
      (o) => o === 'does not fit',
    ),
  );
  const alarms = judged.filter(
    (j) => (REFUSES.test(j.verdict) && j.outcome !== 'failed') || (MISFITS.test(j.verdict) && j.outcome === 'fits'),
  );
  const certain = compared.filter((j) => j.verdict === 'fits' || j.verdict === 'does-not-fit'),
    rightly = certain.filter((j) => (j.verdict === 'fits') === (j.outcome === 'fits')).length;
  return `Will not synthesise (likely or certain):

${markdownTable(head, refused)}

Does not fit (likely or certain), where counts after synthesis, or csynth's that fit, tell:

${markdownTable(head, fit)}

Said without "likely": ${certain.length} of ${compared.length}, ${rightly} right. False alarms: ${alarms.length ? alarms.map(alarmLine).join('; ') : 'none'}.`;
}

const alarmLine = ({ row, verdict, outcome }: Judged): string => `${row.id} (${row.stage}): ${verdict}, ${outcome}`;

const { values, page } = {
  values: process.argv.slice(2).filter((a) => !a.startsWith('--')),
  page: process.argv.includes('--page'),
};
const folder = values[0] ?? join(ROOT, '..', 'shared', 'data', 'fpga');
// what a row does not record cannot be judged
const rows = [...readFpgaSources(folder, { onIssue: () => {} }), ...readMoreFpgaRows(folder)].filter(
  (r) => r.source !== 'hls4ml_modules' && !r.unknown.includes('reuseFactor') && !r.unknown.includes('kernel'),
);
const model = await fpgaModel();
const judged = rows.map((row): Judged => {
  const part = row.part ? fpgaPartNamed(row.part) : undefined;
  const [prediction] = model.predict([row.design], { stage: 'csynth', part });
  return { row, outcome: outcomeOf(row), verdict: fits(prediction, part).verdict };
});
const text = tables(judged);
console.log(text);
if (page) replaceBlock(join('docs', 'fpga.md'), 'fpga-verdicts', `\n${text}\n`);
