import { mean, standardDeviation, symmetricError, weightedQuantile } from '../../core/statistics.js';
import type { Parameters } from '../../tensor/parameters.js';
import { RESIDUAL_TARGETS } from './layerFeatures.js';
import { applyResidual, CALIBRATED, type Calibration, ensembleForward, iiOf, type ResidualModel } from './residualModel.js';
import type { ResidualConfig } from './residualNetwork.js';
import type { PreparedRow } from './residualRow.js';

const T = RESIDUAL_TARGETS.length;
/** Trust tried on left-out groups; a stratum needs so many rows and groups to have its own interval, and so many groups to be trusted: of four networks what is gained is as often lost on the next. */
const TRUSTS = [0, 0.25, 0.5, 0.75, 1],
  LEAST_ROWS = 8,
  LEAST_GROUPS = 3,
  LEAST_TRUSTED = 5;
const COVERAGE = 0.9;

/** A number of a row that was not learned from: the tool's, the rule's, and what the network says of it. */
interface LeftOut {
  group: string;
  label: number;
  analytical: number;
  value: number;
  differs: number;
}

/** Trust and interval of each stratum and target from predictions of rows by the member that did not see their group. */
export function residualCalibration(
  rows: readonly PreparedRow[],
  config: ResidualConfig,
  members: readonly Parameters[],
  fold: Int32Array,
): ResidualModel['calibration'] {
  const forwards = members.map((m) => ensembleForward(config, [m]));
  return calibrationsOf(rows, (row, i, value, differs) => forwards[fold[i]](row.features, value, differs));
}

/** Intervals of the rules by stratum, trust 0, from designs that were not learned from. */
export const ruleCalibration = (rows: readonly PreparedRow[]): ResidualModel['calibration'] =>
  calibrationsOf(rows, (row, _, value) => value.set(row.features.totals));

/** `predict` writes the values of a row and how probably the rule differs, [targets] each. */
function calibrationsOf(
  rows: readonly PreparedRow[],
  predict: (row: PreparedRow, i: number, value: Float64Array, differs: Float64Array) => void,
): ResidualModel['calibration'] {
  /** by stratum, one list a calibrated target */
  const byStratum = new Map<string, LeftOut[][]>();
  const value = new Float64Array(T),
    differs = new Float64Array(T);
  rows.forEach((row, i) => {
    predict(row, i, value, differs);
    for (const stratum of row.strata) {
      let lists = byStratum.get(stratum);
      if (!lists) {
        lists = CALIBRATED.map(() => []);
        byStratum.set(stratum, lists);
      }
      for (let t = 0; t < T; t++)
        if (!Number.isNaN(row.targets[t]))
          lists[t].push({
            group: row.group,
            label: row.targets[t],
            analytical: row.features.totals[t],
            value: value[t],
            differs: differs[t],
          });
      const ii = row.labels.ii;
      if (ii !== undefined) lists[T].push({ group: row.group, label: ii, analytical: iiOf(row.analysis), value: 0, differs: 0 });
    }
  });
  const out: ResidualModel['calibration'] = {};
  for (const stratum of [...byStratum.keys()].sort()) {
    const lists = byStratum.get(stratum)!;
    CALIBRATED.forEach((target, t) => {
      const groups = new Set(lists[t].map((l) => l.group)).size;
      if (lists[t].length < LEAST_ROWS || groups < LEAST_GROUPS) return;
      out[stratum] = { ...out[stratum], [target]: calibrationFrom(t, lists[t], groups) };
    });
  }
  return out;
}

function calibrationFrom(t: number, list: readonly LeftOut[], groups: number): Calibration {
  const errors = (trust: number) =>
    list.map((l) => symmetricError(l.label, applyResidual(t, l.analytical, l.value, l.differs, trust)));
  const plain = errors(0),
    analytical = mean(plain);
  let trust = 0,
    learned = analytical,
    surest = 0;
  if (t < T && groups >= LEAST_TRUSTED)
    for (const candidate of TRUSTS.slice(1)) {
      const tried = errors(candidate),
        error = mean(tried),
        // what is gained beyond chance: of trusts that gain alike the smallest is the surest
        sure = analytical - error - standardError(list, plain, tried);
      if (sure > surest) {
        trust = candidate;
        learned = error;
        surest = sure;
      }
    }
  const sizes = new Map<string, number>();
  for (const { group } of list) sizes.set(group, (sizes.get(group) ?? 0) + 1);
  // a model counts once, however many variants it has: the next design is one of another model
  const weights = list.map((l) => 1 / (groups * sizes.get(l.group)!)),
    share = (COVERAGE * (groups + 1)) / groups;
  const width = (trusted: number) =>
    weightedQuantile(
      list.map((l) => Math.abs(Math.log((l.label + 1) / (applyResidual(t, l.analytical, l.value, l.differs, trusted) + 1)))),
      weights,
      share,
    );
  return { trust, halfWidth: width(trust), ruleHalfWidth: width(0), rows: list.length, groups, analytical, learned };
}

/** Standard error of the mean gain over groups. */
function standardError(list: readonly LeftOut[], plain: readonly number[], tried: readonly number[]): number {
  const gains = new Map<string, number[]>();
  list.forEach(({ group }, i) => {
    const gain = plain[i] - tried[i],
      sameGroup = gains.get(group);
    if (sameGroup) sameGroup.push(gain);
    else gains.set(group, [gain]);
  });
  const means = [...gains.values()].map(mean);
  return standardDeviation(means) / Math.sqrt(means.length - 1);
}
