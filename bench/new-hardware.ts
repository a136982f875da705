/**
 * Models that were never measured on GPUs that were never measured, ten of them measured there: trained on the zoo (H100, H200) and asked on the GPUs of timm's
 * table, and trained on that table and asked on the zoo's. With nothing told of the GPU, with its name in the catalogue, and with element type, batch and kind
 * of runtime too; beside the roofline of the kernels times a factor from the ten. Half an hour on two cores.
 *   npx tsx bench/new-hardware.ts [--task NAME]
 */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { createRandom } from '../src/core/random.js';
import { mean, median, spearman } from '../src/core/statistics.js';
import { mergeDatasets } from '../src/dataset/merge.js';
import { readDataset } from '../src/dataset/store.js';
import { knownOperators, operatorsOf } from '../src/evaluate/protocols/newModels.js';
import { modelTasks, nameOf, positions } from '../src/evaluate/protocols/tableCases.js';
import '../src/index.js';
import type { Workload } from '../src/graph/workload.js';
import { kernelRoofline } from '../src/networks/kernelRoofline.js';
import type { MultiTask } from '../src/networks/multiTask.js';
import { trainMultiTask } from '../src/networks/trainMultiTask.js';
import type { RunSetting } from '../src/surrogate/operatorSum/machine.js';
import { intervalsOf } from '../src/surrogate/predictor.js';

const { values: flags } = parseArgs({ options: { task: { type: 'string' } } });
const TEN = 10,
  DRAWS = 10,
  /** models of a task that are drawn to be measured and asked */
  MODELS = 70;

const united = async (names: readonly string[]) => {
  const read = await Promise.all(names.map((name) => readDataset(resolve(import.meta.dirname, '../datasets', name))));
  return { data: mergeDatasets(read), operators: knownOperators(await operatorsOf(read), () => false) };
};
const zoo = await united(['zoo-h100', 'zoo-h200']),
  timm = await united(['timm', 'timm-h200']);
type Task = ReturnType<typeof modelTasks>[number];
const isHopper = ({ setting }: Task) => /^H[12]00/.test(setting?.hardware ?? '');

interface Score {
  error: number;
  rank: number;
  inside: number;
}
const scored = (of: readonly { value: number; low?: number; high?: number }[], truth: readonly number[]): Score => ({
  error: median(of.map((p, i) => Math.abs(p.value / truth[i] - 1))),
  rank: spearman(
    of.map((p) => p.value),
    truth,
  ),
  inside: mean(of.map((p, i) => Number(p.low === undefined || (p.low <= truth[i] && truth[i] <= p.high!)))),
});

/** Scores of each way to predict a task from ten of its models, chosen and random. */
function scoresOf(learner: MultiTask, { device, condition, setting, ...task }: Task, workloads: readonly Workload[]) {
  const random = createRandom(`new hardware ${device} ${condition}`);
  const withGraph = [...task.rows.keys()].filter((i) => workloads[task.rows[i]].graph),
    drawn = random.sample(withGraph.length, Math.min(MODELS, withGraph.length)).map((j) => withGraph[j]);
  const asked = drawn.map((i) => workloads[task.rows[i]]),
    values = drawn.map((i) => task.values[i]);
  const told: Record<string, RunSetting | undefined> = {
    nothing: undefined,
    hardware: { hardware: setting!.hardware },
    setting,
  };
  const rooflines = asked.map((w) => kernelRoofline(w.graph!, setting!) ?? Number.NaN);
  const scores = (measured: readonly number[]): Record<string, Score> => {
    const rest = [...asked.keys()].filter((i) => !measured.includes(i)),
      truth = rest.map((i) => values[i]),
      support = measured.map((i) => ({ workload: asked[i], value: values[i] }));
    const factor = median(measured.map((i) => values[i] / rooflines[i]));
    const own = Object.entries(told).map(([name, of]): [string, Score] => {
      const adapted = learner.adapt(support, { device, condition, target: 'latency', setting: of });
      return [name, scored(intervalsOf(adapted.predict(rest.map((i) => asked[i])), 'latency'), truth)];
    });
    return {
      ...Object.fromEntries(own),
      roofline: scored(
        rest.map((i) => ({ value: factor * rooflines[i] })),
        truth,
      ),
    };
  };
  const chosen = learner.choose(asked, TEN).map((w) => asked.indexOf(w));
  return { chosen: scores(chosen), random: Array.from({ length: DRAWS }, () => scores(random.sample(asked.length, TEN))) };
}

const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
console.log(
  '| task | nothing told | hardware | setting | roofline x factor | Spearman: setting | roofline | in interval: setting |',
);
console.log('| --- | --- | --- | --- | --- | --- | --- | --- |');
const rows: Record<string, Score>[][] = [];
for (const [train, test, left] of [
  [zoo, timm, isHopper],
  [timm, zoo, (t: Task) => !isHopper(t)],
] as const) {
  const learner = trainMultiTask(
    train.data.workloads,
    modelTasks(train.data).filter((t) => train === zoo || !isHopper(t)),
    { random: createRandom(1), operators: train.operators },
  );
  for (const task of modelTasks(test.data)) {
    const hasGraphs = positions(task).filter((i) => test.data.workloads[task.rows[i]].graph).length >= MODELS / 2;
    if (task.target !== 'latency' || !task.setting?.hardware || left(task) || !hasGraphs) continue;
    if (flags.task && !nameOf(task).includes(flags.task)) continue;
    const { chosen, random } = scoresOf(learner, task, test.data.workloads),
      cell = (name: string) => `${percent(chosen[name].error)} (${percent(mean(random.map((r) => r[name].error)))})`;
    rows.push([chosen, ...random]);
    const all = [chosen, ...random];
    console.log(
      `| ${nameOf(task)} | ${cell('nothing')} | ${cell('hardware')} | ${cell('setting')} | ${cell('roofline')} | ${chosen.setting.rank.toFixed(3)} | ${chosen.roofline.rank.toFixed(3)} | ${percent(mean(all.map((s) => s.setting.inside)))} |`,
    );
  }
}
const over = (name: string) =>
  `${percent(median(rows.map(([chosen]) => chosen[name].error)))} (${percent(median(rows.map(([, ...random]) => mean(random.map((r) => r[name].error)))))})`;
console.log(`| median | ${['nothing', 'hardware', 'setting', 'roofline'].map(over).join(' | ')} | | | |`);
