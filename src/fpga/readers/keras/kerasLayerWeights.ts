import { type KerasLayer, kerasType } from '../../../graph/readers/keras/kerasLayer.js';
import type { KerasVariable, KerasVariables } from '../../../graph/readers/keras/kerasWeights.js';
import type { LayerWeights } from '../../design/countWeights.js';
import type { KerasNetwork } from '../kerasLayers.js';
import { quantizerScales } from './kerasQuantizer.js';

/** Weights of the HLS layers of a Keras network, from the variables of its layers; batch norms that are folded scale them. */
export function kerasLayerWeights(
  list: readonly KerasLayer[],
  network: KerasNetwork,
  variables: KerasVariables,
): Map<string, LayerWeights> {
  const found = new Map<string, LayerWeights>(),
    layerOf = new Map(list.map((layer) => [layer.name, layer]));
  for (const layer of list) {
    const own = variables.get(layer.name);
    const type = kerasType(layer.className);
    if (!own?.length || type === 'multiheadattention') continue;
    if (type === 'bidirectional') {
      // the same variables in the same order, forwards and backwards
      for (const [i, direction] of ['forward', 'backward'].entries())
        found.set(`${layer.name}_${direction}`, weightsOf(own.slice((i * own.length) / 2).slice(0, 2), undefined));
      continue;
    }
    const [depthwise, main] = type.startsWith('separable')
      ? [own.slice(0, 1), own.slice(1, 2)]
      : [[], own.slice(0, /^(gru|lstm|simplernn)$/.test(type) ? 2 : 1)];
    if (depthwise.length) found.set(`${layer.name}_depthwise`, weightsOf(depthwise, layer.config.depthwise_quantizer));
    const quantizer = layer.config.kernel_quantizer ?? layer.config.pointwise_quantizer ?? layer.config.depthwise_quantizer;
    found.set(layer.name, { ...weightsOf(main, quantizer), ...(type === 'einsumdense' ? { transposed: true } : {}) });
  }
  for (const { batchNorm, into } of network.folds) {
    const weights = found.get(into),
      scale = batchNormScale(layerOf.get(batchNorm), variables.get(batchNorm));
    if (weights) found.set(into, scale ? { ...weights, scale } : { ...weights, rounding: 'none' });
  }
  return found;
}

const weightsOf = (variables: readonly KerasVariable[], quantizer: unknown): LayerWeights => ({
  matrices: variables.map(({ values }) => values),
  rounding: quantizer === undefined || quantizer === null ? 'down' : quantizerScales(quantizer) ? 'none' : 'nearest',
});

/** gamma / sqrt(variance + epsilon) of each channel; variables are gamma, beta (each where the layer has it), mean, variance. */
function batchNormScale(layer: KerasLayer | undefined, variables: readonly KerasVariable[] | undefined): number[] | undefined {
  if (!layer || !variables) return undefined;
  const { scale = true, center = true, epsilon = 1e-3 } = layer.config;
  const at = (scale ? 1 : 0) + (center ? 1 : 0);
  const variance = variables[at + 1]?.values;
  if (!variance || typeof epsilon !== 'number') return undefined;
  return Array.from(variance, (v, i) => (scale ? variables[0].values[i] : 1) / Math.sqrt(v + epsilon));
}
