import { HwcastError } from '../../../core/errors.js';
import type { Attrs } from '../../operators/attributes.js';
import type { Shape } from '../../tensorType.js';
import type { ChannelsLast, ChannelsLastBuilder } from '../channelsLast.js';
import type { NnmeterNode } from './nnmeterModel.js';

/** Turns a node into operators; gives its tensors, one a part where it has several. */
export type NnmeterRule = (visit: NnmeterVisit) => ChannelsLast | readonly ChannelsLast[];

/** A node on its way into the graph. Graphs of TensorFlow have their channels last, those of ONNX after the batch. */
export class NnmeterVisit {
  constructor(
    readonly build: ChannelsLastBuilder,
    readonly node: NnmeterNode,
    /** what it reads; constants of one element are part of the operator and left out */
    readonly inputs: readonly ChannelsLast[],
    private readonly channelsLast: boolean,
  ) {}

  get x(): ChannelsLast {
    if (!this.inputs.length) throw this.problem('reads nothing');
    return this.inputs[0];
  }

  problem(why: string, hint?: string): HwcastError {
    return new HwcastError('bad-input', why, { hint });
  }

  get channelAxis(): number {
    return this.channelsLast ? this.x.shape.length - 1 : 1;
  }

  get channels(): number {
    return this.x.shape[this.channelAxis];
  }

  /** Sizes of the spatial axes. */
  get places(): number[] {
    return this.channelsLast ? this.x.shape.slice(1, -1) : this.x.shape.slice(2);
  }

  /** Whole numbers of an attribute; undefined where there is none. @throws HwcastError `bad-input` */
  list(name: string): number[] | undefined {
    const value = this.node.attr[name];
    if (value === undefined) return undefined;
    const list = [value].flat();
    if (!list.every((n) => Number.isInteger(n))) throw this.problem(`has ${name} ${JSON.stringify(value)}`);
    return list as number[];
  }

  /** A positive whole number that the node must have. @throws HwcastError `bad-input` */
  positive(name: string, value: number | undefined): number {
    if (value === undefined || !(value > 0)) throw this.problem(`does not say its ${name}`);
    return value;
  }

  /** The last size of the shape that nn-Meter states for the output. */
  get statedChannels(): number | undefined {
    const shape = this.node.outputShapes[0];
    return this.channelsLast || shape?.length !== 4 ? shape?.at(-1) : shape[1];
  }

  /** Kernel, stride, dilation and padding of a window. */
  window(kernel: number[] | undefined): Attrs {
    if (!kernel?.length) throw this.problem('does not say its kernel');
    const axes = kernel.length;
    const spatial = (name: string): number[] => {
      const list = this.list(name) ?? Array<number>(axes).fill(1);
      return list.length === axes + 2 ? (this.channelsLast ? list.slice(1, -1) : list.slice(2)) : list;
    };
    const padding = String(this.node.attr.padding ?? this.node.attr.auto_pad ?? '').toLowerCase();
    return {
      kernel,
      stride: spatial('strides'),
      dilation: spatial('dilations'),
      padding: /same/.test(padding) ? 'same' : /valid/.test(padding) ? 'valid' : (this.list('pads') ?? 'valid'),
    };
  }

  /** An operator over places and channels. */
  picture(op: string, attrs: Attrs = {}, x: ChannelsLast = this.x): ChannelsLast {
    return this.channelsLast ? this.build.picture(op, x, attrs) : this.build.ordinary(op, [x], attrs);
  }

  /** Learned values, one a channel, added to a tensor. */
  biased(x: ChannelsLast): ChannelsLast {
    const axis = this.channelsLast ? x.shape.length - 1 : 1;
    const behind = x.first || !this.channelsLast ? x.shape.length - 2 : 0;
    const row = this.build.model.weight([x.shape[axis], ...Array<number>(behind).fill(1)]);
    const y = this.build.model.add('add', [x.tensor, row]);
    return x.first ? this.build.pictured(y) : this.build.plain(y);
  }

  elementwise(op: string): ChannelsLast {
    return this.build.elementwise(op, this.inputs);
  }

  axis(name: string, fallback: number): number {
    const axis = this.list(name)?.[0] ?? fallback;
    return axis < 0 ? axis + this.x.shape.length : axis;
  }

  /** Of the shape that nn-Meter states, else of its input's. */
  opaque(): ChannelsLast {
    const stated = this.node.outputShapes[0]?.map((n, i) => (n < 0 && i === 0 ? this.x.shape[0] : n));
    const shape: Shape = stated?.length && stated.every((n) => n >= 0) ? stated : this.x.shape;
    const inputs = this.inputs.map((x) => this.build.last(x));
    return this.build.plain(this.build.model.opaque(this.node.type, inputs, [{ shape, dtype: 'fp32' }])[0]);
  }
}
