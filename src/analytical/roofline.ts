import { HwcastError } from '../core/errors.js';
import type { DeviceSpec } from '../device/deviceSpec.js';
import { launchOverhead } from '../device/launchOverhead.js';
import { peakFor } from '../device/peakFor.js';
import { graphIndex } from '../graph/graphIndex.js';
import { liveNodes } from '../graph/liveNodes.js';
import { nodeCost } from '../graph/operatorCost.js';
import type { Operator } from '../graph/operators/operator.js';
import { operatorsOf } from '../graph/operatorsOf.js';
import type { OpGraph, OpNode, OpType } from '../graph/opGraph.js';
import { type Dtype, tensorBytes } from '../graph/tensorType.js';
import { withDtype } from '../graph/withDtype.js';
import { type Fusion, fuse } from './fuse.js';
import { memoryParts, peakMemory } from './peakMemory.js';

/** Share of the peak rate that large GEMMs reach (fitted: 0.64-0.90 on A100 to B200 and Arc B60). */
export const COMPUTE_EFFICIENCY = 0.75;
/** Share of the memory bandwidth that large transfers reach. */
export const MEMORY_EFFICIENCY = 0.8;

/** How it runs. `eager`: every operator as written, handed over one by one; `compiled`: dead operators removed, chains fused, one launch a kernel. */
export type Hypothesis = 'eager' | 'compiled';
export const HYPOTHESES: readonly Hypothesis[] = ['eager', 'compiled'];

export interface RooflineOptions {
  hypothesis: Hypothesis;
  /** run all floating-point tensors in this type; as the graph says unless told */
  dtype?: Dtype;
}

/** One operator. FLOPs, bytes and times are its share of its kernel; `time` of a kernel stands at its first operator, so that times add up. */
export interface OperatorTime {
  id: string;
  op: OpType;
  flops: number;
  /** to and from memory; a tensor that stays inside a kernel does not count */
  bytes: number;
  /** seconds: flops / (0.75 peak) */
  computeTime: number;
  /** seconds: bytes / (0.8 bandwidth) */
  memoryTime: number;
  /** seconds */
  time: number;
  bound: 'compute' | 'memory' | 'launch';
  /** false where no output depends on it */
  live: boolean;
  /** first operator of the kernel this one is part of, or that already computes the same value */
  fusedInto?: string;
}

export interface Roofline {
  device: string;
  hypothesis: Hypothesis;
  /** seconds */
  latency: number;
  /** joules, as bounds: thermal design power x latency above, idle power x latency below; absent where the power is not known */
  energy?: { high: number; low?: number; kind: 'bound' };
  operators: OperatorTime[];
  /** number of kernels */
  launches: number;
  /** bytes: weights and the most activations that live at one time, in the order of the graph */
  peakMemory: number;
  warnings: string[];
}

/**
 * Analytical latency of a graph on a device: t = max(F / (eta_c peak), Q / (eta_m BW)) + t0 for each kernel (Williams et al., CACM 2009), and at
 * least the dispatch time of the framework for each operator when eager. Q counts each tensor once.
 * @throws HwcastError `unsupported` where the catalogue has no peak or no bandwidth of the device.
 */
export function roofline(graph: OpGraph, device: DeviceSpec, options: RooflineOptions): Roofline {
  const { result, typed, fusion } = estimate(graph, device, options);
  return { ...result, peakMemory: peakMemory(typed, fusion) };
}

/** `roofline` without the peak memory, for those who do not ask for it: it takes long to find. @throws HwcastError as `roofline` */
export const rooflineTimes = (graph: OpGraph, device: DeviceSpec, options: RooflineOptions): Omit<Roofline, 'peakMemory'> =>
  estimate(graph, device, options).result;

/** @throws HwcastError `unsupported` where the catalogue has none */
function bandwidthOf({ name, bandwidth, source }: DeviceSpec): number {
  if (bandwidth === undefined)
    throw new HwcastError('unsupported', `device '${name}' has no memory bandwidth in the catalogue (${source})`, {
      hint: 'choose another device (hwcast devices), or adapt a model with measurements of this one',
    });
  return bandwidth;
}

