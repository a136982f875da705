import { HwcastError } from '../../core/errors.js';
import type { HlsDesign } from '../design/hlsDesign.js';
import { configuredDesign, type HlsSettings, isTable } from './hlsConfig.js';
import type { KerasLayer } from './keras/kerasLayer.js';
import { type KerasNetwork, kerasLayers } from './kerasLayers.js';

/** Whether a JSON value is a Keras model: `model.to_json()`, a `model_config` of an .h5 file, or the `config.json` of a .keras file. */
export const isKerasModel = (value: unknown): boolean => kerasConfig(value) !== undefined;

function kerasConfig(value: unknown): { className: string; config: unknown } | undefined {
  if (!isTable(value)) return undefined;
  if (isTable(value.model_config)) return kerasConfig(value.model_config);
  if (typeof value.class_name === 'string' && /^(Sequential|Functional|Model)$/.test(value.class_name))
    return { className: value.class_name, config: value.config };
  return undefined;
}

/**
 * The layers of a Keras model (Keras 2 and 3, QKeras), shapes propagated, batch norm folded where hls4ml folds it.
 * @throws HwcastError `bad-input` naming the layer, `unsupported` for models inside models and shared layers.
 */
export function kerasNetwork(value: unknown, where?: string): KerasNetwork & { name: string } {
  const model = kerasConfig(value);
  if (!model)
    throw new HwcastError('bad-input', "not a Keras model: 'class_name' is not Sequential, Functional or Model", { where });
  const config = model.config;
  const list = Array.isArray(config) ? config : isTable(config) ? config.layers : undefined;
  if (!Array.isArray(list)) throw new HwcastError('bad-input', "the Keras model has no 'layers'", { where });
  const name = isTable(config) && typeof config.name === 'string' ? config.name : 'network';
  const sequential = model.className === 'Sequential';
  const layers = list.map((entry, i): KerasLayer => {
    if (!isTable(entry) || typeof entry.class_name !== 'string' || !isTable(entry.config))
      throw new HwcastError('bad-input', `layer ${i} of the Keras model has no class_name or config`, { where });
    const layerName = String(entry.config.name ?? entry.name ?? `${entry.class_name.toLowerCase()}_${i}`);
    if (/^(Sequential|Functional|Model)$/.test(entry.class_name))
      throw new HwcastError('unsupported', `layer '${layerName}' is a model of its own`, {
        where,
        hint: 'flatten the model before saving it',
      });
    return {
      className: entry.class_name.replace(/^.*>/, ''),
      name: layerName,
      config: entry.config,
      ...(sequential ? {} : { inputs: producersOf(entry.inbound_nodes, layerName, where) }),
    };
  });
  // Keras 3 lists layers by depth, so a producer may stand behind its consumer
  const inputShape =
    isTable(config) && Array.isArray(config.build_input_shape) ? (config.build_input_shape as (number | null)[]) : undefined;
  const network = kerasLayers(sequential ? layers : sorted(layers, where), {
    where,
    foldBatchNorm: true,
    ...(sequential && inputShape?.slice(1).every((d) => typeof d === 'number')
      ? { inputShape: inputShape.slice(1) as number[] }
      : {}),
  });
  return { ...network, name };
}

/** Names of the layers a layer reads: Keras 2 `[[["input_1",0,0,{}]]]`, Keras 3 `[{args: [{config: {keras_history: [name, 0, 0]}}]}]`. */
function producersOf(nodes: unknown, layer: string, where?: string): string[] {
  if (nodes === undefined || nodes === null) return [];
  if (!Array.isArray(nodes)) throw new HwcastError('bad-input', `layer '${layer}' has no list of inbound nodes`, { where });
  if (nodes.length > 1)
    throw new HwcastError('unsupported', `layer '${layer}' is used ${nodes.length} times (shared weights)`, { where });
  const names: string[] = [];
  const walk = (value: unknown): void => {
    if (Array.isArray(value)) {
      if (typeof value[0] === 'string' && typeof value[1] === 'number' && typeof value[2] === 'number') names.push(value[0]);
      else value.forEach(walk);
    } else if (isTable(value)) {
      const history = isTable(value.config) ? value.config.keras_history : undefined;
      if (Array.isArray(history) && typeof history[0] === 'string') names.push(history[0]);
      else if (value.args !== undefined) walk(value.args);
    }
  };
  walk(nodes);
  return names;
}

/** Layers so that each stands behind those it reads; the order of the file is kept otherwise. */
function sorted(layers: readonly KerasLayer[], where?: string): KerasLayer[] {
  const done = new Set<string>(),
    result: KerasLayer[] = [];
  const names = new Set(layers.map((l) => l.name));
  let rest = [...layers];
  while (rest.length) {
    const next = rest.filter((l) => (l.inputs ?? []).every((i) => done.has(i) || !names.has(i)));
    if (!next.length)
      throw new HwcastError('bad-input', `layers ${rest.map((l) => `'${l.name}'`).join(', ')} read each other`, { where });
    const [first] = next;
    result.push(first);
    done.add(first.name);
    rest = rest.filter((l) => l !== first);
  }
  return result;
}

/** A Keras model with `settings`; what they leave open is hls4ml's default, named in `assumptions`. */
export function kerasDesign(value: unknown, settings: HlsSettings = {}, where?: string): HlsDesign {
  const network = kerasNetwork(value, where);
  return configuredDesign(network, {}, { ...settings, id: settings.id ?? network.name }, where);
}
