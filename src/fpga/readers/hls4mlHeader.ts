import { z } from 'zod';
import type { HlsLayer, LayerKind, Precision } from '../design/hlsDesign.js';
import { activationNamed } from './activationName.js';

const Count = z.int().nonnegative().nullish();
const Type = z
  .object({ bits: z.int().min(1).max(128), int_bits: z.int().min(-128).max(128).nullish(), signed: z.boolean().nullish() })
  .nullish();

/** One struct of the parameter header hls4ml writes, as `hls4ml_projects.jsonl` and `hls4ml_modules.jsonl` hold it. */
export const HeaderLayerSchema = z.looseObject({
  config: z.string().min(1),
  kind: z.string().min(1),
  n_in: Count,
  n_out: Count,
  n_filt: z.int().nullish(),
  n_chan: Count,
  n_sequence: Count,
  n_sequence_out: Count,
  n_zeros: Count,
  table_size: Count,
  reuse_factor: Count,
  strategy: z.string().nullish(),
  weight: Type,
  bias: Type,
  accum: Type,
});
export type HeaderLayer = z.infer<typeof HeaderLayerSchema>;

export const precisionOf = (type: z.infer<typeof Type>): Precision | undefined =>
  type ? { bits: type.bits, intBits: type.int_bits ?? null, signed: type.signed ?? true } : undefined;

export const strategyNamed = (text: string | null | undefined): HlsLayer['strategy'] => {
  const name = text?.toLowerCase().replace(/^nnet::/, '');
  if (name === 'latency' || name === 'resource' || name === 'distributed_arithmetic' || name === 'unrolled') return name;
  return name === 'resource_unrolled' ? 'unrolled' : undefined;
};

/** Bits behind the binary point; NaN where unknown. */
const behind = (p: Precision): number => (p.intBits === null ? Number.NaN : p.bits - p.intBits);

/**
 * Marks the dense layers and convolutions each of whose weights has a width of its own: HGQ gives bias and sum the type that products need exactly, as many bits behind the point as
 * input and widest weight together (`get_config_wight_accum_result_bias` of its proxy model). Elsewhere the bias has the type of the weights, or both the default. Where the type of an
 * input is not known, the types of the sums must differ from layer to layer, so that they are no default.
 */
export function markOwnWidths(
  layers: readonly HlsLayer[],
  inputs: ReadonlyMap<HlsLayer, Precision | undefined>,
  assumptions: string[],
): void {
  const weighted = layers.filter((l) => /^(dense|conv)/.test(l.kind));
  const sums = new Set(weighted.map(({ accum }) => `${accum?.bits} ${accum?.intBits}`));
  for (const layer of weighted) {
    const { weight, bias, accum } = layer,
      input = inputs.get(layer);
    if (!weight || !bias || !accum || bias.bits !== accum.bits || bias.intBits !== accum.intBits) continue;
    const exact = input ? behind(accum) === behind(weight) + behind(input) : sums.size > 1 && behind(accum) >= behind(weight);
    if (!exact || accum.bits <= weight.bits) continue;
    layer.ownWidths = true;
    assumptions.push(
      `layer '${layer.name}': bias and sum have the exact type of the products, so each weight is taken to have a width of its own (HGQ)`,
    );
  }
}

/**
 * Types between layers of HGQ that a header does not name: the sum has the integer bits of its result, and the bits that the next sum has behind the point beyond its weights' are
 * those of its input. A rectifier between them loses the sign.
 */
export function inferExactResults(layers: readonly HlsLayer[], assumptions: string[]): void {
  for (const [i, next] of layers.entries()) {
    const rectifier = layers[i - 1]?.activation === 'relu' ? layers[i - 1] : undefined,
      before = rectifier ? layers[i - 2] : layers[i - 1];
    const intBits = before?.accum?.intBits;
    if (!next.ownWidths || !before?.ownWidths || intBits == null) continue;
    const fraction = behind(next.accum!) - behind(next.weight!);
    const put = (layer: HlsLayer, type: Precision): void => {
      if (layer.result || type.bits < 1) return;
      layer.result = type;
      assumptions.push(`layer '${layer.name}': result of ${type.bits} bits, by the sums before and behind it`);
    };
    put(before, { bits: intBits + fraction, intBits, signed: true });
    if (rectifier) put(rectifier, { bits: intBits - 1 + fraction, intBits: intBits - 1, signed: false });
  }
}

