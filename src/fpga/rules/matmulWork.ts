import { type HlsLayer, reuseOf, strategyOf } from '../design/hlsDesign.js';
import type { ConstantWeights } from './constantWeights.js';
import { denseCycles } from './denseCycles.js';
import { dspPerProduct } from './dspCount.js';
import { ffEstimate } from './ffEstimate.js';
import { channels, type DesignContext, elements, type LayerWork } from './layerWork.js';
import { lutEstimate } from './lutEstimate.js';
import type { MatrixProduct } from './matrixProduct.js';

/**
 * Sums of products of two tensors (nnet_einsum.h): all unrolled, pipelined at RF with ceil(products / RF) multipliers, each sum as that of a dense layer all of whose weights need a multiplier. Multipliers
 * and II by the source; io_parallel and strategy latency only, as hls4ml asserts. Not checked against any report.
 */
export function matmulWork(context: DesignContext, layer: HlsLayer, bits: number, result: number): LayerWork {
  const { design, stream, generation, vivadoHls, clockNs } = context;
  const terms = channels(layer.inShape),
    sums = elements(layer.outShape),
    products = sums * terms,
    reuse = reuseOf(design, layer),
    made = Math.ceil(products / reuse);
  const second = design.layers.find(({ name }) => name === layer.inputs[1])?.result ?? design.precision;
  const accum = layer.accum ?? layer.result;
  const one: MatrixProduct = {
    nIn: terms,
    nOut: 1,
    reuse: 1,
    strategy: 'latency',
    dataBits: bits,
    weightBits: second.bits,
    weightFraction: second.bits - (second.intBits ?? 1),
    accumBits: accum?.bits ?? result,
    zeroWeights: 0,
    ownWidths: false,
    generation,
    multipliers: design.multipliers,
    vivadoHls,
    clockNs,
  };
  const every: ConstantWeights = { nonZero: terms, shiftAdd: 0, full: terms, distinct: terms, multiplied: terms };
  const depth = denseCycles(one, every).latencyMax,
    latency = reuse > 1 ? Math.max(depth + 1, Math.ceil(products / made)) : depth,
    ii = Math.max(1, Math.min(reuse, latency + 1));
  const per = design.multipliers === 'lut' ? 0 : dspPerProduct(bits, second.bits, generation),
    // multipliers of LUTs that are shared
    spared = per > 0 ? 0 : (products - made) * bits * second.bits;
  const refused = stream ? 'io_stream' : strategyOf(design, layer) === 'resource' ? 'strategy resource' : undefined;
  return {
    latencyMin: latency,
    latencyMax: latency,
    ii,
    iiMin: ii,
    lut: sums * lutEstimate(one, every) - spared,
    ff: sums * ffEstimate(one, every),
    dsp: per * made,
    bram18: 0,
    multipliers: made,
    arithmeticLut: products * one.accumBits + (per > 0 ? 0 : made * bits * second.bits),
    fill: latency,
    warnings: [`${products} products of two tensors: by the source of hls4ml, not checked against any report`],
    ...(refused
      ? {
          limit: {
            how: 'refused' as const,
            reason: `a product of two tensors with ${refused}: hls4ml takes io_parallel and strategy latency only`,
          },
        }
      : {}),
  };
}
