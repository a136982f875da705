import { HwcastError } from '../../../core/errors.js';
import { kept } from '../../../core/kept.js';
import { createRandom } from '../../../core/random.js';
import { familyBaselines } from '../../../fpga/families/familyBaselines.js';
import { FAMILY_TARGETS } from '../../../fpga/families/familyCounts.js';
import type { FamilyDesign, FamilyModel, FamilyRow } from '../../../fpga/families/familyModel.js';
import { designGroup, trainFamilyModel } from '../../../fpga/families/trainFamilyModel.js';
import { type DatapathParts, datapathParts } from '../../../fpga/synth/datapathParts.js';
import { type TransferRow, TransferRows } from './resourceScores.js';

export interface FamilyTransferOptions {
  /** measured designs of the left-out family */
  sizes?: readonly number[];
  draws?: number;
  /** folds of designs that no training family has, for the setting `unseen`: two or more, or 0, which leaves the setting out */
  unseenFolds?: number;
  /** families to leave out; all unless given */
  families?: readonly string[];
  seed?: number;
  onProgress?(done: number, total: number, what: string): void;
}

/** Share of the groups of designs that a draw asks about. */
const QUERY_SHARE = 1 / 3;

/**
 * Leave one family out: train on the others, measure k designs on it, predict its other designs.
 *
 * Setting `seen`: the designs asked about were synthesised for the training families, not for the family left out. Setting `unseen`: for no family at all (the model is
 * trained without them); the measured ones are known to the training families in both. Designs of the same layer shapes (other reuse factor, bits, zeros) are never both measured
 * and asked about. `random` and `chosen` (by `FamilyModel.choose`, from the same candidates) are scored on the same designs.
 */
export function familyTransfer(rows: readonly FamilyRow[], options: FamilyTransferOptions = {}): TransferRow[] {
  const { sizes = [0, 5, 10, 20, 50], draws = 10, unseenFolds = 2, seed = 0, onProgress = () => {} } = options;
  const all = [...new Set(rows.map((r) => r.family))],
    families = options.families ?? all;
  if (all.length < 4)
    throw new HwcastError('bad-input', `${all.length} families: leaving one out needs four or more`, {
      hint: `found ${all.join(', ')}`,
    });
  if (unseenFolds !== 0 && unseenFolds < 2)
    throw new HwcastError('usage', `${unseenFolds} folds of unseen designs`, { hint: 'two or more, or 0 for none' });
  const random = createRandom(seed).fork('family transfer'),
    out = new TransferRows();
  const cache = new Map<string, DatapathParts>();
  const parts = (d: FamilyDesign): DatapathParts => kept(cache, d.id, () => datapathParts(d.design, d.seed));
  const total = families.length * (1 + unseenFolds);
  let done = 0;
  for (const family of families) {
    const own = rows.filter((r) => r.family === family),
      others = rows.filter((r) => r.family !== family);
    const groups = [...new Set(own.map((r) => designGroup(r.design)))];
    const model = trainFamilyModel(others, { random: random.fork(`train ${family}`), parts });
    for (let draw = 0; draw < draws; draw++) {
      const r = random.fork(`${family} ${draw}`);
      const queried = new Set(r.shuffle([...groups]).slice(0, Math.ceil(groups.length * QUERY_SHARE)));
      oneDraw(out, model, own, queried, { family, setting: 'seen', sizes, random: r });
    }
    onProgress(++done, total, family);
    const order = random.fork(`folds ${family}`).shuffle([...groups]);
    for (let fold = 0; fold < unseenFolds; fold++) {
      const queried = new Set(order.filter((_, i) => i % unseenFolds === fold));
      const without = trainFamilyModel(
        others.filter((o) => !queried.has(designGroup(o.design))),
        { random: random.fork(`train ${family} ${fold}`), parts },
      );
      for (let draw = 0; draw < Math.ceil(draws / unseenFolds); draw++)
        oneDraw(out, without, own, queried, {
          family,
          setting: 'unseen',
          sizes,
          random: random.fork(`${family} ${fold} ${draw}`),
        });
      onProgress(++done, total, `${family}, designs unseen`);
    }
  }
  return out.rows();
}

function oneDraw(
  out: TransferRows,
  model: FamilyModel,
  own: readonly FamilyRow[],
  queried: ReadonlySet<string>,
  options: { family: string; setting: string; sizes: readonly number[]; random: ReturnType<typeof createRandom> },
): void {
  const { family: task, setting, sizes, random } = options;
  const candidates = random.shuffle(own.filter((r) => !queried.has(designGroup(r.design)))),
    query = own.filter((r) => queried.has(designGroup(r.design)));
  for (const k of sizes) {
    if (k > candidates.length) continue;
    const selections = k === 0 ? (['none'] as const) : (['random', 'chosen'] as const);
    for (const selection of selections) {
      const support = selection === 'chosen' ? model.choose(candidates, k).map((i) => candidates[i]) : candidates.slice(0, k);
      const predictions = model.adapt(support).predict(query);
      for (const target of FAMILY_TARGETS)
        out.add(
          { task, setting, target, method: 'family model', k, selection },
          predictions.map((p, i) => ({ ...p[target], truth: query[i].counts[target] })),
        );
      for (const baseline of familyBaselines(model)) {
        if (k === 0 && baseline.name !== 'mean ratio') continue;
        const values = baseline.predict(support, query);
        for (const target of FAMILY_TARGETS)
          out.add(
            { task, setting, target, method: baseline.name, k, selection },
            values.map((v, i) => ({ value: v[target], truth: query[i].counts[target] })),
          );
      }
    }
  }
}
