/**
 * Latency of models at a batch that was not measured, on hardware that was, nothing measured: `npx tsx bench/unmeasured-batch.ts` (some minutes). Batches of 8 are
 * left out of the zoo on both GPUs, and a quarter of the families at a time everywhere; asked are these families at batch 8. By the sums of the other batches, as
 * `hwcast predict --device H100-SXM5-80GB --condition 'pytorch cuda graph' --dtype fp16` does, and by the roofline of the same kernels, as it is and times the
 * factor that fits the asked models best.
 */
import { resolve } from 'node:path';
import { createRandom } from '../src/core/random.js';
import { median, spearman } from '../src/core/statistics.js';
import { mergeDatasets } from '../src/dataset/merge.js';
import { readDataset } from '../src/dataset/store.js';
import { FOLDS, foldOf, knownOperators, operatorsOf, restricted } from '../src/evaluate/protocols/newModels.js';
import { modelTasks, positions } from '../src/evaluate/protocols/tableCases.js';
import { unmeasuredMethods } from '../src/evaluate/protocols/unmeasuredMethods.js';
import '../src/index.js';
import type { Answer } from '../src/evaluate/scoring.js';
import { trainMultiTask } from '../src/networks/trainMultiTask.js';

const BATCH = 8;
const read = await Promise.all(
  ['zoo-h100', 'zoo-h200'].map((name) => readDataset(resolve(import.meta.dirname, '../datasets', name))),
);
const data = mergeDatasets(read),
  operators = await operatorsOf(read),
  tasks = modelTasks(data),
  fold = foldOf(data.workloads, 1),
  foldById = new Map(data.workloads.map((w, row) => [w.id, fold[row]]));
const isLeft = (t: (typeof tasks)[number]) => t.setting?.batch === BATCH,
  asked = tasks.filter((t) => isLeft(t) && t.target === 'latency' && t.setting?.execution === 'graph');

interface Said {
  truth: number[];
  answers: Map<string, Answer[]>;
}
const said = new Map(asked.map((t): [string, Said] => [t.device, { truth: [], answers: new Map() }]));
for (let f = 0; f < FOLDS; f++) {
  const learner = trainMultiTask(
    data.workloads,
    tasks.filter((t) => !isLeft(t)).map((t) => restricted(t, (row) => fold[row] !== f)),
    { random: createRandom(1), operators: knownOperators(operators, (id) => foldById.get(id) === f) },
  );
  for (const task of asked) {
    const pool = positions(task).filter((i) => fold[task.rows[i]] === f && data.workloads[task.rows[i]].graph),
      of = said.get(task.device)!;
    of.truth.push(...pool.map((i) => task.values[i]));
    const query = pool.map((position) => ({ tested: { task, learner, pool }, position }));
    for (const method of unmeasuredMethods(data, task, learner, pool)) {
      const { latency = [] } = await method.answer([], query);
      of.answers.set(method.name, [...(of.answers.get(method.name) ?? []), ...latency]);
    }
  }
}
const percent = (v: number) => `${(100 * v).toFixed(1)} %`;
console.log(
  '| configuration | models | sums | roofline | roofline x ratio | Spearman: sums | roofline | in interval | high / low |',
);
console.log(`|${'---|'.repeat(9)}`);
for (const [device, { truth, answers }] of said) {
  const [sums = [], roofline = []] = ['multi-task', 'roofline'].map((name) => answers.get(name)),
    ratio = median(roofline.map(({ value }, i) => truth[i] / value));
  const error = (of: readonly Answer[], factor = 1) =>
    median(of.map(({ value }, i) => Math.abs((factor * value) / truth[i] - 1)));
  const inside = sums.filter(({ low, high }, i) => low! <= truth[i] && truth[i] <= high!).length / truth.length;
  const rank = (of: readonly Answer[]) =>
    spearman(
      of.map((a) => a.value),
      truth,
    ).toFixed(3);
  console.log(
    `| ${[device, truth.length, percent(error(sums)), percent(error(roofline)), percent(error(roofline, ratio)), rank(sums), rank(roofline), `${(100 * inside).toFixed(0)} %`, median(sums.map((a) => a.high! / a.low!)).toFixed(2)].join(' | ')} |`,
  );
}