/** @returns also the graph in the element type asked for, and what a compiler makes of it */
function estimate(
  given: OpGraph,
  device: DeviceSpec,
  { hypothesis, dtype }: RooflineOptions,
): { result: Omit<Roofline, 'peakMemory'>; typed: OpGraph; fusion: Fusion | undefined } {
  const bandwidth = bandwidthOf(device);
  const graph = dtype ? withDtype(given, dtype) : given;
  const launch = launchOverhead(device);
  const compiled = hypothesis === 'compiled';
  const live = liveNodes(graph);
  const fusion = compiled ? fuse(graph) : undefined;
  const warnings: string[] = [];
  const rates = new Map<Dtype, number>();
  const rateOf = (dtype: Dtype): number => {
    let rate = rates.get(dtype);
    if (rate === undefined) {
      const peak = peakFor(device, dtype);
      if (!peak.exact) warnings.push(`${device.name}: no ${dtype} peak in the catalogue; ${peak.dtype} used`);
      rate = COMPUTE_EFFICIENCY * peak.rate;
      rates.set(dtype, rate);
    }
    return rate;
  };

  const operators = operatorsOf(graph);
  const groupOf = fusion ? kernelsOf(fusion) : ownKernels(operators);
  const times = graph.nodes.map((node, i): OperatorTime => {
    const cost = groupOf[i] >= 0 ? nodeCost(graph, i) : undefined;
    const flops = cost?.flops ?? 0;
    const bytes = cost ? cost.bytesIn + cost.bytesOut + cost.bytesWeights : 0;
    return { id: node.id, op: node.op, flops, bytes, computeTime: 0, memoryTime: 0, time: 0, bound: 'launch', live: live[i] };
  });
  if (fusion) keepInside(graph, fusion, times);

  const kernels: Kernel[] = [];
  for (const [i, o] of times.entries()) {
    const group = groupOf[i];
    if (group < 0) continue;
    o.computeTime = o.flops > 0 ? o.flops / rateOf(arithmeticDtype(operators[i], graph.nodes[i])) : 0;
    o.memoryTime = o.bytes / (MEMORY_EFFICIENCY * bandwidth);
    kernels[group] ??= { first: o, compute: 0, memory: 0, bound: 'launch' };
    kernels[group].compute += o.computeTime;
    kernels[group].memory += o.memoryTime;
  }
  let latency = 0;
  let launches = kernels.length;
  for (const kernel of kernels) {
    const { first, compute, memory } = kernel;
    const work = Math.max(compute, memory);
    const time = compiled ? work + launch.kernel : Math.max(work + launch.kernel, launch.dispatch);
    kernel.bound = time - work > work ? 'launch' : compute >= memory ? 'compute' : 'memory';
    first.time = time;
    latency += time;
  }
  for (let i = 0; i < times.length; i++) if (groupOf[i] >= 0) times[i].bound = kernels[groupOf[i]].bound;
  if (!launches) {
    // a device still writes the constant
    latency = launch.kernel;
    launches = 1;
    warnings.push('the output does not depend on the input: a compiler folds the network into a constant');
  }
  for (const kind of unknownKinds(graph, operators)) warnings.push(`operator '${kind}' is unknown: counted by its tensors only`);
  if (device.memory !== undefined && allMemory(graph, groupOf) > device.memory)
    warnings.push(...memoryWarnings(memoryParts(graph, fusion), device));
  const result = {
    device: device.name,
    hypothesis,
    latency,
    ...energyBounds(device, latency),
    operators: times,
    launches,
    warnings,
  };
  return { result, typed: graph, fusion };
}

