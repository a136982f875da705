/**
 * Models of timm that were never measured, on the GPUs and the processor of its table: a quarter of the families is left out everywhere and asked, where they
 * have a graph (datasets/timm-h200). From sizes and names alone, and with graphs, as sums over operators. Two to five minutes.
 *   npx tsx bench/new-models.ts
 */
import { resolve } from 'node:path';
import { createRandom } from '../src/core/random.js';
import { median } from '../src/core/statistics.js';
import type { Dataset } from '../src/dataset/dataset.js';
import { mergeDatasets } from '../src/dataset/merge.js';
import { readDataset } from '../src/dataset/store.js';
import { foldOf, restricted } from '../src/evaluate/protocols/newModels.js';
import { modelTasks, nameOf, positions } from '../src/evaluate/protocols/tableCases.js';
import '../src/index.js';
import { trainMultiTask } from '../src/networks/trainMultiTask.js';
import { intervalsOf } from '../src/surrogate/predictor.js';

const [timm, h200] = await Promise.all(
  ['timm', 'timm-h200'].map((name) => readDataset(resolve(import.meta.dirname, '../datasets', name))),
);
const both = mergeDatasets([timm, h200]),
  withGraph = new Set(both.workloads.filter((w) => w.graph).map((w) => w.id));

interface Errors {
  errors: number[];
  inside: number;
}

/** Errors of the left-out models by task of timm's table. */
function errorsOf({ workloads, ...rest }: Dataset): Map<string, Errors> {
  const tasks = modelTasks({ workloads, ...rest }),
    fold = foldOf(workloads, 1);
  const learner = trainMultiTask(
    workloads,
    tasks.map((t) => restricted(t, (row) => fold[row] !== 0)),
    { random: createRandom(1) },
  );
  const published = tasks.filter((t) => timm.card.devices[t.device]);
  return new Map(
    published.map((task): [string, Errors] => {
      const asked = positions(task).filter((i) => fold[task.rows[i]] === 0 && withGraph.has(workloads[task.rows[i]].id)),
        got = intervalsOf(learner.trained(task).predict(asked.map((i) => workloads[task.rows[i]])), 'latency');
      const inside = asked.filter((i, j) => got[j].low <= task.values[i] && task.values[i] <= got[j].high).length;
      return [
        nameOf(task),
        { errors: asked.map((i, j) => Math.abs(got[j].value / task.values[i] - 1)), inside: inside / asked.length },
      ];
    }),
  );
}

const percent = (share: number, digits = 1) => `${(100 * share).toFixed(digits)} %`;
const named = errorsOf(timm),
  summed = errorsOf(both);
console.log('| task | models | sizes and names | graphs | within 10 % | in interval |');
console.log('| --- | --- | --- | --- | --- | --- |');
for (const [name, { errors, inside }] of summed) {
  const near = errors.filter((e) => e < 0.1).length / errors.length;
  console.log(
    `| ${name} | ${errors.length} | ${percent(median(named.get(name)!.errors))} | ${percent(median(errors))} | ${percent(near, 0)} | ${percent(inside, 0)} |`,
  );
}
