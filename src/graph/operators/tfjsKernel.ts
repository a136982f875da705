import type * as TensorFlow from '@tensorflow/tfjs';
import { HwcastError } from '../../core/errors.js';
import type { Shape, TensorType } from '../tensorType.js';

/** TensorFlow.js, handed in by the runtime: no operator loads it. */
export type Tf = typeof TensorFlow;
export type Tensor = TensorFlow.Tensor;

/** Images lie as [N, H, W, C] inside (what the kernels of TensorFlow.js want), everything else as the graph says. */
export type Layout = 'nhwc' | 'plain';

/** What the kernel of one node is made from. */
export interface TfjsNode<A> {
  readonly tf: Tf;
  readonly id: string;
  readonly op: string;
  readonly attrs: A;
  readonly inputs: readonly TensorType[];
  readonly output: TensorType;
  /** how the inputs lie when they reach the kernel, and its output leaves it */
  readonly layout: Layout;
  /** a learned tensor by its name, in the shape the kernel wants */
  weight(name: string, shape: Shape): Tensor;
}

/**
 * How TensorFlow.js runs an operator. `layout`: `image` wants [N, H, W, C]; `plain` what the graph says; `same` does not care; `joint` takes images
 * as they lie where all operands are images.
 */
export interface TfjsKernel<A> {
  readonly layout: 'image' | 'plain' | 'same' | 'joint';
  /** @throws HwcastError `unsupported` for forms without a kernel. */
  prepare(node: TfjsNode<A>): (...inputs: Tensor[]) => Tensor | Tensor[];
}

/** The kernel of an operator of one tensor that treats every element alike. */
export const unary = (run: (tf: Tf, x: Tensor) => Tensor): TfjsKernel<unknown> => ({
  layout: 'same',
  prepare:
    ({ tf }) =>
    (x) =>
      run(tf, x),
});

/** Two operands or more that broadcast; a lone operand is combined with 1. */
export const binary = (run: (tf: Tf, a: Tensor, b: Tensor) => Tensor): TfjsKernel<unknown> => ({
  layout: 'joint',
  prepare:
    ({ tf }) =>
    (...operands) =>
      operands.length === 1 ? run(tf, operands[0], tf.scalar(1)) : operands.reduce((a, b) => run(tf, a, b)),
});

/** Where a channel axis of [N, C, H, W] is in [N, H, W, C]. */
const NHWC_AXIS = [0, 3, 1, 2];
export const axisInside = (axis: number, layout: Layout): number => (layout === 'nhwc' ? NHWC_AXIS[axis] : axis);

export const unsupported = (node: { id: string; op: string }, why: string) =>
  new HwcastError('unsupported', `tfjs cannot run ${node.op}: ${why}`, {
    where: `node ${node.id}`,
    hint: 'measure it with another runtime',
  });
