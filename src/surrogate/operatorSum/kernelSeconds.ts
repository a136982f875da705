import type { KernelKind, KernelWork, MatrixWork } from '../../analytical/kernelWork.js';
import { FITTED } from '../../analytical/rules/fittedEfficiencies.js';
import { gemmComputeTime } from '../../analytical/rules/gemm.js';
import { type Machine, REACHED } from './machine.js';

/** Bytes of an element of fp32. */
export const SINGLE = 4;
/** Kinds whose batch is a batch of products, not rows of one. */
const BATCHED: ReadonlySet<KernelKind> = new Set(['bmm', 'attention', 'masked']);
/** Kinds whose tiles a GPU deals to its multiprocessors by the rule of `gemmComputeTime`, with its constants as shares of the peak of a machine. */
const TILED: ReadonlySet<KernelKind> = new Set(['conv', 'pointwise', 'grouped', 'linear', 'bmm']);
const PRODUCT = { ...FITTED.gemm, compute: FITTED.gemm.compute / REACHED.compute };
/**
 * cuDNN runs convolutions of narrow elements with channels last, which PyTorch has first unless told: kernels that put input, filter and output in order, and
 * passes over activations (nchwToNhwcKernel and nhwcToNchwKernel in profiles of datasets/collect/zoo; windows of one element are products as they are).
 */
const REORDERED: ReadonlySet<KernelKind> = new Set(['conv', 'grouped']);
const REORDER = { kernels: 3, passes: 2 };
/**
 * An attention whose mask is read runs in single precision and in parts, as PyTorch 2.11 does (kernels of a replayed CUDA graph, datasets/collect/zoo): its
 * kernels, its passes over the scores (two products, mask, softmax, three of its rows without any score) and over queries, keys and values (copies and scales).
 */
const MASKED = { kernels: 14, scores: 11, operands: 3 };

/** Rows and groups of the matrix product of a kernel with so many images, which are rows of one product, or products. */
export function batchedMatrix(kind: KernelKind, { rows, groups }: MatrixWork, batch: number): { rows: number; groups: number } {
  return BATCHED.has(kind) ? { rows, groups: groups * batch } : { rows: rows * batch, groups };
}

/** Seconds of a kernel on a machine. */
export interface KernelSeconds {
  /** arithmetic at the peak, traffic at the bandwidth */
  compute: number;
  memory: number;
  /** the longer of both and a launch: its roofline */
  roofline: number;
  /** on a GPU with tiles in waves, which are not divided along their depth, and convolutions of narrow elements put in order */
  seconds: number;
}

/**
 * @param batch images per batch; 1 for a kernel that was recorded with its own
 */
export function kernelSeconds(kernel: KernelWork, machine: Machine, batch: number): KernelSeconds {
  const { kind, flops, bytes, weightBytes, matrix } = kernel,
    { peak, single, bandwidth, launch, width } = machine;
  if (kind === 'masked' && matrix) {
    const { groups } = batchedMatrix(kind, matrix, batch),
      scores = matrix.rows * matrix.columns * groups * SINGLE;
    const compute = (flops * batch) / single,
      memory = (MASKED.operands * bytes * batch + MASKED.scores * scores) / bandwidth,
      seconds = compute + memory + MASKED.kernels * launch;
    return { compute, memory, roofline: seconds, seconds };
  }
  const narrower = width / SINGLE,
    compute = (flops * batch) / peak,
    memory = ((bytes * batch + weightBytes) * narrower) / bandwidth,
    roofline = Math.max(compute, memory) + launch;
  if (!matrix || machine.kind !== 'gpu' || !TILED.has(kind)) return { compute, memory, roofline, seconds: roofline };
  const { rows: m, groups } = batchedMatrix(kind, matrix, batch),
    tiled = gemmComputeTime({ m, n: matrix.columns, k: matrix.depth, batch: groups }, machine, PRODUCT, [1]);
  const seconds = Math.max(tiled, compute, memory) + launch;
  if (width >= SINGLE || !REORDERED.has(kind)) return { compute, memory, roofline, seconds };
  const reordering = REORDER.kernels * launch + (REORDER.passes * bytes * batch * narrower) / bandwidth;
  return { compute, memory, roofline, seconds: seconds + reordering };
}
