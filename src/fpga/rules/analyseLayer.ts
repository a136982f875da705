import { type HlsDesign, type HlsLayer, reuseOf, weightMatrix, weightPrecisionOf } from '../design/hlsDesign.js';
import { activationCost, softmaxCost } from './activationCost.js';
import { batchNormCost } from './batchNormCost.js';
import { dspPerProduct } from './dspCount.js';
import { fifoCost } from './fifoCost.js';
import { addTo, channels, type DesignContext, elements, idleWork, type LayerWork, NO_WARNINGS, perPixel } from './layerWork.js';
import { poolCycles } from './poolCycles.js';
import { matrixProduct, overPixels, productWork } from './productWork.js';
import { recurrentWork } from './recurrentWork.js';

/** Cost of one layer by the rule of its kind, the FIFO of its output included where tensors stream. */
export function analyseLayer(context: DesignContext, layer: HlsLayer, dataBits: number): LayerWork {
  const resultBits = (layer.result ?? context.design.precision).bits;
  const work = layerWork(context, layer, dataBits, resultBits);
  if (context.stream && layer.kind !== 'opaque' && layer.kind !== 'reshape') {
    const c = channels(layer.outShape);
    addTo(work, fifoCost(elements(layer.outShape) / c, c, resultBits));
  }
  return work;
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
      return layer.kind === 'dense' && times === 1 ? work : overPixels(context, layer, p, work, times, bits);
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
      return mergeWork(context, layer, bits, result);
    case 'reshape':
      return idleWork();
    default:
      return idleWork([`'${layer.source ?? layer.kind}' is not supported: its cost is not counted`]);
  }
}

/** Whether slopes of leaky rectifiers are multiplied in DSPs: so in tools before 2020; none has one in the baselines of hls4ml with Vivado HLS 2020.1 and Vitis HLS 2023.1, 2024.1. */
const slopesInDsp = ({ toolVersion }: HlsDesign): boolean => toolVersion !== undefined && Number.parseInt(toolVersion, 10) < 2020;

/** Activation and batch norm: all elements at once, or a pixel at a time. */
function elementWork(
  { design, stream, generation, clockNs, vivadoHls }: DesignContext,
  layer: HlsLayer,
  bits: number,
  result: number,
): LayerWork {
  const n = elements(layer.outShape);
  const c = stream ? channels(layer.outShape) : n;
  const table = layer.tableSize ?? 1024;
  const estimate =
    layer.kind === 'batch_norm'
      ? batchNormCost(
          c,
          reuseOf(design, layer),
          { data: bits, scale: weightPrecisionOf(design, layer).bits, result },
          generation,
          clockNs,
          design.multipliers,
        )
      : layer.activation === 'softmax'
        ? // streaming projects have no DSP beside those of products and slopes
          softmaxCost(c, table, generation, clockNs, vivadoHls, stream ? 'lut' : design.multipliers)
        : activationCost(
            layer.activation ?? 'linear',
            c,
            { input: bits, result },
            table,
            generation,
            clockNs,
            slopesInDsp(design) ? design.multipliers : 'lut',
          );
  const work: LayerWork = {
    latencyMin: estimate.latencyMin,
    latencyMax: estimate.latencyMax,
    ii: estimate.ii,
    iiMin: estimate.ii,
    lut: estimate.lut,
    ff: estimate.ff,
    dsp: estimate.dsp,
    bram18: estimate.bram18,
    multipliers: 0,
    arithmeticLut: 0,
    fill: estimate.latencyMax,
    warnings: NO_WARNINGS,
  };
  if (stream) perPixel(work, n / c);
  return work;
}

/**
 * LUTs and registers of a streaming pool for each channel, bit and element of its window, line buffer included: 1833 and 1810 LUTs, 370 and 355 registers a channel of 16 bits in the
 * two pools of `vivado2019_cnn8_csynth.rpt`, windows of 2 x 2 on images of 16 and 8 pixels a side. Other windows are not checked.
 */
const STREAM_POOL_LUT = 28.5,
  STREAM_POOL_FF = 5.65;

/** Pooling and data movement. */
function movingWork(context: DesignContext, layer: HlsLayer, bits: number): LayerWork {
  const { stream, design } = context;
  const c = channels(layer.inShape);
  const input = elements(layer.inShape) / c,
    output = elements(layer.outShape) / channels(layer.outShape);
  const cycles = poolCycles({ input, output }, design.ioType);
  const pools = layer.kind.endsWith('pool');
  const window = pools ? elements(layer.kernel ?? [input]) : 0;
  const at = stream ? c : elements(layer.outShape);
  const work: LayerWork = {
    ...idleWork(),
    ...cycles,
    iiMin: cycles.ii,
    fill: 1,
  };
  if (pools) {
    const buffered = stream && layer.kernel !== undefined;
    work.lut = at * bits * (buffered ? STREAM_POOL_LUT * window : window - 1);
    work.ff = at * bits * (buffered ? STREAM_POOL_FF * window : 1);
  }
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
  }
  if (stream) perPixel(work, n / c);
  return work;
}
