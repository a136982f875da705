import { HwcastError } from '../../core/errors.js';
import type { HlsLayer, LayerKind, Precision } from '../design/hlsDesign.js';
import { windowed } from '../design/windowed.js';
import { activationNamed } from './activationName.js';
import type { ConfigurableNetwork } from './hlsConfig.js';

/** A Keras (or QKeras) layer: class name, configuration and the names of the layers it reads; `inputs` absent: the layer before. */
export interface KerasLayer {
  className: string;
  name: string;
  config: Record<string, unknown>;
  inputs?: string[];
}

export interface KerasNetwork extends ConfigurableNetwork {
  inputShape: number[];
}

/** Layers without effect on hardware at inference; their consumers read their producer. */
const TRANSPARENT = new Set([
  'dropout',
  'spatialdropout1d',
  'spatialdropout2d',
  'alphadropout',
  'gaussiannoise',
  'gaussiandropout',
  'activityregularization',
  'identity',
  // HGQ's quantisers: their widths are in the weights file
  'hquantize',
  'signature',
  'fixedpointquantizer',
  'quantizer',
]);

const MERGES: Record<string, string> = {
  add: 'add',
  subtract: 'subtract',
  multiply: 'multiply',
  average: 'average',
  maximum: 'maximum',
  minimum: 'minimum',
  concatenate: 'concatenate',
  dot: 'dot',
};

/** Parametrised activation layers; `ReLU` and the like as classes of their own. */
const ACTIVATION_CLASSES = new Set(['relu', 'leakyrelu', 'prelu', 'elu', 'thresholdedrelu', 'softmax']);

const product = (values: readonly number[]): number => values.reduce((a, b) => a * b, 1);

/** `[null, 16, 16, 3]` without its batch axis. */
function shapeOf(value: unknown, layer: KerasLayer, where?: string): number[] {
  const list = Array.isArray(value) && Array.isArray(value[0]) ? value[0] : value;
  if (!Array.isArray(list)) throw problem(layer, 'has no input shape', where);
  const shape = list.slice(list[0] === null || list[0] === undefined || list[0] === -1 ? 1 : 0);
  if (!shape.length || !shape.every((d) => Number.isInteger(d) && d > 0))
    throw problem(
      layer,
      `has the input shape ${JSON.stringify(value)}; every axis but the batch must be a positive integer`,
      where,
    );
  return shape as number[];
}

const problem = (layer: KerasLayer, text: string, where?: string): HwcastError =>
  new HwcastError('bad-input', `layer '${layer.name}' (${layer.className}) ${text}`, { where });

function integers(layer: KerasLayer, key: string, count: number, where?: string): number[] {
  const value = layer.config[key];
  const list = typeof value === 'number' ? Array.from({ length: count }, () => value) : value;
  if (!Array.isArray(list) || list.length !== count || !list.every((v) => Number.isInteger(v) && v > 0))
    throw problem(
      layer,
      `needs '${key}' as ${count === 1 ? 'a positive integer' : `${count} positive integers`}, not ${JSON.stringify(value)}`,
      where,
    );
  return list as number[];
}

function integer(layer: KerasLayer, key: string, where?: string): number {
  const value = layer.config[key];
  const one = Array.isArray(value) && value.length === 1 ? value[0] : value;
  if (!Number.isInteger(one) || (one as number) <= 0)
    throw problem(layer, `needs '${key}' as a positive integer, not ${JSON.stringify(value)}`, where);
  return one as number;
}

