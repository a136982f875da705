import { elementCount } from '../core/elementCount.js';
import { type GraphIndex, graphIndex, operands } from '../graph/graphIndex.js';
import { nodeCost } from '../graph/operatorCost.js';
import { operatorsOf } from '../graph/operatorsOf.js';
import type { OpGraph, OpNode } from '../graph/opGraph.js';
import { DTYPE_BYTES, type TensorType, tensorBytes } from '../graph/tensorType.js';
import { attentionsOf } from './attentionPattern.js';
import { eagerSteps, isPassedOver } from './eagerKernels.js';

/** Peak memory of a pass of an eager framework, bytes. */
export interface EagerMemory {
  weights: number;
  /** most that live at one time: tensors, inputs for as long as the pass runs, workspaces of convolutions */
  activations: number;
  /** workspace that the framework holds for its library of matrix products */
  reserve: number;
  total: number;
}

export interface EagerMemoryOptions {
  /** of the framework; see `cublasWorkspace` */
  reserve: number;
  /** keys and values of every attention stay to the end, as Hugging Face's decoders keep them unless told not to (`use_cache`) */
  keepsCache?: boolean;
}

/**
 * Bytes that PyTorch's allocator counts for cuBLAS once a product ran (aten/src/ATen/cuda/CublasHandlePool.cpp, from memory): 32 MiB on Hopper (132 or
 * 114 processors), two of 4 MiB and sixteen of 8 KiB on other GPUs.
 */
export const cublasWorkspace = (isHopper: boolean): number => (isHopper ? 32 * 2 ** 20 : 8 * 2 ** 20 + 16 * 8 * 2 ** 10);

/** Channels that tensor cores want a convolution's input to have, by bytes of an element. */
const ALIGNED_BYTES = 16;

/**
 * Peak memory of a pass as PyTorch runs it (Lin et al., MCUNet, NeurIPS 2020: max over steps of live tensors), with what its operators do beside a
 * plain order of the graph: views own nothing unless they are copied, scores of fused attention never exist, the caller holds the inputs, a norm that an
 * exporter folded into a convolution writes a tensor of its own, and a convolution in the order of PyTorch (NCHW) is run on tensor cores after its
 * operands were put into another order in a workspace as large as they and its result.
 */
export function eagerMemory(graph: OpGraph, { reserve, keepsCache = false }: EagerMemoryOptions): EagerMemory {
  const { nodes } = graph,
    index = graphIndex(graph),
    made = new Set(eagerSteps(graph).map((s) => s.node)),
    sources = sourcesOf(graph, index, made);
  const { weights, inputs } = heldFromTheStart(graph, sources);
  const lastRead = lastReads(graph, index, made, sources),
    cache = keepsCache ? cacheOf(graph, index) : new Map<number, number>();
  const freed: number[][] = nodes.map(() => []);
  lastRead.forEach((step, i) => {
    if (step >= 0 && step < nodes.length && made.has(i)) freed[step].push(i);
  });
  let alive = inputs,
    peak = inputs;
  for (const i of made) {
    const own = outputBytes(nodes[i]);
    alive += own + (cache.get(i) ?? 0);
    peak = Math.max(peak, alive + workspaceOf(nodes[i], operands(graph, index, i), nodeCost(graph, i).bytesWeights));
    if (lastRead[i] < 0) alive -= own;
    for (const s of freed[i]) alive -= outputBytes(nodes[s]);
    if (graph.foldedParams && isPassedOver(nodes, index, i)) peak = Math.max(peak, alive + own);
  }
  return { weights, activations: peak, reserve, total: weights + peak + reserve };
}

/** For each node the nodes whose tensors its value lies in: itself where a kernel writes it, else those of what it views or is part of. */
function sourcesOf({ nodes }: OpGraph, { inputs }: GraphIndex, made: ReadonlySet<number>): number[][] {
  const sources: number[][] = [];
  nodes.forEach((node, i) => {
    const isOwn = made.has(i) || node.op === 'input' || node.op === 'stored';
    sources.push(isOwn ? [i] : [...new Set(inputs[i].flatMap((j) => sources[j]))]);
  });
  return sources;
}

/** Bytes of weights and of what the caller hands in. */
function heldFromTheStart(graph: OpGraph, sources: readonly number[][]): { weights: number; inputs: number } {
  const operators = operatorsOf(graph);
  let weights = (graph.foldedParams ?? 0) * DTYPE_BYTES.fp32,
    inputs = 0;
  graph.nodes.forEach((node, i) => {
    weights += nodeCost(graph, i).bytesResident;
    if (operators[i].value === 'given' && sources[i][0] === i) inputs += tensorBytes(node);
  });
  return { weights, inputs };
}

/** Position of the last step that reads each tensor; the length of the graph for outputs. */
function lastReads({ nodes }: OpGraph, index: GraphIndex, made: ReadonlySet<number>, sources: readonly number[][]): Int32Array {
  const last = new Int32Array(nodes.length).fill(-1);
  for (const i of made) for (const j of index.inputs[i]) for (const s of sources[j]) last[s] = i;
  for (const i of index.outputs) for (const s of sources[i]) last[s] = nodes.length;
  return last;
}

/** Bytes of keys and values by the position of the attention that reads them; they are copied as they enter the cache. */
function cacheOf(graph: OpGraph, index: GraphIndex): Map<number, number> {
  const { nodes } = graph,
    bytes = (of: readonly number[]) => of.reduce((sum, j) => sum + tensorBytes(nodes[j]), 0);
  const written = [...attentionsOf(graph, index, new Array(nodes.length).fill(true)).cached].map(
    ([i, of]) => [i, bytes(of)] as const,
  );
  const own = nodes.flatMap((node, i) => (node.op === 'attention' ? [[i, bytes(index.inputs[i].slice(1, 3))] as const] : []));
  return new Map([...written, ...own]);
}

const outputBytes = (node: OpNode): number =>
  (node.furtherOutputs ?? []).reduce((sum, t) => sum + tensorBytes(t), tensorBytes(node));

/**
 * Copies of input, filter and result in the order that tensor cores want; none for products of single points and for one filter a channel. Attention in 32
 * bits whose keys are shared by several heads has no fused kernel: its scores are written twice, beside a copy of keys and values for each head.
 */
function workspaceOf(node: OpNode, inputs: readonly TensorType[], weightBytes: number): number {
  const [input, keys, values] = inputs;
  if (node.op === 'attention' && input.dtype === 'fp32' && keys?.shape.length === 4 && keys.shape[1] < input.shape[1]) {
    const [batch, heads, length] = input.shape,
      repeats = heads / keys.shape[1];
    return 2 * batch * heads * length * keys.shape[2] * DTYPE_BYTES.fp32 + repeats * (tensorBytes(keys) + tensorBytes(values));
  }
  if (!/^conv/.test(node.op) || Number(node.attrs.groups ?? 1) > 1) return 0;
  const window = elementCount([node.attrs.kernel ?? 1].flat() as number[]);
  if (window === 1) return 0;
  const channels = input.shape[1] ?? 1,
    step = ALIGNED_BYTES / DTYPE_BYTES[input.dtype],
    wider = (Math.ceil(channels / step) * step) / channels;
  return wider * (tensorBytes(input) + weightBytes) + tensorBytes(node);
}
