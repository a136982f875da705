import { createRandom } from '../../../core/random.js';
import { mean, median, spearman, standardDeviation, symmetricError } from '../../../core/statistics.js';
import { type KernelPair, readHlsyn, readMl4AccelImpl, readMl4AccelVersions } from '../../../fpga/data/hlsKernels.js';
import { PRAGMA_FEATURES, pragmaFeatures } from '../../../fpga/data/pragmaFeatures.js';
import {
  adaptLogTask,
  chooseLogRows,
  type LogModel,
  type LogTask,
  medianLogTask,
  ridgeLogTask,
  trainLogTasks,
} from '../../../surrogate/head/logTasks.js';
import { rowsOf } from '../../../surrogate/head/rowsOf.js';

/** Mean over tasks and draws of one method on one target of one source of HLS kernels. */
export interface KernelRow {
  source: string;
  target: string;
  method: string;
  k: number;
  selection: 'random' | 'chosen';
  draws: number;
  tasks: number;
  spearman: number;
  spearmanSd: number;
  medianApe: number;
  smape: number;
  within10: number;
}

/** Sizes and rewritten forms of one kernel (`bicg-medium`, `gemm-p-large`, `trmm-opt`) are the same kernel when splitting. */
export const baseKernel = (kernel: string): string =>
  kernel.replace(/-(medium|large|opt|p|ncubed|blocked|red)\b/g, '').replace(/-opt$/, '');

/** HLSyn: one task a kernel and tool, values of points that the tool finished; features of the pragmas. */
export function hlsynTasks(folder: string): { target: string; width: number; tasks: LogTask[] }[] {
  const points = readHlsyn(folder).filter((p) => p.cycles > 0);
  const width = PRAGMA_FEATURES.length;
  return (['cycles', 'lut', 'ff', 'dsp', 'bram18'] as const).map((target) => {
    const by = new Map<string, typeof points>();
    for (const p of points) if (p[target] > 0) by.set(`${p.kernel} ${p.tool}`, [...(by.get(`${p.kernel} ${p.tool}`) ?? []), p]);
    return {
      target,
      width,
      tasks: [...by].map(([id, some]): LogTask => {
        const X = new Float64Array(some.length * width);
        some.forEach((p, i) => X.set(pragmaFeatures(p.point), i * width));
        return { id, group: baseKernel(some[0].kernel), X, values: Float64Array.from(some, (p) => p[target]) };
      }),
    };
  });
}

const PAIR_WIDTH = 6;
/** ML4Accel: the value after (place and route, or a later tool) over csynth's; one task a kernel, features of the csynth estimate. */
export function pairTasks(
  pairs: readonly KernelPair[],
  targets: readonly ('lut' | 'ff' | 'dsp' | 'bram18' | 'latency' | 'power')[],
): { target: string; width: number; tasks: LogTask[]; base: Map<string, Float64Array> }[] {
  return targets.map((target) => {
    const reference = (p: KernelPair) => (target === 'power' ? 1 : (p.before[target] ?? 0));
    const usable = pairs.filter((p) => (p.after[target] ?? 0) > 0 && reference(p) > 0);
    const by = new Map<string, KernelPair[]>();
    for (const p of usable) by.set(`${p.kernel} ${p.task}`, [...(by.get(`${p.kernel} ${p.task}`) ?? []), p]);
    const tasks = [...by].map(([id, some]): LogTask => {
      const X = new Float64Array(some.length * PAIR_WIDTH);
      some.forEach((p, i) =>
        X.set(
          [
            p.before.lut,
            p.before.ff,
            p.before.dsp,
            p.before.bram18,
            p.before.latency ?? 0,
            p.before.lut / Math.max(1, p.before.ff),
          ].map((v) => Math.log1p(v)),
          i * PAIR_WIDTH,
        ),
      );
      return {
        id,
        group: baseKernel(some[0].kernel),
        X,
        values: Float64Array.from(some, (p) => p.after[target]! / reference(p)),
      };
    });
    return {
      target,
      width: PAIR_WIDTH,
      tasks,
      base: new Map([...by].map(([id, some]) => [id, Float64Array.from(some, reference)])),
    };
  });
}

