import { EINSUM_DENSE, type HlsLayer, reuseOf, strategyOf, weightPrecisionOf } from '../design/hlsDesign.js';
import { arithmeticLut } from './arithmeticLut.js';
import { indexBram18, laterBram18, laterRomLut, MOST_IN_BRAM_2018, weightBram18 } from './bramCount.js';
import { pipelinedProducts } from './clockModel.js';
import { wiredConstants } from './constantWeights.js';
import { convCycles } from './convCycles.js';
import { denseCycles } from './denseCycles.js';
import { dspCount, productInDsp } from './dspCount.js';
import { type SynthesisLimit, synthesisLimit } from './feasibility.js';
import { ffEstimate } from './ffEstimate.js';
import { fifoCost, lineBufferCost, windowBram18 } from './fifoCost.js';
import {
  addTo,
  channels,
  type DesignContext,
  elements,
  type LayerWork,
  NO_WARNINGS,
  paddedPixels,
  pixelsAtOnceOf,
  slidesWindow,
} from './layerWork.js';
import { lutEstimate, muxLut, selectsSums, stateLut } from './lutEstimate.js';
import { isUnrolled, type MatrixProduct } from './matrixProduct.js';
import { multipliers } from './multipliers.js';
import { roundedSumReach, sumsOfType } from './roundedSums.js';
import { snapReuse } from './snapReuse.js';
import { vitisSumCycles } from './streamProcess.js';

/** The matrix-vector product of a layer, its reuse factor snapped. */
export function matrixProduct(
  { design, stream, generation, vivadoHls, clockNs, kernelWindow }: DesignContext,
  layer: HlsLayer,
  dataBits: number,
  nIn: number,
  nOut: number,
  zeroWeights: number | undefined,
): MatrixProduct {
  const strategy = strategyOf(design, layer);
  const pixels = stream ? 1 : pixelsAtOnceOf(layer);
  const weight = weightPrecisionOf(design, layer);
  return {
    nIn,
    nOut,
    reuse: snapReuse(nIn, nOut, reuseOf(design, layer), strategy, kernelWindow),
    strategy,
    dataBits,
    weightBits: weight.bits,
    weightFraction: weight.intBits === null ? weight.bits - 1 : weight.bits - weight.intBits,
    accumBits: (layer.accum ?? design.precision).bits,
    ...sumsOfType(layer.accum ?? design.precision),
    zeroWeights,
    ownWidths: layer.ownWidths ?? false,
    ...(layer.weightSpread === undefined ? {} : { weightSpread: layer.weightSpread }),
    constants: layer.constants,
    ...(vivadoHls && nIn * nOut > MOST_IN_BRAM_2018 && Number.parseInt(design.toolVersion ?? '', 10) === 2018
      ? { outOfBram: true }
      : {}),
    generation,
    multipliers: design.multipliers,
    vivadoHls,
    clockNs,
    ...(pixels > 1 ? { pixels } : {}),
    ...(pipelinedProducts(generation, vivadoHls, clockNs, design.clockUncertainty) ? { pipelined: true } : {}),
    inputs:
      stream && layer.kind === 'dense'
        ? 'stream'
        : stream && slidesWindow({ kernelWindow, vivadoHls }, layer) && layer.kernel
          ? 'window'
          : 'array',
  };
}

