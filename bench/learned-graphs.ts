/**
 * Whether a network over whole graphs learns what sums over operators leave: `npx tsx bench/learned-graphs.ts` (six minutes). A kernel gets a factor on its
 * time from what it is and from what runs before and after it, through two rounds of messages along the order of execution; the factors are trained in
 * TensorFlow.js on what left-out models of captured CUDA graphs (H100 and H200) differ from their sums. A quarter of the families is left out at a time, of
 * the operators, the sums and the network. Prints median errors without the network, with it, and with one that sees each kernel alone.
 */
import '../src/index.js';
import { createRandom } from '../src/core/random.js';
import { median } from '../src/core/statistics.js';
import { mergeDatasets } from '../src/dataset/merge.js';
import { readDataset } from '../src/dataset/store.js';
import { FOLDS, foldOf, knownOperators, operatorsOf } from '../src/evaluate/protocols/newModels.js';
import { modelTasks } from '../src/evaluate/protocols/tableCases.js';
import { fitSums, kernelTimes } from '../src/surrogate/operatorSum/fitSums.js';
import { kernelSet } from '../src/surrogate/operatorSum/kernelSet.js';
import { machineOf } from '../src/surrogate/operatorSum/machine.js';
import { nearOperators } from '../src/surrogate/operatorSum/nearOperators.js';
import { kernelsOf } from '../src/surrogate/operatorSum/operatorSum.js';
import { measuredPrior } from '../src/surrogate/operatorSum/utilisationPrior.js';
import { adamState, adamStep } from '../src/tensor/adam.js';
import { initBackend } from '../src/tensor/backend.js';
import { linearSpec, Parameters } from '../src/tensor/parameters.js';
import { parameterTensors, valueAndGradient } from '../src/tensor/parameterTensors.js';
import { tf } from '../src/tensor/tf.js';
import { huber, inputsOf, KERNEL_INPUTS } from './networkParts.js';

const HIDDEN = 32,
  ROUNDS = 2,
  MODELS_A_STEP = 24,
  STEPS = 150,
  RATE = 3e-3,
  WEIGHT_DECAY = 0.05,
  /** logs beyond which a model pulls no harder */
  HUBER = 0.15,
  /** most that a kernel's time may change, in logs */
  MOST = 1.5;

/** A model in a captured graph: its kernels in their order, and what it takes more than their sum, in logs. */
interface LeftOver {
  fold: number;
  inputs: number[][];
  /** share of each kernel of the time */
  shares: number[];
  log: number;
}

/** What models leave of sums that were trained without their family. */
async function leftOvers(dtype: string): Promise<LeftOver[]> {
  const read = await Promise.all(['zoo-h100', 'zoo-h200'].map((name) => readDataset(`datasets/${name}`))),
    data = mergeDatasets(read),
    operators = await operatorsOf(read),
    fold = foldOf(data.workloads, 1),
    foldById = new Map(data.workloads.map((w, row) => [w.id, fold[row]]));
  const tasks = modelTasks(data).filter(
      (t) => t.target === 'latency' && t.setting?.execution === 'graph' && t.setting.dtype === dtype,
    ),
    machines = tasks.map((t) => machineOf(t.setting!)!);
  return Array.from({ length: FOLDS }, (_, f) => {
    const known = knownOperators(operators, (id) => foldById.get(id) === f).flatMap(({ setting, kernels }) =>
      setting.dtype === dtype && setting.framework !== 'onnxruntime'
        ? kernels.map((k) => ({ ...k, machine: machineOf(setting)! }))
        : [],
    );
    const prior = measuredPrior(known),
      near = nearOperators(known, prior.mean);
    const rows = tasks.flatMap((t, task) =>
      [...t.rows].flatMap((row, i) => {
        const { graph } = data.workloads[row],
          { [task]: machine } = machines;
        const set = graph && kernelSet(kernelsOf(graph, 'captured'), machine, machine.batch, near);
        return set ? [{ row, task, graph, set, log: Math.log(t.values[i]) }] : [];
      }),
    );
    const fits = fitSums(
      rows.filter((r) => fold[r.row] !== f),
      tasks.length,
      prior,
    );
    return rows
      .filter((r) => fold[r.row] === f)
      .map(({ task, graph, log }): LeftOver => {
        const { weights, level } = fits[task],
          { [task]: machine } = machines;
        const kernels = kernelsOf(graph, 'captured')
          .map((k) => kernelSet([k], machine, machine.batch, near))
          .filter((k) => k.seconds.length);
        const times = kernels.map((k) => kernelTimes(k, weights)[0]),
          all = times.reduce((a, t) => a + t, 0);
        const inputs = kernels.flatMap(inputsOf);
        return { fold: f, inputs, shares: times.map((t) => t / all), log: log - level - Math.log(all) };
      });
  }).flat();
}

