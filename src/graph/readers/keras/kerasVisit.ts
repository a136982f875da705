import type { HwcastError } from '../../../core/errors.js';
import type { Attrs } from '../../operators/attributes.js';
import type { ChannelsLast, ChannelsLastBuilder } from '../channelsLast.js';
import { type KerasLayer, kerasType, layerProblem } from './kerasLayer.js';

/** Turns a layer into operators; gives its tensor. */
export type KerasGraphRule = (visit: KerasGraphVisit) => ChannelsLast;

/** A layer on its way into the graph. */
export class KerasGraphVisit {
  readonly type: string;
  /** axes of a picture or signal by the name of the class: 1, 2 or 3 */
  readonly axes: 1 | 2 | 3;

  constructor(
    readonly build: ChannelsLastBuilder,
    readonly layer: KerasLayer,
    readonly inputs: readonly ChannelsLast[],
    private readonly where: string,
  ) {
    this.type = kerasType(layer.className);
    this.axes = /3d/.test(this.type) ? 3 : /2d/.test(this.type) ? 2 : 1;
  }

  get x(): ChannelsLast {
    if (!this.inputs.length) throw this.problem('reads nothing');
    return this.inputs[0];
  }

  get config(): Record<string, unknown> {
    return this.layer.config;
  }

  problem(text: string): HwcastError {
    return layerProblem(this.layer, text, this.where);
  }

  /** A setting that is a positive whole number. @throws HwcastError `bad-input` */
  whole(key: string, fallback?: number): number {
    const value = this.config[key] ?? fallback;
    const one = Array.isArray(value) && value.length === 1 ? value[0] : value;
    if (!Number.isInteger(one) || (one as number) < 1)
      throw this.problem(`needs '${key}' as a positive whole number, not ${JSON.stringify(value)}`);
    return one as number;
  }

  /** A setting that is one number, or one an axis. @throws HwcastError `bad-input` */
  perAxis(key: string, fallback: number | number[]): number[] {
    const value = this.config[key] ?? fallback;
    const list = Array.isArray(value) ? value : Array<unknown>(this.axes).fill(value);
    if (list.length !== this.axes || !list.every((n) => Number.isInteger(n) && n > 0))
      throw this.problem(`has ${JSON.stringify(value)} as '${key}'`);
    return list as number[];
  }

  /** Kernel, stride, dilation and padding of a window. */
  window(kernel: number[], stride: number[]): Attrs {
    const dilation = this.perAxis('dilation_rate', 1);
    const padding = this.config.padding ?? 'valid';
    if (padding !== 'same' && padding !== 'valid' && padding !== 'causal')
      throw this.problem(`has padding ${JSON.stringify(padding)}`);
    const before = kernel.map((k, i) => dilation[i] * (k - 1));
    return { kernel, stride, dilation, padding: padding === 'causal' ? [...before, ...before.map(() => 0)] : padding };
  }

  get bias(): 0 | 1 {
    return this.config.use_bias === false ? 0 : 1;
  }

  /** An axis, counted with the batch. */
  axis(key: string, fallback = -1): number {
    const value = Number([this.config[key] ?? fallback].flat()[0]);
    return value < 0 ? value + this.x.shape.length : value;
  }

  opaque(kind: string, x: ChannelsLast = this.x): ChannelsLast {
    const { dtype } = this.build.model.typeOf(x.tensor);
    return this.build.plain(this.build.model.opaque(kind, [this.build.last(x)], [{ shape: x.shape, dtype }])[0]);
  }
}