/** Resources, cycles and warnings of a matrix-vector product; `windowed`: of a convolution. */
export function productWork(context: DesignContext, p: MatrixProduct, asked: number, windowed = false): LayerWork {
  const constants = isUnrolled(p) ? wiredConstants(p) : undefined;
  const cycles = denseCycles(p, constants);
  if (context.stream && !context.vivadoHls && constants) {
    const sums = vitisSumCycles(p, constants, dspCount(p, constants) > 0),
      // sharing multipliers takes no fewer
      turns = p.reuse === 1 ? 0 : cycles.latencyMax;
    cycles.latencyMin = Math.max(sums, turns);
    cycles.latencyMax = cycles.latencyMin;
  }
  let warnings = NO_WARNINGS;
  if (p.reuse !== asked && (p.strategy === 'resource' || p.strategy === 'unrolled'))
    warnings = [`reuse factor ${asked} is not valid for ${p.nIn} x ${p.nOut}: ${p.reuse} is used`];
  else if (p.strategy === 'latency' && asked > 1 && cycles.ii < asked)
    warnings = [`strategy latency does not reach reuse factor ${asked}: interval ${cycles.ii}`];
  if (p.strategy === 'distributed_arithmetic' || p.strategy === 'unrolled')
    warnings = [...warnings, `strategy ${p.strategy} was not checked against any report`];
  const one = multipliers(p.nIn, p.nOut, p.reuse, p.strategy, p.zeroWeights),
    pixels = p.pixels ?? 1,
    made = p.strategy === 'latency' ? one : pixels * one;
  if (pixels > 1) warnings = [...warnings, `${pixels} pixels at once: by the source of hls4ml, not checked against any report`];
  return {
    latencyMin: cycles.latencyMin,
    latencyMax: cycles.latencyMax,
    ii: cycles.ii,
    lut: pixels * lutEstimate(p, constants) + (p.strategy === 'latency' && !p.vivadoHls ? stateLut(cycles.ii) : 0),
    ff: pixels * ffEstimate(p, constants),
    dsp: dspCount(p, constants),
    bram18: weightBram18(p) + indexBram18(p),
    multipliers: made,
    arithmeticLut: pixels * arithmeticLut(p, constants),
    ...(p.saturates || p.rounds ? { roundedLut: pixels * roundedSumReach(p, constants?.nonZero ?? one) } : {}),
    ...(isUnrolled(p) ? {} : { toldBram18: weightBram18(p) + indexBram18(p), laterBram18: laterBram18(p) }),
    // what else is known of a later stage has the weights of other layers in it
    ...(!p.vivadoHls && selectsSums(p) ? { romLut: laterRomLut(p) } : {}),
    reuseFactor: p.reuse,
    iiMin: cycles.ii,
    fill: cycles.latencyMax,
    warnings,
    limit:
      sharedAdditions(p, asked) ??
      (context.vivadoHls ? synthesisLimit(p.nIn, p.nOut, p.reuse, p.strategy, !context.stream && !windowed) : undefined),
  };
}

/** hls4ml stops where distributed arithmetic, which has nothing to share, is asked for with a reuse factor (`init_dense`). */
const sharedAdditions = ({ strategy }: MatrixProduct, asked: number): SynthesisLimit | undefined =>
  strategy === 'distributed_arithmetic' && asked !== 1
    ? { how: 'refused', reason: `strategy distributed_arithmetic with reuse factor ${asked}: hls4ml takes 1 only` }
    : undefined;

/**
 * All output pixels from the work of one (`everyPixelAtOnce`): each with its own multipliers, which are shared over RF cycles; by the source of hls4ml. A convolution is cut into RF parts, one after another, so that
 * its interval is RF (hls4ml, pull request 881).
 */
export function atOnce(layer: HlsLayer, work: LayerWork, pixels: number): LayerWork {
  const scaled = (n: number): number => pixels * n;
  const parts = layer.source === EINSUM_DENSE ? 1 : (work.reuseFactor ?? 1),
    latency = parts > 1 ? work.latencyMax + parts - 1 : work.latencyMax;
  const warnings = parts > 1 ? [] : [...work.warnings];
  if (pixels > 1) warnings.push(`all ${pixels} positions at once: by the source of hls4ml, not checked against any report`);
  if (pixels % parts !== 0)
    warnings.push(`reuse factor ${parts} does not divide ${pixels} positions: hls4ml leaves the rest out`);
  return {
    ...work,
    ...(parts > 1 ? { latencyMin: latency, latencyMax: latency, fill: latency, ii: parts, iiMin: parts } : {}),
    lut: scaled(work.lut),
    ff: scaled(work.ff),
    dsp: scaled(work.dsp),
    bram18: scaled(work.bram18),
    multipliers: scaled(work.multipliers),
    arithmeticLut: scaled(work.arithmeticLut),
    ...(work.roundedLut === undefined ? {} : { roundedLut: scaled(work.roundedLut) }),
    warnings,
  };
}

