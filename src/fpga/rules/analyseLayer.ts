import { asConvolution } from '../design/asConvolution.js';
import {
  EINSUM_DENSE,
  type HlsDesign,
  type HlsLayer,
  inputPrecisionOf,
  reuseOf,
  strategyOf,
  weightMatrix,
  weightPrecisionOf,
} from '../design/hlsDesign.js';
import { activationCost, type LayerEstimate } from './activationCost.js';
import { elementLut } from './arithmeticLut.js';
import { batchNormCost } from './batchNormCost.js';
import { dspPerProduct } from './dspCount.js';
import { fifoCost } from './fifoCost.js';
import {
  addTo,
  channels,
  type DesignContext,
  elements,
  everyPixelAtOnce,
  idleWork,
  type LayerWork,
  NO_WARNINGS,
  perPixel,
} from './layerWork.js';
import { matmulWork } from './matmulWork.js';
import { comparedOrAdded, parallelPool, poolCycles } from './poolCycles.js';
import { atOnce, matrixProduct, overPixels, productWork } from './productWork.js';
import { recurrentWork } from './recurrentWork.js';
import { roundedResultLut } from './roundedSums.js';
import { softmaxCost } from './softmaxCost.js';
import { vitisProcess, wordsRead } from './streamProcess.js';

/** Cost of one layer by the rule of its kind, where tensors stream the FIFO behind it included; the `last` has none. */
export function analyseLayer(context: DesignContext, given: HlsLayer, dataBits: number, last = false): LayerWork {
  const layer = asConvolution(given);
  const resultBits = (layer.result ?? context.design.precision).bits;
  const work = layerWork(context, layer, dataBits, resultBits);
  const refused = einsumRefused(context, layer);
  if (refused)
    work.limit ??= {
      how: 'refused',
      reason: `${refused}: hls4ml takes io_parallel and strategies latency and distributed_arithmetic only`,
    };
  const results = context.stream ? channels(layer.outShape) : elements(layer.outShape);
  work.lut += roundedResultLut(context.design, layer, results);
  if (context.stream && layer.kind !== 'opaque' && layer.kind !== 'reshape') {
    const c = channels(layer.outShape),
      pixels = elements(layer.outShape) / c;
    if (!context.vivadoHls) {
      vitisProcess(work, context, layer);
      // a process of one word registers it
      if (pixels === 1) work.ff += c * resultBits;
      if (layer.kind === 'dense' && layer.inShape.length === 1 && wordsRead(context.design, layer) > 1)
        work.ff += elements(layer.inShape) * dataBits;
    }
    if (!last) addTo(work, fifoCost(pixels, c, resultBits, context.vivadoHls));
  }
  return work;
}

/** Why hls4ml stops at an EinsumDense (`EinsumDenseConfigTemplate`), or undefined. */
function einsumRefused({ design, stream }: DesignContext, layer: HlsLayer): string | undefined {
  if (layer.source !== EINSUM_DENSE) return undefined;
  const strategy = strategyOf(design, layer);
  return stream
    ? 'EinsumDense with io_stream'
    : strategy === 'latency' || strategy === 'distributed_arithmetic'
      ? undefined
      : `EinsumDense with strategy ${strategy}`;
}

function layerWork(context: DesignContext, layer: HlsLayer, bits: number, result: number): LayerWork {
  switch (layer.kind) {
    case 'dense':
    case 'conv1d':
    case 'conv2d':
    case 'depthwise_conv1d':
    case 'depthwise_conv2d': {
      const { nIn, nOut, times } = weightMatrix(layer)!;
      const p = matrixProduct(context, layer, bits, nIn, nOut, layer.zeroWeights);
      const work = productWork(context, p, reuseOf(context.design, layer), layer.kind !== 'dense');
      if (everyPixelAtOnce(context.design, layer)) return atOnce(layer, work, times);
      if (layer.kind !== 'dense' || times > 1) return overPixels(context, layer, p, work, times, bits);
      if (context.stream && context.vivadoHls) handOver(work);
      return work;
    }
    case 'activation':
    case 'batch_norm':
      return elementWork(context, layer, bits, result);
    case 'gru':
    case 'lstm':
    case 'simple_rnn':
      return recurrentWork(context, layer, layer.kind, bits);
    case 'max_pool':
    case 'avg_pool':
    case 'global_max_pool':
    case 'global_avg_pool':
    case 'padding':
    case 'resize':
    case 'transpose':
      return movingWork(context, layer, bits);
    case 'merge':
      return layer.merge === 'matmul' ? matmulWork(context, layer, bits, result) : mergeWork(context, layer, bits, result);
    case 'reshape':
      return idleWork();
    default:
      return idleWork([`'${layer.source ?? layer.kind}' is not supported: its cost is not counted`]);
  }
}

