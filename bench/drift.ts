/**
 * What changes when a runtime does: `npx tsx bench/drift.ts [ZOO]`. First between the releases of PyTorch in datasets/timm, by device: median of the logs of new over
 * old latency, and spread of models around it, from which `src/networks/drift.ts` takes the change it expects. Then an adapter from ten chosen measurements
 * of the old release, hardware left out of training, on the new one: as it is, gone on from (`adapt --from`) with none, with three of the ten
 * measured again, with three others (10 draws each), and a new adapter of those three alone. With ZOO (`../shared/data/zoo`) the same from one machine to another of its kind an hour later.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { readCsv } from '../src/core/csv.js';
import { createRandom } from '../src/core/random.js';
import { MEDIAN_TO_DEVIATION, mean, median } from '../src/core/statistics.js';
import { type Dataset, taskId } from '../src/dataset/dataset.js';
import { readDataset } from '../src/dataset/store.js';
import { modelTasks } from '../src/evaluate/protocols/tableCases.js';
import type { Workload } from '../src/graph/workload.js';
import type { TrainingTask } from '../src/networks/closedForm.js';
import '../src/networks/networkKinds.js';
import { carriedSupport, driftSince, withDrift } from '../src/networks/drift.js';
import { hardwareOf, trainMultiTask } from '../src/networks/trainMultiTask.js';
import { intervalsOf, type Predictor, type SupportRow } from '../src/surrogate/predictor.js';

const CHOSEN = 10,
  FRESH = 3,
  DRAWS = 10;

/** Latencies of one release, and of the next, by model. */
interface Change {
  name: string;
  task: TrainingTask;
  before: ReadonlyMap<Workload, number>;
  after: ReadonlyMap<Workload, number>;
  /** tasks that say nothing of this hardware and configuration */
  others: readonly TrainingTask[];
}

/** Median error and share inside the 90 % interval, of the models that no measurement was taken of. */
function score(predictor: Predictor, { after }: Change, measured: ReadonlySet<Workload>): { error: number; inside: number } {
  const asked = [...after.keys()].filter((w) => !measured.has(w));
  const estimates = intervalsOf(predictor.predict(asked), 'latency');
  const truths = asked.map((w) => after.get(w)!);
  return {
    error: median(estimates.map(({ value }, i) => Math.abs(value / truths[i] - 1))),
    inside: mean(estimates.map(({ low, high }, i) => Number(low <= truths[i] && truths[i] <= high))),
  };
}

function report(data: Dataset, change: Change): void {
  const { name, task, before, after, others } = change;
  const both = [...before.keys()].filter((w) => after.has(w));
  const logs = both.map((w) => Math.log(after.get(w)! / before.get(w)!)),
    level = median(logs),
    own = MEDIAN_TO_DEVIATION * median(logs.map((l) => Math.abs(l - level)));
  const learner = trainMultiTask(data.workloads, others, { random: createRandom(1) });
  const rowsOf = (models: readonly Workload[], from: ReadonlyMap<Workload, number>): SupportRow[] =>
    models.map((workload) => ({ workload, value: from.get(workload)! }));
  const old = rowsOf(learner.choose(both, CHOSEN), before),
    was = { predictor: learner.adapt(old, task), support: old, task };
  const chosen = new Set(old.map((row) => row.workload));
  const gone = (fresh: readonly SupportRow[]): Predictor => {
    const drift = driftSince(was, fresh);
    return withDrift(learner.adapt(carriedSupport(old, fresh, drift), task), task, drift);
  };
  const random = createRandom(`drift ${name}`);
  const ways: Record<string, { error: number; inside: number }[]> = {
    'as it was': [score(was.predictor, change, chosen)],
    'from, 0 new': [score(gone([]), change, chosen)],
    'from, 3 again': [],
    'from, 3 new': [],
    '3 new alone': [],
  };
  for (let draw = 0; draw < DRAWS; draw++) {
    const again = rowsOf(
      random.sample(CHOSEN, FRESH).map((i) => old[i].workload),
      after,
    );
    ways['from, 3 again'].push(score(gone(again), change, chosen));
    const fresh = rowsOf(
        random.sample(both.length, FRESH).map((i) => both[i]),
        after,
      ),
      measured = new Set([...chosen, ...fresh.map((row) => row.workload)]);
    ways['from, 3 new'].push(score(gone(fresh), change, measured));
    ways['3 new alone'].push(score(learner.adapt(fresh, task), change, measured));
  }
  const percent = (x: number) => (100 * x).toFixed(1);
  const cells = Object.entries(ways).map(
    ([way, scores]) => `${way} ${percent(mean(scores.map((s) => s.error)))} (${percent(mean(scores.map((s) => s.inside)))})`,
  );
  console.log(`${name}: ${both.length} models, level ${level.toFixed(3)}, own ${own.toFixed(3)}; ${cells.join('; ')}`);
}

const byModel = (data: Dataset, { rows, values }: TrainingTask) =>
  new Map(Array.from(rows, (row, i): [Workload, number] => [data.workloads[row], values[i]]));

/** Pairs of conditions of the same device that differ in the version of the framework alone. */
function* releases(data: Dataset): Generator<Change> {
  const tasks = modelTasks(data).filter((t) => t.target === 'latency');
  const versionOf = (t: TrainingTask) => data.card.devices[t.device].conditions[t.condition]?.frameworkVersion ?? '';
  const familyOf = (t: TrainingTask) => {
    const { frameworkVersion: _, backend: __, ...rest } = data.card.devices[t.device].conditions[t.condition] ?? {};
    return JSON.stringify([t.device, rest]);
  };
  for (const task of tasks) {
    const later = tasks.filter((t) => familyOf(t) === familyOf(task) && versionOf(t) > versionOf(task));
    const [next] = later.sort((a, b) => (versionOf(a) < versionOf(b) ? -1 : 1));
    if (!next) continue;
    yield {
      name: `${task.device} ${versionOf(task)} -> ${versionOf(next)} (${taskId(next)})`,
      task,
      before: byModel(data, task),
      after: byModel(data, next),
      others: tasks.filter((t) => hardwareOf(t.device) !== hardwareOf(task.device)),
    };
  }
}

/** The two machines of the zoo: configurations that both measured. */
function* machines(data: Dataset, folder: string): Generator<Change> {
  const table = readCsv(gunzipSync(readFileSync(join(folder, 'latency.csv.gz'))).toString(), 'latency.csv.gz');
  const tasks = modelTasks(data).filter((t) => t.target === 'latency');
  const named = new Map(data.workloads.map((w) => [w.id, w]));
  const column = (configuration: string, run: string) =>
    new Map(
      table.flatMap(({ fields: f }): [Workload, number][] => {
        const workload = named.get(`zoo:${f.model}`);
        return f.configuration === configuration && f.run === run && workload ? [[workload, Number(f.latency_ms) / 1e3]] : [];
      }),
    );
  for (const task of tasks) {
    const [before, after] = ['1', '2'].map((run) => column(task.device.replace('zoo_', ''), run));
    if (!before.size || !after.size) continue;
    yield { name: task.device, task, before, after, others: tasks.filter((t) => t !== task) };
  }
}

const zoo = process.argv[2];
const timm = await readDataset('datasets/timm');
for (const change of releases(timm)) report(timm, change);
if (zoo) {
  const data = await readDataset('datasets/zoo-h100');
  for (const change of machines(data, zoo)) report(data, change);
}
