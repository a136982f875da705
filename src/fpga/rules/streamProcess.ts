import { type HlsDesign, type HlsLayer, strategyOf } from '../design/hlsDesign.js';
import { adderNs, dspNs, VITIS_USABLE_CLOCK } from './clockModel.js';
import type { ConstantWeights } from './constantWeights.js';
import { channels, type DesignContext, elements, type LayerWork, paddedPixels } from './layerWork.js';
import { isUnrolled, type MatrixProduct } from './matrixProduct.js';
import { chainCycles } from './roundedSums.js';

/** What a sum of more than 16 bits takes longer for each level and bit, ns: the four products of LeNet-5 (16 to 256 terms of 21 to 25 bits) take 1, 1, 3 and 4 cycles, 1, 1, 3 and 3 by this. */
const NS_A_WIDE_BIT = 0.05;
/** Cycles around the one turn of a process that loops over pixels. */
const AROUND_LOOP = 3;
/** Cycles a look-up, or a comparison with two bounds, takes. */
const LOOK_UP = 3;

/** Look-up tables and rectifiers with two bounds; the others take one cycle. */
const SLOW_ACTIVATIONS: ReadonlySet<string> = new Set([
  'sigmoid',
  'tanh',
  'softplus',
  'softsign',
  'elu',
  'selu',
  'hard_tanh',
  'hard_sigmoid',
]);

/** Pixels that a layer reads one after another: those of the tensor before it was flattened. */
export function wordsRead(design: HlsDesign, layer: HlsLayer): number {
  let shape = layer.inShape,
    from: HlsLayer | undefined = design.layers.find((l) => l.name === layer.inputs[0]);
  while (from?.kind === 'reshape') {
    shape = from.inShape;
    from = design.layers.find((l) => l.name === from!.inputs[0]);
  }
  return elements(shape) / channels(shape);
}

/** Cycles of the products and sums of an unrolled matrix-vector product in Vitis HLS, which fills 73 % of the clock. */
export function vitisSumCycles(p: MatrixProduct, constants: ConstantWeights, inDsp: boolean): number {
  const terms = Math.max(1, constants.nonZero / p.nOut),
    level = adderNs(p.generation) + NS_A_WIDE_BIT * Math.max(0, p.accumBits - 16);
  if (p.saturates) return chainCycles(p, terms);
  return Math.floor((Math.log2(terms) * level + (inDsp ? dspNs(p.generation) : 0)) / (p.clockNs * VITIS_USABLE_CLOCK));
}

/**
 * Cycles of a layer as a process of a dataflow of Vitis HLS (io_stream): it starts again when it is done, so its interval is its latency, and that of the design one more than the
 * longest (`vitisCycles`).
 *
 * | layer | cycles |
 * |---|---|
 * | dense of one word | its product's, and 2 where that takes any; else 1 |
 * | dense of more words | words and 3 more: they are collected first |
 * | convolution, unrolled | pixels, padding included, x (its product's and 2, 3 from two cycles on; RF, of which its loop is pipelined, where that is more), and 3 |
 * | pool | two a pixel, and 3; global ones a pixel each |
 * | padding, resizing | its pixels, read or written, and 3; a transposed image is read, then written; not checked |
 * | recurrent | its steps, not checked |
 * | rectifier, table | 1, 3; pixels and 2, 4 |
 *
 * Exact on the 14 processes of LeNet-5 (Vitis HLS 2023.2) given the cycles of products and softmax, and on the eleven one-layer baselines of hls4ml (2023.1, 2024.1).
 */
export function vitisProcess(work: LayerWork, context: DesignContext, layer: HlsLayer): void {
  const { design } = context;
  const words = wordsRead(design, layer),
    unrolled = isUnrolled({ strategy: strategyOf(design, layer), reuse: work.reuseFactor ?? 1 });
  const latency =
    layer.activation === 'softmax' && words === 1
      ? softmaxCycles(work, context, channels(layer.outShape))
      : processCycles(work, layer, words, unrolled);
  work.latencyMin = latency;
  work.latencyMax = latency;
  work.ii = latency;
  work.iiMin = latency;
  work.fill = words > 1 ? Math.min(2, latency) : latency;
}

/** A softmax: four cycles and two for each that its largest value and its sum take. Exact for 10 values at 5 ns (LeNet-5) and for 5 at 10 ns (Vitis HLS 2025.2), where it is read off. */
function softmaxCycles(work: LayerWork, { generation, clockNs }: DesignContext, n: number): number {
  if (adderNs(generation) > 2) return work.latencyMax + 4;
  const levels = 2 * Math.ceil(Math.log2(Math.max(2, n)));
  return 4 + 2 * Math.ceil((levels * adderNs(generation)) / (clockNs * VITIS_USABLE_CLOCK));
}

function processCycles(work: LayerWork, layer: HlsLayer, words: number, unrolled: boolean): number {
  const own = work.latencyMax;
  switch (layer.kind) {
    case 'dense': {
      const once = own === 0 ? 1 : own + 2;
      return words > 1 && layer.inShape.length === 1 ? words + 3 + once : words > 1 ? words * once + AROUND_LOOP : once;
    }
    case 'conv1d':
    case 'conv2d':
    case 'depthwise_conv1d':
    case 'depthwise_conv2d':
      return unrolled ? paddedPixels(layer) * Math.max(work.reuseFactor ?? 1, own + (own > 1 ? 3 : 2)) + AROUND_LOOP : work.ii;
    case 'padding':
    case 'resize':
    case 'transpose':
      return own + AROUND_LOOP - 1;
    case 'max_pool':
    case 'avg_pool':
      return 2 * words + AROUND_LOOP;
    case 'global_max_pool':
    case 'global_avg_pool':
      return words + AROUND_LOOP;
    case 'gru':
    case 'lstm':
    case 'simple_rnn':
      // step by step
      return Math.max(own, words + AROUND_LOOP);
    case 'activation': {
      if (layer.activation === 'softmax') return own;
      const slow = SLOW_ACTIVATIONS.has(layer.activation ?? '');
      return words > 1 ? words + (slow ? LOOK_UP + 1 : 2) : slow ? LOOK_UP : 1;
    }
    default:
      return words > 1 ? words + AROUND_LOOP : Math.max(1, own);
  }
}