/** The quantiser `quantized_bits(4,0,alpha=1)` (text or serialised) as a type; `bits` of QKeras excludes nothing, `integer` excludes the sign. */
export function quantizerPrecision(value: unknown): Precision | undefined {
  let name: string, bits: unknown, integer: unknown, keepNegative: unknown;
  if (typeof value === 'string') {
    const match = value.match(/^(quantized_\w+|binary|ternary)(?:\((.*)\))?$/s);
    if (!match) return undefined;
    const args = (match[2] ?? '').split(',').map((a) => a.trim());
    const named = (key: string): string | undefined => args.find((a) => a.startsWith(`${key}=`))?.slice(key.length + 1);
    const placed = (i: number): string | undefined => (args[i] && !args[i].includes('=') ? args[i] : undefined);
    name = match[1];
    bits = Number(named('bits') ?? placed(0) ?? 8);
    integer = Number(named('integer') ?? placed(1) ?? 0);
    keepNegative = !/^(0|false)$/i.test(named('keep_negative') ?? '1');
  } else if (value && typeof value === 'object') {
    const { class_name, config } = value as { class_name?: unknown; config?: Record<string, unknown> };
    if (typeof class_name !== 'string') return undefined;
    name = class_name;
    bits = config?.bits ?? 8;
    integer = config?.integer ?? 0;
    keepNegative = config?.keep_negative ?? true;
  } else return undefined;
  if (name === 'binary') return { bits: 1, intBits: 1, signed: true };
  if (name === 'ternary') return { bits: 2, intBits: 2, signed: true };
  if (!/^quantized_(bits|relu|tanh|sigmoid|linear)$/.test(name)) return undefined;
  const signed =
    name === 'quantized_bits' || name === 'quantized_linear' || name === 'quantized_tanh' ? keepNegative !== false : false;
  const width = Number(bits);
  if (!Number.isInteger(width) || width < 1 || width > 128 || !Number.isInteger(Number(integer))) return undefined;
  return { bits: width, intBits: Number(integer) + (signed ? 1 : 0), signed };
}

/** Name and settings of an activation given as text, as a quantiser or as a serialised object. */
function activationOf(value: unknown): { name?: string; text: string; result?: Precision } {
  const text =
    typeof value === 'string'
      ? value
      : value && typeof value === 'object'
        ? String((value as { class_name?: unknown }).class_name)
        : 'linear';
  return { name: activationNamed(text), text, result: quantizerPrecision(value) };
}

/**
 * The HLS layers of a Keras network: shapes propagated (padding same, valid and causal; strides), an activation inside a layer becomes a layer of its
 * own (`dense_6_softmax`), Flatten and Reshape are `reshape`, Dropout disappears, a class hwcast does not know becomes `opaque` with an assumption.
 * With `foldBatchNorm` a batch norm behind a linear dense or convolution that nobody else reads disappears, as hls4ml folds it into the weights.
 * Shapes are channels-last without the batch axis.
 * @throws HwcastError `bad-input` naming the layer.
 */