/** A streaming dense layer of Vivado HLS takes a cycle to hand its word over, as the four baselines of hls4ml tell (2020.1). */
function handOver(work: LayerWork): void {
  work.latencyMin++;
  work.latencyMax++;
  work.fill++;
}

/** Year of the tool's version; where a design names none, of the versions that most designs with such a tool are of. */
const yearOf = ({ toolVersion }: HlsDesign, vivadoHls: boolean): number => {
  const year = Number.parseInt(toolVersion ?? '', 10);
  return Number.isFinite(year) ? year : vivadoHls ? 2020 : 2023;
};

/** Activation and batch norm: all elements at once, or a pixel at a time. */
function elementWork(context: DesignContext, layer: HlsLayer, bits: number, result: number): LayerWork {
  const { design, stream, generation, clockNs, vivadoHls } = context;
  const n = elements(layer.outShape);
  const c = stream ? channels(layer.outShape) : n;
  const table = layer.tableSize ?? 1024;
  const estimate =
    layer.kind === 'batch_norm'
      ? batchNormCost(
          c,
          reuseOf(design, layer),
          {
            data: bits,
            scale: weightPrecisionOf(design, layer).bits,
            result,
            scaleInt: weightPrecisionOf(design, layer).intBits,
          },
          generation,
          clockNs,
          design.multipliers,
        )
      : layer.activation === 'softmax'
        ? softmaxRows(context, layer, bits)
        : activationCost(
            layer.activation ?? 'linear',
            c,
            { input: inputPrecisionOf(design, layer), result: layer.result ?? design.precision },
            { generation, clockNs, vivadoHls, stream, multipliers: design.multipliers, year: yearOf(design, vivadoHls) },
            { tableSize: table, slope: layer.slope },
          );
  const work: LayerWork = {
    latencyMin: estimate.latencyMin,
    latencyMax: estimate.latencyMax,
    ii: estimate.ii,
    iiMin: estimate.ii,
    lut: estimate.lut,
    ff: estimate.ff,
    dsp: estimate.dsp,
    bram18: estimate.bram18 + (layer.activation === 'softmax' && stream && vivadoHls ? STREAMED_SOFTMAX : 0),
    multipliers: 0,
    arithmeticLut: 0,
    // a softmax compares its values, then adds them
    elementLut: layer.activation === 'linear' ? 0 : elementLut(c, result, estimate.lut, layer.activation === 'softmax' ? 2 : 1),
    fill: estimate.latencyMax,
    warnings:
      layer.activation === 'softmax' && (layer.softmax ?? 'stable') !== 'stable'
        ? [`softmax '${layer.softmax}': by the source of hls4ml, not checked against any report`]
        : /^(binary|ternary)_tanh$/.test(layer.activation ?? '')
          ? [`${layer.activation}: by the source of hls4ml, not checked against any report`]
          : NO_WARNINGS,
  };
  if (stream) perPixel(work, n / c);
  return work;
}

/**
 * The softmaxes of a layer: with io_parallel one for each row of its tensor, all at once (nnet_activation.h, `softmax_multidim`); a streaming one has ceil(n / RF) multipliers
 * (nnet_activation_stream.h), which makes it wait where rows follow one another.
 */
