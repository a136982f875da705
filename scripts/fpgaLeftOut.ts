import { kept } from '../src/core/kept.js';
import { residualRows } from '../src/evaluate/protocols/fpgaResidual.js';
import type { FpgaSourceRow } from '../src/fpga/data/fpgaSources.js';
import { FpgaModel } from '../src/fpga/residual/fpgaModel.js';
import { type PreparedRow, prepareRows } from '../src/fpga/residual/residualRow.js';
import { ruleIntervals } from '../src/fpga/residual/ruleIntervals.js';
import { trainPrepared } from '../src/fpga/residual/trainResidual.js';
import { initBackend } from '../src/tensor/backend.js';

/** Rows are asked for again without each network, kind and version. */
const prepared = new WeakMap<FpgaSourceRow, PreparedRow[]>();

/** What is of the single dense layers that the model learned from; its kinds of layers are those of the rows to leave out. */
const learnedOf = <T>(strata: Readonly<Record<string, T>>): Record<string, T> =>
  Object.fromEntries(Object.entries(strata).filter(([name]) => /dense(\/|$)/.test(name) && !name.startsWith('kind:')));

/** The model with intervals of rules from the rows that `keep` lets through, none of which it learned from. */
export function withIntervalsOf(
  model: FpgaModel,
  rows: readonly FpgaSourceRow[],
  keep: (row: FpgaSourceRow) => boolean,
): FpgaModel {
  const rules = ruleIntervals(
    rows.filter(keep).flatMap((row) => kept(prepared, row, () => prepareRows(residualRows([row]).rows))),
  );
  const { residual } = model;
  return new FpgaModel({
    ...residual,
    calibration: { ...rules.calibration, ...learnedOf(residual.calibration) },
    seen: { ...rules.seen, ...learnedOf(residual.seen ?? {}) },
  });
}

/** Models trained without a fifth of the networks each, and which of them did not see a network. */
export async function modelsWithout(rows: readonly FpgaSourceRow[], folds = 5): Promise<(group: string) => FpgaModel> {
  await initBackend(process.env.HWCAST_BACKEND);
  const all = prepareRows(residualRows(rows).rows);
  const groups = [...new Set(all.map((r) => r.group))].sort();
  const foldOf = new Map(groups.map((group, i) => [group, i % folds]));
  const models: FpgaModel[] = [];
  for (let fold = 0; fold < folds; fold++) {
    const train = all.filter((r) => foldOf.get(r.group) !== fold);
    models.push(new FpgaModel(await trainPrepared(train, { seed: 1 })));
  }
  return (group) => {
    const fold = foldOf.get(group);
    if (fold === undefined) throw new Error(`the network '${group}' is in no fold`);
    return models[fold];
  };
}
