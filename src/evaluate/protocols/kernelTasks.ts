import { kept } from '../../core/kept.js';
import { type KernelPair, readHlsyn } from '../../fpga/data/hlsKernels.js';
import { PRAGMA_FEATURES, pragmaFeatures } from '../../fpga/data/pragmaFeatures.js';
import type { Target } from '../../graph/targets.js';
import type { LogTask } from '../../surrogate/head/logTasks.js';

/** Tasks of one target over the same features; `base`: values are multiples of it, by task, 1 where it is not given. */
export interface KernelTasks {
  target: Target;
  /** columns of features */
  width: number;
  tasks: LogTask[];
  base?: ReadonlyMap<string, Float64Array>;
}

/** Sizes and rewritten forms of one kernel (`bicg-medium`, `gemm-p-large`, `trmm-opt`) are the same kernel when splitting. */
export const baseKernel = (kernel: string): string =>
  kernel.replace(/-(medium|large|opt|p|ncubed|blocked|red)\b/g, '').replace(/-opt$/, '');

/** HLSyn: one task a kernel and tool, values of points that the tool finished; features of the pragmas. */
export function hlsynTasks(folder: string): KernelTasks[] {
  const points = readHlsyn(folder).filter((p) => p.cycles > 0);
  const width = PRAGMA_FEATURES.length;
  return (['cycles', 'lut', 'ff', 'dsp', 'bram18'] as const).map((target) => {
    const byTask = new Map<string, typeof points>();
    for (const p of points) if (p[target] > 0) kept(byTask, `${p.kernel} ${p.tool}`, () => []).push(p);
    return {
      target,
      width,
      tasks: [...byTask].map(([id, some]): LogTask => {
        const X = new Float64Array(some.length * width);
        some.forEach((p, i) => X.set(pragmaFeatures(p.point), i * width));
        return { id, group: baseKernel(some[0].kernel), X, values: Float64Array.from(some, (p) => p[target]) };
      }),
    };
  });
}

const PAIR_WIDTH = 6;
export type PairTarget = 'lut' | 'ff' | 'dsp' | 'bram18' | 'latency' | 'power';
/** ML4Accel: the value after (place and route, or a later tool) over csynth's; one task a kernel, features of the csynth estimate. */
export function pairTasks(pairs: readonly KernelPair[], targets: readonly PairTarget[]): KernelTasks[] {
  return targets.map((target) => {
    const reference = (p: KernelPair) => (target === 'power' ? 1 : (p.before[target] ?? 0));
    const usable = pairs.filter((p) => (p.after[target] ?? 0) > 0 && reference(p) > 0);
    const byTask = new Map<string, KernelPair[]>();
    for (const p of usable) kept(byTask, `${p.kernel} ${p.task}`, () => []).push(p);
    const tasks = [...byTask].map(([id, some]): LogTask => {
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
      base: new Map([...byTask].map(([id, some]) => [id, Float64Array.from(some, reference)])),
    };
  });
}