/** What does not fit; weights stay in the flash of devices that have one. */
function memoryWarnings({ weights, activations }: ReturnType<typeof memoryParts>, { name, memory, flash }: DeviceSpec): string[] {
  const inMemory = flash === undefined ? weights + activations : activations;
  const lacks = (what: string, bytes: number, has: number | undefined, where: string) =>
    has !== undefined && bytes > has ? [`needs ${size(bytes, has)}${what}, ${name} has ${size(has, has)}${where}`] : [];
  return [
    ...lacks(flash === undefined ? '' : ' for activations', inMemory, memory, ''),
    ...(flash === undefined ? [] : lacks(' for weights', weights, flash, ' of flash')),
  ];
}

/** Bytes in the unit that suits `scale`. */
const size = (bytes: number, scale: number): string =>
  scale < 2 ** 26 ? `${(bytes / 2 ** 10).toFixed(1)} KiB` : `${(bytes / 2 ** 20).toFixed(1)} MiB`;

/** Energy of so many seconds, where the power is known. */
const energyBounds = ({ tdp, idle }: DeviceSpec, latency: number): Pick<Roofline, 'energy'> =>
  tdp === undefined
    ? {}
    : {
        energy: {
          high: tdp * latency,
          ...(idle === undefined ? {} : { low: Math.min(idle, tdp) * latency }),
          kind: 'bound',
        },
      };

/** Operators that run as one. */
interface Kernel {
  first: OperatorTime;
  /** seconds */
  compute: number;
  memory: number;
  bound: OperatorTime['bound'];
}

/** Bytes if every tensor were kept to the end: no less than `peakMemory`, which takes longer to find. */
function allMemory(graph: OpGraph, groupOf: Int32Array): number {
  const operators = operatorsOf(graph);
  return graph.nodes.reduce((sum, node, i) => {
    const further = node.furtherOutputs?.reduce((bytes, t) => bytes + tensorBytes(t), 0) ?? 0;
    const isHeld = groupOf[i] >= 0 || operators[i].value === 'stored';
    return sum + tensorBytes(node) + further + (isHeld ? nodeCost(graph, i).bytesResident : 0);
  }, 0);
}

/** The type an operator computes in: quantised ones often write a wider one. */
const arithmeticDtype = (operator: Operator, node: OpNode): Dtype => operator.computeDtype(node.attrs) ?? node.dtype;

/** What hwcast does not know of a graph, by name. */
function unknownKinds({ nodes }: OpGraph, operators: readonly Operator[]): Set<string> {
  const kinds = new Set<string>();
  operators.forEach((operator, i) => {
    if (operator.isUnknown) kinds.add(operator.unknown(nodes[i].attrs) ?? nodes[i].id);
  });
  return kinds;
}

/** Takes tensors that stay inside a kernel out of the traffic, and names the kernel of each appended or merged operator. */
function keepInside(graph: OpGraph, fusion: Fusion, operators: OperatorTime[]): void {
  const { nodes } = graph;
  const { inputs } = graphIndex(graph);
  nodes.forEach((_, i) => {
    if (fusion.fate[i] === 'merged') operators[i].fusedInto = fusion.groups[fusion.groupOf[i]][0];
    if (fusion.fate[i] !== 'fused') return;
    operators[i].fusedInto = fusion.groups[fusion.groupOf[i]][0];
    // exactly one operand comes from the own kernel: groups are chains whose tensors have one reader
    const inner = inputs[i].map((j) => fusion.source[j]).find((s) => s >= 0 && fusion.groupOf[s] === fusion.groupOf[i])!;
    const bytes = tensorBytes(nodes[inner]);
    operators[inner].bytes -= bytes;
    operators[i].bytes -= bytes;
  });
}

/** The kernel of each node, -1 for nodes without one. */
const kernelsOf = ({ fate, groupOf }: Fusion): Int32Array =>
  groupOf.map((group, i) => (fate[i] === 'kernel' || fate[i] === 'fused' ? group : -1));

/** As `kernelsOf`, one for each operator that has any. */
function ownKernels(operators: readonly Operator[]): Int32Array {
  let count = 0;
  return Int32Array.from(operators, ({ kernel }) => (kernel === 'free' ? -1 : count++));
}
