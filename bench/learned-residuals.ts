/**
 * Whether a network learns what the rules and kernels of `models/real` leave: `npx tsx bench/learned-residuals.ts` (some minutes). Models of a quarter of the
 * families are left out at a time, with the operators that only they have.
 * 1. Operators of an H100 and an H200: a multilayer perceptron on what a kernel is (kind, and the numbers of its features), trained in TensorFlow.js on the logs
 *    of measured operators less what their features say; then whole models as sums over operators with it, in captured CUDA graphs.
 * 2. Tables of real models: a multilayer perceptron on what a model is (sizes, shares of work, words of its name), trained on what the Gaussian process of
 *    descriptions leaves in all tasks of the table at once (models left out of that too).
 * Prints median errors without and with the network.
 */
import '../src/index.js';
import { createRandom } from '../src/core/random.js';
import { median } from '../src/core/statistics.js';
import { mergeDatasets } from '../src/dataset/merge.js';
import { readDataset } from '../src/dataset/store.js';
import { FOLDS, foldOf, knownOperators, operatorsOf } from '../src/evaluate/protocols/newModels.js';
import { modelTasks } from '../src/evaluate/protocols/tableCases.js';
import { withoutModels } from '../src/networks/restrictTable.js';
import { familyOf } from '../src/networks/tableSums.js';
import { trainMultiTask } from '../src/networks/trainMultiTask.js';
import { fitSums, kernelTimes } from '../src/surrogate/operatorSum/fitSums.js';
import { kernelSet } from '../src/surrogate/operatorSum/kernelSet.js';
import { machineOf } from '../src/surrogate/operatorSum/machine.js';
import { nearOperators } from '../src/surrogate/operatorSum/nearOperators.js';
import { kernelsOf } from '../src/surrogate/operatorSum/operatorSum.js';
import { type MeasuredKernel, measuredPrior } from '../src/surrogate/operatorSum/utilisationPrior.js';
import { adamState, adamStep } from '../src/tensor/adam.js';
import { initBackend } from '../src/tensor/backend.js';
import { linearSpec, Parameters } from '../src/tensor/parameters.js';
import { parameterTensors, valueAndGradient } from '../src/tensor/parameterTensors.js';
import { tf } from '../src/tensor/tf.js';
import { huber, inputsOf } from './networkParts.js';

const HIDDEN = 64,
  RATE = 4e-3,
  WEIGHT_DECAY = 0.02,
  /** logs beyond which a row pulls no harder */
  HUBER = 0.3,
  /** standard deviations beyond which inputs are alike, and most that a network may say, in logs */
  FARTHEST = 3,
  MOST = 1.5;

/** Rows of numbers, [rows][width]. */
type Rows = readonly (readonly number[])[];

/** Multilayer perceptron, inputs -> 64 -> 64 -> outputs, rectified; the last layer begins at zero. Targets that are NaN do not count. */
function trainPerceptron(x: Rows, y: Rows, batch: number, steps: number): (asked: Rows) => number[][] {
  const [inputs, outputs] = [x[0].length, y[0].length];
  const column = (j: number) => x.map((row) => row[j]);
  const centre = x[0].map((_, j) => column(j).reduce((a, v) => a + v, 0) / x.length),
    scale = x[0].map((_, j) => Math.sqrt(column(j).reduce((a, v) => a + (v - centre[j]) ** 2, 0) / x.length) || 1);
  const scaled = (rows: Rows) =>
    rows.map((row) => row.map((v, j) => Math.max(-FARTHEST, Math.min(FARTHEST, (v - centre[j]) / scale[j]))));
  const forward = (p: Record<string, tf.Tensor>, rows: Rows): tf.Tensor2D => {
    const linear = (layer: string, h: tf.Tensor2D) =>
      tf.add(tf.matMul(h, p[`${layer}.weight`] as tf.Tensor2D), p[`${layer}.bias`]) as tf.Tensor2D;
    const first = tf.relu(linear('in', tf.tensor2d(rows as number[][], [rows.length, inputs]))); // [B, HIDDEN]
    return linear('out', tf.relu(linear('hidden', first))); // [B, outputs]
  };
  const parameters = Parameters.create(
    [...linearSpec('in', inputs, HIDDEN), ...linearSpec('hidden', HIDDEN, HIDDEN), ...linearSpec('out', HIDDEN, outputs, 0)],
    'perceptron',
  );
  const adam = adamState(parameters.data.length),
    random = createRandom('rows'),
    all = scaled(x);
  for (let step = 0; step < steps; step++) {
    const at = random.sample(x.length, Math.min(batch, x.length));
    const known = at.flatMap((row) => y[row].map((v) => (Number.isNaN(v) ? 0 : 1)));
    const { gradient } = valueAndGradient(parameters, (p) => {
      const target = at.flatMap((row) => y[row].map((v) => (Number.isNaN(v) ? 0 : v)));
      const shape: [number, number] = [at.length, outputs];
      const off = tf.abs(
        tf.sub(
          forward(
            p,
            at.map((row) => all[row]),
          ),
          tf.tensor2d(target, shape),
        ),
      ); // [B, outputs]
      return tf.div(
        tf.sum(tf.mul(huber(off, HUBER), tf.tensor2d(known, shape))),
        Math.max(1, known.filter(Boolean).length),
      ) as tf.Scalar;
    });
    const rate = 0.5 * RATE * (1 + Math.cos((Math.PI * step) / steps));
    adamStep(parameters.data, gradient, adam, { rate, weightDecay: WEIGHT_DECAY });
  }
  return (asked) =>
    asked.length
      ? tf
          .tidy(() => forward(parameterTensors(parameters), scaled(asked)).arraySync() as number[][])
          .map((row) => row.map((v) => Math.max(-MOST, Math.min(MOST, v))))
      : [];
}

