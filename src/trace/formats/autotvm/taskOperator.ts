import { HwcastError } from '../../../core/errors.js';
import { inferShape } from '../../../graph/inferShape.js';
import type { Attrs } from '../../../graph/operators/attributes.js';
import type { MappedOp, Tensor } from '../../../graph/operatorText.js';
import type { Dtype } from '../../../graph/tensorType.js';
import { recordedForm } from '../../recordedForm.js';
import { shownName } from '../../shownName.js';

const DTYPES: Readonly<Record<string, Dtype>> = {
  float64: 'fp64',
  float32: 'fp32',
  float16: 'fp16',
  bfloat16: 'bf16',
  int64: 'int64',
  int32: 'int32',
  int16: 'int16',
  int8: 'int8',
  uint8: 'uint8',
  int4: 'int4',
  bool: 'bool',
};

/** What a task was given, in the order of its template: tensors, then attributes. */
interface Arguments {
  tensors: Tensor[];
  rest: unknown[];
  /** element type of the result */
  out: Dtype;
}

type Made = Pick<MappedOp, 'op' | 'attrs' | 'inputs'>;

/** `conv2d_nchw_winograd.cuda` and `topi_nn_conv2d` of before 2020: axes, whether it is depthwise, grouped or transposed, order of axes. */
const CONVOLUTION =
  /^(?:topi_\w+?_)?(?<kind>depthwise_|group_)?conv(?<axes>[123])d(?<transposed>_transpose)?(?<rest>_[\w.]*|\.\w+|)$/;

/**
 * The operator that a task of AutoTVM tunes, by the name of its template and its arguments (topi): one operator is one, whichever template.
 * @returns why it is none, where it is none
 */
export function taskOperator(name: string, args: readonly unknown[]): MappedOp | string {
  const told = argumentsOf(args),
    kind = shownName(name).slice(0, 60);
  if (typeof told === 'string') return `${kind}: ${told}`;
  const made = ruleOf(name, told);
  if (typeof made === 'string') return `${kind}: ${made}`;
  const shapes = made.inputs.map((t) => t.shape);
  try {
    return recordedForm({ ...made, shape: [...inferShape(made.op, shapes, made.attrs)], dtype: told.out });
  } catch (error) {
    if (!(error instanceof HwcastError)) throw error;
    return `${kind}: ${error.message}`;
  }
}

function ruleOf(name: string, told: Arguments): Made | string {
  const groups = CONVOLUTION.exec(name)?.groups;
  if (groups) return convolution(groups, told);
  if (/^(topi_\w+?_)?dense([_.]|$)/.test(name)) return dense(told);
  if (/^(topi_\w+?_)?batch_matmul([_.]|$)/.test(name)) return batchProduct(told);
  return 'a template that is not read';
}

function argumentsOf(args: readonly unknown[]): Arguments | string {
  const tensors: Tensor[] = [],
    rest: unknown[] = [];
  for (const value of args) {
    if (!Array.isArray(value) || value[0] !== 'TENSOR') {
      rest.push(value);
      continue;
    }
    const [, shape, dtype] = value,
      known = Object.hasOwn(DTYPES, String(dtype)) ? DTYPES[String(dtype)] : undefined;
    if (!known) return 'an element type that is not known';
    if (!Array.isArray(shape) || !shape.every((n) => Number.isSafeInteger(n) && n > 0)) return 'a tensor without sizes';
    tensors.push({ shape, dtype: known });
  }
  if (tensors.length < 2) return 'fewer than two tensors';
  const types = rest.flatMap((r) => (Object.hasOwn(DTYPES, String(r)) ? [DTYPES[String(r)]] : []));
  return { tensors, rest, out: types[0] ?? tensors[0].dtype };
}

/** A number for every axis, or a list of them. */
const perAxis = (value: unknown, axes: number): number[] | undefined =>
  Number.isSafeInteger(value)
    ? new Array<number>(axes).fill(value as number)
    : Array.isArray(value) && value.every((n) => Number.isSafeInteger(n))
      ? (value as number[])
      : undefined;

/** Places of batch, channels and sizes in the order of axes, e.g. of NHWC. */
const ORDERS = ['NCW', 'NWC', 'NCHW', 'NHWC', 'HWCN', 'NCDHW', 'NDHWC'];

/** Order of axes that the arguments or the template name; `NCHW16c` and the like are split channels. */
function orderOf(rest: readonly unknown[], template: string, axes: number): { order: string; isSplit: boolean } | undefined {
  const channelsFirst = ['NCW', 'NCHW', 'NCDHW'][axes - 1],
    told = rest.find((r): r is string => typeof r === 'string' && /^(N[CDHW]+|HWCN)(\d*c)?$/.test(r));
  const named = told ?? /(?:^|_)([ncdhw]{3,6})(?=[_.]|$)/i.exec(template)?.[1] ?? channelsFirst,
    isSplit = /^NC[DHW]+\d*c$/.test(named),
    order = (isSplit ? named.replace(/\d*c$/, '') : named).toUpperCase();
  // topi calls the transposed convolution of one axis nchw
  const known = axes === 1 ? order.replace('CHW', 'CW') : order;
  return ORDERS.includes(known) && known.length === axes + 2 ? { order: known, isSplit } : undefined;
}

