/**
 * Verdicts on real models under a budget: `npx tsx bench/pick-real.ts` (some minutes). Hardware of the tables of real models left out of training, fifty models
 * drawn, ten of them measured, budgets at three quantiles of the fifty. Every unmeasured model is called yes or no by its predicted value; prints the share that
 * is right, of all and of those within 20 % of the budget, for hwcast and for the nearest task times a factor, and how sure verdicts do. Then what the last five
 * of the ten are worth, by who chose them: of all fifty, measured ones known, the share that is right within 20 % of the budget.
 */
import { createRandom } from '../src/core/random.js';
import { mean, quantile } from '../src/core/statistics.js';
import type { Task } from '../src/dataset/dataset.js';
import { readDataset } from '../src/dataset/store.js';
import { TABLE_BASELINES } from '../src/evaluate/baselines/tableBaselines.js';
import { modelTasks } from '../src/evaluate/protocols/tableCases.js';
import type { Workload } from '../src/graph/workload.js';
import type { MultiTask } from '../src/networks/multiTask.js';
import { pick } from '../src/networks/pick.js';
import { hardwareOf, trainMultiTask } from '../src/networks/trainMultiTask.js';

const FIFTY = 50,
  TEN = 10,
  FIRST = 5,
  QUANTILES = [0.25, 0.5, 0.75],
  /** tasks of a table that are judged */
  MOST_TASKS = 24;

type Truth = ReadonlyMap<Workload, number>;
const ORDERS = ['sample', 'value of measuring', 'chance of being wrong', 'random'] as const;

const share = (values: readonly boolean[]): string => `${(100 * mean(values.map(Number))).toFixed(1)} %`;
const isNear = (value: number, budget: number): boolean => Math.abs(value / budget - 1) <= 0.2;

/** An adapted device, as `pick` takes it. */
function adapted(learner: MultiTask, task: Task, truth: Truth, measured: readonly Workload[]) {
  const support = measured.map((workload) => ({ workload, value: truth.get(workload)! }));
  return { predictor: learner.adapt(support, task), task, support };
}

/** Ten measurements: five that tell most of all models, then one after another what `pick` ranks first for this budget. */
async function tenFor(
  learner: MultiTask,
  task: Task,
  truth: Truth,
  budget: number,
  order: (typeof ORDERS)[number],
): Promise<Workload[]> {
  const all = [...truth.keys()];
  if (order === 'sample') return learner.choose(all, TEN);
  const measured = learner.choose(all, FIRST),
    random = createRandom(`${task.device} ${budget}`);
  while (measured.length < TEN) {
    const adapter = adapted(learner, task, truth, measured),
      { predictor } = adapter,
      alone = { name: predictor.name, predict: (of: readonly Workload[]) => predictor.predict(of) };
    const { judged } = await pick({
      adapter: order === 'value of measuring' ? adapter : { ...adapter, predictor: alone },
      candidates: all,
      budget,
    });
    const left = all.filter((w) => !measured.includes(w)),
      next = order === 'random' ? undefined : judged.find((j) => j.next === 1)?.workload;
    measured.push(next ?? left[random.sample(left.length, 1)[0]]);
  }
  return measured;
}

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
  const byOrder = new Map(ORDERS.map((order): [string, boolean[]] => [order, []]));
  for (const task of tested) {
    const rest = all.filter((t) => hardwareOf(t.device) !== hardwareOf(task.device)),
      learner = trainMultiTask(data.workloads, rest, { random: createRandom(1) });
    const [table] = learner.state.tables;
    const known = [...task.rows.keys()].filter((i) => table.position.has(data.workloads[task.rows[i]].id)),
      fifty = random.sample(known.length, Math.min(FIFTY, known.length)).map((j) => known[j]);
    const truth: Truth = new Map(fifty.map((i) => [data.workloads[task.rows[i]], task.values[i]]));
    const adapter = adapted(learner, task, truth, learner.choose([...truth.keys()], TEN)),
      { support } = adapter;
    const candidates = [...truth.keys()].filter((w) => !support.some((s) => s.workload === w));
    const position = (w: (typeof candidates)[number]) => table.position.get(w.id)!;
    const byNearest = TABLE_BASELINES['nearest-task'](
      table,
      support.map((s) => position(s.workload)),
      Float64Array.from(support, (s) => Math.log(s.value)),
      candidates.map(position),
    );
    for (const q of QUANTILES) {
      const budget = quantile([...truth.values()], q),
        { judged } = await pick({ adapter, candidates, budget });
      judged.forEach(({ estimate, verdict }, i) => {
        const value = truth.get(candidates[i])!,
          meets = value <= budget;
        right.push(estimate.value <= budget === meets);
        nearest.push(Math.exp(byNearest[i]) <= budget === meets);
        if (isNear(value, budget)) {
          near.push(right.at(-1)!);
          nearestNear.push(nearest.at(-1)!);
        }
        open.push(verdict === 'maybe');
        if (verdict !== 'maybe') sure.push((verdict === 'yes') === meets);
      });
      for (const order of ORDERS) {
        const ten = await tenFor(learner, task, truth, budget, order),
          told = await pick({ adapter: adapted(learner, task, truth, ten), candidates: [...truth.keys()], budget });
        for (const { workload, estimate } of told.judged) {
          const value = truth.get(workload)!;
          if (isNear(value, budget)) byOrder.get(order)!.push(estimate.value <= budget === value <= budget);
        }
      }
    }
  }
  console.log(
    `${name}: ${tested.length} tasks; right ${share(right)} (nearest task ${share(nearest)}), within 20 % of the budget ${share(near)} of ${near.length} (${share(nearestNear)}); maybe ${share(open)}, of the sure right ${share(sure)}`,
  );
  console.log(`  of the fifty, within 20 %: ${[...byOrder].map(([order, of]) => `${order} ${share(of)}`).join(', ')}`);
}