function softmaxRows(
  { design, stream, generation, clockNs, vivadoHls }: DesignContext,
  layer: HlsLayer,
  bits: number,
): LayerEstimate {
  const n = channels(layer.outShape),
    rows = stream ? 1 : elements(layer.outShape) / n;
  const one = softmaxCost(
    n,
    layer.tableSize ?? 1024,
    bits,
    // streaming projects of Vivado HLS have no DSP beside those of products and slopes
    { generation, clockNs, vivadoHls: vivadoHls || stream, multipliers: stream && vivadoHls ? 'lut' : design.multipliers },
    layer.softmax,
  );
  if (!stream) return { ...one, lut: rows * one.lut, ff: rows * one.ff, dsp: rows * one.dsp, bram18: rows * one.bram18 };
  const made = Math.ceil(n / reuseOf(design, layer));
  return one.dsp ? { ...one, dsp: Math.min(one.dsp, made), ii: Math.floor(n / made) } : one;
}

/** Block RAM of a streaming softmax of Vivado HLS beside its tables: 6 of 8 classes in `vivado2019_cnn8_csynth.rpt`. */
const STREAMED_SOFTMAX = 1;

/**
 * LUTs and registers of a streaming pool for each channel, bit and element of its window, line buffer included, and beside them. Vivado HLS: 1833 and 1810 LUTs, 370 and 355 registers a
 * channel of 16 bits in the two pools of `vivado2019_cnn8_csynth.rpt`, windows of 2 x 2 on images of 16 and 8 pixels a side. Vitis HLS: of the two pools of LeNet-5 (2023.2), 2 x 2, 6
 * and 16 channels of 8 bits. Other windows are not checked.
 */
const VIVADO_STREAM_POOL = { lut: 28.5, ff: 5.65, fixedLut: 0, fixedFf: 0 },
  VITIS_STREAM_POOL = { lut: 3.9, ff: 3.24, fixedLut: 615, fixedFf: 186 };

/** Pooling and data movement. */
function movingWork(context: DesignContext, layer: HlsLayer, bits: number): LayerWork {
  const { stream, design } = context;
  const c = channels(layer.inShape);
  const input = elements(layer.inShape) / c,
    output = elements(layer.outShape) / channels(layer.outShape);
  // a transposed image is read as a whole before it is written
  const cycles = poolCycles({ input: layer.kind === 'transpose' ? input + output : input, output }, design.ioType);
  const pools = layer.kind.endsWith('pool');
  const window = pools ? elements(layer.kernel ?? [input]) : 0;
  const at = stream ? c : elements(layer.outShape);
  const work: LayerWork = {
    ...idleWork(),
    ...cycles,
    iiMin: cycles.ii,
    fill: 1,
  };
  if (pools && stream) {
    const buffered = layer.kernel !== undefined,
      { lut, ff, fixedLut, fixedFf } = context.vivadoHls ? VIVADO_STREAM_POOL : VITIS_STREAM_POOL;
    // of a global one every channel has one element that the next pixel is compared with or added to
    work.lut = at * bits * (buffered ? lut * window : comparedOrAdded(layer, context.vivadoHls)) + fixedLut;
    work.ff = at * bits * (buffered ? ff * window : 1) + fixedFf;
  } else if (pools) Object.assign(work, parallelPool(layer, at, window, bits, context.vivadoHls));
  // where pixels come one after another a pool takes one row of its window at a time
  if (pools) work.elementLut = elementLut(at, bits, work.lut, stream ? channels(layer.kernel ?? [1]) : window - 1);
  return work;
}

/** Layers of two inputs or more. */
function mergeWork(context: DesignContext, layer: HlsLayer, bits: number, result: number): LayerWork {
  const { stream, design, generation } = context;
  const n = elements(layer.outShape);
  const c = stream ? channels(layer.outShape) : n;
  const work: LayerWork = { ...idleWork(), latencyMax: 1, fill: 1 };
  if (layer.merge === 'multiply' || layer.merge === 'dot') {
    const products = layer.merge === 'dot' ? elements(layer.inShape) : c;
    work.dsp = design.multipliers === 'lut' ? 0 : products * dspPerProduct(bits, bits, generation);
    work.multipliers = products;
    work.ff = products * result;
  } else if (layer.merge !== 'concatenate') {
    work.lut = c * result * (layer.merge === 'maximum' || layer.merge === 'minimum' ? 2 : 1);
    work.ff = c * result;
    work.elementLut = work.lut;
  }
  if (stream) perPixel(work, n / c);
  return work;
}
