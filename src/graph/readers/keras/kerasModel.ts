import { HwcastError } from '../../../core/errors.js';
import type { KerasLayer } from './kerasLayer.js';

/** A Keras model as its configuration has it: layers so that each stands behind those it reads. */
export interface KerasModel {
  name: string;
  sequential: boolean;
  layers: KerasLayer[];
  /** of a sequential model that was built without an input layer: with the batch axis */
  buildShape?: (number | null)[] | undefined;
}

type Table = Record<string, unknown>;
const isTable = (value: unknown): value is Table => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Whether a JSON value is a Keras model: `model.to_json()`, a `model_config` of an .h5 file, or the `config.json` of a .keras file. */
export const isKerasModel = (value: unknown): boolean => modelConfig(value) !== undefined;

const MODEL = /^(Sequential|Functional|Model)$/;

function modelConfig(value: unknown): { className: string; config: unknown } | undefined {
  if (!isTable(value)) return undefined;
  if (isTable(value.model_config)) return modelConfig(value.model_config);
  if (typeof value.class_name === 'string' && MODEL.test(value.class_name))
    return { className: value.class_name, config: value.config };
  return undefined;
}

/**
 * The layers of a Keras model (Keras 2 and 3, QKeras).
 * @throws HwcastError `bad-input` naming the layer, `unsupported` for models inside models and shared layers.
 */
export function kerasModel(value: unknown, where?: string): KerasModel {
  const model = modelConfig(value);
  if (!model)
    throw new HwcastError('bad-input', "not a Keras model: 'class_name' is not Sequential, Functional or Model", { where });
  const { config } = model;
  const list = Array.isArray(config) ? config : isTable(config) ? config.layers : undefined;
  if (!Array.isArray(list)) throw new HwcastError('bad-input', "the Keras model has no 'layers'", { where });
  const sequential = model.className === 'Sequential';
  const layers = list.map((entry, i) => layerOf(entry, i, sequential, where));
  const buildShape = isTable(config) && Array.isArray(config.build_input_shape) ? config.build_input_shape : undefined;
  return {
    name: isTable(config) && typeof config.name === 'string' ? config.name : 'network',
    sequential,
    // Keras 3 lists layers by depth, so a producer may stand behind its consumer
    layers: sequential ? layers : sorted(layers, where),
    buildShape,
  };
}

function layerOf(entry: unknown, i: number, sequential: boolean, where?: string): KerasLayer {
  if (!isTable(entry) || typeof entry.class_name !== 'string' || !isTable(entry.config))
    throw new HwcastError('bad-input', `layer ${i} of the Keras model has no class_name or config`, { where });
  const name = String(entry.config.name ?? entry.name ?? `${entry.class_name.toLowerCase()}_${i}`);
  if (MODEL.test(entry.class_name))
    throw new HwcastError('unsupported', `layer '${name}' is a model of its own`, {
      where,
      hint: 'flatten the model before saving it',
    });
  return {
    className: entry.class_name.replace(/^.*>/, ''),
    name,
    config: entry.config,
    ...(sequential ? {} : { inputs: producersOf(entry.inbound_nodes, name, where) }),
  };
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