/** [N, C, ..] of a tensor in another order, or of one whose channels are split ([N, C / c, .., c]). */
function channelsFirst(shape: readonly number[], order: string, isSplit: boolean): number[] | undefined {
  if (isSplit && shape.length === order.length + 1) {
    const inner = shape[shape.length - 1];
    return [shape[0], shape[1] * inner, ...shape.slice(2, -1)];
  }
  if (shape.length !== order.length) return undefined;
  const sizes = [...order].filter((axis) => axis !== 'N' && axis !== 'C');
  return ['N', 'C', ...sizes].map((axis) => shape[order.indexOf(axis)]);
}

/** Kernel, channels in a group and channels out of filters, which stand behind the sizes where channels stand last. */
function filtersOf(filters: readonly number[], axes: number, order: string, isDepthwise: boolean, isTransposed: boolean) {
  if (filters.length === axes + 4) {
    const [o, i, ...more] = filters,
      [innerIn, innerOut] = more.slice(axes);
    return { kernel: more.slice(0, axes), outer: o * innerOut, inner: i * innerIn };
  }
  if (filters.length !== axes + 2) return undefined;
  const isLast = order.endsWith('C') || order === 'HWCN';
  if (!isLast) return { kernel: filters.slice(2), outer: filters[0], inner: filters[1] };
  const [a, b] = filters.slice(axes);
  // [.., C, multiplier] of depthwise ones, [.., I, O] of others
  return { kernel: filters.slice(0, axes), ...(isDepthwise || isTransposed ? { outer: a, inner: b } : { outer: b, inner: a }) };
}

function convolution({ kind, axes: count, transposed, rest: template }: Record<string, string>, told: Arguments): Made | string {
  const axes = Number(count),
    { tensors, rest } = told,
    [x, weights] = tensors,
    isDepthwise = kind === 'depthwise_',
    isTransposed = transposed !== undefined;
  const named = orderOf(rest, template, axes);
  if (!named) return 'an order of axes that is not read';
  const shape = channelsFirst(x.shape, named.order, named.isSplit),
    filters = filtersOf(weights.shape, axes, named.order, isDepthwise, isTransposed);
  if (!shape || !filters) return 'tensors that do not have its axes';
  const [stride, padding] = [rest[0], typeof rest[1] === 'string' ? rest[1].toLowerCase() : rest[1]],
    strides = perAxis(stride, axes),
    pads = padding === 'same' ? 'same' : padding === 'valid' ? new Array<number>(axes).fill(0) : perAxis(padding, axes);
  if (!strides || pads === undefined) return 'no stride or padding';
  const attrs: Record<string, Attrs[string]> = { kernel: filters.kernel, stride: strides, padding: pads, bias: 0 },
    input = { shape, dtype: x.dtype };
  if (isTransposed) {
    const added = perAxis(
      rest.slice(2).find((r) => Array.isArray(r)),
      axes,
    );
    if (added?.some((n) => n > 0)) attrs.outputPadding = added;
    Object.assign(attrs, { groups: 1, outChannels: filters.inner });
  } else {
    const groups = isDepthwise ? shape[1] : kind === 'group_' ? Number(rest.slice(2).find((r) => typeof r === 'number')) : 1,
      // dilation stands third; topi of before 2019 has none
      dilation =
        Array.isArray(rest[2]) || (typeof rest[2] === 'number' && kind !== 'group_') ? perAxis(rest[2], axes) : undefined;
    if (!(groups >= 1)) return 'no number of groups';
    if (!isDepthwise && filters.inner * groups !== shape[1])
      return `filters of ${filters.inner * groups} channels on ${shape[1]}`;
    Object.assign(attrs, { groups, outChannels: isDepthwise ? filters.outer * filters.inner : filters.outer });
    if (dilation) attrs.dilation = dilation;
  }
  if (isDepthwise && filters.outer !== shape[1]) return `filters of ${filters.outer} channels on ${shape[1]}`;
  return { op: `conv${isTransposed ? '_transpose' : ''}${axes}d`, attrs: { ...attrs, ...typesOf(told) }, inputs: [input] };
}

/** Of products of whole numbers that are summed up in a wider type. */
const typesOf = ({ tensors: [x, weights], out }: Arguments): Record<string, Dtype> => ({
  ...(weights.dtype !== out ? { weightDtype: weights.dtype } : {}),
  ...(x.dtype !== out && x.dtype === weights.dtype ? { computeDtype: x.dtype } : {}),
});

/** [M, K] x [N, K], the weights of some templates packed as [N / n, K, n]. */
function dense(told: Arguments): Made | string {
  const [x, weights, bias] = told.tensors,
    [outFeatures, inFeatures] =
      weights.shape.length === 3 ? [weights.shape[0] * weights.shape[2], weights.shape[1]] : weights.shape;
  if (x.shape.length !== 2 || x.shape[1] !== inFeatures) return 'tensors that do not fit one another';
  return {
    op: 'linear',
    attrs: { outFeatures, bias: bias ? 1 : 0, ...typesOf(told) },
    inputs: [{ shape: x.shape, dtype: x.dtype }],
  };
}

/** [B, M, K] x [B, N, K], unless the arguments say otherwise. */
function batchProduct({ tensors: [x, y], rest }: Arguments): Made | string {
  const [transposeA = false, transposeB = true] = rest.filter((r) => typeof r === 'boolean');
  return {
    op: 'matmul',
    attrs: { ...(transposeA ? { transposeA: 1 } : {}), transposeB: transposeB ? 1 : 0 },
    inputs: [x, y],
  };
}
