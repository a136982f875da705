import { kerasModel } from '../../graph/readers/keras/kerasModel.js';
import type { HlsDesign } from '../design/hlsDesign.js';
import { configuredDesign, type HlsSettings } from './hlsConfig.js';
import { type KerasNetwork, kerasLayers } from './kerasLayers.js';

/**
 * The layers of a Keras model (Keras 2 and 3, QKeras), shapes propagated, batch norm folded where hls4ml folds it.
 * @throws HwcastError `bad-input` naming the layer, `unsupported` for models inside models and shared layers.
 */
export function kerasNetwork(value: unknown, where?: string): KerasNetwork & { name: string } {
  const { name, sequential, layers, buildShape } = kerasModel(value, where);
  const inputShape = buildShape?.slice(1);
  const network = kerasLayers(layers, {
    where,
    foldBatchNorm: true,
    ...(sequential && inputShape?.every((d) => typeof d === 'number') ? { inputShape } : {}),
  });
  return { ...network, name };
}

/** A Keras model with `settings`; what they leave open is hls4ml's default, named in `assumptions`. */
export function kerasDesign(value: unknown, settings: HlsSettings = {}, where?: string): HlsDesign {
  const network = kerasNetwork(value, where);
  return configuredDesign(network, {}, { ...settings, id: settings.id ?? network.name }, where);
}
