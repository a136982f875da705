import { HwcastError } from '../../core/errors.js';
import { type NetworkWeights, withCountedWeights } from '../design/countWeights.js';
import {
  EINSUM_DENSE,
  type HlsDesign,
  type HlsLayer,
  IO_TYPES,
  type LayerKind,
  type Precision,
  parseHlsDesign,
} from '../design/hlsDesign.js';
import { applyFirmware, settingOf, snakeCase } from './firmwareSettings.js';
import { strategyNamed } from './hls4mlHeader.js';
import { TYPED_TENSORS, type TypedTensor, type TypeSetting, withInferredTypes } from './inferredTypes.js';
import { fifoDepthsFound, misspeltSettings, unmodelledSettings } from './misspeltSettings.js';
import { DEFAULT_PRECISION, parsePrecision } from './precisionText.js';
import { nsToS } from './rowText.js';

/** Settings that a network file does not hold, or that replace those of its configuration. */
export interface HlsSettings {
  id?: string;
  precision?: Precision;
  reuseFactor?: number;
  strategy?: HlsDesign['strategy'];
  ioType?: HlsDesign['ioType'];
  part?: string;
  clockNs?: number;
  /** share of the clock left free */
  clockUncertainty?: number;
  tool?: string;
  toolVersion?: string;
  hls4mlVersion?: string;
  backend?: string;
}

/** A network to which settings are given, whatever file it came from. */
export interface ConfigurableNetwork {
  layers: HlsLayer[];
  /** names of the input layers */
  inputNames: string[];
  assumptions: string[];
  /** type of its input, where the file has one */
  inputPrecision?: Precision;
  /** layers of the design that one layer of the file became, for settings that name the latter */
  partsOf: Map<string, string[]>;
  /** of its layers, where a file has them */
  weights?: NetworkWeights;
}

type Table = Record<string, unknown>;
export const isTable = (value: unknown): value is Table => typeof value === 'object' && value !== null && !Array.isArray(value);

/** The classes of hls4ml by which `LayerType` names a kind of layer. */
const CLASSES: Partial<Record<LayerKind, string[]>> = {
  dense: ['Dense', 'QDense'],
  conv1d: ['Conv1D', 'QConv1D', 'PointwiseConv1D'],
  conv2d: ['Conv2D', 'QConv2D', 'PointwiseConv2D'],
  depthwise_conv1d: ['DepthwiseConv1D', 'QDepthwiseConv1D'],
  depthwise_conv2d: ['DepthwiseConv2D', 'QDepthwiseConv2D'],
  max_pool: ['MaxPooling1D', 'MaxPooling2D', 'Pooling1D', 'Pooling2D'],
  avg_pool: ['AveragePooling1D', 'AveragePooling2D', 'Pooling1D', 'Pooling2D'],
  batch_norm: ['BatchNormalization', 'QBatchNormalization'],
  activation: ['Activation', 'QActivation'],
  gru: ['GRU', 'QGRU'],
  lstm: ['LSTM', 'QLSTM'],
  simple_rnn: ['SimpleRNN', 'QSimpleRNN'],
  merge: ['Merge', 'Add', 'Concatenate'],
};

const classesOf = (layer: HlsLayer): string[] => [
  ...(layer.source === EINSUM_DENSE ? [EINSUM_DENSE] : (CLASSES[layer.kind] ?? [])),
  ...(layer.activation === 'softmax'
    ? ['Softmax']
    : layer.activation === 'leaky_relu'
      ? ['LeakyReLU', 'ParametrizedActivation']
      : []),
];

/** What is read of an entry of `Model`, `LayerType` or `LayerName`. */
const SETTINGS = [
  'Precision',
  'ReuseFactor',
  'Strategy',
  'TableSize',
  'ParallelizationFactor',
  'ConvImplementation',
  'Implementation',
  'Skip',
];
/** ... as attributes of a layer, which hls4ml reads under either spelling. */
const ATTRIBUTES = SETTINGS.slice(SETTINGS.indexOf('TableSize')).map(snakeCase);

type Types = Partial<Record<TypedTensor | 'default' | 'maximum', TypeSetting>>;
const WEIGHTED = /^(dense|(depthwise_)?conv\dd|batch_norm|gru|lstm|simple_rnn)$/;

/** hls4ml's `Precision`: one type for all, or one a tensor; `model` is left to the default with a line in `assumptions`. */
function typesOf(value: unknown, what: string, assumptions: string[], where?: string): Types {
  if (value === undefined || value === null) return {};
  const typeOf = (text: unknown, key: string): TypeSetting | undefined => {
    if (text === 'auto') return 'auto';
    // a bare number of bits, as some dictionaries have it
    if (Number.isInteger(text) && (text as number) > 0 && (text as number) <= 128)
      return { bits: text as number, intBits: null, signed: true };
    const type = typeof text === 'string' ? parsePrecision(text) : undefined;
    if (type) return type;
    if (text !== 'model')
      throw new HwcastError('bad-input', `${what}: precision ${JSON.stringify(text)} of '${key}' is no fixed-point type`, {
        where,
        hint: 'write ap_fixed<16,6>, ufixed<8,0>, int8..',
      });
    assumptions.push(`${what}: precision of '${key}' is 'model': the default is taken`);
    return undefined;
  };
  if (!isTable(value)) return { default: typeOf(value, 'all') };
  return Object.fromEntries(
    Object.entries(value)
      // a batch norm has a scale for weights
      .map(([key, text]) => [key === 'scale' ? 'weight' : key, text] as const)
      .filter(([key]) => key === 'default' || key === 'maximum' || (TYPED_TENSORS as readonly string[]).includes(key))
      .map(([key, text]) => [key, typeOf(text, key)]),
  );
}