/** A convolution, or a dense layer over the last axis, from its matrix product. */
export function overPixels(
  context: DesignContext,
  layer: HlsLayer,
  p: MatrixProduct,
  work: LayerWork,
  times: number,
  bits: number,
): LayerWork {
  const { stream, design } = context;
  const rank = layer.inShape.length - 1;
  const kernel = layer.kernel ?? [],
    input = paddedPixels(layer),
    turns = times / (p.pixels ?? 1);
  const pipelined = isUnrolled(p);
  if (!stream && !context.kernelWindow && pipelined && kernel.length) {
    addTo(work, pixelLoopCost(p, times));
    if (context.vivadoHls && work.warnings.length === 0)
      work.warnings = ['convolution with io_parallel: its loop over pixels as Vitis HLS has it, not checked with Vivado HLS'];
    return inTurns(work, convCycles({ input, output: turns }, design.ioType, true, Math.max(p.reuse, turnsOfPixels(p))));
  }
  if (stream && !context.vivadoHls && pipelined) {
    // its cycles are those of a process (`vitisProcess`)
    if (kernel.length) addTo(work, lineBufferCost(kernel, 0, channels(layer.inShape), bits, false));
    if (input > elements(layer.inShape) / channels(layer.inShape))
      addTo(work, fifoCost(input, channels(layer.inShape), bits, false));
    return work;
  }
  if (stream && pipelined && layer.kind.startsWith('depthwise'))
    addTo(work, depthwiseCost(kernel, channels(layer.inShape) * bits));
  const window = slidesWindow(context, layer);
  inTurns(work, convCycles({ input, output: turns }, design.ioType, pipelined, p.reuse, window));
  if (stream) {
    const width = layer.inShape[rank - 1] ?? 1;
    if (kernel.length) addTo(work, lineBufferCost(kernel, width, channels(layer.inShape), bits, context.vivadoHls));
    if (kernel.length && context.vivadoHls && window)
      work.bram18 += windowBram18(kernel, layer.outShape[rank - 1] ?? 1, channels(layer.inShape), bits);
    // the padded image passes a FIFO of its own
    if (input > elements(layer.inShape) / channels(layer.inShape))
      addTo(work, fifoCost(input, channels(layer.inShape), bits, context.vivadoHls));
  } else if (kernel.length) {
    addTo(work, pixelLoopCost(p, times));
    if (work.warnings.length === 0)
      work.warnings = ['convolution with io_parallel: cycles by the source of hls4ml, not checked against any report'];
  }
  return work;
}

/** LUTs a bit of the results that a loop over pixels writes to registers. */
const WRITE_BACK = 1.2;

/**
 * What the loop over pixels of a convolution with io_parallel takes beside its product (firmware of hls4ml from 0.6 on, the same for both tools): each input is chosen among the turns, the results are held. Of the one such
 * baseline of hls4ml (2024.1, 4 x 4 x 3 to 32 filters, 49 pixels), LUT within 7 %, FF within 13 %.
 */
const pixelLoopCost = (p: MatrixProduct, pixels: number): { lut: number; ff: number; dsp: number; bram18: number } => {
  const held = pixels * p.nOut * p.accumBits,
    atOnce = p.pixels ?? 1;
  return { lut: atOnce * p.nIn * muxLut(pixels / atOnce, p.dataBits) + WRITE_BACK * held, ff: held, dsp: 0, bram18: 0 };
};

/** Turns that the products of several pixels take at the multipliers of one, which is the limit of strategy latency (`ALLOCATION` of nnet_conv2d_latency.h). */
function turnsOfPixels(p: MatrixProduct): number {
  if (p.strategy !== 'latency' || !p.pixels || !productInDsp(p)) return 1;
  return Math.ceil((p.pixels * wiredConstants(p).full) / multipliers(p.nIn, p.nOut, p.reuse, p.strategy, p.zeroWeights));
}

const inTurns = (work: LayerWork, cycles: ReturnType<typeof convCycles>): LayerWork => Object.assign(work, cycles);

/** What a streaming depthwise convolution of Vivado HLS takes beside its products, of the two baselines of hls4ml (2020.1; 3 of 16 bits, 3 x 3 of 32): LUT within 7 %, FF within 30 %. */
const depthwiseCost = (kernel: readonly number[], bits: number): { lut: number; ff: number; dsp: number; bram18: number } => ({
  lut: 200 + 1.6 * elements(kernel) * bits,
  ff: 1.2 * elements(kernel) * bits,
  dsp: 0,
  bram18: 0,
});
