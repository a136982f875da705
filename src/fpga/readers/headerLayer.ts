import { elementCount } from '../../core/elementCount.js';
import { CONVOLUTIONS, type HlsLayer, type LayerKind, SOFTMAXES } from '../design/hlsDesign.js';
import { activationNamed } from './activationName.js';
import { firmwareName } from './firmwareSettings.js';
import { type HeaderLayer, precisionOf, strategyNamed } from './hls4mlHeader.js';

/** A positive integer of the struct, or undefined. */
const positive = (layer: HeaderLayer, key: string): number | undefined => {
  const value = layer[key];
  return Number.isInteger(value) && (value as number) > 0 ? (value as number) : undefined;
};

/** Numbers of several names, all there and positive, or undefined. */
const allPositive = (layer: HeaderLayer, ...keys: string[]): number[] | undefined => {
  const values = keys.map((key) => positive(layer, key));
  return values.every((value) => value !== undefined) ? (values as number[]) : undefined;
};

/** Sizes along the axes of a signal (`width`) or of a picture (`height`, `width`). */
const alongAxes = (layer: HeaderLayer, rank: string, prefix: string): number[] | undefined =>
  rank === '1' ? allPositive(layer, `${prefix}_width`) : allPositive(layer, `${prefix}_height`, `${prefix}_width`);

/** Same padding where the output is the input over the stride; a 1x1 window fits both and counts as valid elsewhere. */
const paddingOf = (input: readonly number[], output: readonly number[], stride: readonly number[]): 'same' | 'valid' =>
  stride.every((s, i) => output[i] === Math.ceil(input[i] / s)) ? 'same' : 'valid';

/** What a rule gives: the layer without name and inputs, or why it cannot be told. */
type Told = Omit<HlsLayer, 'name' | 'inputs'> | { opaque: string };

interface Struct {
  layer: HeaderLayer;
  /** `layer.kind` in lower case */
  kind: string;
  types: Pick<HlsLayer, 'weight' | 'bias' | 'accum'>;
  /** strategy, types and zeros of a layer with weights */
  weights: Partial<HlsLayer>;
  table: Pick<HlsLayer, 'tableSize'>;
  assumptions: string[];
}

function dense({ layer, types, weights, assumptions }: Struct): Told {
  const sizes = allPositive(layer, 'n_in', 'n_out');
  if (!sizes) return { opaque: 'a dense layer without sizes' };
  if (!types.weight) assumptions.push(`layer '${layer.config}': weight precision not recorded`);
  return { kind: 'dense', inShape: [sizes[0]], outShape: [sizes[1]], ...weights };
}

/** Its name is that of the struct: `relu_config4`. */
function activation({ layer, kind, table }: Struct): Told {
  const prefix = layer.config.match(/^([A-Za-z_]+?)_?config/i)?.[1] ?? kind;
  const name = activationNamed(prefix);
  if (!layer.n_in) return { opaque: 'an activation without its size' };
  if (!name) return { opaque: `activation '${prefix}' is not known` };
  const softmax = name === 'softmax' ? firmwareName(SOFTMAXES, layer.implementation) : undefined;
  return {
    kind: 'activation',
    inShape: [layer.n_in],
    outShape: [layer.n_in],
    activation: name,
    ...table,
    ...(softmax ? { softmax } : {}),
  };
}

function batchNorm({ layer, types }: Struct): Told {
  if (!layer.n_in) return { opaque: 'a batch norm without its size' };
  const scale = precisionOf((layer as { scale?: HeaderLayer['weight'] }).scale);
  return {
    kind: 'batch_norm',
    inShape: [layer.n_in],
    outShape: [layer.n_in],
    ...types,
    ...(scale ? { weight: scale } : {}),
  };
}

function recurrent({ layer, kind, weights, table }: Struct): Told {
  const sizes = allPositive(layer, 'n_in', 'n_out');
  if (!sizes) return { opaque: 'a recurrent layer without sizes' };
  const steps = positive(layer, 'n_sequence') ?? 1,
    outSteps = positive(layer, 'n_sequence_out') ?? 1;
  return {
    kind: kind as LayerKind,
    inShape: [steps, sizes[0]],
    outShape: outSteps > 1 ? [outSteps, sizes[1]] : [sizes[1]],
    ...weights,
    ...table,
  };
}

