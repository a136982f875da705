import type { Attrs } from '../../../operators/attributes.js';
import type { Dtype } from '../../../tensorType.js';
import { quantizedAfter } from '../integerRegions.js';
import { NotCovered, type Operation, type Rules } from '../operation.js';
import { isConstant, type Value } from '../value.js';
import { activated, broadcasting } from './elementwise.js';

/** Kernel, stride, dilation and padding as operators take them. `pads` are all that come before, then all that come after. */
export function windowAttrs(op: Operation, kernel: readonly number[]): Record<string, number | string | number[]> {
  const ones = kernel.map(() => 1);
  const automatic = op.string('auto_pad') ?? 'NOTSET';
  return {
    kernel: [...kernel],
    stride: op.ints('strides') ?? ones,
    dilation: op.ints('dilations') ?? ones,
    padding: automatic.startsWith('SAME') ? 'same' : automatic === 'VALID' ? 0 : (op.ints('pads') ?? kernel.map(() => 0)),
  };
}

/** Types of weights and arithmetic, where they are not that of the output. */
export function weightTypes(weight: Value, output: Dtype, compute?: Dtype): Attrs {
  const stored = weight.constant?.storedDtype ?? weight.dtype;
  return {
    ...(stored === output ? {} : { weightDtype: stored }),
    ...(compute === undefined || compute === output ? {} : { computeDtype: compute }),
  };
}

interface Operands {
  x: Value;
  weight: Value;
  bias?: Value | undefined;
  /** of the output; that of `x` unless told */
  dtype?: Dtype;
  /** the arithmetic, where it is not the output's */
  compute?: Dtype;
}

/** x [N, Ci, ..] with weights [Co, Ci / groups, ..]. */
export function convolve(op: Operation, { x, weight, bias, dtype = x.dtype, compute }: Operands): Value {
  const axes = weight.shape.length - 2;
  if (axes < 1 || axes > 3) throw new NotCovered(`weights [${weight.shape}]`);
  const attrs = {
    ...windowAttrs(op, op.ints('kernel_shape') ?? weight.shape.slice(2)),
    groups: op.int('group', 1),
    outChannels: weight.shape[0],
    bias: bias ? 1 : 0,
    ...foldedNorm(op, weight),
    ...weightTypes(weight, dtype, compute),
  };
  return op.add(`conv${axes}d`, [x], attrs, { dtype, weights: weightsOf(op, weight, bias) });
}

/** Weights that are computed while it runs are no parameters. */
function weightsOf(op: Operation, weight: Value, bias: Value | undefined): (Value | undefined)[] {
  if (!isConstant(weight))
    op.translator.assumptions.add(
      'weights that are computed while it runs count no parameters, and no traffic from where they are made',
    );
  return [weight, bias];
}

/** Where the export names the bias of weights. */
const biasBeside = (weight: string): string => weight.replace(/(^|\.)weight$/, '$1bias');
const nameOf = ({ constant }: Value): string => [...(constant?.sources ?? [])][0]?.name ?? '';

/** A bias of zeros, which exporters leave out: where the export names one beside the weights. */
function zeroBias(op: Operation, weight: Value): Value | undefined {
  const { model, assumptions } = op.translator,
    bias = biasBeside(nameOf(weight));
  if (bias === nameOf(weight) || !model.parameters.has(bias)) return undefined;
  assumptions.add('biases of convolutions that the export names and the file leaves out (they are zero) count as the others');
  return { shape: [weight.shape[0]], dtype: weight.dtype, constant: { values: () => undefined, sources: new Set() } };
}

/** That a batch norm was folded into the weights, and whether they had a bias of their own. */
function foldedNorm(op: Operation, weight: Value): Attrs {
  const { model } = op.translator,
    name = nameOf(weight);
  if (!model.normsInto.has(name)) return {};
  return { foldedNorm: model.parameters.has(biasBeside(name)) ? 'after bias' : 'alone' };
}

/** Between QuantizeLinear and DequantizeLinear a convolution runs on integers, and writes them where its result is quantized again. */
function conv(op: Operation): Value {
  const [x, weight] = [op.input(0), op.input(1)],
    bias = op.inputs[2] ?? zeroBias(op, weight);
  const integers = weight.constant?.storedDtype ? x.integers : undefined;
  if (!integers) return convolve(op, { x, weight, bias });
  if (!quantizedAfter(op.node.outputs[0], op.scope))
    return convolve(op, { x: integers, weight, bias, dtype: x.dtype, compute: integers.dtype });
  const y = convolve(op, { x: integers, weight, bias });
  return { shape: y.shape, dtype: x.dtype, integers: y };
}

