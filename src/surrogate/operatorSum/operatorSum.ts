import { compiledKernels } from '../../analytical/compiledKernels.js';
import { eagerKernels } from '../../analytical/eagerKernels.js';
import type { KernelWork } from '../../analytical/kernelWork.js';
import type { OpGraph } from '../../graph/opGraph.js';
import { logSum, type TaskWeights } from './fitSums.js';
import { type KernelSet, kernelSet } from './kernelFeatures.js';
import type { Machine } from './machine.js';

/** How a graph becomes kernels. */
export const LOWERINGS = ['eager', 'compiled'] as const;
export type Lowering = (typeof LOWERINGS)[number];

/** What a model takes in a task, as the sum over its kernels. */
export interface OperatorSum extends TaskWeights {
  machine: Machine;
  lowering: Lowering;
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
export const setOf = (graph: OpGraph, { lowering, machine }: Pick<OperatorSum, 'lowering' | 'machine'>): KernelSet =>
  kernelSet(kernelsOf(graph, lowering), machine, machine.batch);

/** Log of what a graph takes in the task of a sum; undefined where it has no kernels. */
export function predictSum(sum: OperatorSum, graph: OpGraph): number | undefined {
  const set = setOf(graph, sum);
  return set.seconds.length ? sum.level + logSum(set, sum.weights) : undefined;
}