function convolution({ layer, weights }: Struct, [, depthwise, rank]: readonly string[]): Told {
  const input = alongAxes(layer, rank, 'in'),
    output = alongAxes(layer, rank, 'out'),
    kernel = alongAxes(layer, rank, 'filt');
  const channels = positive(layer, 'n_chan'),
    filters = positive(layer, 'n_filt');
  if (!input || !output || !kernel || !channels || !filters) return { opaque: 'a convolution without sizes' };
  const inShape = [...input, channels],
    outShape = [...output, filters],
    stride = alongAxes(layer, rank, 'stride') ?? kernel.map(() => 1);
  const pixels = elementCount(output) / (positive(layer, 'n_partitions') ?? elementCount(output)),
    kept = firmwareName(CONVOLUTIONS, layer.implementation);
  return {
    kind: `${depthwise ? 'depthwise_' : ''}conv${rank}d` as LayerKind,
    inShape,
    outShape,
    kernel,
    stride,
    padding: paddingOf(inShape, outShape, stride),
    // of a depthwise one hls4ml writes 1, whatever it makes at once
    ...(!depthwise && Number.isInteger(pixels) && pixels > 1 ? { pixelsAtOnce: pixels } : {}),
    ...(kept ? { convolution: kept } : {}),
    ...weights,
  };
}

function pooling({ layer, assumptions }: Struct, [, global, rank]: readonly string[]): Told {
  const operation = /av/i.test(String(layer.pool_op ?? '')) ? 'avg' : 'max';
  if (layer.pool_op === undefined) assumptions.push(`layer '${layer.config}': kind of pooling not recorded, maximum assumed`);
  const channels = positive(layer, 'n_filt') ?? positive(layer, 'n_chan');
  const input = (rank === '1' ? allPositive(layer, 'n_in') : undefined) ?? alongAxes(layer, rank, 'in');
  if (!channels || !input) return { opaque: 'a pooling layer without sizes' };
  const inShape = [...input, channels];
  if (global) return { kind: `global_${operation}_pool`, inShape, outShape: [channels] };
  const output = (rank === '1' ? allPositive(layer, 'n_out') : undefined) ?? alongAxes(layer, rank, 'out'),
    kernel = alongAxes(layer, rank, 'pool') ?? alongAxes(layer, rank, 'filt');
  if (!output || !kernel) return { opaque: 'a pooling layer without sizes' };
  const stride = alongAxes(layer, rank, 'stride') ?? kernel;
  return {
    kind: `${operation}_pool`,
    inShape,
    outShape: [...output, channels],
    kernel,
    stride,
    padding: paddingOf(input, output, stride),
  };
}

/** Rules by the kind that a struct states, the first that fits; `parts` are those of the expression. */
const RULES: readonly { kind: RegExp; rule: (struct: Struct, parts: readonly string[]) => Told }[] = [
  { kind: /^dense$/, rule: dense },
  { kind: /^activ/, rule: activation },
  { kind: /^batchnorm/, rule: batchNorm },
  { kind: /^(gru|lstm|simple_rnn)$/, rule: recurrent },
  { kind: /^(depth|depthwise_?)?conv([12])d/, rule: convolution },
  { kind: /^(global_?)?pool(?:ing)?([12])d/, rule: pooling },
];

function told(struct: Struct): Told {
  if (activationNamed(struct.kind)) return activation(struct);
  for (const { kind, rule } of RULES) {
    const parts = struct.kind.match(kind);
    if (parts) return rule(struct, parts);
  }
  return { opaque: `layer kind '${struct.layer.kind}' is not supported` };
}

/**
 * One struct of a parameter header as an HLS layer without inputs: dense, activation, batch norm, convolution, pooling, GRU and LSTM. What lacks its sizes
 * or is not known becomes `opaque`, with a line in `assumptions`.
 */
export function headerLayer(layer: HeaderLayer, assumptions: string[]): HlsLayer {
  const types = Object.fromEntries(
    (['weight', 'bias', 'accum'] as const).flatMap((key) => {
      const type = precisionOf(layer[key]);
      return type ? [[key, type]] : [];
    }),
  );
  const strategy = strategyNamed(layer.strategy);
  const result = told({
    layer,
    kind: layer.kind.toLowerCase(),
    types,
    weights: {
      ...(strategy ? { strategy } : {}),
      ...types,
      ...(typeof layer.n_zeros === 'number' ? { zeroWeights: layer.n_zeros } : {}),
    },
    table: layer.table_size ? { tableSize: layer.table_size } : {},
    assumptions,
  });
  if ('opaque' in result) {
    assumptions.push(`layer '${layer.config}': ${result.opaque}; its cost is not counted`);
    const size = layer.n_in ? [layer.n_in] : [];
    return { name: layer.config, inputs: [], kind: 'opaque', inShape: size, outShape: size, source: layer.kind };
  }
  return { name: layer.config, inputs: [], ...(layer.reuse_factor ? { reuseFactor: layer.reuse_factor } : {}), ...result };
}
