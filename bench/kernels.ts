/**
 * What each patched kernel of the wasm backend gains over the stock one, and what all of them gain in meta-training. Prints a table on stdout.
 *
 *     npx tsx bench/kernels.ts
 *
 * Times are medians; compare ratios, not milliseconds: the machine may be shared.
 */
import { Bench } from 'tinybench';
import { createRandom } from '../src/core/random.js';
import { median } from '../src/core/statistics.js';
import { nasbench201 } from '../src/graph/spaces/nasbench201.js';
import { trainHelp } from '../src/surrogate/help/trainHelp.js';
import type { MetaTask } from '../src/surrogate/metaTraining/metaTask.js';
import { trainFeatures } from '../src/surrogate/metaTraining/trainFeatures.js';
import { initBackend } from '../src/tensor/backend.js';
import { installWasmKernels, removeWasmKernels } from '../src/tensor/kernels/index.js';
import { tf } from '../src/tensor/tf.js';

await initBackend('wasm');
const random = createRandom(0);
const fill = (...shape: number[]) =>
  tf.tensor(
    Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => random.normal()),
    shape,
  );
const rows = tf.tensor1d(
  Int32Array.from({ length: 14_400 }, (_, i) => (i * 7919) % 900),
  'int32',
);
const x = fill(1024, 100),
  w = fill(100, 100),
  tall = fill(14_400, 100),
  tasks = fill(8, 1800, 100),
  perTask = fill(8, 100, 100),
  nodes = fill(512, 8, 64);
/** three of four entries 0, as in adjacency matrices */
const sparse = tf.tensor3d(
  Float32Array.from({ length: 512 * 64 }, (_, i) => ((i * 7919) % 4 === 0 ? 1 : 0)),
  [512, 8, 8],
);

/** kernel, what is done, operation (undefined result of the stock kernel: it is missing) */
const OPERATIONS: [string, string, () => tf.Tensor | tf.Tensor[]][] = [
  [
    'BatchMatMul',
    'product with a transposed operand [1024,100] x [100,100]^T',
    () => tf.matMul(x as tf.Tensor2D, w as tf.Tensor2D, false, true),
  ],
  [
    'BatchMatMul',
    'forward and gradient [1024,100] x [100,100]',
    () => tf.grads((a: tf.Tensor, b: tf.Tensor) => tf.sum(tf.matMul(a, b)))([x, w]),
  ],
  ['BatchMatMul', 'one product a task [8,1800,100] x [8,100,100]', () => tf.matMul(tasks, perTask)],
  ['BatchMatMul', 'adjacency [512,8,8] x [512,8,64]', () => tf.matMul(sparse, nodes)],
  ['GatherV2', 'gather 14,400 rows of 100', () => tf.gather(tall, rows)],
  ['UnsortedSegmentSum', 'sum 14,400 rows of 100 into 900', () => tf.unsortedSegmentSum(tall, rows, 900)],
  ['Slice', 'first 1,800 of 14,400 rows of 100', () => tf.slice(tall, [0, 0], [1800, 100])],
  ['Sum', 'gradient of a bias, [14400,100] over the rows', () => tf.sum(tall, 0)],
  ['Tile', '[1,100,100] eight times', () => tf.tile(tf.reshape(w, [1, 100, 100]), [8, 1, 1])],
];

async function milliseconds(operation: () => unknown): Promise<number> {
  const bench = new Bench({ time: 300, warmupTime: 100 });
  bench.add('x', () => {
    tf.tidy(() => {
      operation();
    });
  });
  await bench.run();
  const { result } = bench.tasks[0];
  if (!result || !('latency' in result)) throw new Error(`benchmark ended as '${result?.state}'`);
  return result.latency.p50;
}

const line = (cells: string[]) => console.log(`| ${cells.join(' | ')} |`);
line(['kernel', 'operation', 'stock ms', 'patched ms', 'ratio']);
line(['---', '---', '---', '---', '---']);
for (const [kernel, what, operation] of OPERATIONS) {
  removeWasmKernels();
  const stock = kernel === 'UnsortedSegmentSum' ? undefined : await milliseconds(operation);
  installWasmKernels([kernel]);
  const patched = await milliseconds(operation);
  line([
    kernel,
    what,
    stock?.toPrecision(3) ?? 'missing',
    patched.toPrecision(2),
    stock ? `${(stock / patched).toFixed(1)}x` : '',
  ]);
}

const archs = Array.from({ length: 720 }, (_, i) => nasbench201.at!(i));
const devices: MetaTask[] = Array.from({ length: 9 }, (_, d) => {
  const cost = Array.from({ length: 5 }, () => 0.001 * random.next()),
    seconds = (a: readonly number[]) => 0.002 + a.reduce((s, v) => s + cost[v], 0);
  return {
    id: `device ${d}`,
    space: nasbench201,
    archs,
    values: Float64Array.from(archs, seconds),
    references: Float64Array.from(archs.slice(0, 10), seconds),
  };
});
/** One unit of training and how many seconds it takes, the first (warm-up) left out. */
const TRAINING: [string, (count: number) => Promise<number[]>][] = [
  [
    'HELP: one episode (8 tasks, 10 support, 200 query, 2 steps, second order)',
    async (count) => {
      const times: number[] = [];
      await trainHelp(devices, {
        references: archs.slice(0, 10),
        episodes: count,
        onProgress: (p) => times.push(p.secondsPerEpisode),
      });
      return times.slice(1);
    },
  ],
  ...(['mlp', 'gnn'] as const).map((encoder): [string, (count: number) => Promise<number[]>] => [
    `features, ${encoder}: one epoch (9 tasks, 720 networks, 6 steps)`,
    async (count) => {
      const times: number[] = [];
      await trainFeatures(devices, { encoder, epochs: count, onProgress: (p) => times.push(p.secondsPerEpoch) });
      return times.slice(1);
    },
  ]),
];
console.log();
line(['training', 'stock a second', 'patched a second', 'ratio']);
line(['---', '---', '---', '---']);
for (const [what, train] of TRAINING) {
  removeWasmKernels();
  const stock = median(await train(6));
  installWasmKernels();
  const patched = median(await train(12));
  line([what, (1 / stock).toFixed(2), (1 / patched).toFixed(2), `${(stock / patched).toFixed(1)}x`]);
}