const errors = new Map<string, number[]>();
const note = (name: string, log: number) => {
  const of = errors.get(name) ?? [];
  errors.set(name, of);
  of.push(Math.abs(Math.expm1(log)));
};
const print = (what: string, name: string) => {
  const [without, with_] = ['without', 'with'].map((how) => errors.get(`${name} ${how}`) ?? []);
  console.log(
    `${what}: without a network ${(100 * median(without)).toFixed(1)} %, with it ${(100 * median(with_)).toFixed(1)} % (${without.length} values)`,
  );
};

async function operators(): Promise<void> {
  const read = await Promise.all(['zoo-h100', 'zoo-h200'].map((name) => readDataset(`datasets/${name}`)));
  const data = mergeDatasets(read),
    measuredAll = await operatorsOf(read),
    fold = foldOf(data.workloads, 1),
    foldById = new Map(data.workloads.map((w, row) => [w.id, fold[row]]));
  for (const dtype of ['fp16', 'fp32'])
    for (let f = 0; f < FOLDS; f++) {
      const kernels = (left: (id: string) => boolean) =>
        knownOperators(measuredAll, left).flatMap(({ setting, kernels }): MeasuredKernel[] => {
          const machine = machineOf(setting);
          return machine && setting.dtype === dtype ? kernels.map((k) => ({ ...k, machine })) : [];
        });
      const known = kernels((id) => foldById.get(id) === f),
        key = ({ kernel }: MeasuredKernel) =>
          JSON.stringify([kernel.kind, kernel.flops, kernel.bytes, kernel.row, kernel.matrix]),
        knownKeys = new Set(known.map(key)),
        left = kernels(() => false).filter((k) => !knownKeys.has(key(k)));
      const { mean, ...prior } = measuredPrior(known),
        said = ({ kernel, machine }: MeasuredKernel, near?: ReturnType<typeof nearOperators>) => {
          const set = kernelSet([kernel], machine, 1, near);
          return { inputs: inputsOf(set)[0], log: Math.log(kernelTimes(set, mean)[0]) };
        };
      const rows = known.map((k) => said(k));
      const perceptron = trainPerceptron(
        rows.map((r) => r.inputs),
        known.map((k, i) => [Math.log(k.seconds) - rows[i].log]),
        500,
        1500,
      );
      const learned = perceptron(rows.map((r) => r.inputs)),
        near = nearOperators(known, mean),
        nearLearned = nearOperators(
          known.map((k, i) => ({ ...k, seconds: k.seconds * Math.exp(-learned[i][0]) })),
          mean,
        );
      const beyond = left.map((k) => said(k, nearLearned)),
        more = perceptron(beyond.map((r) => r.inputs));
      left.forEach((k, i) => {
        note(`operators ${dtype} without`, said(k, near).log - Math.log(k.seconds));
        note(`operators ${dtype} with`, beyond[i].log + more[i][0] - Math.log(k.seconds));
      });
      const tasks = modelTasks(data).filter(
        (t) => t.target === 'latency' && t.setting?.execution === 'graph' && t.setting.dtype === dtype,
      );
      for (const how of ['without', 'with']) {
        const all = tasks.flatMap((task, t) => {
          const machine = machineOf(task.setting!)!;
          return [...task.rows].flatMap((row, i) => {
            const { graph } = data.workloads[row];
            if (!graph) return [];
            const set = kernelSet(kernelsOf(graph, 'captured'), machine, machine.batch, how === 'with' ? nearLearned : near);
            const add = how === 'with' ? perceptron(inputsOf(set)) : undefined;
            const seconds = set.seconds.map((s, k) => s * Math.exp(add?.[k][0] ?? 0));
            return [{ task: t, row, set: { ...set, seconds }, log: Math.log(task.values[i]) }];
          });
        });
        const fits = fitSums(
          all.filter((r) => fold[r.row] !== f),
          tasks.length,
          { mean, ...prior },
        );
        for (const r of all.filter((a) => fold[a.row] === f)) {
          const { level, weights } = fits[r.task],
            log = level + Math.log(kernelTimes(r.set, weights).reduce((a, b) => a + b, 0));
          note(`models ${dtype} ${how}`, log - r.log);
        }
      }
    }
  for (const dtype of ['fp16', 'fp32']) {
    print(`operators of left-out families, ${dtype}`, `operators ${dtype}`);
    print(`models of left-out families in captured graphs, ${dtype}`, `models ${dtype}`);
  }
}

