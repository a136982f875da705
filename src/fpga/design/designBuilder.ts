import { elementCount } from '../../core/elementCount.js';
import { HwcastError } from '../../core/errors.js';
import {
  type HlsDesign,
  type HlsLayer,
  type IoType,
  type LayerKind,
  type Precision,
  parseHlsDesign,
  type Strategy,
} from './hlsDesign.js';
import { windowed } from './windowed.js';

export interface HlsNetworkOptions {
  /** shape of the input without the batch axis, channels last */
  input: readonly number[];
  id?: string;
  /** width of every tensor that names none, 16 by default; `intBits` of them before the point, 6 by default (at most `bits`) */
  bits?: number;
  intBits?: number;
  reuseFactor?: number;
  strategy?: Strategy;
  ioType?: IoType;
  part?: string;
  clockNs?: number;
  tool?: string;
  toolVersion?: string;
  hls4mlVersion?: string;
  multipliers?: HlsDesign['multipliers'];
}

/** Settings of one layer; what is left out is the network's. */
export interface HlsLayerOptions {
  name?: string;
  /** width of the weights and, where `intBits` is given, their integer bits */
  bits?: number;
  intBits?: number;
  /** type of the layer's output */
  result?: Precision;
  reuseFactor?: number;
  strategy?: Strategy;
  useBias?: boolean;
  zeroWeights?: number;
  /** each weight has a width of its own (HGQ), `bits` at most */
  ownWidths?: boolean;
}

export interface HlsWindowOptions extends HlsLayerOptions {
  stride?: number | readonly number[];
  padding?: 'same' | 'valid';
}

const WEIGHTED = /^(dense|(depthwise_)?conv\dd|batch_norm|gru|lstm)$/;

/**
 * Builds an HLS design layer by layer; each layer reads the one before it.
 *
 *     hlsNetwork({ input: [16], bits: 16, reuseFactor: 4, strategy: 'resource' }).dense(32).relu().dense(5).softmax().build()
 */
class HlsNetwork {
  private readonly layers: HlsLayer[] = [];
  private readonly counts = new Map<string, number>();
  private shape: number[];

  constructor(private readonly options: HlsNetworkOptions) {
    this.shape = [...options.input];
    if (!this.shape.length || !this.shape.every((d) => Number.isInteger(d) && d > 0))
      throw new HwcastError('bad-input', `input shape ${JSON.stringify(options.input)} must be positive whole numbers`);
  }

  /** Shape behind the last layer. */
  get outShape(): readonly number[] {
    return this.shape;
  }

  private add(kind: LayerKind, outShape: number[], options: HlsLayerOptions, fields: Partial<HlsLayer> = {}): this {
    const base = fields.activation ?? kind;
    const count = this.counts.get(base) ?? 0;
    this.counts.set(base, count + 1);
    const name = options.name ?? `${base}_${count}`;
    if (!outShape.every((d) => Number.isInteger(d) && d > 0))
      throw new HwcastError(
        'bad-input',
        `layer '${name}': ${JSON.stringify(this.shape)} becomes ${JSON.stringify(outShape)}, which is no shape`,
        {
          hint: 'sizes must be positive whole numbers and windows fit their input',
        },
      );
    const { bits, intBits, result, reuseFactor, strategy, useBias, zeroWeights, ownWidths } = options;
    const before = this.layers.at(-1);
    const weight = bits === undefined || !WEIGHTED.test(kind) ? undefined : { bits, intBits: intBits ?? null, signed: true };
    const layer = { name, kind, inputs: before ? [before.name] : [], inShape: this.shape, outShape, ...fields };
    const own = { weight, result, reuseFactor, strategy, useBias, zeroWeights, ownWidths };
    this.layers.push({ ...layer, ...Object.fromEntries(Object.entries(own).filter(([, v]) => v !== undefined)) });
    this.shape = outShape;
    return this;
  }

  private window(
    kind: LayerKind,
    size: number | readonly number[],
    options: HlsWindowOptions,
    stride: number | readonly number[],
    channels?: number,
  ): this {
    const rank = this.shape.length - 1;
    const wanted = /1d/.test(kind) ? 1 : /2d/.test(kind) ? 2 : rank;
    if (rank < 1 || rank !== wanted)
      throw new HwcastError(
        'bad-input',
        `${kind} needs an input of ${Math.max(wanted, 1) + 1} axes, not ${JSON.stringify(this.shape)}`,
      );
    const per = (value: number | readonly number[]): number[] =>
      typeof value === 'number' ? Array.from({ length: rank }, () => value) : [...value];
    const kernel = per(size),
      steps = per(options.stride ?? stride),
      padding = options.padding ?? 'valid';
    if (kernel.length !== rank || steps.length !== rank)
      throw new HwcastError(
        'bad-input',
        `${kind} needs ${rank} sizes and strides, not ${JSON.stringify(kernel)} and ${JSON.stringify(steps)}`,
      );
    const space = kernel.map((k, i) => windowed(this.shape[i], k, steps[i], padding));
    return this.add(kind, [...space, channels ?? this.shape[rank]], options, { kernel, stride: steps, padding });
  }