function reuseFactorOf(value: unknown, what: string, where?: string): number | undefined {
  if (value === undefined || value === null) return undefined;
  if (!Number.isInteger(value) || (value as number) < 1)
    throw new HwcastError('bad-input', `${what}: reuse factor ${JSON.stringify(value)} is no positive whole number`, { where });
  return value as number;
}

function strategyOf(value: unknown, what: string, where?: string): HlsDesign['strategy'] | undefined {
  if (value === undefined || value === null) return undefined;
  const strategy = strategyNamed(String(value));
  if (!strategy)
    throw new HwcastError('bad-input', `${what}: strategy ${JSON.stringify(value)} is not known`, {
      where,
      hint: 'latency, resource, distributed_arithmetic or unrolled',
    });
  return strategy;
}

/**
 * A design of a network and hls4ml's configuration of it (`Model`, `LayerType`, `LayerName`; the more special one counts). `settings` replace what the
 * configuration says; what neither says is hls4ml's default, named in `assumptions`.
 * @throws HwcastError `bad-input` naming layer and setting.
 */
export function configuredDesign(
  network: ConfigurableNetwork,
  config: Table,
  settings: HlsSettings & { id: string },
  where?: string,
  assumptions: string[] = [],
): HlsDesign {
  assumptions.unshift(...network.assumptions);
  const model = isTable(config.Model) ? config.Model : {},
    byType = isTable(config.LayerType) ? config.LayerType : {},
    byName = isTable(config.LayerName) ? config.LayerName : {};
  for (const [what, table] of Object.entries({ Model: model, ...byType, ...byName }))
    if (isTable(table)) {
      const of = what === 'Model' ? what : `'${what}'`;
      assumptions.push(...misspeltSettings(table, [...SETTINGS, ...ATTRIBUTES], of), ...unmodelledSettings(table, of));
    }
  assumptions.push(...fifoDepthsFound(config));
  const modelTypes = typesOf(model.Precision, 'Model', assumptions, where);
  const fallback = settings.precision ?? fixedType(modelTypes.default) ?? fixedType(modelTypes.result);
  if (!fallback) assumptions.push('no precision given: ap_fixed<16,6>, the default of hls4ml, assumed');
  const general = fallback ?? DEFAULT_PRECISION;

  const names = new Set([...network.partsOf.keys(), ...network.layers.map((l) => l.name), ...network.inputNames]);
  for (const name of Object.keys(byName))
    if (!names.has(name) && !/(_linear|_input|_alpha)$/.test(name))
      assumptions.push(`settings of '${name}' fit no layer of the network`);

  const inputSettings = Object.entries(byName).find(([name]) => network.inputNames.includes(name) || /_input$/.test(name))?.[1];
  const inputTypes = isTable(inputSettings) ? typesOf(inputSettings.Precision, 'input', assumptions, where) : {};
  // hls4ml does not infer the type of an input
  const input = settings.precision
    ? undefined
    : (fixedType(inputTypes.result) ?? fixedType(inputTypes.default) ?? network.inputPrecision);

  // types of the model as a whole count only where they name a tensor: the design has the default
  const tensorTypes = { ...modelTypes, default: undefined };
  const tablesOf = (layer: HlsLayer): Table[] =>
    [...classesOf(layer).map((name) => byType[name]), byName[layer.name]].filter(isTable);
  const layers = configuredLayers(network.layers, settings, { model, general, input, tensorTypes, tablesOf }, assumptions, where);

  const reuseFactor = settings.reuseFactor ?? reuseFactorOf(model.ReuseFactor, 'Model', where);
  const strategy = settings.strategy ?? strategyOf(model.Strategy, 'Model', where);
  if (!reuseFactor) assumptions.push('no reuse factor given: 1, the default of hls4ml, assumed');
  if (!strategy) assumptions.push('no strategy given: latency, the default of hls4ml, assumed');
  if (!settings.ioType) assumptions.push('no io type given: io_parallel, the default of hls4ml, assumed');
  const { id, part, clockNs, clockUncertainty, tool, toolVersion, hls4mlVersion, backend } = settings;
  const design = parseHlsDesign(
    {
      id,
      layers,
      precision: input ?? general,
      reuseFactor: reuseFactor ?? 1,
      strategy: strategy ?? 'latency',
      ioType: settings.ioType ?? 'io_parallel',
      ...Object.fromEntries(
        Object.entries({
          part,
          clockUncertainty,
          clockS: clockNs === undefined ? undefined : nsToS(clockNs),
          tool,
          toolVersion,
          hls4mlVersion,
          backend,
        }).filter(([, v]) => v !== undefined),
      ),
      assumptions,
    },
    where,
  );
  return network.weights ? withCountedWeights(design, network.weights) : design;
}

