import { kept } from '../../core/kept.js';
import type { DspGeneration } from '../../device/fpgaPartTable.js';
import { EINSUM_DENSE, type HlsDesign, type HlsLayer, strategyOf } from '../design/hlsDesign.js';
import { pixelsAtOnce } from '../design/validReuseFactor.js';
import type { LayerResources } from './activationCost.js';
import type { Cycles } from './denseCycles.js';
import type { SynthesisLimit } from './feasibility.js';

/** What the rules need to know of the design as a whole. */
export interface DesignContext {
  design: HlsDesign;
  stream: boolean;
  generation: DspGeneration;
  vivadoHls: boolean;
  clockNs: number;
  /** hls4ml before 0.6: convolutions keep a window instead of a line buffer, and no reuse factor is 1 */
  kernelWindow: boolean;
}

/** Work of a layer besides its name: filled in by the rule of its kind. */
export interface LayerWork extends Cycles {
  lut: number;
  ff: number;
  dsp: number;
  bram18: number;
  multipliers: number;
  /** LUTs of arithmetic outside DSPs (`arithmeticLut`) */
  arithmeticLut: number;
  /** LUTs of what a layer without weights does to each value, which stay too (`elementLut`) */
  elementLut?: number;
  /** LUTs that rounded or saturated sums may take beyond `lut` (`roundedSums`) */
  roundedLut?: number;
  /** of `bram18`, that of which rules tell what logic synthesis leaves, and what: weights in memory with their index (`laterBram18`), FIFOs (`fifoCost`) */
  toldBram18?: number;
  laterBram18?: number;
  /** LUTs that logic synthesis makes of its weights (`laterRomLut`) */
  romLut?: number;
  reuseFactor?: number;
  /** interval of the best case */
  iiMin: number;
  /** cycles that one pixel takes through a streaming layer */
  fill: number;
  warnings: readonly string[];
  limit?: SynthesisLimit;
}

export const NO_WARNINGS: readonly string[] = [];

/** A layer without cost. */
export const idleWork = (warnings: readonly string[] = NO_WARNINGS): LayerWork => ({
  latencyMin: 0,
  latencyMax: 0,
  ii: 1,
  iiMin: 1,
  lut: 0,
  ff: 0,
  dsp: 0,
  bram18: 0,
  multipliers: 0,
  arithmeticLut: 0,
  fill: 0,
  warnings,
});

export const elements = (shape: readonly number[]): number => {
  let n = 1;
  for (const d of shape) n *= d;
  return n;
};
export const channels = (shape: readonly number[]): number => shape[shape.length - 1] ?? 1;

/** Pixels of the input of a convolution, padding included. */
export function paddedPixels({ inShape, outShape, kernel = [], stride, padding }: HlsLayer): number {
  let pixels = 1;
  for (let d = 0; d < inShape.length - 1; d++)
    pixels *=
      padding === 'valid' || !padding
        ? inShape[d]
        : Math.max(inShape[d], (outShape[d] - 1) * (stride?.[d] ?? 1) + (kernel[d] ?? 1));
  return pixels;
}

/** Output pixels that a convolution with io_parallel makes at once; one of other layers. */
export const pixelsAtOnceOf = ({ kind, outShape, pixelsAtOnce: asked = 1 }: HlsLayer): number =>
  asked === 1 || !/^conv/.test(kind) ? 1 : pixelsAtOnce(elements(outShape) / channels(outShape), asked);

/**
 * Whether each output pixel has multipliers of its own, with io_parallel: an EinsumDense (nnet_einsum_dense.h unrolls its loop over positions unless `ParallelizationFactor` says otherwise), and a convolution over
 * one axis with a kernel of one position and strategy latency, which a dense layer over steps is too (`pointwise_conv_1d_latency_cl` of nnet_conv1d_latency.h, which is called for each of RF parts of the signal).
 */
export function everyPixelAtOnce(design: HlsDesign, layer: HlsLayer): boolean {
  if (design.ioType !== 'io_parallel' || (layer.pixelsAtOnce ?? 1) > 1) return false;
  if (layer.source === EINSUM_DENSE) return true;
  return (
    layer.kind === 'conv1d' &&
    layer.kernel?.[0] === 1 &&
    !layer.groups &&
    strategyOf(design, layer) === 'latency' &&
    !beforePointwise(design)
  );
}

/** hls4ml has had it since 0.6. */
const beforePointwise = ({ hls4mlVersion }: HlsDesign): boolean => /^0\.[0-5](\.|$)/.test(hls4mlVersion ?? '');

/** Whether a streaming convolution slides a window of FIFOs over the image: as its layer says, else as the version of hls4ml does; Vitis HLS has line buffers only (its pass `validate_conv_implementation`). */
export const slidesWindow = (
  { kernelWindow, vivadoHls }: Pick<DesignContext, 'kernelWindow' | 'vivadoHls'>,
  { convolution }: HlsLayer,
): boolean => (convolution === undefined ? kernelWindow : vivadoHls && convolution === 'encoded');

export function addTo(work: LayerWork, more: LayerResources): void {
  work.lut += more.lut;
  work.ff += more.ff;
  work.dsp += more.dsp;
  work.bram18 += more.bram18;
  if (more.laterBram18 === undefined) return;
  work.toldBram18 = (work.toldBram18 ?? 0) + more.bram18;
  work.laterBram18 = (work.laterBram18 ?? 0) + more.laterBram18;
}

/** A layer that takes one pixel a turn. */
export function perPixel(work: LayerWork, pixels: number): void {
  const turns = pixels * work.ii + work.latencyMax;
  work.fill = work.latencyMax + 1;
  work.latencyMin = turns;
  work.latencyMax = turns;
  work.ii = Math.max(1, pixels * work.ii);
  work.iiMin = work.ii;
}

/** Warnings of layers by name, those that say the same of several in one. */
export function layerWarnings(works: readonly LayerWork[], layers: readonly { name: string }[]): string[] {
  const of = new Map<string, string[]>();
  for (const [i, { warnings }] of works.entries())
    for (const warning of warnings) kept(of, warning, () => []).push(`'${layers[i].name}'`);
  return [...of].map(([warning, names]) => `layer${names.length > 1 ? 's' : ''} ${names.join(', ')}: ${warning}`);
}
