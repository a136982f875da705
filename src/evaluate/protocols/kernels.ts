import { kept } from '../../core/kept.js';
import { createRandom, type Random } from '../../core/random.js';
import { type KernelPair, readMl4AccelImpl, readMl4AccelVersions } from '../../fpga/data/hlsKernels.js';
import { adaptLogTask, chooseLogRows, type LogModel, type LogTask, trainLogTasks } from '../../surrogate/head/logTasks.js';
import { rowsOf } from '../../surrogate/head/rowsOf.js';
import { medianLogTask, ridgeLogTask } from '../baselines/logTaskBaselines.js';
import type { CaseGroup, CaseMethod, EvaluationCase } from '../evaluationCase.js';
import { KERNEL_SCORING } from '../scoring.js';
import { hlsynTasks, type KernelTasks, type PairTarget, pairTasks } from './kernelTasks.js';
import { fpgaFolder, type Protocol } from './protocol.js';

/** Tasks tested at most, those with most points first: each kernel needs a training without it. */
const TESTED_TASKS = 24;
/** Measured points of the sources that have few. */
const PAIR_SIZES = [4];
/** Points that are left to be predicted at least. */
const LEAST_QUERIES = 4;
/** Share of the points among which a support is drawn. */
const CANDIDATE_SHARE = 0.8;

export interface KernelOptions {
  k: readonly number[];
  draws: number;
  seed: number;
  /** tasks tested at most, the largest first */
  limit?: number;
  onProgress?(what: string): void;
}

/** Leave one kernel out, all of its sizes and tools together; one row over all tested tasks. */
export const kernelGroup = (source: string, tasks: KernelTasks, options: KernelOptions): CaseGroup => ({
  cases: kernelCases(source, tasks, options),
  across: { pooled: (count) => `${count} kernels` },
});

/** Whether a task of `points` has enough for k of them to be measured. */
const enough = (points: number, k: number): boolean => points >= 2 * k && points >= k + LEAST_QUERIES;

function* kernelCases(source: string, all: KernelTasks, options: KernelOptions): Generator<EvaluationCase<number>> {
  const { target, width, tasks } = all,
    random = createRandom(options.seed).fork(`${source} ${target}`),
    least = Math.min(...options.k);
  const tested = tasks
    .filter((t) => enough(t.values.length, least))
    .sort((a, b) => b.values.length - a.values.length)
    .slice(0, options.limit);
  const models = new Map<string, LogModel>();
  for (const task of tested) {
    const model = kept(models, task.group, () => {
      options.onProgress?.(`  ${source} ${target} without ${task.group}`);
      return trainLogTasks(
        tasks.filter((t) => t.group !== task.group),
        width,
        random.fork(task.group),
      );
    });
    yield kernelCase(source, all, { task, model, random, options });
  }
}

/** One kernel left out; the workloads are positions in its task. */
function kernelCase(
  source: string,
  { target, width, base }: KernelTasks,
  { task, model, random, options }: { task: LogTask; model: LogModel; random: Random; options: KernelOptions },
): EvaluationCase<number> {
  const points = task.values.length,
    factor = (position: number) => base?.get(task.id)?.[position] ?? 1,
    features = (positions: readonly number[]) => rowsOf(task.X, width, positions);
  const method = (
    name: string,
    predict: (support: { X: Float64Array; values: Float64Array }, X: Float64Array) => Float64Array,
  ): CaseMethod<number> => ({
    name,
    answer(support, query) {
      const values = Float64Array.from(support, (position) => task.values[position]);
      const predicted = predict({ X: features(support), values }, features(query));
      return { [target]: query.map((position, i) => ({ value: predicted[i] * factor(position) })) };
    },
  });
  const methods = [
    method('hierarchical', (support, X) => adaptLogTask(model, support, X)),
    method('ridge', (support, X) => ridgeLogTask(model, support, X)),
    method('median', (support, X) => medianLogTask(support, X.length / width)),
  ];
  return {
    place: { protocol: 'fpga', space: source, task: 'kernel left out', device: task.id },
    targets: [target],
    sizes: options.k,
    selections: ['random', 'chosen'],
    draws: () => options.draws,
    parts: (draw) => [
      {
        methods,
        candidates: (k) =>
          enough(points, k)
            ? random.fork(`${task.id} ${k} ${draw}`).sample(points, Math.max(2 * k, Math.ceil(CANDIDATE_SHARE * points)))
            : undefined,
        choose: (candidates, count) => chooseLogRows(model, features(candidates), count).map((i) => candidates[i]),
        query(support) {
          const measured = new Set(support);
          return Array.from({ length: points }, (_, position) => position).filter((position) => !measured.has(position));
        },
      },
    ],
    truth: (position) => task.values[position] * factor(position),
    scoring: KERNEL_SCORING,
  };
}

/** HLS kernels, one left out: all points of HLSyn from pragmas, and what place and route or a later tool makes of csynth's estimate. */
export const kernels: Protocol = {
  name: 'fpga',
  part: 'kernels',
  report: 'counts',
  async *groups(options) {
    const folder = fpgaFolder(options),
      settings = { ...options, limit: TESTED_TASKS };
    for (const tasks of hlsynTasks(folder)) yield kernelGroup('hlsyn', tasks, settings);
    const pairs: [string, KernelPair[], PairTarget[]][] = [
      ['ml4accel impl', readMl4AccelImpl(folder), ['lut', 'ff', 'power']],
      ['ml4accel versions', readMl4AccelVersions(folder), ['lut', 'ff', 'latency']],
    ];
    for (const [source, some, targets] of pairs)
      for (const tasks of pairTasks(some, targets)) yield kernelGroup(source, tasks, { ...settings, k: PAIR_SIZES });
  },
};
