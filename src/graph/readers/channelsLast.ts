import { elementCount } from '../../core/elementCount.js';
import type { Attrs } from '../operators/attributes.js';
import { sameShape } from '../operators/shapes.js';
import type { Dtype, Shape } from '../tensorType.js';
import type { ModelBuilder } from './modelBuilder.js';

/** A tensor of a framework whose channels stand last. Its axes are only named anew for operators that want them first: nothing is copied. */
export interface ChannelsLast {
  tensor: string;
  /** as the framework has it: [N, H, W, C] */
  shape: Shape;
  /** the graph has it as [N, C, H, W] */
  first: boolean;
}

/** What stands for each axis, channels last, with the channels after the batch. */
export const channelsFirst = <T>([n, ...rest]: readonly T[]): T[] => [n, rest[rest.length - 1], ...rest.slice(0, -1)];

/** Operators over tensors with channels last. */
export class ChannelsLastBuilder {
  constructor(readonly model: ModelBuilder) {}

  /** A tensor of the graph that stands as the framework has it. */
  plain(tensor: string): ChannelsLast {
    return { tensor, shape: this.model.shapeOf(tensor), first: false };
  }

  /** A tensor of the graph with its channels first. */
  pictured(tensor: string): ChannelsLast {
    const [n, channels, ...places] = this.model.shapeOf(tensor);
    return { tensor, shape: [n, ...places, channels], first: true };
  }

  last(x: ChannelsLast): string {
    return x.first ? this.model.reshape(x.tensor, x.shape) : x.tensor;
  }

  first(x: ChannelsLast): string {
    if (x.first || x.shape.length < 3) return x.tensor;
    return this.model.reshape(x.tensor, channelsFirst(x.shape));
  }

  /** An operator over places and channels: a convolution, a pool, a norm by channel. */
  picture(op: string, x: ChannelsLast, attrs: Attrs, dtype?: Dtype): ChannelsLast {
    const tensor = this.model.add(op, [this.first(x)], attrs, dtype);
    return this.model.shapeOf(tensor).length < 3 ? this.plain(tensor) : this.pictured(tensor);
  }

  /** An operator that takes its operands as the framework has them. */
  ordinary(op: string, xs: readonly ChannelsLast[], attrs: Attrs = {}, dtype?: Dtype): ChannelsLast {
    return this.plain(
      this.model.add(
        op,
        xs.map((x) => this.last(x)),
        attrs,
        dtype,
      ),
    );
  }

  /** An operator of one element of each operand. */
  elementwise(op: string, xs: readonly ChannelsLast[], attrs: Attrs = {}, dtype?: Dtype): ChannelsLast {
    const together = xs.some((x) => x.first) && xs.every((x) => x.shape.length === xs[0].shape.length);
    if (!together) return this.ordinary(op, xs, attrs, dtype);
    return this.pictured(
      this.model.add(
        op,
        xs.map((x) => this.first(x)),
        attrs,
        dtype,
      ),
    );
  }

  /** One number for each axis of the framework, in the order in which the graph has the axes of `x`. */
  arranged<T>(x: ChannelsLast, each: readonly T[]): T[] {
    return x.first ? channelsFirst(each) : [...each];
  }

  /** An axis of the framework as the graph has it. */
  axis(x: ChannelsLast, axis: number): number {
    return this.arranged(
      x,
      x.shape.map((_, i) => i),
    ).indexOf(axis);
  }

  /** An operator that keeps the axes of its operand and takes them in any order: attributes come as the graph has them. */
  inPlace(op: string, x: ChannelsLast, attrs: Attrs = {}, dtype?: Dtype): ChannelsLast {
    const tensor = this.model.add(op, [x.tensor], attrs, dtype);
    return x.first ? this.pictured(tensor) : this.plain(tensor);
  }

  reshaped(x: ChannelsLast, shape: Shape): ChannelsLast {
    return sameShape(x.shape, shape) ? x : this.plain(this.model.reshape(x.tensor, shape));
  }

  flat(x: ChannelsLast): ChannelsLast {
    return this.reshaped(x, [x.shape[0], elementCount(x.shape.slice(1))]);
  }
}
