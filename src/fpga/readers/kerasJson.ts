import { HwcastError } from '../../core/errors.js';
import { isKerasFile, kerasConfiguration } from '../../graph/readers/keras/kerasFile.js';
import type { KerasLayer } from '../../graph/readers/keras/kerasLayer.js';
import { kerasModel } from '../../graph/readers/keras/kerasModel.js';
import { type KerasVariables, kerasWeights } from '../../graph/readers/keras/kerasWeights.js';
import type { HlsDesign } from '../design/hlsDesign.js';
import { signedDigits } from '../design/signedDigits.js';
import { configuredDesign, type HlsSettings } from './hlsConfig.js';
import { zeroSlopes } from './keras/elementwiseLayers.js';
import { kerasLayerWeights } from './keras/kerasLayerWeights.js';
import { type KerasNetwork, kerasLayers } from './kerasLayers.js';

/** A network with the Keras layers it came from. */
export interface NamedKerasNetwork extends KerasNetwork {
  name: string;
  kerasLayers: KerasLayer[];
}

/**
 * The layers of a Keras model (Keras 2 and 3, QKeras), shapes propagated, batch norm folded where hls4ml folds it.
 * @throws HwcastError `bad-input` naming the layer, `unsupported` for models inside models and shared layers.
 */
export function kerasNetwork(value: unknown, where?: string): NamedKerasNetwork {
  const { name, sequential, layers, buildShape } = kerasModel(value, where);
  const inputShape = buildShape?.slice(1);
  const network = kerasLayers(layers, {
    where,
    foldBatchNorm: true,
    ...(sequential && inputShape?.every((d) => typeof d === 'number') ? { inputShape } : {}),
  });
  return { ...network, name, kerasLayers: layers };
}

/**
 * The Keras network in a file: JSON text or bytes, or a `.h5` or `.keras` file with its weights.
 * @throws HwcastError as `kerasNetwork`, and for a file that is cut or damaged
 */
export function kerasFileNetwork(content: string | Uint8Array, file: string): NamedKerasNetwork {
  if (typeof content !== 'string' && isKerasFile(content))
    return withKerasWeights(kerasNetwork(kerasConfiguration(content, file), file), content, file);
  return kerasNetwork(parseJson(textOf(content), file), file);
}

/**
 * The network with the weights of a Keras file; as it is where the file holds none.
 * @throws HwcastError `corrupt` for a cut or damaged file
 */
export function withKerasWeights(network: NamedKerasNetwork, content: string | Uint8Array, file: string): NamedKerasNetwork {
  const variables = typeof content === 'string' ? undefined : kerasWeights(content, network.kerasLayers, file);
  if (!variables?.size) return network;
  const weights = { byLayer: kerasLayerWeights(network.kerasLayers, network, variables), source: file };
  return { ...withSlopes(network, variables), weights };
}

/** Rectifiers with slopes of their own, by those in the file: the slope that is hardest to multiply by stands for all. */
function withSlopes(network: NamedKerasNetwork, variables: KerasVariables): NamedKerasNetwork {
  const told = new Set<string>();
  const layers = network.layers.map((layer) => {
    const slopes = layer.activation === 'prelu' ? variables.get(layer.name)?.[0]?.values : undefined;
    if (!slopes) return layer;
    told.add(layer.name);
    const digits = (slope: number): number => signedDigits(Math.round(Math.abs(slope) * SLOPE_STEPS)).length;
    return { ...layer, slope: Array.from(slopes).reduce((a, b) => (digits(b) > digits(a) ? b : a), 0) };
  });
  const assumptions = network.assumptions.filter((line) => ![...told].some((name) => line === zeroSlopes(name)));
  return { ...network, layers, assumptions };
}
/** Steps of hls4ml's default type. */
const SLOPE_STEPS = 1024;

/** A Keras model with `settings`; what they leave open is hls4ml's default, named in `assumptions`. */
export const kerasDesign = (network: NamedKerasNetwork, settings: HlsSettings = {}, where?: string): HlsDesign =>
  configuredDesign(network, {}, { ...settings, id: settings.id ?? network.name }, where);

/** Text of a file, UTF-8 where it comes as bytes. */
export const textOf = (content: string | Uint8Array): string =>
  typeof content === 'string' ? content : new TextDecoder().decode(content);

/** @throws HwcastError `bad-input` */
export function parseJson(text: string, where: string): unknown {
  if (!text.trim()) throw new HwcastError('bad-input', 'the file is empty', { where });
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new HwcastError('bad-input', `not whole JSON: ${(cause as Error).message}`, { where, cause });
  }
}
