import type { KernelParts } from '../surrogate/multiTask/taskPosterior.js';
import { type ModelDescription, SHARES, SIZES } from './modelDescription.js';

/** Weight of the shares of work against the sizes in the distance of two models. */
const SHARE_WEIGHT = 0.8;

/** Centre and scale of the sizes of the models of a table, [SIZES.length] each. */
export interface SizeScale {
  mean: Float64Array;
  scale: Float64Array;
}

export function sizeScale(models: readonly ModelDescription[]): SizeScale {
  const mean = new Float64Array(SIZES.length),
    scale = new Float64Array(SIZES.length).fill(1);
  SIZES.forEach((_, j) => {
    const known = models.map((m) => m.sizes[j]).filter((s) => !Number.isNaN(s));
    if (known.length < 2) return;
    mean[j] = known.reduce((a, s) => a + s, 0) / known.length;
    const variance = known.reduce((a, s) => a + (s - mean[j]) ** 2, 0) / known.length;
    if (variance > 1e-6) scale[j] = Math.sqrt(variance);
  });
  return { mean, scale };
}

/** A model on the scale of its table: sizes in standard deviations and, last, its mean level across tasks where that is known; NaN where not. */
export interface ScaledModel {
  sizes: Float64Array;
  shares: Float64Array;
  words: ReadonlySet<string>;
}

/** @param levels mean log value across tasks, in standard deviations of the table, one a model; left out: not known */
export const scaledModels = (
  models: readonly ModelDescription[],
  { mean, scale }: SizeScale,
  levels?: ArrayLike<number>,
): ScaledModel[] =>
  models.map(({ sizes, shares, words }, i) => ({
    sizes: Float64Array.from({ length: SIZES.length + 1 }, (_, j) =>
      j < SIZES.length ? (sizes[j] - mean[j]) / scale[j] : levels ? levels[i] : Number.NaN,
    ),
    shares,
    words,
  }));

/**
 * How alike models are: inner product of their sizes, a Gaussian of the distance of sizes and shares, and the share of words in common (Jaccard).
 * What is unknown of either is left out.
 * @returns [a.length, b.length] each
 */
export function kernelParts(a: readonly ScaledModel[], b: readonly ScaledModel[], length: number): KernelParts {
  const parts = emptyParts(a.length * b.length);
  for (let i = 0; i < a.length; i++) for (let j = 0; j < b.length; j++) fillCell(parts, i * b.length + j, a[i], b[j], length);
  return parts;
}

/** Of each model with itself, [models.length]. */
export function selfParts(models: readonly ScaledModel[], length: number): KernelParts {
  const parts = emptyParts(models.length);
  models.forEach((m, i) => {
    fillCell(parts, i, m, m, length);
  });
  return parts;
}

const emptyParts = (cells: number): KernelParts => ({
  linear: new Float64Array(cells),
  smooth: new Float64Array(cells),
  words: new Float64Array(cells),
});

function fillCell(parts: KernelParts, cell: number, a: ScaledModel, b: ScaledModel, length: number): void {
  let inner = 0,
    squares = 0,
    known = 0;
  for (let j = 0; j <= SIZES.length; j++) {
    const x = a.sizes[j],
      y = b.sizes[j];
    if (Number.isNaN(x) || Number.isNaN(y)) continue;
    inner += x * y;
    squares += (x - y) ** 2;
    known++;
  }
  let distance = known ? squares / known : 0;
  if (!Number.isNaN(a.shares[0]) && !Number.isNaN(b.shares[0]))
    for (let j = 0; j < SHARES.length; j++) distance += SHARE_WEIGHT * (a.shares[j] - b.shares[j]) ** 2;
  parts.linear[cell] = inner / (SIZES.length + 1);
  parts.smooth[cell] = Math.exp((-0.5 * distance) / length ** 2);
  parts.words[cell] = a === b ? 1 : jaccard(a.words, b.words);
}

function jaccard(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  let common = 0;
  for (const word of a) if (b.has(word)) common++;
  const all = a.size + b.size - common;
  return all ? common / all : 0;
}
