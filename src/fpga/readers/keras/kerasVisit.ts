import type { HwcastError } from '../../../core/errors.js';
import { type KerasLayer, kerasType, layerProblem } from '../../../graph/readers/keras/kerasLayer.js';
import type { HlsLayer, LayerKind } from '../../design/hlsDesign.js';
import { windowed } from '../../design/windowed.js';
import { initialSpread } from './kerasInitializer.js';
import { quantizerPrecision } from './kerasQuantizer.js';

/** A tensor between layers. */
export interface KerasTensor {
  /** channels-last, without the batch axis */
  shape: number[];
  /** the HLS layer that makes it; '' for the network's input */
  from: string;
}

/** What the layers of a network share while they are turned into HLS layers. */
export interface KerasWalk {
  layers: HlsLayer[];
  assumptions: string[];
  /** layers that read a layer's result, by its name */
  readerCounts: ReadonlyMap<string, number>;
  foldBatchNorm: boolean;
  /** batch norms that were folded, and the layer that took each */
  folds: { batchNorm: string; into: string }[];
  where?: string;
}

/** Turns a layer into HLS layers. */
export type KerasRule = (visit: KerasVisit) => void;

/** A window that moves over the axes of a picture or signal. */
interface MovingWindow {
  kernel: number[];
  stride: number[];
  padding: 'same' | 'valid' | 'causal';
}

/** The quantiser that `BinaryDense` and the like have by their name. */
const weightsNamed = (className: string): string | undefined => /^(Binary|Ternary)/.exec(className)?.[0].toLowerCase();

/** One Keras layer on its way to HLS layers: its settings, checked as they are read, and the layers it becomes. */
export class KerasVisit {
  readonly type: string;
  /** axes of a picture or signal by the name of the class: 1, 2 or 3 */
  readonly rank: number;
  /** names of the HLS layers it became */
  readonly parts: string[] = [];
  /** the tensor behind what it became so far */
  current: KerasTensor;

  constructor(
    readonly walk: KerasWalk,
    readonly layer: KerasLayer,
    /** names of the Keras layers it reads */
    readonly producerNames: readonly string[],
    readonly producers: readonly KerasTensor[],
  ) {
    this.type = kerasType(layer.className);
    this.rank = /3d/.test(this.type) ? 3 : /2d/.test(this.type) ? 2 : 1;
    this.current = producers[0];
  }

  get input(): KerasTensor {
    return this.producers[0];
  }

  get config(): Record<string, unknown> {
    return this.layer.config;
  }

  /** Whether the layer is one of HGQ or HGQ2, whose weights have widths of their own that the file does not tell. */
  get isHgq(): boolean {
    return /^(HGQ>)?H[A-Z]/.test(this.layer.className) || this.config.kq_conf !== undefined;
  }

  problem(text: string): HwcastError {
    return layerProblem(this.layer, text, this.walk.where);
  }

  /** Appends an HLS layer that reads the current tensor (or `inputs`) and makes the next one. */
  add(
    kind: LayerKind,
    outShape: number[],
    fields: Partial<HlsLayer> = {},
    { name = this.layer.name, inputs = [this.current] }: { name?: string; inputs?: readonly KerasTensor[] } = {},
  ): void {
    const inShape = this.current.shape;
    if (!outShape.every((d) => d > 0)) throw this.problem(`has a window larger than its input ${JSON.stringify(inShape)}`);
    const stated = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
    this.walk.layers.push({ name, kind, inputs: inputs.flatMap(({ from }) => from || []), inShape, outShape, ...stated });
    this.parts.push(name);
    this.current = { shape: outShape, from: name };
  }

  /** A layer that hwcast has no rule for. */
  opaque(why: string, options: { outShape?: number[]; source?: string; name?: string } = {}): void {
    const { outShape = this.current.shape, source = this.layer.className, name } = options;
    this.walk.assumptions.push(`layer '${this.layer.name}': ${why}; its cost is not counted`);
    this.add('opaque', outShape, { source }, { name });
  }

  /** A setting that is one positive integer. */
  integer(key: string, config = this.config): number {
    const value = config[key];
    const one = Array.isArray(value) && value.length === 1 ? value[0] : value;
    if (!Number.isInteger(one) || (one as number) <= 0)
      throw this.problem(`needs '${key}' as a positive integer, not ${JSON.stringify(value)}`);
    return one as number;
  }

  /** A setting that is a positive integer an axis of the picture, or one for all. */
  integers(key: string, value = this.config[key]): number[] {
    const list = typeof value === 'number' ? this.perAxis(value) : value;
    if (!Array.isArray(list) || list.length !== this.rank || !list.every((v) => Number.isInteger(v) && v > 0))
      throw this.problem(
        `needs '${key}' as ${this.rank === 1 ? 'a positive integer' : `${this.rank} positive integers`}, not ${JSON.stringify(value)}`,
      );
    return list as number[];
  }

  perAxis<T>(value: T): T[] {
    return Array.from({ length: this.rank }, () => value);
  }

  /** @throws HwcastError `bad-input` where the input is no picture or signal of the layer's rank with channels last */
  needsPicture(): void {
    if (this.input.shape.length !== this.rank + 1)
      throw this.problem(`needs an input of ${this.rank + 1} axes, not ${JSON.stringify(this.input.shape)}`);
  }

  get channels(): number {
    return this.input.shape[this.rank];
  }

  /** The moving window of a convolution or pooling, and the axes behind it without the channels; strides absent: `defaultStride`, 1 unless told. */
  window(kernel: number[], defaultStride = this.perAxis(1)): { window: MovingWindow; space: number[] } {
    const stride = this.config.strides === undefined || this.config.strides === null ? defaultStride : this.integers('strides'),
      padding = this.padding();
    const space = this.input.shape.slice(0, -1).map((size, i) => windowed(size, kernel[i], stride[i], padding));
    return { window: { kernel, stride, padding }, space };
  }

  private padding(): MovingWindow['padding'] {
    const value = this.config.padding ?? 'valid';
    if (value !== 'same' && value !== 'valid' && value !== 'causal')
      throw this.problem(`has padding ${JSON.stringify(value)}; known are same, valid and causal`);
    return value;
  }

  /** Types of weights and biases as the layer's quantisers state them, and how far weights of `shape` reach as its initialiser tells. */
  weighted(shape?: readonly number[], config = this.config): Partial<HlsLayer> {
    const initializer = config.kernel_initializer ?? config.depthwise_initializer;
    return {
      ...(shape ? { weightSpread: initialSpread(initializer, shape) } : {}),
      ...(this.isHgq ? { ownWidths: true } : {}),
      weight: quantizerPrecision(config.kernel_quantizer ?? config.depthwise_quantizer ?? weightsNamed(this.layer.className)),
      bias: quantizerPrecision(config.bias_quantizer),
      useBias: typeof config.use_bias === 'boolean' ? config.use_bias : undefined,
    };
  }
}