function transposed(op: Operation): Value {
  const [x, weight, bias] = [op.input(0), op.input(1), op.inputs[2]];
  const axes = weight.shape.length - 2;
  if (axes < 1 || axes > 3) throw new NotCovered(`weights [${weight.shape}]`);
  const groups = op.int('group', 1);
  const window = windowAttrs(op, op.ints('kernel_shape') ?? weight.shape.slice(2));
  const [kernel, stride, dilation] = [window.kernel, window.stride, window.dilation] as number[][];
  const outputPadding = op.ints('output_padding') ?? kernel.map(() => 0);
  const wanted = op.ints('output_shape')?.slice(-axes);
  if (wanted) {
    const surplus = wanted.map((n, i) =>
      Math.max(0, stride[i] * (x.shape[i + 2] - 1) + outputPadding[i] + (kernel[i] - 1) * dilation[i] + 1 - n),
    );
    window.padding = [...surplus.map((n) => n >> 1), ...surplus.map((n) => n - (n >> 1))];
  }
  const attrs = {
    ...window,
    outputPadding,
    groups,
    outChannels: weight.shape[1] * groups,
    bias: bias ? 1 : 0,
    ...weightTypes(weight, x.dtype),
  };
  return op.add(`conv_transpose${axes}d`, [x], attrs, { weights: weightsOf(op, weight, bias) });
}

/** A convolution, a sum with operand 3 where there is one, and an activation. */
function fusedConv(op: Operation): Value {
  const y = convolve(op, { x: op.input(0), weight: op.input(1), bias: op.inputs[2] });
  const other = op.inputs[3];
  return activated(op, other ? broadcasting(op, 'add', [y, other]) : y);
}

/** x, scale, zero point, w, scale, zero point, scale of y, zero point of y, bias */
const quantizedConv = (op: Operation): Value => convolve(op, { x: op.input(0), weight: op.input(3), bias: op.inputs[8] });

/** Offsets move the places that a window reads: arithmetic of a convolution. */
function deformable(op: Operation): Value {
  op.translator.assumptions.add('deformable convolutions count as convolutions: the places they interpolate are left out');
  return convolve(op, { x: op.input(0), weight: op.input(1), bias: op.inputs[3] });
}

/** Integers with a sum of 32 bits. */
const integerConv = (op: Operation): Value => {
  const x = op.input(0);
  return convolve(op, { x, weight: op.input(1), dtype: 'int32', compute: x.dtype });
};

export const CONVOLUTIONS: Rules = {
  Conv: conv,
  ConvTranspose: transposed,
  ConvInteger: integerConv,
  QLinearConv: quantizedConv,
  DeformConv: deformable,
};

export const CONVOLUTIONS_MICROSOFT: Rules = { FusedConv: fusedConv, QLinearConv: quantizedConv };

const BLOCK = 16;

/**
 * Output channels that hold anything; all where the values are not in the file. They lie in blocks of 16, the channel of a block last, so the filling
 * is the last places of the last block.
 */
function filledChannels(weight: Value): number {
  const values = weight.constant?.values();
  const [channels] = weight.shape;
  if (!values || channels % BLOCK) return channels;
  const lastBlock = values.subarray((values.length / channels) * (channels - BLOCK));
  let filled = BLOCK;
  const isEmpty = (place: number) => lastBlock.every((v, i) => i % BLOCK !== place || v === 0);
  while (filled > 1 && isEmpty(filled - 1)) filled--;
  return channels - BLOCK + filled;
}

/** Channels are rounded up to a block of 8 or 16: what is known to be filling does not count. */
function blockedConv(op: Operation): Value {
  const [x, weight, bias] = [op.input(0), op.input(1), op.inputs[2]];
  const depthwise = op.int('group', 1) === weight.shape[0];
  const attrs = {
    ...windowAttrs(op, op.ints('kernel_shape') ?? weight.shape.slice(2)),
    groups: depthwise ? x.shape[1] : op.int('group', 1),
    outChannels: depthwise ? x.shape[1] : filledChannels(weight),
    bias: bias ? 1 : 0,
  };
  const y = op.add('conv2d', [x], attrs);
  const other = op.inputs[3];
  return activated(op, other ? broadcasting(op, 'add', [y, other]) : y);
}

/** Blocked layouts [N, C / 8, H, W, 8] whose shapes are written [N, C, H, W], channels rounded up. */
export const NCHWC: Rules = {
  Conv: blockedConv,
  ReorderInput: (op) => op.add('copy', [op.input(0)]),
  ReorderOutput(op) {
    const x = op.input(0);
    const channels = op.int('channels', x.shape[1]);
    return channels >= x.shape[1]
      ? op.add('copy', [x])
      : op.add('slice', [x], { shape: [x.shape[0], channels, ...x.shape.slice(2)] });
  },
  Upsample(op) {
    const x = op.input(0);
    const scales = op.ints('scales') ?? x.shape.map(() => 1);
    return op.add('resize', [x], { shape: x.shape.map((n, i) => n * scales[i]) });
  },
};