async function table(name: string): Promise<void> {
  const data = await readDataset(`datasets/${name}`),
    tasks = modelTasks(data).filter((t) => t.target === 'latency');
  const [learner] = trainMultiTask(data.workloads, tasks, { random: createRandom(1) }).state.tables.filter(
      (t) => t.values.target === 'latency',
    ),
    { models, logs, tasks: columns } = learner.values;
  const families = [...new Set(models.map((m) => familyOf(m.id)))],
    drawn = createRandom('families').shuffle(families),
    fold = models.map((m) => drawn.indexOf(familyOf(m.id)) % FOLDS);
  const words = [...new Set(models.flatMap((m) => [...m.words]))].filter(
    (w) => models.filter((m) => m.words.has(w)).length >= 0.02 * models.length,
  );
  const inputs = models.map((m) => [
    ...[...m.sizes, ...m.shares].flatMap((v) => (Number.isNaN(v) ? [0, 0] : [v, 1])),
    ...words.map((w) => Number(m.words.has(w))),
  ]);
  /** what descriptions leave of models, none of which the process knew, [models][tasks] */
  const leftBy = (of: readonly number[], known: (model: number) => boolean): number[][] => {
    const rest = withoutModels(learner, (m) => !known(m)),
      { at } = rest.see(of.map((m) => models[m]));
    return of.map((m, i) => columns.map((_, c) => logs[c * models.length + m] - rest.levels[c] - at[i * columns.length + c]));
  };
  for (let f = 0; f < FOLDS; f++) {
    const inner = [...Array(FOLDS).keys()].filter((g) => g !== f),
      asked = models.map((_, m) => m).filter((m) => fold[m] === f);
    const training = inner.flatMap((g) => {
      const of = models.map((_, m) => m).filter((m) => fold[m] === g);
      return leftBy(of, (m) => fold[m] !== f && fold[m] !== g).map((y, i) => ({ x: inputs[of[i]], y }));
    });
    const perceptron = trainPerceptron(
      training.map((t) => t.x),
      training.map((t) => t.y),
      128,
      1200,
    );
    const learned = perceptron(asked.map((m) => inputs[m]));
    leftBy(asked, (m) => fold[m] !== f).forEach((left, i) => {
      left.forEach((v, c) => {
        if (Number.isNaN(v)) return;
        note(`${name} without`, -v);
        note(`${name} with`, learned[i][c] - v);
      });
    });
  }
  print(`models of left-out families, ${name}`, name);
}

await initBackend(process.env.HWCAST_BACKEND);
for (const name of ['timm', 'ai-hub']) await table(name);
await operators();