export interface KernelOptions {
  k: readonly number[];
  draws: number;
  seed: number;
  /** tasks tested at most, the largest first */
  limit?: number;
  onProgress?(what: string): void;
}

/** Leave one kernel out, all of its sizes and tools together. */
export function kernelTransfer(
  source: string,
  { target, width, tasks, base }: { target: string; width: number; tasks: readonly LogTask[]; base?: Map<string, Float64Array> },
  options: KernelOptions,
): KernelRow[] {
  const random = createRandom(options.seed).fork(`${source} ${target}`),
    out = new Map<string, { k: number; method: string; selection: 'random' | 'chosen'; draws: number[][] }>();
  const least = Math.min(...options.k);
  const tested = tasks
    .filter((t) => t.values.length >= 2 * least && t.values.length >= least + 4)
    .sort((a, b) => b.values.length - a.values.length)
    .slice(0, options.limit);
  const models = new Map<string, LogModel>();
  tested.forEach((task) => {
    let model = models.get(task.group);
    if (!model) {
      options.onProgress?.(`${source} ${target} without ${task.group}`);
      model = trainLogTasks(
        tasks.filter((t) => t.group !== task.group),
        width,
        random.fork(task.group),
      );
      models.set(task.group, model);
    }
    const n = task.values.length;
    for (const k of options.k) {
      if (n < 2 * k || n < k + 4) continue;
      for (const selection of ['random', 'chosen'] as const)
        for (let d = 0; d < options.draws; d++) {
          const pool = random.fork(`${task.id} ${k} ${d}`).sample(n, Math.max(2 * k, Math.ceil(0.8 * n)));
          const rows =
            selection === 'random' ? pool.slice(0, k) : chooseLogRows(model, rowsOf(task.X, width, pool), k).map((i) => pool[i]);
          const chosen = new Set(rows),
            query = Array.from({ length: n }, (_, i) => i).filter((i) => !chosen.has(i));
          const support = { X: rowsOf(task.X, width, rows), values: Float64Array.from(rows, (i) => task.values[i]) },
            Q = rowsOf(task.X, width, query);
          const factor = (i: number) => base?.get(task.id)?.[i] ?? 1;
          const truth = query.map((i) => task.values[i] * factor(i));
          for (const [method, predicted] of [
            ['hierarchical', adaptLogTask(model, support, Q)],
            ['ridge', ridgeLogTask(model, support, Q)],
            ['median', medianLogTask(support, query.length)],
          ] as const) {
            const p = Array.from(predicted, (v, i) => v * factor(query[i])),
              ape = p.map((v, i) => Math.abs(v / truth[i] - 1));
            const key = `${method} ${k} ${selection}`,
              entry = out.get(key) ?? { k, method, selection, draws: [] };
            const rank = spearman(p, truth);
            entry.draws.push([
              Number.isFinite(rank) ? rank : 0,
              median(ape),
              mean(p.map((v, i) => symmetricError(truth[i], v))) / 100,
              mean(ape.map((a) => (a <= 0.1 ? 1 : 0))),
            ]);
            out.set(key, entry);
          }
        }
    }
  });
  return [...out.values()].map((e) => {
    const column = (j: number) => mean(e.draws.map((d) => d[j]));
    return {
      source,
      target,
      method: e.method,
      k: e.k,
      selection: e.selection,
      draws: options.draws,
      tasks: e.draws.length / options.draws,
      spearman: column(0),
      spearmanSd: standardDeviation(e.draws.map((d) => d[0])),
      medianApe: column(1),
      smape: column(2),
      within10: column(3),
    };
  });
}

/** All sources of HLS kernels in a folder of FPGA data. */
export function kernelRows(folder: string, options: KernelOptions): KernelRow[] {
  const pairs = (source: string, some: readonly KernelPair[], targets: Parameters<typeof pairTasks>[1], k: number[]) =>
    pairTasks(some, targets).flatMap((t) => kernelTransfer(source, t, { ...options, k }));
  return [
    ...hlsynTasks(folder).flatMap((t) => kernelTransfer('hlsyn', t, options)),
    ...pairs('ml4accel impl', readMl4AccelImpl(folder), ['lut', 'ff', 'power'], [4]),
    ...pairs('ml4accel versions', readMl4AccelVersions(folder), ['lut', 'ff', 'latency'], [4]),
  ];
}
