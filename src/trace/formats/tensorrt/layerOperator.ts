import { HwcastError } from '../../../core/errors.js';
import { inferShape } from '../../../graph/inferShape.js';
import type { Attrs } from '../../../graph/operators/attributes.js';
import type { MappedOp, Tensor } from '../../../graph/operatorText.js';
import type { Dtype } from '../../../graph/tensorType.js';
import { recordedForm } from '../../recordedForm.js';
import { shownName } from '../../shownName.js';

/** A layer as `--exportLayerInfo` writes it. */
export type Layer = Readonly<Record<string, unknown>>;

/** Element types in `Format/Datatype`, of TensorRT 8 in words. */
const DTYPES: readonly [RegExp, Dtype][] = [
  [/\bBF(loat)?16\b/i, 'bf16'],
  [/\bFP16\b|\bHalf\b/i, 'fp16'],
  [/\bFP8\b/i, 'fp8'],
  [/\bTF32\b/i, 'tf32'],
  [/\bFP32\b|\bFloat\b/i, 'fp32'],
  [/\bInt8\b/i, 'int8'],
  [/\bInt4\b/i, 'int4'],
  [/\bInt64\b/i, 'int64'],
  [/\bInt32\b/i, 'int32'],
  [/\bBool\b/i, 'bool'],
];

const dtypeIn = (text: unknown): Dtype | undefined => DTYPES.find(([pattern]) => pattern.test(String(text)))?.[1];

/** Tensors that a layer reads or writes; undefined where one has no shape or type. */
function tensors(value: unknown): Tensor[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const all = value.map((t): Tensor | undefined => {
    const { Dimensions: shape, 'Format/Datatype': format, Datatype } = t as Record<string, unknown>,
      dtype = dtypeIn(Datatype) ?? dtypeIn(format);
    if (!dtype || !Array.isArray(shape) || !shape.every((n) => Number.isSafeInteger(n) && n > 0)) return undefined;
    return { shape: shape as number[], dtype };
  });
  return all.every((t) => t !== undefined) ? all : undefined;
}

const numbers = (value: unknown): number[] => (Array.isArray(value) ? value.map(Number) : []);
const count = (weights: unknown): number => Number((weights as { Count?: unknown } | undefined)?.Count) || 0;

/** Kernel, stride and padding on both sides. */
const windowOf = (layer: Layer, kernel: string): Record<string, number[]> => ({
  kernel: numbers(layer[kernel]),
  stride: numbers(layer.Stride),
  padding: [...numbers(layer.PrePadding), ...numbers(layer.PostPadding)],
});

type Rule = (
  layer: Layer,
  x: Tensor,
  y: Tensor,
  inputs: readonly Tensor[],
) => { op: string; attrs: Attrs; inputs?: Tensor[] } | string;

const convolution =
  (op: string): Rule =>
  (layer, x, y) => {
    const window = windowOf(layer, 'Kernel'),
      weights = dtypeIn((layer.Weights as Record<string, unknown> | undefined)?.Type);
    if (count(layer.Weights) && !weights) return 'the type of its weights is not known';
    return {
      op: `${op}${window.kernel.length}d`,
      attrs: {
        ...window,
        dilation: numbers(layer.Dilation),
        groups: Number(layer.Groups ?? 1),
        outChannels: Number(layer.OutMaps),
        bias: count(layer.Bias) ? 1 : 0,
        ...(weights && weights !== y.dtype ? { weightDtype: weights } : {}),
        ...(x.dtype !== y.dtype && x.dtype === weights ? { computeDtype: x.dtype } : {}),
      },
    };
  };

/** What a layer computes, by its `ParameterType`. Activations and sums that stand in it are fused behind. */
const RULES: Readonly<Record<string, Rule>> = {
  Convolution: convolution('conv'),
  Deconvolution: convolution('conv_transpose'),
  Pooling(layer, x, y) {
    const window = windowOf(layer, 'WindowSize'),
      isWhole = window.kernel.every((k, i) => k === x.shape[i + 2]) && y.shape.slice(2).every((n) => n === 1);
    if (layer.PoolingType === 'AVERAGE' && isWhole) return { op: 'global_avg_pool', attrs: {} };
    const op = { MAX: 'max_pool', AVERAGE: 'avg_pool' }[String(layer.PoolingType)];
    return op ? { op: `${op}${window.kernel.length}d`, attrs: window } : 'a pooling that is neither of maxima nor of means';
  },
  // one bit for each axis
  SoftMax: (layer) => ({ op: 'softmax', attrs: { axis: Math.trunc(Math.log2(Number(layer.Axes))) } }),
  FullyConnected: (layer) => ({
    op: 'linear',
    attrs: { outFeatures: Number(layer.OutMaps), bias: count(layer.Bias) ? 1 : 0 },
  }),
  MatrixMultiply: (layer, _x, _y, inputs) =>
    inputs.length === 2
      ? {
          op: 'matmul',
          attrs: {
            ...(/TRANSPOSE/.test(String(layer.MatrixOpA)) ? { transposeA: 1 } : {}),
            transposeB: /TRANSPOSE/.test(String(layer.MatrixOpB)) ? 1 : 0,
          },
          inputs: [...inputs],
        }
      : 'one of its matrices is not listed',
};

/**
 * The operator that a layer of an engine is.
 * @returns why it is none, where it is none
 */
export function layerOperator(layer: Layer): MappedOp | string {
  const type = shownName(String(layer.ParameterType ?? layer.LayerType)).slice(0, 60);
  if (layer.LayerType === 'NoOp') return 'NoOp: it runs no kernel';
  if (type === 'Reformat') return 'Reformat: a change of layout or type that TensorRT adds';
  const rule = Object.hasOwn(RULES, type) ? RULES[type] : undefined;
  if (!rule) return `${type}: its attributes are not read`;
  const inputs = tensors(layer.Inputs),
    outputs = tensors(layer.Outputs);
  if (!inputs?.length || !outputs?.length) return `${type}: the shapes or types of its tensors are not listed`;
  const [x] = inputs,
    [y] = outputs,
    made = rule(layer, x, y, inputs);
  if (typeof made === 'string') return `${type}: ${made}`;
  const reads = made.inputs ?? [x],
    shapes = reads.map((t) => t.shape);
  // windows at the edge are rounded up where the engine says so (`kEXPLICIT_ROUND_UP`), which its output shows
  const forms = /_pool\dd$/.test(made.op) ? [made.attrs, { ...made.attrs, ceilMode: 1 }] : [made.attrs];
  let shape: readonly number[] = [];
  try {
    for (const attrs of forms) {
      shape = inferShape(made.op, shapes, attrs);
      if (shape.join() === y.shape.join())
        return recordedForm({ op: made.op, attrs, inputs: reads, shape: [...shape], dtype: y.dtype });
    }
  } catch (error) {
    if (!(error instanceof HwcastError)) throw error;
    return `${type}: ${error.message}`;
  }
  return `${type}: its attributes make [${shape}], it gives out [${y.shape}]`;
}
