import { compiledKernels } from '../../analytical/compiledKernels.js';
import { eagerKernels } from '../../analytical/eagerKernels.js';
import { KERNEL_KINDS, type KernelWork } from '../../analytical/kernelWork.js';
import { onnxruntimeKernels } from '../../analytical/onnxruntimeKernels.js';
import { kept } from '../../core/kept.js';
import type { OpGraph } from '../../graph/opGraph.js';
import { kernelTimes, type TaskWeights } from './fitSums.js';
import { type KernelSet, kernelSet } from './kernelSet.js';
import type { Machine } from './machine.js';
import type { NearOperators } from './nearOperators.js';

/** How a graph becomes kernels: what a framework launches from the host, what it leaves in a captured CUDA graph, what a compiler makes, the nodes of a session on a processor. */
export const LOWERINGS = ['eager', 'captured', 'compiled', 'session'] as const;
export type Lowering = (typeof LOWERINGS)[number];

const LOWERED: Readonly<Record<Lowering, (graph: OpGraph) => readonly KernelWork[]>> = {
  // an attention that reads a mask falls into parts under a capture only
  eager: (graph) => eagerKernels(graph).map((k) => (k.kind === 'masked' ? { ...k, kind: 'attention' } : k)),
  captured: eagerKernels,
  compiled: compiledKernels,
  session: onnxruntimeKernels,
};

/** What a model takes in a task, as the sum over its kernels. */
export interface OperatorSum extends TaskWeights {
  machine: Machine;
  lowering: Lowering;
  /** measured operators of its element type */
  near?: NearOperators | undefined;
  /** of the logs of models that were not fitted: what covers nine tenths of them, in standard deviations of a Gaussian */
  deviation: number;
}

/** The last graphs are asked for again and again, by each task. */
const lowered: Record<Lowering, WeakMap<OpGraph, readonly KernelWork[]>> = {
  eager: new WeakMap(),
  captured: new WeakMap(),
  compiled: new WeakMap(),
  session: new WeakMap(),
};

/** The kernels of a graph. */
export const kernelsOf = (graph: OpGraph, lowering: Lowering): readonly KernelWork[] =>
  kept(lowered[lowering], graph, () => LOWERED[lowering](graph));

/** Sets of the graph asked for last, by measured operators, lowering and machine: tasks ask for the same one after another. */
let last: { graph: OpGraph; sets: Map<NearOperators | undefined, Map<string, KernelSet>> } | undefined;

/** The kernels of a graph on the machine of a sum, with its images per batch. */
export function setOf(
  graph: OpGraph,
  { lowering, machine, near }: Pick<OperatorSum, 'lowering' | 'machine' | 'near'>,
): KernelSet {
  if (last?.graph !== graph) last = { graph, sets: new Map() };
  const ofNear = kept(last.sets, near, () => new Map<string, KernelSet>());
  return kept(ofNear, `${lowering} ${JSON.stringify(machine)}`, () =>
    kernelSet(kernelsOf(graph, lowering), machine, machine.batch, near),
  );
}

/** What a graph takes in the task of a sum. */
export interface SummedGraph {
  /** of the value */
  log: number;
  /** share of the time that operators take of which none of nearly their sizes was measured, and their kinds, the longest first; 0 where no operators were measured */
  unmeasured: { share: number; kinds: string[] };
}

/** Share of the time of operators that were never measured from which it is said. */
const SAID_SHARE = 0.1;

/** A warning where much of the time is of operators that none like them was measured for. */
export const saidOfUnmeasured = ({ share, kinds }: SummedGraph['unmeasured']): string[] =>
  share < SAID_SHARE
    ? []
    : [
        `${Math.round(100 * share)} % of the time is of operators that none like them was measured for: ${kinds.slice(0, 3).join(', ')}`,
      ];

/** What a graph takes in the task of a sum; undefined where it has no kernels. */
export function sumGraph(sum: OperatorSum, graph: OpGraph): SummedGraph | undefined {
  const set = setOf(graph, sum);
  if (!set.seconds.length) return undefined;
  const times = kernelTimes(set, sum.weights),
    all = times.reduce((a, t) => a + t, 0),
    byKind = new Map<string, number>();
  times.forEach((time, i) => {
    const kind = KERNEL_KINDS[set.kind[i]];
    if (sum.near && !set.isNear[i]) byKind.set(kind, (byKind.get(kind) ?? 0) + time);
  });
  const longest = [...byKind].sort(([, a], [, b]) => b - a);
  return {
    log: sum.level + Math.log(all),
    unmeasured: { share: longest.reduce((a, [, t]) => a + t, 0) / all, kinds: longest.map(([kind]) => kind) },
  };
}
