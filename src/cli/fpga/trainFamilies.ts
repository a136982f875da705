import { basename, join, resolve } from 'node:path';
import { HwcastError } from '../../core/errors.js';
import { readFileChecked, sha256 } from '../../core/files.js';
import { createRandom } from '../../core/random.js';
import { FAMILY_METHOD, FAMILY_SETTINGS, familyGroup, familyRowTarget, familyTask } from '../../evaluate/protocols/fpgaFamily.js';
import type { ResultRow } from '../../evaluate/resultRow.js';
import { runGroup } from '../../evaluate/run.js';
import { readYosysFpga } from '../../fpga/data/yosysFpga.js';
import { FAMILY_TARGETS } from '../../fpga/families/familyCounts.js';
import { type FamilyModelInfo, saveFamilyModel } from '../../fpga/families/familyModelFolder.js';
import { trainFamilyModel } from '../../fpga/families/trainFamilyModel.js';
import { whole } from '../options.js';
import { note, progress } from '../progress.js';

/** Licences of datasets of synthesised designs, as their cards state them. */
const LICENCES: Record<string, string> = { 'yosys-fpga': 'Apache-2.0' };
/** Measured designs, and draws of designs asked about, of the scores on the card. */
const SCORED = { k: 10, draws: 4 };

/** Trains the model of FPGA families and writes its folder. @throws HwcastError `usage` without dataset, and those of `readYosysFpga` */
export async function trainFamilies(o: { dataset?: string; seed: string; folds?: string; out: string }): Promise<void> {
  if (o.dataset === undefined)
    throw new HwcastError('usage', 'train families on what?', { hint: '--dataset datasets/yosys-fpga' });
  const seed = whole('--seed', o.seed),
    folds = whole('--folds', o.folds ?? '2'),
    name = basename(resolve(o.dataset));
  const rows = readYosysFpga(o.dataset),
    names = [...new Set(rows.map((r) => r.family))].sort();
  note(`${new Set(rows.map((r) => r.id)).size} designs on ${names.length} families, ${rows.length} rows`);
  const model = trainFamilyModel(rows, { random: createRandom(seed).fork('fpga families') });
  const command = `hwcast fpga train --families --dataset datasets/${name} --seed ${seed} --folds ${folds}`;
  let scores: FamilyModelInfo['scores'] = [];
  if (folds > 0) {
    const bar = progress('scores');
    const group = familyGroup(rows, {
      sizes: [SCORED.k],
      draws: SCORED.draws,
      unseenFolds: folds,
      seed,
      onProgress: (done, total, what) => bar.update(done, total, `${what} left out`),
    });
    scores = overFamilies(await runGroup(group, { command, measuredAt: '' }));
    bar.stop();
  }
  const files = ['designs.jsonl.gz', 'results.csv.gz'].map((f) => readFileChecked(join(o.dataset!, f)));
  saveFamilyModel(o.out, {
    model,
    designs: rows,
    info: {
      source: { name, licence: LICENCES[name] ?? 'none stated', sha256: sha256(Buffer.concat(files)) },
      tools: [...new Set(rows.map((r) => r.toolVersion))].sort(),
      families: names.map((family) => ({ name: family, designs: rows.filter((r) => r.family === family).length })),
      scores,
      seed,
      command,
    },
  });
  note(`written to ${o.out}`);
}

/** Scores of the model over all families, its designs chosen, by setting and target. */
const overFamilies = (rows: readonly ResultRow[]): FamilyModelInfo['scores'] =>
  FAMILY_SETTINGS.flatMap((setting) =>
    FAMILY_TARGETS.flatMap((target) =>
      rows
        .filter((r) => r.task === familyTask(setting) && r.target === familyRowTarget(target) && r.device === 'all')
        .filter((r) => r.method === FAMILY_METHOD && r.selection === 'chosen')
        .map(({ k, smape, exact, coverage90 }) => ({ setting, target, k, smape: smape!, exact: exact!, coverage90 })),
    ),
  );
