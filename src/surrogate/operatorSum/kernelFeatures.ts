import { KERNEL_KINDS, type KernelWork } from '../../analytical/kernelWork.js';
import { createRandom } from '../../core/random.js';
import { batchedMatrix, kernelSeconds } from './kernelSeconds.js';
import type { Machine } from './machine.js';

/** Physical numbers of a kernel, in octaves: roofline time, memory time, their ratio, matrix sizes, last wave, row, alignment. */
const NUMBERS = 11;
/** Centre of each of them, for their linear part. */
const CENTRE = [5, 2, 0, 10, 8, 8, 2, 1.5, 1, 6, 0];
const LINEAR_SCALE = 6;
/** Random Fourier features of each kind (Rahimi and Recht, NIPS 2007), and the length, in octaves, over which utilisation changes. */
export const WAVES = 64;
const LENGTH = 8;
/** Position of the constant among them. */
export const CONSTANT = WAVES;
/** Features of a kernel within its kind: waves, the constant, the numbers themselves. */
export const KERNEL_WIDTH = WAVES + 1 + NUMBERS;
export const WEIGHTS = KERNEL_KINDS.length * KERNEL_WIDTH;

interface Projection {
  /** [WAVES, NUMBERS] */
  frequency: Float64Array;
  phase: Float64Array;
}
const projections = KERNEL_KINDS.map((kind): Projection => {
  const random = createRandom(`waves of ${kind}`);
  return {
    frequency: Float64Array.from({ length: WAVES * NUMBERS }, () => random.normal() / LENGTH),
    phase: Float64Array.from({ length: WAVES }, () => 2 * Math.PI * random.next()),
  };
});

export const octaves = (v: number): number => Math.log2(Math.max(v, 1));
/** Octaves that a size lacks to be a multiple of eight, twice: tensor cores want that. */
export const misaligned = (columns: number, depth: number): number => {
  let shift = 0;
  while (shift < 3 && columns % 2 ** (shift + 1) === 0 && depth % 2 ** (shift + 1) === 0) shift++;
  return 2 * (3 - shift);
};

/** A kernel on a machine. */
export interface KernelNumbers {
  /** that it is expected to take (`kernelSeconds`) */
  seconds: number;
  /** what its utilisation follows from, [NUMBERS] */
  numbers: number[];
}

/**
 * Expected time of a kernel on a machine, and the numbers that its utilisation follows from.
 * @param batch images per batch; 1 for a kernel that was recorded with its own
 */
export function kernelNumbers(kernel: KernelWork, machine: Machine, batch: number): KernelNumbers {
  const { kind, row, matrix } = kernel,
    { compute, memory, roofline, seconds } = kernelSeconds(kernel, machine, batch),
    time = Math.log2(roofline * 1e6);
  if (!matrix) return { seconds, numbers: [time, 0, 0, 0, 0, 0, 0, 0, 0, octaves(row), 0] };
  const { units, tile } = machine,
    { rows, groups } = batchedMatrix(kind, matrix, batch);
  const tiles = (Math.ceil(rows / tile) * Math.ceil(matrix.columns / tile) * groups) / units,
    filling = Math.min(Math.ceil(tiles) / tiles, 64);
  return {
    seconds,
    numbers: [
      time,
      Math.log2(Math.max(memory, 1e-9) * 1e6),
      Math.log2((compute + 1e-9) / (memory + 1e-9)),
      octaves(rows),
      octaves(matrix.columns),
      octaves(matrix.depth),
      octaves(groups),
      1.5 * octaves(matrix.window),
      Math.log2(filling),
      6,
      misaligned(matrix.columns, matrix.depth),
    ],
  };
}

/** Writes the features of a kernel, within its kind, to `out` at `at`. */
export function writeFeatures(kind: number, numbers: readonly number[], out: Float64Array, at: number): void {
  const { frequency, phase } = projections[kind];
  for (let r = 0; r < WAVES; r++) {
    let angle = phase[r];
    for (let j = 0; j < NUMBERS; j++) angle += frequency[r * NUMBERS + j] * numbers[j];
    out[at + r] = Math.sqrt(2 / WAVES) * Math.cos(angle);
  }
  out[at + WAVES] = 1;
  for (let j = 0; j < NUMBERS; j++) out[at + WAVES + 1 + j] = (numbers[j] - CENTRE[j]) / LINEAR_SCALE;
}

/** Variances of the features of one kind: waves, constant, linear; [KERNEL_WIDTH]. */
export function featureVariances(waves: number, constant: number, linear: number): Float64Array {
  const v = new Float64Array(KERNEL_WIDTH).fill(waves);
  v[WAVES] = constant;
  v.fill(linear, WAVES + 1);
  return v;
}
