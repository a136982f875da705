import { HwcastError } from '../core/errors.js';
import type { DeviceSpec } from '../device/deviceSpec.js';
import { launchOverhead } from '../device/launchOverhead.js';
import { peakFor } from '../device/peakFor.js';
import { graphIndex } from '../graph/graphIndex.js';
import { liveNodes } from '../graph/liveNodes.js';
import { nodeCost } from '../graph/operatorCost.js';
import { operatorNamed } from '../graph/operators/index.js';
import type { OpGraph, OpNode, OpType } from '../graph/opGraph.js';
import { type Dtype, tensorBytes } from '../graph/tensorType.js';
import { type Fusion, fuse } from './fuse.js';
import { peakMemory } from './peakMemory.js';

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

/** Types of indices and masks, which no choice of an element type changes. */
const KEPT = new Set<Dtype>(['int64', 'int32', 'bool']);

/**
 * Analytical latency of a graph on a device: t = max(F / (eta_c peak), Q / (eta_m BW)) + t0 for each kernel (Williams et al., CACM 2009), and at
 * least the dispatch time of the framework for each operator when eager. Q counts each tensor once.
 * @throws HwcastError `unsupported` where the catalogue has no peak or no bandwidth of the device.
 */
export function roofline(graph: OpGraph, device: DeviceSpec, options: RooflineOptions): Roofline {
  const { bandwidth } = device;
  if (bandwidth === undefined)
    throw new HwcastError('unsupported', `device '${device.name}' has no memory bandwidth in the catalogue (${device.source})`, {
      hint: 'choose another device (hwcast devices), or adapt a model with measurements of this one',
    });
  const typed = options.dtype ? withDtype(graph, options.dtype) : graph;
  return estimate(typed, device, bandwidth, options.hypothesis);
}

function withDtype(graph: OpGraph, dtype: Dtype): OpGraph {
  const typed = <T extends { dtype: Dtype }>(tensor: T): T => (KEPT.has(tensor.dtype) ? tensor : { ...tensor, dtype });
  const nodes = graph.nodes.map((n) =>
    n.furtherOutputs ? { ...typed(n), furtherOutputs: n.furtherOutputs.map(typed) } : typed(n),
  );
  return { ...graph, nodes };
}

function estimate(graph: OpGraph, device: DeviceSpec, bandwidth: number, hypothesis: Hypothesis): Roofline {
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

  const isFree = graph.nodes.map((node) => operatorNamed(node.op).kernel === 'free');
  const operators = graph.nodes.map((node, i): OperatorTime => {
    const runs = fusion ? fusion.fate[i] === 'kernel' || fusion.fate[i] === 'fused' : !isFree[i];
    const cost = runs ? nodeCost(graph, i) : undefined;
    const flops = cost?.flops ?? 0;
    const bytes = cost ? cost.bytesIn + cost.bytesOut + cost.bytesWeights : 0;
    return { id: node.id, op: node.op, flops, bytes, computeTime: 0, memoryTime: 0, time: 0, bound: 'launch', live: live[i] };
  });
  if (fusion) keepInside(graph, fusion, operators);

  let latency = 0;
  let launches = 0;
  const kernels = fusion ? kernelsOf(fusion, operators.length) : operators.flatMap((_, i) => (isFree[i] ? [] : [[i]]));
  for (const members of kernels) {
    let compute = 0;
    let memory = 0;
    for (const i of members) {
      const o = operators[i];
      o.computeTime = o.flops > 0 ? o.flops / rateOf(arithmeticDtype(graph.nodes[i])) : 0;
      o.memoryTime = o.bytes / (MEMORY_EFFICIENCY * bandwidth);
      compute += o.computeTime;
      memory += o.memoryTime;
    }
    const work = Math.max(compute, memory);
    const time = compiled ? work + launch.kernel : Math.max(work + launch.kernel, launch.dispatch);
    const bound = time - work > work ? 'launch' : compute >= memory ? 'compute' : 'memory';
    for (const i of members) operators[i].bound = bound;
    operators[members[0]].time = time;
    latency += time;
    launches++;
  }
  if (!launches) {
    // a device still writes the constant
    latency = launch.kernel;
    launches = 1;
    warnings.push('the output does not depend on the input: a compiler folds the network into a constant');
  }
  for (const kind of new Set(graph.nodes.flatMap(unknownKind)))
    warnings.push(`operator '${kind}' is unknown: counted by its tensors only`);
  const peak = peakMemory(graph, fusion);
  if (device.memory !== undefined && peak > device.memory)
    warnings.push(`needs ${(peak / 2 ** 20).toFixed(1)} MiB, ${device.name} has ${(device.memory / 2 ** 20).toFixed(1)} MiB`);
  return {
    device: device.name,
    hypothesis,
    latency,
    ...(device.tdp === undefined
      ? {}
      : {
          energy: {
            high: device.tdp * latency,
            ...(device.idle === undefined ? {} : { low: Math.min(device.idle, device.tdp) * latency }),
            kind: 'bound' as const,
          },
        }),
    operators,
    launches,
    peakMemory: peak,
    warnings,
  };
}

/** The type an operator computes in: quantised ones often write a wider one. */
const arithmeticDtype = (node: OpNode): Dtype => operatorNamed(node.op).computeDtype(node.attrs) ?? node.dtype;

/** What hwcast does not know of a node, as a list of at most one name. */
function unknownKind(node: OpNode): string[] {
  const operator = operatorNamed(node.op);
  return operator.isUnknown ? [operator.unknown(node.attrs) ?? node.id] : [];
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

function kernelsOf(fusion: Fusion, count: number): number[][] {
  const kernels: number[][] = fusion.groups.map(() => []);
  for (let i = 0; i < count; i++)
    if (fusion.fate[i] === 'kernel' || fusion.fate[i] === 'fused') kernels[fusion.groupOf[i]].push(i);
  return kernels;
}
