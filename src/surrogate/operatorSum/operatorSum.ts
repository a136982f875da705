import { compiledKernels } from '../../analytical/compiledKernels.js';
import { eagerKernels } from '../../analytical/eagerKernels.js';
import type { KernelWork } from '../../analytical/kernelWork.js';
import type { OpGraph } from '../../graph/opGraph.js';
import { logSum, type TaskWeights } from './fitSums.js';
import { type KernelSet, kernelSet } from './kernelSet.js';
import type { Machine } from './machine.js';
import { type NearOperators, residualNear } from './nearOperators.js';

/** How a graph becomes kernels. */
export const LOWERINGS = ['eager', 'compiled'] as const;
export type Lowering = (typeof LOWERINGS)[number];

/** What a model takes in a task, as the sum over its kernels. */
export interface OperatorSum extends TaskWeights {
  machine: Machine;
  lowering: Lowering;
  /** measured operators of its element type */
  near?: NearOperators | undefined;
  /** standard deviation of the logs of models that were not fitted */
  deviation: number;
}

/** The last graphs are asked for again and again, by each task. */
const kept: Record<Lowering, WeakMap<OpGraph, readonly KernelWork[]>> = { eager: new WeakMap(), compiled: new WeakMap() };

/** The kernels of a graph. */
export function kernelsOf(graph: OpGraph, lowering: Lowering): readonly KernelWork[] {
  let kernels = kept[lowering].get(graph);
  if (!kernels) {
    kernels = (lowering === 'eager' ? eagerKernels : compiledKernels)(graph);
    kept[lowering].set(graph, kernels);
  }
  return kernels;
}

/** The kernels of a graph on the machine of a sum, with its images per batch. */
export const setOf = (
  graph: OpGraph,
  { lowering, machine, near }: Pick<OperatorSum, 'lowering' | 'machine' | 'near'>,
): KernelSet => kernelSet(kernelsOf(graph, lowering), machine, machine.batch, near);

/** Share of the time of a graph that operators take of which none of nearly their sizes was measured, and their kinds; 0 where nothing was measured at all. */
export function unmeasuredShare(graph: OpGraph, sum: OperatorSum): { share: number; kinds: string[] } {
  const { near, machine } = sum;
  if (!near) return { share: 0, kinds: [] };
  const byKind = new Map<string, number>();
  let all = 0;
  for (const kernel of kernelsOf(graph, sum.lowering)) {
    const set = kernelSet([kernel], machine, machine.batch, near);
    if (!set.seconds.length) continue;
    const seconds = Math.exp(logSum(set, sum.weights));
    all += seconds;
    if (!residualNear(near, kernel, machine.batch).isNear) byKind.set(kernel.kind, (byKind.get(kernel.kind) ?? 0) + seconds);
  }
  const of = [...byKind].sort(([, a], [, b]) => b - a);
  return { share: all ? of.reduce((total, [, s]) => total + s, 0) / all : 0, kinds: of.map(([kind]) => kind) };
}

/** Log of what a graph takes in the task of a sum; undefined where it has no kernels. */
export function predictSum(sum: OperatorSum, graph: OpGraph): number | undefined {
  const set = setOf(graph, sum);
  return set.seconds.length ? sum.level + logSum(set, sum.weights) : undefined;
}
