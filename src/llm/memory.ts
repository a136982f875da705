import { HwcastError } from '../core/errors.js';
import type { LlmArchitecture } from './architecture/llmArchitecture.js';
import { bytesOf } from './architecture/weightFormat.js';
import { cacheValues } from './kvCache.js';
import type { LlmSetup } from './llmSetup.js';
import { largestStage, weightBytesPerDevice } from './weights.js';

/** `fits`: at most nine tenths of the memory, what vLLM takes unless told; `tight`: all of it; `no`: more. */
export type Verdict = 'fits' | 'tight' | 'no';

/** Bytes on the fullest device. */
export interface MemoryUse {
  weights: number;
  cache: number;
  activations: number;
  /** framework, and buffers of collectives where devices share the model */
  reserve: number;
  total: number;
  /** weights of the device that are on the host instead, not part of the total */
  offloaded: number;
  /** of the device; null where the catalogue has none */
  capacity: number | null;
  /** null where the capacity is not known */
  verdict: Verdict | null;
  /** most requests of this length that `tight` allows; 0 where one does not fit; null as above or where nothing grows with them */
  maxBatch: number | null;
  /** longest request, tokens in and out, of this batch, at most the model's context; 0 where none fits */
  maxContext: number | null;
}

/** Share of the memory up to which it fits at ease. */
const EASE = 0.9;
/** Bytes of the framework: 3.5 GB measured by aiconfigurator on data-centre GPUs; less on small devices, where it would be all. */
const FRAMEWORK = 3.5e9,
  MOST_OF_SMALL = 0.06;
/** Bytes of NCCL's buffers by the number of GPUs (aiconfigurator): 0, 342 MB for two, 392 MB for more. */
const networkBuffers = (devices: number): number => (devices < 2 ? 0 : devices === 2 ? 342e6 : 392e6);

/** What the framework takes. */
export function frameworkBytes({ device, tp, pp, ep, reserve }: LlmSetup): number {
  const own = reserve ?? Math.min(FRAMEWORK, MOST_OF_SMALL * (device.memory ?? Number.POSITIVE_INFINITY));
  return own + networkBuffers(Math.max(tp * pp, ep));
}

/** Cache of `batch` requests of `context` tokens, in whole blocks; what they share once. */
export function cacheBytes(architecture: LlmArchitecture, setup: LlmSetup, batch: number, context: number): number {
  const { kv, formats, tp, pp, isl, prefix, kvBlock = 1 } = setup;
  const blocks = Math.ceil(context / kvBlock) * kvBlock,
    { ofContext, shared, fixed } = cacheValues(architecture, blocks, { tp, promptLength: isl, prefix, valueBytes: bytesOf(kv) });
  const own = batch * ((ofContext - shared) * bytesOf(kv) + fixed * bytesOf(formats.wide));
  return (own + shared * bytesOf(kv)) * largestStage(architecture.layers.length, pp);
}

/**
 * Most bytes of activations of a pass: its tokens times the widest that live together (residual and the widest matrix' input and output), and the
 * scores of the output in 32 bits for each request that gets a token. Sequence parallelism divides the residual, and the tensors of a norm.
 */
export function activationBytes({ hidden, layers, vocabulary }: LlmArchitecture, setup: LlmSetup, batch = setup.batch): number {
  const { formats, chunk, isl, tp, sp } = setup;
  const tokens = Math.min(chunk, batch * isl);
  const residual = sp ? hidden / tp : hidden;
  let widest = 4 * residual;
  for (const { mixers, feedForward } of new Set(layers)) {
    const width =
      feedForward?.kind === 'dense'
        ? (3 * feedForward.width) / tp
        : feedForward
          ? (3 * feedForward.width * feedForward.perToken) / tp
          : 0;
    widest = Math.max(widest, residual + hidden + width);
    for (const m of mixers)
      if (m.kind === 'attention') widest = Math.max(widest, residual + hidden + (2 * (m.heads + m.kvHeads) * m.headDim) / tp);
      else if (m.kind !== 'latent' && 'inner' in m) widest = Math.max(widest, residual + hidden + (3 * m.inner) / tp);
  }
  return tokens * widest * bytesOf(formats.wide) + (batch * vocabulary * 4) / tp;
}

