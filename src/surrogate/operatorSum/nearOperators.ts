import { KERNEL_KINDS, type KernelWork } from '../../analytical/kernelWork.js';
import { kept } from '../../core/kept.js';
import { KERNEL_WIDTH, kernelNumbers, misaligned, octaves, writeFeatures } from './kernelFeatures.js';
import { batchedMatrix } from './kernelSeconds.js';
import type { MeasuredKernel } from './utilisationPrior.js';

/** Sizes of a kernel in octaves, apart from any machine: traffic, last axis, rows, columns, depth, groups, window and alignment of its product. */
const SIZES = 8;
/** Columns of what is kept: sizes, and the log that a measured operator takes more than its features say. */
export const NEAR_WIDTH = SIZES + 1;
/** Octaves over which operators are alike, and the weight against what is not alike at all. */
const LENGTH = 0.35,
  NOTHING = 0.1;
/** Octaves beyond which a measured operator says nothing. */
const REACH = 3 * LENGTH;
/** Octaves within which an operator counts as measured. */
const NEAR = 1;

/** Measured operators of one element type. */
export interface NearOperators {
  /** how many of each kind, [KERNEL_KINDS.length] */
  counts: readonly number[];
  /** by kind, then by growing traffic, [n, NEAR_WIDTH] */
  rows: Float32Array;
}

/** Sizes of a kernel with so many images, [SIZES]. */
export function sizesOf({ kind, bytes, weightBytes, row, matrix }: KernelWork, batch: number): number[] {
  const traffic = octaves(bytes * batch + weightBytes);
  if (!matrix) return [traffic, octaves(row), 0, 0, 0, 0, 0, 0];
  const { rows, groups } = batchedMatrix(kind, matrix, batch);
  return [
    traffic,
    0,
    octaves(rows),
    octaves(matrix.columns),
    octaves(matrix.depth),
    octaves(groups),
    1.5 * octaves(matrix.window),
    misaligned(matrix.columns, matrix.depth),
  ];
}

/** @param mean weights of the features, [WEIGHTS] */
export function nearOperators(measured: readonly MeasuredKernel[], mean: Float64Array): NearOperators {
  const phi = new Float64Array(KERNEL_WIDTH);
  const byKind = KERNEL_KINDS.map((kind, k) =>
    measured
      .filter((m) => m.kernel.kind === kind)
      .map(({ kernel, seconds, machine }) => {
        const { seconds: roofline, numbers } = kernelNumbers(kernel, machine, 1);
        writeFeatures(k, numbers, phi, 0);
        const said = phi.reduce((sum, f, j) => sum + f * mean[k * KERNEL_WIDTH + j], 0);
        return [...sizesOf(kernel, 1), Math.log(seconds / roofline) - said];
      })
      .sort((a, b) => a[0] - b[0]),
  );
  return { counts: byKind.map((of) => of.length), rows: Float32Array.from(byKind.flat(2)) };
}

/**
 * What the log of a kernel differs from what its features say, by measured operators of nearly its sizes (kernel regression: Nadaraya, 1964), 0 where
 * there are none, and whether one is near.
 * @param batch see `kernelNumbers`
 */
export function residualNear(near: NearOperators, kernel: KernelWork, batch: number): Residual {
  const ofNear = kept(known, near, () => new Map<number, WeakMap<KernelWork, Residual>>()),
    ofBatch = kept(ofNear, batch, () => new WeakMap<KernelWork, Residual>());
  return kept(ofBatch, kernel, () => regress(near, kernel, batch));
}

interface Residual {
  log: number;
  isNear: boolean;
}
/** Tasks that stand on the same operators ask for the same kernels. */
const known = new WeakMap<NearOperators, Map<number, WeakMap<KernelWork, Residual>>>();

function regress({ counts, rows }: NearOperators, kernel: KernelWork, batch: number): Residual {
  const kind = KERNEL_KINDS.indexOf(kernel.kind),
    first = counts.slice(0, kind).reduce((a, c) => a + c, 0),
    last = first + counts[kind],
    at = sizesOf(kernel, batch);
  let [sum, weight, nearest] = [0, NOTHING, Number.POSITIVE_INFINITY];
  for (let i = lowerBound(rows, first, last, at[0] - REACH); i < last && rows[i * NEAR_WIDTH] <= at[0] + REACH; i++) {
    let squares = 0;
    for (let j = 0; j < SIZES && squares <= REACH ** 2; j++) squares += (rows[i * NEAR_WIDTH + j] - at[j]) ** 2;
    if (squares > REACH ** 2) continue;
    nearest = Math.min(nearest, squares);
    const w = Math.exp((-0.5 * squares) / LENGTH ** 2);
    sum += w * rows[i * NEAR_WIDTH + SIZES];
    weight += w;
  }
  return { log: sum / weight, isNear: nearest <= NEAR ** 2 };
}

/** The first row of `first` to `last` whose traffic is at least `least`. */
function lowerBound(rows: Float32Array, first: number, last: number, least: number): number {
  let [low, high] = [first, last];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (rows[middle * NEAR_WIDTH] < least) low = middle + 1;
    else high = middle;
  }
  return low;
}
