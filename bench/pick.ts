/**
 * How good verdicts of `pick` are, and what its order of measuring is worth: `npx tsx bench/pick.ts` (some ten minutes). Devices of datasets/nb201-h100 left out of
 * training, alone or with all of their kind; 50 networks drawn, ten chosen and measured, budgets at three quantiles of the 50. Prints, as shares of all
 * networks: verdicts left open; sure verdicts that are wrong; wrong ones if each had to be yes or no, overall and of unmeasured networks within 20 % of
 * the budget; then the same after five more measurements in the order of `next`, of `sample`, and in random order of what is open.
 */
import { createRandom, type Random } from '../src/core/random.js';
import { mean, quantile } from '../src/core/statistics.js';
import type { Dataset, TaskData } from '../src/dataset/dataset.js';
import { readDataset } from '../src/dataset/store.js';
import type { Workload } from '../src/graph/workload.js';
import type { Model } from '../src/networks/model.js';
import { type Judged, type Picked, pick } from '../src/networks/pick.js';
import { train } from '../src/networks/train.js';
import type { SupportRow } from '../src/surrogate/predictor.js';

const DRAWS = 6,
  CANDIDATES = 50,
  FIRST = 10,
  MORE = 5;
const CASES = [
  { device: 'graph_fp32_b1', without: /^graph_fp32_b1$/ },
  { device: 'graph_fp32_b32', without: /^graph/ },
  { device: 'ort_t4_b16', without: /^ort_t4_b16$/ },
  { device: 'ort_t4_b16', without: /^ort/ },
  { device: 'ort_t1_b1', without: /^ort/ },
];

interface Trial {
  model: Model;
  task: TaskData;
  candidates: Workload[];
  truth: ReadonlyMap<string, number>;
  budget: number;
  random: Random;
}
type Next = (trial: Trial, picked: Picked, support: readonly SupportRow[]) => Workload | undefined;

const NEXT: Record<string, Next> = {
  next: (_, { judged }) => judged.find((j) => j.next === 1)?.workload,
  sample({ model, candidates }, _, support) {
    const known = new Set(support.map((s) => s.workload.id));
    const left = candidates.filter((w) => !known.has(w.id));
    return model.learner.choose(
      left,
      1,
      support.map((s) => s.workload),
    )[0];
  },
  random({ random }, { judged }) {
    const open = judged.filter((j) => j.next !== null);
    return open.length ? open[Math.floor(random.next() * open.length)].workload : undefined;
  },
};

const measured = ({ truth }: Trial, workload: Workload): SupportRow => ({ workload, value: truth.get(workload.id)! });
const judge = ({ model, task, candidates, budget }: Trial, support: SupportRow[]) =>
  pick({ adapter: { predictor: model.learner.adapt(support, task), task, support }, candidates, budget });

async function after(order: Next, trial: Trial, support: SupportRow[], picked: Picked): Promise<Picked> {
  for (let step = 0; step < MORE; step++) {
    const workload = order(trial, picked, support);
    if (!workload) break;
    support = [...support, measured(trial, workload)];
    picked = await judge(trial, support);
  }
  return picked;
}

/** Scores of judged workloads, each 1 or 0, by what they are a share of. */
class Scores {
  private readonly lists = new Map<string, number[]>();
  add(name: string, isTrue: boolean): void {
    this.lists.set(name, [...(this.lists.get(name) ?? []), Number(isTrue)]);
  }
  addPicked(name: string, { judged, budget }: Picked, truth: Trial['truth']): void {
    for (const j of judged) {
      const meets = truth.get(j.workload.id)! <= budget;
      this.add(`${name}: open`, j.verdict === 'maybe');
      this.add(`${name}: wrong if forced`, j.meets! > 0.5 !== meets);
      if (j.verdict !== 'maybe') this.add(`${name}: wrong where sure`, (j.verdict === 'yes') !== meets);
    }
  }
  print(): void {
    for (const [name, list] of [...this.lists].sort(([a], [b]) => (a < b ? -1 : 1)))
      console.log(`  ${name.padEnd(44)}${(100 * mean(list)).toFixed(1).padStart(6)} %  of ${list.length}`);
  }
}

/** Right or wrong on unmeasured networks near the budget, and how often each probability came true. */
function addNear(scores: Scores, { judged, budget }: Picked, truth: Trial['truth']): void {
  const isPredicted = (j: Judged) => j.estimate.provenance !== 'measured';
  for (const j of judged.filter(isPredicted)) {
    const value = truth.get(j.workload.id)!,
      fifth = Math.min(4, Math.floor(5 * j.meets!));
    scores.add(`meets, said ${20 * fifth} to ${20 * fifth + 20} %`, value <= budget);
    if (Math.abs(value / budget - 1) <= 0.2)
      scores.add('within 20 % of the budget: wrong if forced', j.meets! > 0.5 !== value <= budget);
  }
}

async function run(dataset: Dataset, { device, without }: (typeof CASES)[number]): Promise<void> {
  const excludeDevices = [...new Set(dataset.tasks.map((t) => t.device))].filter((name) => without.test(name));
  const model = await train({ dataset, method: 'closed-form', excludeDevices, seed: 1 });
  const task = dataset.tasks.find((t) => t.device === device && t.target === 'latency')!;
  const truth = new Map(Array.from(task.rows, (row, i) => [dataset.workloads[row].id, task.values[i]])),
    random = createRandom(`pick ${device}`),
    scores = new Scores();
  for (let draw = 0; draw < DRAWS; draw++) {
    const candidates = random.sample(task.rows.length, CANDIDATES).map((i) => dataset.workloads[task.rows[i]]);
    for (const share of [0.25, 0.5, 0.75]) {
      const budget = quantile(
          candidates.map((w) => truth.get(w.id)!),
          share,
        ),
        trial: Trial = { model, task, candidates, truth, budget, random };
      const support = model.learner.choose(candidates, FIRST).map((w) => measured(trial, w)),
        picked = await judge(trial, support);
      scores.addPicked(`${FIRST} measured`, picked, truth);
      addNear(scores, picked, truth);
      for (const [name, order] of Object.entries(NEXT))
        scores.addPicked(`${MORE} more by ${name}`, await after(order, trial, support, picked), truth);
    }
  }
  console.log(`${device}, trained without ${excludeDevices.join(', ')}`);
  scores.print();
}

const dataset = await readDataset('datasets/nb201-h100');
for (const one of CASES) await run(dataset, one);
