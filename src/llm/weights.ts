import type { LlmArchitecture } from './architecture/llmArchitecture.js';
import { bytesOf, WEIGHT_FORMATS, type WeightFormat } from './architecture/weightFormat.js';
import { layerParams } from './layerMatrices.js';

/** Learned values of a model. */
export interface ModelParams {
  /** of layers, in matrices that quantisation narrows */
  matrices: number;
  /** of layers, in all experts */
  experts: number;
  /** norms, routers, positions */
  others: number;
  /** input embedding, and the output where it is a matrix of its own */
  embedding: number;
  output: number;
  total: number;
  /** that a token meets: all but the experts it does not take */
  active: number;
}

/** Counts every learned value once. */
export function modelParams({ layers, encoder, hidden, vocabulary, tied, otherParams }: LlmArchitecture): ModelParams {
  const sums = { matrices: 0, experts: 0, others: otherParams + (encoder?.otherParams ?? 0) };
  let idle = 0;
  for (const layer of [...layers, ...(encoder?.layers ?? [])]) {
    const own = layerParams(layer, hidden);
    sums.matrices += own.matrices;
    sums.experts += own.experts;
    sums.others += own.others;
    const { feedForward } = layer;
    if (feedForward?.kind === 'experts') idle += own.experts * (1 - feedForward.perToken / feedForward.experts);
  }
  const embedding = vocabulary * hidden,
    output = tied ? 0 : embedding;
  const total = sums.matrices + sums.experts + sums.others + embedding + output;
  return { ...sums, embedding, output, total, active: total - idle };
}

/** How weights and activations are stored: `weights` of the matrices of layers, `wide` of everything else and of activations. */
export interface WeightFormats {
  weights: WeightFormat;
  wide: WeightFormat;
  /** of matrices that are no experts, where it is not `weights` */
  dense?: WeightFormat;
}

/** The format of matrices that are no experts. */
export const denseFormat = ({ weights, dense = weights }: WeightFormats): WeightFormat => dense;

/** The 16- or 32-bit type beside narrow weights: embeddings, norms, routers and the output stay wide (GPTQ, AWQ, FP8 and MXFP4 checkpoints). */
export const wideOf = (weights: WeightFormat): WeightFormat => (weights.bits >= 16 ? weights : WEIGHT_FORMATS.bf16);

/** The format of embedding and output. */
export const outerFormat = ({ weights, wide }: WeightFormats): WeightFormat => (weights.whole ? weights : wide);

/** Bytes of all weights. */
export function weightBytes(architecture: LlmArchitecture, formats: WeightFormats): number {
  const { weights, wide } = formats;
  const { matrices, experts, others, embedding, output } = modelParams(architecture);
  return (
    matrices * bytesOf(denseFormat(formats)) +
    experts * bytesOf(weights) +
    others * bytesOf(wide) +
    (embedding + output) * bytesOf(outerFormat(formats))
  );
}

/** Bytes of the weights on the fullest of the devices. */
export function weightBytesPerDevice(
  architecture: LlmArchitecture,
  formats: WeightFormats,
  { tp, pp, ep }: { tp: number; pp: number; ep: number },
): number {
  const { matrices, experts, others, embedding, output } = modelParams(architecture);
  const { weights, wide } = formats;
  const ofLayers =
    ((matrices / tp) * bytesOf(denseFormat(formats)) +
      (experts / (ep > 1 ? ep : tp)) * bytesOf(weights) +
      others * bytesOf(wide)) *
    largestStage(architecture.layers.length, pp);
  return ofLayers + ((embedding + (pp > 1 ? 0 : output)) / tp) * bytesOf(outerFormat(formats));
}

/** Share of the layers that the fullest of `pp` stages holds. */
export const largestStage = (layers: number, pp: number): number => Math.ceil(layers / pp) / layers;