  /** Fully connected over the last axis. */
  dense(units: number, options: HlsLayerOptions = {}): this {
    return this.add('dense', [...this.shape.slice(0, -1), units], options);
  }

  conv1d(filters: number, kernel: number, options: HlsWindowOptions = {}): this {
    return this.window('conv1d', kernel, options, 1, filters);
  }

  conv2d(filters: number, kernel: number | readonly [number, number], options: HlsWindowOptions = {}): this {
    return this.window('conv2d', kernel, options, 1, filters);
  }

  depthwiseConv2d(kernel: number | readonly [number, number], options: HlsWindowOptions = {}): this {
    return this.window('depthwise_conv2d', kernel, options, 1);
  }

  /** Maximum over windows, the stride is the window unless given. */
  maxPool(size: number | readonly number[] = 2, options: HlsWindowOptions = {}): this {
    return this.window('max_pool', size, options, size);
  }

  /** Mean over windows, the stride is the window unless given. */
  avgPool(size: number | readonly number[] = 2, options: HlsWindowOptions = {}): this {
    return this.window('avg_pool', size, options, size);
  }

  globalMaxPool(options: HlsLayerOptions = {}): this {
    return this.add('global_max_pool', this.shape.slice(-1), options);
  }

  globalAvgPool(options: HlsLayerOptions = {}): this {
    return this.add('global_avg_pool', this.shape.slice(-1), options);
  }

  batchNorm(options: HlsLayerOptions = {}): this {
    return this.add('batch_norm', this.shape, options);
  }

  flatten(options: HlsLayerOptions = {}): this {
    return this.add('reshape', [elementCount(this.shape)], options);
  }

  /** relu, leaky_relu, sigmoid, tanh, softmax..; those by table take `tableSize` entries (1024 in hls4ml). */
  activation(activation: string, options: HlsLayerOptions & { tableSize?: number } = {}): this {
    const { tableSize, ...rest } = options;
    return this.add('activation', this.shape, rest, { activation, ...(tableSize ? { tableSize } : {}) });
  }

  relu(options: HlsLayerOptions = {}): this {
    return this.activation('relu', options);
  }

  sigmoid(options: HlsLayerOptions & { tableSize?: number } = {}): this {
    return this.activation('sigmoid', options);
  }

  tanh(options: HlsLayerOptions & { tableSize?: number } = {}): this {
    return this.activation('tanh', options);
  }

  softmax(options: HlsLayerOptions & { tableSize?: number } = {}): this {
    return this.activation('softmax', options);
  }

  /** Gated recurrent unit over [steps, features]. */
  gru(units: number, options: HlsLayerOptions & { returnSequences?: boolean } = {}): this {
    return this.recurrent('gru', units, options);
  }

  lstm(units: number, options: HlsLayerOptions & { returnSequences?: boolean } = {}): this {
    return this.recurrent('lstm', units, options);
  }

  private recurrent(kind: 'gru' | 'lstm', units: number, options: HlsLayerOptions & { returnSequences?: boolean }): this {
    if (this.shape.length !== 2)
      throw new HwcastError('bad-input', `${kind} needs an input [steps, features], not ${JSON.stringify(this.shape)}`);
    const { returnSequences, ...rest } = options;
    return this.add(kind, returnSequences ? [this.shape[0], units] : [units], rest);
  }

  /** The design. @throws HwcastError `bad-input` for a network without layers or with a wrong setting. */
  build(): HlsDesign {
    const {
      input: _,
      id,
      bits = 16,
      intBits,
      reuseFactor = 1,
      strategy = 'latency',
      ioType = 'io_parallel',
      clockNs,
      ...rest
    } = this.options;
    if (!this.layers.length) throw new HwcastError('bad-input', 'the network has no layers');
    return parseHlsDesign({
      id: id ?? 'network',
      layers: this.layers,
      precision: { bits, intBits: intBits ?? Math.min(6, bits), signed: true },
      reuseFactor,
      strategy,
      ioType,
      ...Object.fromEntries(Object.entries(rest).filter(([, v]) => v !== undefined)),
      ...(clockNs === undefined ? {} : { clockS: Number((clockNs * 1e-9).toPrecision(12)) }),
      assumptions: [],
    });
  }
}

/** Starts a design by its input and the settings of all layers. */
export const hlsNetwork = (options: HlsNetworkOptions): HlsNetwork => new HlsNetwork(options);