/** Rows moved by one along their order, zeros at the ends of models; [kernels, width]. */
function neighbours(h: tf.Tensor2D, begins: tf.Tensor2D, ends: tf.Tensor2D): tf.Tensor2D[] {
  const [n, width] = h.shape,
    zero = tf.zeros([1, width]);
  const before = tf.concat([zero, tf.slice(h, [0, 0], [n - 1, width])], 0),
    after = tf.concat([tf.slice(h, [1, 0], [n - 1, width]), zero], 0);
  return [tf.mul(before, begins) as tf.Tensor2D, tf.mul(after, ends) as tf.Tensor2D];
}

/** Log of what the models of a batch take more than the sums of their kernels, [models]. */
function forward(p: Record<string, tf.Tensor>, of: readonly LeftOver[], messages: boolean): tf.Tensor1D {
  const sizes = of.map((m) => m.inputs.length),
    total = sizes.reduce((a, n) => a + n, 0);
  const inside = (at: (i: number, n: number) => boolean) =>
    tf.tensor2d(
      sizes.flatMap((n) => Array.from({ length: n }, (_, i) => Number(at(i, n)))),
      [total, 1],
    );
  const begins = inside((i) => i > 0),
    ends = inside((i, n) => i < n - 1);
  const layer = (name: string, h: tf.Tensor2D) => {
    const seen = messages ? tf.concat([h, ...neighbours(h, begins, ends)], 1) : h; // [kernels, 3 width or width]
    return tf.relu(tf.add(tf.matMul(seen, p[`${name}.weight`] as tf.Tensor2D), p[`${name}.bias`])) as tf.Tensor2D;
  };
  let h = tf.tensor2d(
    of.flatMap((m) => m.inputs),
    [total, KERNEL_INPUTS],
  );
  for (let round = 0; round < ROUNDS; round++) h = layer(`round.${round}`, h); // [kernels, HIDDEN]
  const out = tf.add(tf.matMul(h, p['out.weight'] as tf.Tensor2D), p['out.bias']), // [kernels, 1]
    factor = tf.exp(tf.mul(MOST, tf.tanh(tf.div(out, MOST)))) as tf.Tensor2D;
  // shares of the time by model, [models, kernels]
  const shares = new Float32Array(of.length * total);
  let at = 0;
  of.forEach((m, i) => {
    shares.set(m.shares, i * total + at);
    at += m.inputs.length;
  });
  return tf.reshape(tf.log(tf.matMul(tf.tensor2d(shares, [of.length, total]), factor)), [of.length]) as tf.Tensor1D;
}

/** Trains on some models; says what others take more than their sums. */
function train(known: readonly LeftOver[], messages: boolean): (asked: readonly LeftOver[]) => number[] {
  const wide = messages ? 3 : 1;
  const parameters = Parameters.create(
    [
      ...linearSpec('round.0', wide * KERNEL_INPUTS, HIDDEN),
      ...linearSpec('round.1', wide * HIDDEN, HIDDEN),
      ...linearSpec('out', HIDDEN, 1, 0),
    ],
    'kernels in their order',
  );
  const adam = adamState(parameters.data.length),
    random = createRandom('models');
  for (let step = 0; step < STEPS; step++) {
    const batch = random.sample(known.length, MODELS_A_STEP).map((i) => known[i]);
    const { gradient } = valueAndGradient(parameters, (p) => {
      const off = tf.abs(tf.sub(forward(p, batch, messages), tf.tensor1d(batch.map((m) => m.log)))); // [models]
      return tf.mean(huber(off, HUBER)) as tf.Scalar;
    });
    const rate = 0.5 * RATE * (1 + Math.cos((Math.PI * step) / STEPS));
    adamStep(parameters.data, gradient, adam, { rate, weightDecay: WEIGHT_DECAY });
  }
  return (asked) =>
    asked.flatMap((m) => tf.tidy(() => [...(forward(parameterTensors(parameters), [m], messages).dataSync() as Float32Array)]));
}

await initBackend(process.env.HWCAST_BACKEND);
for (const dtype of ['fp16', 'fp32']) {
  const models = await leftOvers(dtype),
    errors = { without: [] as number[], messages: [] as number[], alone: [] as number[] };
  for (let f = 0; f < FOLDS; f++) {
    const known = models.filter((m) => m.fold !== f),
      asked = models.filter((m) => m.fold === f);
    errors.without.push(...asked.map((m) => Math.abs(Math.expm1(-m.log))));
    for (const how of ['messages', 'alone'] as const) {
      const said = train(known, how === 'messages')(asked);
      errors[how].push(...asked.map((m, i) => Math.abs(Math.expm1(said[i] - m.log))));
    }
  }
  const shown = (of: readonly number[]) => `${(100 * median(of)).toFixed(1)} %`;
  console.log(
    `models of left-out families in captured graphs, ${dtype}: without a network ${shown(errors.without)}, over the graph ${shown(errors.messages)}, over each kernel alone ${shown(errors.alone)} (${errors.without.length} values)`,
  );
}