/** A positive integer of the struct, or undefined. */
const num = (layer: HeaderLayer, key: string): number | undefined => {
  const value = layer[key];
  return Number.isInteger(value) && (value as number) > 0 ? (value as number) : undefined;
};

/** Numbers of several names, all there and positive, or undefined. */
const all = (layer: HeaderLayer, ...keys: string[]): number[] | undefined => {
  const values = keys.map((key) => num(layer, key));
  return values.every((v) => v !== undefined) ? (values as number[]) : undefined;
};

/**
 * One struct as an HLS layer without inputs: dense, activation (kind by the name of the struct: `relu_config4`), batch norm, convolution, pooling,
 * GRU and LSTM. What lacks its sizes or is not known becomes `opaque`, with a line in `assumptions`.
 */
export function headerLayer(layer: HeaderLayer, assumptions: string[]): HlsLayer {
  const base = {
    name: layer.config,
    inputs: [] as string[],
    ...(layer.reuse_factor ? { reuseFactor: layer.reuse_factor } : {}),
  };
  const strategy = strategyNamed(layer.strategy);
  const types = Object.fromEntries(
    (['weight', 'bias', 'accum'] as const).flatMap((key) => {
      const type = precisionOf(layer[key]);
      return type ? [[key, type]] : [];
    }),
  );
  const weights = {
    ...(strategy ? { strategy } : {}),
    ...types,
    ...(typeof layer.n_zeros === 'number' ? { zeroWeights: layer.n_zeros } : {}),
  };
  const table = layer.table_size ? { tableSize: layer.table_size } : {};
  const opaque = (why: string): HlsLayer => {
    assumptions.push(`layer '${layer.config}': ${why}; its cost is not counted`);
    const size = layer.n_in ? [layer.n_in] : [];
    return { name: layer.config, inputs: [], kind: 'opaque', inShape: size, outShape: size, source: layer.kind };
  };
  const kind = layer.kind.toLowerCase();

  if (kind === 'dense') {
    const sizes = all(layer, 'n_in', 'n_out');
    if (!sizes) return opaque('a dense layer without sizes');
    if (!types.weight) assumptions.push(`layer '${layer.config}': weight precision not recorded`);
    return { ...base, kind: 'dense', inShape: [sizes[0]], outShape: [sizes[1]], ...weights };
  }
  if (/^activ/.test(kind) || activationNamed(kind)) {
    const prefix = layer.config.match(/^([A-Za-z_]+?)_?config/i)?.[1] ?? kind;
    const activation = activationNamed(prefix);
    if (!layer.n_in) return opaque('an activation without its size');
    if (!activation) return opaque(`activation '${prefix}' is not known`);
    return { ...base, kind: 'activation', inShape: [layer.n_in], outShape: [layer.n_in], activation, ...table };
  }
  if (/^batchnorm/.test(kind)) {
    if (!layer.n_in) return opaque('a batch norm without its size');
    const scale = precisionOf((layer as { scale?: z.infer<typeof Type> }).scale);
    return {
      ...base,
      kind: 'batch_norm',
      inShape: [layer.n_in],
      outShape: [layer.n_in],
      ...types,
      ...(scale ? { weight: scale } : {}),
    };
  }
  if (kind === 'gru' || kind === 'lstm' || kind === 'simple_rnn') {
    const sizes = all(layer, 'n_in', 'n_out');
    if (!sizes) return opaque('a recurrent layer without sizes');
    const steps = num(layer, 'n_sequence') ?? 1,
      out = num(layer, 'n_sequence_out') ?? 1;
    return { ...base, kind, inShape: [steps, sizes[0]], outShape: out > 1 ? [out, sizes[1]] : [sizes[1]], ...weights, ...table };
  }
  const conv = kind.match(/^(depth|depthwise_?)?conv([12])d/);
  if (conv) {
    const flat = conv[2] === '1';
    const input = flat ? all(layer, 'in_width', 'n_chan') : all(layer, 'in_height', 'in_width', 'n_chan'),
      output = flat ? all(layer, 'out_width', 'n_filt') : all(layer, 'out_height', 'out_width', 'n_filt'),
      kernel = flat ? all(layer, 'filt_width') : all(layer, 'filt_height', 'filt_width');
    if (!input || !output || !kernel) return opaque('a convolution without sizes');
    const stride = (flat ? all(layer, 'stride_width') : all(layer, 'stride_height', 'stride_width')) ?? kernel.map(() => 1);
    return {
      ...base,
      kind: `${conv[1] ? 'depthwise_' : ''}conv${conv[2]}d` as LayerKind,
      inShape: input,
      outShape: output,
      kernel,
      stride,
      padding: paddingOf(input, output, stride),
      ...weights,
    };
  }
  const pool = kind.match(/^(global_?)?pool(?:ing)?([12])d/);
  if (pool) {
    const flat = pool[2] === '1';
    const average = /av/i.test(String(layer.pool_op ?? ''));
    if (layer.pool_op === undefined) assumptions.push(`layer '${layer.config}': kind of pooling not recorded, maximum assumed`);
    const channels = num(layer, 'n_filt') ?? num(layer, 'n_chan');
    const input = flat ? (all(layer, 'n_in') ?? all(layer, 'in_width')) : all(layer, 'in_height', 'in_width');
    if (!channels || !input) return opaque('a pooling layer without sizes');
    if (pool[1])
      return {
        ...base,
        kind: average ? 'global_avg_pool' : 'global_max_pool',
        inShape: [...input, channels],
        outShape: [channels],
      };
    const output = flat ? (all(layer, 'n_out') ?? all(layer, 'out_width')) : all(layer, 'out_height', 'out_width'),
      kernel = flat
        ? (all(layer, 'pool_width') ?? all(layer, 'filt_width'))
        : (all(layer, 'pool_height', 'pool_width') ?? all(layer, 'filt_height', 'filt_width'));
    if (!output || !kernel) return opaque('a pooling layer without sizes');
    const stride = (flat ? all(layer, 'stride_width') : all(layer, 'stride_height', 'stride_width')) ?? kernel;
    return {
      ...base,
      kind: average ? 'avg_pool' : 'max_pool',
      inShape: [...input, channels],
      outShape: [...output, channels],
      kernel,
      stride,
      padding: paddingOf(input, output, stride),
    };
  }
  return opaque(`layer kind '${layer.kind}' is not supported`);
}