/** Blocks that wait on the device while one runs. */
const BUFFERED = 2;

/** Weights on the host, and what holds the ones that come while others run. @throws HwcastError `bad-input` where there are fewer */
function offloadedBytes(
  { layers }: LlmArchitecture,
  { offload, pp }: LlmSetup,
  weights: number,
): { offloaded: number; buffers: number } {
  if (!offload?.bytes) return { offloaded: 0, buffers: 0 };
  const { bytes } = offload;
  if (bytes > weights)
    throw new HwcastError(
      'bad-input',
      `${bytes / 1e9} GB of weights on the host, a device has ${(weights / 1e9).toPrecision(4)} GB of them`,
      {
        hint: 'a smaller --offload',
      },
    );
  return { offloaded: bytes, buffers: Math.min(bytes, blockBuffers(layers.length, weights, { offload, pp })) };
}

/** Blocks that are loaded while others run; `weights` are those of the fullest stage. */
const blockBuffers = (layers: number, weights: number, { offload, pp }: Pick<LlmSetup, 'offload' | 'pp'>): number =>
  offload?.overlaps ? (BUFFERED * weights) / Math.ceil(layers / pp) : 0;

/** Least bytes of weights that have to go to the host for a setup to fit at ease; 0 where it does. */
export function leastOffload(architecture: LlmArchitecture, setup: LlmSetup): number {
  const { total, capacity, weights } = memoryUse(architecture, { ...setup, offload: undefined });
  if (capacity === null || total <= EASE * capacity) return 0;
  return Math.min(weights, Math.ceil(total - EASE * capacity + blockBuffers(architecture.layers.length, weights, setup)));
}

/** What a setup takes, and how much more would fit. */
export function memoryUse(architecture: LlmArchitecture, setup: LlmSetup): MemoryUse {
  const { device, batch, isl, osl, formats } = setup;
  const all =
    ((architecture.statedBytes ?? 0) / setup.tp) * largestStage(architecture.layers.length, setup.pp) ||
    weightBytesPerDevice(architecture, formats, setup);
  const { offloaded, buffers } = offloadedBytes(architecture, setup, all),
    weights = all - offloaded + buffers;
  const reserve = frameworkBytes(setup);
  const totalOf = (requests: number, context: number) =>
    weights + reserve + activationBytes(architecture, setup, requests) + cacheBytes(architecture, setup, requests, context);
  const cache = cacheBytes(architecture, setup, batch, isl + osl),
    activations = activationBytes(architecture, setup);
  const total = weights + reserve + activations + cache;
  const capacity = device.memory ?? null;
  if (capacity === null)
    return { weights, cache, activations, reserve, total, offloaded, capacity, verdict: null, maxBatch: null, maxContext: null };
  const mostContext = architecture.maxContext ?? UNLIMITED;
  return {
    weights,
    cache,
    activations,
    reserve,
    total,
    offloaded,
    capacity,
    verdict: total <= EASE * capacity ? 'fits' : total <= capacity ? 'tight' : 'no',
    maxBatch: limited(largest((n) => totalOf(n, isl + osl) <= capacity, UNLIMITED)),
    maxContext: limited(largest((n) => totalOf(batch, n) <= capacity, mostContext)),
  };
}

/** More than anyone asks: memory does not grow with it. */
const UNLIMITED = 2 ** 24;
const limited = (n: number): number | null => (n === UNLIMITED ? null : n);

/** The largest number up to `most` that holds, of a property that holds up to some number; 0 where not even 1 does. */
function largest(holds: (n: number) => boolean, most: number): number {
  if (!holds(1)) return 0;
  if (holds(most)) return most;
  let [yes, no] = [1, most];
  while (no - yes > 1) {
    const middle = Math.floor((yes + no) / 2);
    if (holds(middle)) yes = middle;
    else no = middle;
  }
  return yes;
}
