import { join } from 'node:path';
import { HwcastError } from '../core/errors.js';
import { writeFileAtomic } from '../core/files.js';
import { createRandom } from '../core/random.js';
import { type Dataset, taskId } from '../dataset/dataset.js';
import { DISPLAY } from '../graph/targets.js';
import type { Workload } from '../graph/workload.js';
import { adapt } from '../networks/adapter.js';
import { fitFeatureMap, scalingSet } from '../networks/featureMap.js';
import { sample } from '../networks/sample.js';
import type { SupportRow } from '../surrogate/predictor.js';
import type { Ceiling } from './ceiling.js';
import { type Checked, checkAdapted } from './checkAdapted.js';
import { leaveOneOutSplits } from './protocols/leaveOneOut.js';
import { networkCeiling, type TestTask } from './protocols/networkSplit.js';

export interface LeftOutTarget extends Checked {
  target: TestTask['target'];
  adapter: string;
  /** the same features fitted to `measurements` of the very device; NaN where it has too few */
  ceiling: Ceiling;
  /** Spearman between halves of the passes behind the measured values, where the dataset says */
  halves?: number;
}

export interface LeftOutResult {
  device: string;
  /** the networks that were measured, as the model chose them */
  chosen: Workload[];
  supportFile: string;
  targets: LeftOutTarget[];
}

export interface LeftOutOptions {
  dataset: Dataset;
  /** model folder, trained without `device` */
  model: string;
  device: string;
  /** measurements of the device */
  measurements: number;
  seed: number;
  /** folder for the support file and the adapters */
  out: string;
}

/**
 * What a new device costs to learn, shown on one whose truth is known: the model chooses networks among those measured on it, their values become
 * a support file, the model is adapted once per target, and all other networks are predicted and compared.
 * @throws HwcastError `not-found` for a device that is not in the dataset, `bad-input` where the model was trained on it
 */
export async function demoLeftOut({ dataset, model, device, measurements, seed, out }: LeftOutOptions): Promise<LeftOutResult> {
  const [found] = leaveOneOutSplits(dataset, [device]);
  // latency first, the others after it by name
  const byTarget = (a: TestTask, b: TestTask) =>
    Number(b.target === 'latency') - Number(a.target === 'latency') || (a.target < b.target ? -1 : 1);
  const c = { ...found, test: [...found.test].sort(byTarget) };
  const values = c.test.map((test) => new Map(Array.from(test.rows, (row, i) => [row, test.values[i]])));
  const everywhere = Array.from(c.test[0].rows).filter((row) => values.every((v) => v.has(row)));
  const chosen = await sample({ model, n: measurements, candidates: everywhere.map((row) => c.workloads[row]), seed });
  const row = new Map(everywhere.map((r) => [c.workloads[r].id, r]));
  const supports = values.map((v) => chosen.map((workload): SupportRow => ({ workload, value: v.get(row.get(workload.id)!)! })));
  const supportFile = join(out, `${device}.csv`);
  writeFileAtomic(supportFile, supportTable(c.test, supports));

  const map = fitFeatureMap(c.space, scalingSet(c.space, c.workloads, createRandom(seed)));
  const isChosen = new Set(chosen.map((w) => w.id));
  const targets: LeftOutTarget[] = [];
  for (const [i, test] of c.test.entries()) {
    const adapter = join(out, `${device}-${test.target}.json`),
      support = supports[i];
    const adapted = await adapt({ model, device, support, condition: test.condition, target: test.target, out: adapter });
    if (adapted.model.info.tasks.some((t) => t.device === device))
      throw new HwcastError('bad-input', `the model in '${model}' was trained on '${device}'`, {
        hint: `train with --exclude-device ${device}`,
      });
    const others = Array.from(test.rows, (r, j) => ({ workload: c.workloads[r], value: test.values[j] }));
    targets.push({
      target: test.target,
      adapter,
      ...checkAdapted(
        adapted.predictor,
        support,
        others.filter((o) => !isChosen.has(o.workload.id)),
        test,
      ),
      ceiling: networkCeiling(map, c, test),
      halves: dataset.card.noise[taskId(test)]?.halves,
    });
  }
  return { device, chosen, supportFile, targets };
}

/** CSV as `hwcast adapt --support` reads it, one value column a target. */
function supportTable(tests: readonly TestTask[], supports: readonly SupportRow[][]): string {
  const shown = tests.map((t) => DISPLAY[t.target]);
  const columns = tests.map((t, i) => `${t.target}_${shown[i].unit.toLowerCase()}`);
  const rows = supports[0].map(({ workload }, n) =>
    [workload.id, ...supports.map((s, i) => Number((s[n].value * shown[i].scale).toPrecision(7)))].join(','),
  );
  return `${['workload', ...columns].join(',')}\n${rows.join('\n')}\n`;
}