/** Same padding where the output is the input over the stride; a 1x1 window fits both and counts as valid elsewhere. */
const paddingOf = (input: readonly number[], output: readonly number[], stride: readonly number[]): 'same' | 'valid' =>
  stride.every((s, i) => output[i] === Math.ceil(input[i] / s)) ? 'same' : 'valid';

/**
 * Structs that live inside another layer and must not be counted again: the two matrices, the activation and the recurrent activation of a GRU or LSTM
 * (`config2_1`, `config2_2`, `tanh_config2`, `sigmoid_config2_recr` of `config2`), the matrix product of a convolution (`config2_mult`).
 * Result: name of the inner struct -> name of the layer it belongs to.
 */
export function innerStructs(layers: readonly HeaderLayer[]): Map<string, string> {
  const inner = new Map<string, string>();
  for (const owner of layers) {
    const recurrent = /^(gru|lstm|simple_rnn)$/i.test(owner.kind);
    if (!recurrent && !/conv/i.test(owner.kind)) continue;
    for (const { config } of layers) {
      if (config === owner.config) continue;
      const rest = config.startsWith(`${owner.config}_`) ? config.slice(owner.config.length + 1) : undefined;
      if (rest !== undefined && /^(\d+|mult)$/.test(rest)) inner.set(config, owner.config);
      else if (recurrent && new RegExp(`^[A-Za-z_]+_${owner.config}(_recr)?$`).test(config)) inner.set(config, owner.config);
    }
  }
  return inner;
}