/** Types of the model and where settings of a layer stand. */
interface LayerSettings {
  /** the configuration's `Model` */
  model: Table;
  general: Precision;
  /** of the network's input, where that has its own */
  input: Precision | undefined;
  /** of tensors of every layer, and the `maximum` of what is inferred */
  tensorTypes: Types;
  tablesOf: (layer: HlsLayer) => Table[];
}

/** Layers with what the configuration sets, and the types that hls4ml infers. */
function configuredLayers(
  layers: readonly HlsLayer[],
  settings: HlsSettings,
  { model, general, input, tensorTypes, tablesOf }: LayerSettings,
  assumptions: string[],
  where?: string,
): HlsLayer[] {
  // the design's precision is that of the input: where it is another, layers name theirs
  const layerDefault = input && !sameType(input, general) ? general : undefined;
  const autos = new Map<string, Set<TypedTensor>>();
  const configured = layers.map((layer): HlsLayer => {
    const own: HlsLayer = { ...layer },
      auto = new Set<TypedTensor>();
    if (!settings.precision) autos.set(layer.name, auto);
    setTypes(own, tensorTypes, auto, false);
    for (const table of tablesOf(layer)) applyTable(own, table, auto, assumptions, where);
    applyFirmware(own, [model, ...tablesOf(layer)], where);
    if (layerDefault) {
      own.result ??= layerDefault;
      if (WEIGHTED.test(layer.kind)) {
        own.weight ??= layerDefault;
        own.bias ??= layerDefault;
      }
    }
    dropReplaced(own, settings);
    if (layer.weight && !holds(own.weight ?? general, layer.weight)) {
      // counted of weights in a type that these do not have
      delete own.constants;
      delete own.zeroWeights;
    }
    return own;
  });
  const types = { general, input: input ?? general, maximum: fixedType(tensorTypes.maximum) };
  return withInferredTypes(configured, autos, types, assumptions);
}

const fixedType = (type: TypeSetting | undefined): Precision | undefined => (type === 'auto' ? undefined : type);

/**
 * Gives tensors of a layer the types that settings name, `default` to the others; those that a quantiser of the file tells only with `evenQuantised`. Tensors that
 * are left to hls4ml go to `auto`.
 */
function setTypes(layer: HlsLayer, types: Types, auto: Set<TypedTensor>, evenQuantised: boolean): void {
  for (const key of TYPED_TENSORS) {
    const type = types[key] ?? types.default;
    if (!type || !(key === 'result' || WEIGHTED.test(layer.kind)) || !(evenQuantised || layer[key] === undefined)) continue;
    if (type === 'auto') auto.add(key);
    else {
      auto.delete(key);
      layer[key] = type;
    }
  }
}

/** Settings of one entry of `LayerType` or `LayerName`. */
function applyTable(layer: HlsLayer, table: Table, auto: Set<TypedTensor>, assumptions: string[], where?: string): void {
  const what = `layer '${layer.name}'`;
  setTypes(layer, typesOf(table.Precision, what, assumptions, where), auto, true);
  const reuseFactor = reuseFactorOf(table.ReuseFactor, what, where);
  if (reuseFactor) layer.reuseFactor = reuseFactor;
  // of a softmax, Strategy says how it is computed (stable, latency, argmax)
  const strategy = WEIGHTED.test(layer.kind) ? strategyOf(table.Strategy, what, where) : undefined;
  if (strategy) layer.strategy = strategy;
  const size = settingOf(table, 'TableSize');
  if (Number.isInteger(size) && (size as number) > 0) layer.tableSize = size as number;
}

/** Takes away what a layer has of its own and `settings` say for the whole design. */
function dropReplaced(layer: HlsLayer, settings: HlsSettings): void {
  if (settings.precision) for (const key of TYPED_TENSORS) delete layer[key];
  if (settings.reuseFactor) delete layer.reuseFactor;
  if (settings.strategy) delete layer.strategy;
}

/** Whether a type has every value of another. */
const holds = (wide: Precision, narrow: Precision): boolean =>
  wide.signed === narrow.signed &&
  (sameType(wide, narrow) ||
    (wide.intBits !== null &&
      narrow.intBits !== null &&
      wide.intBits >= narrow.intBits &&
      wide.bits - wide.intBits >= narrow.bits - narrow.intBits));

const sameType = (a: Precision, b: Precision): boolean => a.bits === b.bits && a.intBits === b.intBits && a.signed === b.signed;

/** An io type by name. @throws HwcastError `bad-input`. */
export function ioTypeNamed(value: unknown, where?: string): HlsDesign['ioType'] | undefined {
  if (value === undefined || value === null) return undefined;
  const ioType = IO_TYPES.find((t) => t === value);
  if (!ioType)
    throw new HwcastError('bad-input', `io type ${JSON.stringify(value)} is not known`, { where, hint: IO_TYPES.join(' or ') });
  return ioType;
}
