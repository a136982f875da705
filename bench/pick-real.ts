/**
 * Verdicts on real models under a budget: `npx tsx bench/pick-real.ts` (some minutes). Hardware of the tables of real models left out of training, fifty models
 * drawn, ten chosen and measured, budgets at three quantiles of the fifty. Every unmeasured model is called yes or no by its predicted value; prints the share that
 * is right, of all and of those within 20 % of the budget, for hwcast and for the nearest task times a factor, and how sure verdicts do.
 */
import { createRandom } from '../src/core/random.js';
import { mean, quantile } from '../src/core/statistics.js';
import { readDataset } from '../src/dataset/store.js';
import { TABLE_BASELINES } from '../src/evaluate/baselines/tableBaselines.js';
import { modelTasks } from '../src/evaluate/protocols/tableCases.js';
import { pick } from '../src/networks/pick.js';
import { hardwareOf, trainMultiTask } from '../src/networks/trainMultiTask.js';

const FIFTY = 50,
  TEN = 10,
  QUANTILES = [0.25, 0.5, 0.75],
  /** tasks of a table that are judged */
  MOST_TASKS = 24;

const share = (values: readonly boolean[]): string => `${(100 * mean(values.map(Number))).toFixed(1)} %`;

for (const name of ['ncnn', 'ai-hub', 'timm', 'vitis-dpu']) {
  const data = await readDataset(`datasets/${name}`),
    all = modelTasks(data).filter((t) => t.target === 'latency');
  const random = createRandom(`pick ${name}`);
  const tested = random.shuffle(all.filter((t) => t.rows.length >= 30)).slice(0, MOST_TASKS);
  const right: boolean[] = [],
    near: boolean[] = [],
    nearest: boolean[] = [],
    nearestNear: boolean[] = [],
    sure: boolean[] = [],
    open: boolean[] = [];
  for (const task of tested) {
    const rest = all.filter((t) => hardwareOf(t.device) !== hardwareOf(task.device)),
      learner = trainMultiTask(data.workloads, rest, { random: createRandom(1) });
    const [table] = learner.state.tables;
    const known = [...task.rows.keys()].filter((i) => table.position.has(data.workloads[task.rows[i]].id)),
      fifty = random.sample(known.length, Math.min(FIFTY, known.length)).map((j) => known[j]);
    const truth = new Map(fifty.map((i) => [data.workloads[task.rows[i]], task.values[i]]));
    const support = learner.choose([...truth.keys()], TEN).map((workload) => ({ workload, value: truth.get(workload)! }));
    const candidates = [...truth.keys()].filter((w) => !support.some((s) => s.workload === w));
    const position = (w: (typeof candidates)[number]) => table.position.get(w.id)!;
    const byNearest = TABLE_BASELINES['nearest-task'](
      table,
      support.map((s) => position(s.workload)),
      Float64Array.from(support, (s) => Math.log(s.value)),
      candidates.map(position),
    );
    const adapter = { predictor: learner.adapt(support, task), task, support };
    for (const q of QUANTILES) {
      const budget = quantile([...truth.values()], q),
        { judged } = await pick({ adapter, candidates, budget });
      judged.forEach(({ estimate, verdict }, i) => {
        const value = truth.get(candidates[i])!,
          meets = value <= budget,
          isNear = Math.abs(value / budget - 1) <= 0.2;
        right.push(estimate.value <= budget === meets);
        nearest.push(Math.exp(byNearest[i]) <= budget === meets);
        if (isNear) near.push(right.at(-1)!);
        if (isNear) nearestNear.push(nearest.at(-1)!);
        open.push(verdict === 'maybe');
        if (verdict !== 'maybe') sure.push((verdict === 'yes') === meets);
      });
    }
  }
  console.log(
    `${name}: ${tested.length} tasks; right ${share(right)} (nearest task ${share(nearest)}), within 20 % of the budget ${share(near)} of ${near.length} (${share(nearestNear)}); maybe ${share(open)}, of the sure right ${share(sure)}`,
  );
}