export function kerasLayers(
  list: readonly KerasLayer[],
  options: { where?: string; foldBatchNorm?: boolean; inputShape?: number[] } = {},
): KerasNetwork {
  const { where } = options;
  const layers: HlsLayer[] = [];
  const assumptions: string[] = [];
  const partsOf = new Map<string, string[]>();
  const inputNames: string[] = [];
  /** shape after each Keras layer and the HLS layer that makes it; '' is the network's input */
  const at = new Map<string, { shape: number[]; from: string }>();
  const readers = new Map<string, number>();
  for (const [i, layer] of list.entries())
    for (const input of layer.inputs ?? (i ? [list[i - 1].name] : [])) readers.set(input, (readers.get(input) ?? 0) + 1);

  let inputShape = options.inputShape;
  let before: string | undefined;
  const declared = (layer: KerasLayer): unknown =>
    layer.config.batch_input_shape ?? layer.config.batch_shape ?? layer.config.input_shape;
  for (const layer of list) {
    const type = layer.className
      .toLowerCase()
      .replace(/^[\w.]+>/, '')
      .replace(
        /^[qhp](?=dense|conv|depthwise|batch|activation|separable|average|max|global|lstm|gru|simplernn|add$|reshape|flatten|concatenate)/,
        '',
      )
      .replace(/(conv[12]d|dense)batchnorm$/, '$1');
    if (at.has(layer.name)) throw problem(layer, 'appears twice', where);
    if (type === 'inputlayer') {
      const shape = shapeOf(declared(layer) ?? options.inputShape, layer, where);
      inputShape ??= shape;
      at.set(layer.name, { shape, from: '' });
      inputNames.push(layer.name);
      before = layer.name;
      continue;
    }
    const names = layer.inputs ?? (before === undefined ? [] : [before]);
    let producers = names.map((name) => {
      const found = at.get(name);
      if (!found) throw problem(layer, `reads '${name}', which does not stand before it`, where);
      return found;
    });
    if (!producers.length) {
      const shape = shapeOf(declared(layer) ?? options.inputShape, layer, where);
      inputShape ??= shape;
      producers = [{ shape, from: '' }];
    }
    const [input] = producers;
    const parts: string[] = [];
    let current = input;
    const add = (
      kind: LayerKind,
      outShape: number[],
      fields: Partial<HlsLayer> = {},
      name = layer.name,
      inputs = current.from ? [current.from] : [],
    ): void => {
      if (!outShape.every((d) => d > 0))
        throw problem(layer, `has a window larger than its input ${JSON.stringify(current.shape)}`, where);
      layers.push({ name, kind, inputs, inShape: current.shape, outShape, ...withoutUndefined(fields) });
      parts.push(name);
      current = { shape: outShape, from: name };
    };
    const hgq = /^(HGQ>)?H[A-Z]/.test(layer.className) || layer.config.kq_conf !== undefined;
    const weighted = (): Partial<HlsLayer> => ({
      ...(hgq ? { ownWidths: true } : {}),
      weight: quantizerPrecision(layer.config.kernel_quantizer ?? layer.config.depthwise_quantizer),
      bias: quantizerPrecision(layer.config.bias_quantizer),
      useBias: typeof layer.config.use_bias === 'boolean' ? layer.config.use_bias : undefined,
    });
    const opaque = (why: string, outShape = current.shape): void => {
      assumptions.push(`layer '${layer.name}': ${why}; its cost is not counted`);
      add('opaque', outShape, { source: layer.className });
    };
    const padding = (): 'same' | 'valid' | 'causal' => {
      const value = layer.config.padding ?? 'valid';
      if (value !== 'same' && value !== 'valid' && value !== 'causal')
        throw problem(layer, `has padding ${JSON.stringify(value)}; known are same, valid and causal`, where);
      return value;
    };
    const rank = /3d/.test(type) ? 3 : /2d/.test(type) ? 2 : 1;
    const needsRank = (): void => {
      if (input.shape.length !== rank + 1)
        throw problem(layer, `needs an input of ${rank + 1} axes, not ${JSON.stringify(input.shape)}`, where);
    };
    const stridesOf = (fallback?: number[]): number[] =>
      layer.config.strides === undefined || layer.config.strides === null
        ? (fallback ?? Array.from({ length: rank }, () => 1))
        : integers(layer, 'strides', rank, where);
    const dilated = (): boolean => [layer.config.dilation_rate ?? 1].flat().some((d) => d !== 1);
    if (layer.config.data_format === 'channels_first' && rank > 1)
      throw problem(layer, 'is channels first; hls4ml and hwcast are channels-last', where);

    if (hgq && /^(dense|(depthwise|separable)?conv)/.test(type))
      assumptions.push(
        `layer '${layer.name}': an HGQ layer, whose widths and zeros are not in the file: those of the design assumed`,
      );
    if (TRANSPARENT.has(type)) {
      // reads through
    } else if (type === 'dense') {
      const units = integer(layer, 'units', where);
      add('dense', [...input.shape.slice(0, -1), units], weighted());
    } else if (/^(conv|depthwiseconv|separableconv)[12]d$/.test(type)) {
      needsRank();
      const kernel = integers(layer, 'kernel_size', rank, where),
        stride = stridesOf(),
        pad = padding();
      const space = input.shape.slice(0, -1).map((size, i) => windowed(size, kernel[i], stride[i], pad));
      const channels = input.shape[rank];
      if (dilated()) opaque('a dilated convolution is not supported', [...space, Number(layer.config.filters ?? channels)]);
      else if (type.startsWith('conv')) {
        const groups = Number(layer.config.groups ?? 1);
        add(`conv${rank}d` as LayerKind, [...space, integer(layer, 'filters', where)], {
          kernel,
          stride,
          padding: pad,
          groups: groups === 1 ? undefined : groups,
          ...weighted(),
        });
      } else {
        const multiplier = Number(layer.config.depth_multiplier ?? 1);
        if (type.startsWith('separable')) {
          add(
            `depthwise_conv${rank}d` as LayerKind,
            [...space, channels * multiplier],
            {
              kernel,
              stride,
              padding: pad,
              weight: quantizerPrecision(layer.config.depthwise_quantizer),
            },
            `${layer.name}_depthwise`,
          );
          add(`conv${rank}d` as LayerKind, [...space, integer(layer, 'filters', where)], {
            kernel: kernel.map(() => 1),
            stride: kernel.map(() => 1),
            padding: 'valid',
            ...weighted(),
            weight: quantizerPrecision(layer.config.pointwise_quantizer),
          });
        } else
          add(`depthwise_conv${rank}d` as LayerKind, [...space, channels * multiplier], {
            kernel,
            stride,
            padding: pad,
            ...weighted(),
          });
      }
    } else if (/^global(max|average)pooling[12]d$/.test(type)) {
      needsRank();
      const channels = input.shape[rank];
      add(
        type.startsWith('globalmax') ? 'global_max_pool' : 'global_avg_pool',
        layer.config.keepdims === true ? [...input.shape.slice(0, -1).map(() => 1), channels] : [channels],
      );
    } else if (/^(max|average)pooling[12]d$/.test(type)) {
      needsRank();
      const kernel =
          layer.config.pool_size === undefined
            ? Array.from({ length: rank }, () => 2)
            : integers(layer, 'pool_size', rank, where),
        stride = stridesOf(kernel),
        pad = padding();
      const space = input.shape.slice(0, -1).map((size, i) => windowed(size, kernel[i], stride[i], pad));
      add(type.startsWith('max') ? 'max_pool' : 'avg_pool', [...space, input.shape[rank]], { kernel, stride, padding: pad });
    } else if (type === 'batchnormalization') {
      const producer = layers.find((l) => l.name === input.from);
      const foldable = producer && /^(dense|conv|depthwise_conv)/.test(producer.kind) && readers.get(names[0]) === 1;
      if (options.foldBatchNorm && foldable) assumptions.push(`'${layer.name}' folded into '${producer.name}', as hls4ml does`);
      else add('batch_norm', input.shape);
    } else if (type === 'activation') {
      const { name, text, result } = activationOf(layer.config.activation);
      if (name) add('activation', input.shape, { activation: name, result });
      else opaque(`activation '${text}' is not known`);
    } else if (ACTIVATION_CLASSES.has(type)) {
      add('activation', input.shape, { activation: activationNamed(layer.className) });
    } else if (type === 'gru' || type === 'lstm' || type === 'simplernn') {
      if (input.shape.length !== 2)
        throw problem(layer, `needs an input [steps, features], not ${JSON.stringify(input.shape)}`, where);
      const units = integer(layer, 'units', where);
      const sequences = layer.config.return_sequences === true;
      add(type === 'simplernn' ? 'simple_rnn' : type, sequences ? [input.shape[0], units] : [units], weighted());
    } else if (type in MERGES) {
      const merge = MERGES[type];
      let outShape = input.shape;
      if (merge === 'concatenate') {
        const axis = Number(layer.config.axis ?? -1);
        const i = axis < 0 ? input.shape.length + axis : axis - 1;
        if (
          producers.some((p) => p.shape.length !== input.shape.length || p.shape.some((d, j) => j !== i && d !== input.shape[j]))
        )
          throw problem(
            layer,
            `joins shapes that do not fit: ${producers.map((p) => JSON.stringify(p.shape)).join(', ')}`,
            where,
          );
        outShape = input.shape.map((d, j) => (j === i ? producers.reduce((sum, p) => sum + p.shape[i], 0) : d));
      } else if (merge === 'dot') outShape = [1];
      else if (producers.some((p) => product(p.shape) > product(outShape)))
        outShape = producers.map((p) => p.shape).reduce((a, b) => (product(b) > product(a) ? b : a));
      add(
        'merge',
        outShape,
        { merge },
        layer.name,
        producers.flatMap((p) => (p.from ? [p.from] : [])),
      );
    } else if (type === 'flatten') add('reshape', [product(input.shape)]);
    else if (type === 'reshape') {
      const target = layer.config.target_shape;
      if (!Array.isArray(target)) throw problem(layer, "needs 'target_shape'", where);
      const known = product(target.filter((d) => d !== -1));
      add(
        'reshape',
        target.map((d) => (d === -1 ? product(input.shape) / known : Number(d))),
      );
      if (product(current.shape) !== product(input.shape))
        throw problem(
          layer,
          `turns ${JSON.stringify(input.shape)} into ${JSON.stringify(current.shape)}: another number of elements`,
          where,
        );
    } else if (/^zeropadding[12]d$/.test(type)) {
      needsRank();
      const value = layer.config.padding ?? 1;
      const pairs =
        rank === 1 && Array.isArray(value) ? [value] : Array.isArray(value) ? value : Array.from({ length: rank }, () => value);
      const extra = pairs.map((p) => (Array.isArray(p) ? Number(p[0]) + Number(p[1]) : 2 * Number(p)));
      if (extra.length !== rank || !extra.every(Number.isInteger))
        throw problem(layer, `has padding ${JSON.stringify(value)}`, where);
      add(
        'padding',
        input.shape.map((d, i) => (i < rank ? d + extra[i] : d)),
      );
    } else if (/^upsampling[12]d$/.test(type)) {
      needsRank();
      const size = integers({ ...layer, config: { size: layer.config.size ?? 2 } }, 'size', rank, where);
      add(
        'resize',
        input.shape.map((d, i) => (i < rank ? d * size[i] : d)),
      );
    } else if (type === 'permute') {
      const dims = layer.config.dims;
      if (!Array.isArray(dims) || dims.length !== input.shape.length) throw problem(layer, "needs 'dims', one an axis", where);
      add(
        'transpose',
        dims.map((d) => input.shape[Number(d) - 1] ?? 0),
      );
    } else
      opaque(
        `layer kind '${layer.className}' is not supported`,
        Array.isArray(layer.config.output_shape) ? shapeOf(layer.config.output_shape, layer, where) : current.shape,
      );

    // the activation inside a layer
    const inner =
      type !== 'activation' && !ACTIVATION_CLASSES.has(type) && !/gru|lstm|rnn/.test(type) ? layer.config.activation : undefined;
    if (inner !== undefined && inner !== null && parts.length && layers[layers.length - 1].kind !== 'opaque') {
      const { name, text, result } = activationOf(inner);
      if (!name) {
        assumptions.push(`layer '${layer.name}': activation '${text}' is not known; its cost is not counted`);
        add('opaque', current.shape, { source: text }, `${layer.name}_activation`);
      } else if (name !== 'linear') add('activation', current.shape, { activation: name, result }, `${layer.name}_${name}`);
      else if (result) layers[layers.length - 1].result = result;
    }
    at.set(layer.name, current);
    partsOf.set(layer.name, parts);
    before = layer.name;
  }
  if (!layers.length) throw new HwcastError('bad-input', 'the network has no layers', { where });
  return { layers, inputShape: inputShape ?? [], inputNames, assumptions, partsOf };
}

function withoutUndefined<T extends object>(fields: T): T {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;
}
