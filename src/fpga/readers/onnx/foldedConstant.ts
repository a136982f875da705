import { intAttribute, intsAttribute, type OnnxNode } from '../../../graph/readers/onnx/onnxModel.js';
import {
  flattened,
  keptAxes,
  positiveAxis,
  reshaped,
  transposedValues,
  unsqueezed,
} from '../../../graph/readers/onnx/onnxShapes.js';
import { axisDims, integerType, mapped, type OnnxConstant, onnxQuantizer, QUANTIZERS, scaledPrecision } from './onnxQuantizer.js';

const none = (): undefined => undefined;

/** A one-dimensional constant. */
export const vector = (values: readonly number[]): OnnxConstant => ({
  dims: [values.length],
  values: () => Float64Array.from(values),
});

/** Axes of Squeeze, Unsqueeze, Reduce..: an attribute, from opset 13 (18) on an input. */
export function axesOf(node: OnnxNode, input: OnnxConstant | undefined): number[] | undefined {
  const values = input?.values();
  return values ? [...values] : intsAttribute(node, 'axes');
}

type Folder = (node: OnnxNode, inputs: readonly (OnnxConstant | undefined)[]) => OnnxConstant | undefined;

const same: Folder = (_, [x]) => x;
const reshapedBy =
  (dimsOf: (node: OnnxNode, dims: number[], second: OnnxConstant | undefined) => number[] | undefined): Folder =>
  (node, [x, second]) => {
    const dims = x && dimsOf(node, x.dims, second);
    return dims && { ...x, dims };
  };

const FOLDERS: Record<string, Folder> = {
  Identity: same,
  Cast: same,
  Dropout: same,
  Constant: (node) => {
    for (const [name, attribute] of node.attributes) {
      if (attribute.kind === 'tensor') return attribute.value;
      if (/^value_(float|int)$/.test(name) && (attribute.kind === 'float' || attribute.kind === 'int'))
        return { ...vector([attribute.value]), dims: [] };
      if (attribute.kind === 'floats' || attribute.kind === 'ints') return vector(attribute.value);
    }
    return undefined;
  },
  // a placeholder of one value: no weights to count zeros of
  ConstantOfShape: (_, [shape]) => {
    const dims = shape?.values();
    return dims && { dims: [...dims], values: none };
  },
  Transpose: (node, [x]) => {
    if (!x) return undefined;
    const perm = intsAttribute(node, 'perm') ?? x.dims.map((_, i) => x.dims.length - 1 - i);
    return { ...x, dims: perm.map((p) => x.dims[p]), ...onDemand(x, (values) => transposedValues(values, x.dims, perm)) };
  },
  Reshape: reshapedBy((node, dims, second) => {
    const target = second?.values() ?? intsAttribute(node, 'shape');
    return target && reshaped(dims, [...target], intAttribute(node, 'allowzero') === 1);
  }),
  Flatten: reshapedBy((node, dims) => flattened(dims, intAttribute(node, 'axis') ?? 1)),
  Squeeze: reshapedBy((node, dims, second) => keptAxes(dims, axesOf(node, second)).map((i) => dims[i])),
  Unsqueeze: reshapedBy((node, dims, second) => {
    const axes = axesOf(node, second);
    return axes && unsqueezed(dims, axes);
  }),
  Gather: (_, [x, indices]) => {
    const from = x?.dims.length === 1 ? x.values() : undefined;
    return (
      from &&
      indices && { dims: indices.dims, ...onDemand(indices, (places) => places.map((i) => from[positiveAxis(i, from.length)])) }
    );
  },
  Concat: (_, inputs) => {
    const parts = inputs.map((c) => (c?.dims.length === 1 ? c.values() : undefined));
    return parts.every((p) => p !== undefined) ? vector(parts.flatMap((p) => [...p])) : undefined;
  },
};

/** Values that are computed of another constant's when asked for. */
const onDemand = (
  source: OnnxConstant,
  make: (values: Float64Array) => Float64Array | undefined,
): Pick<OnnxConstant, 'values'> => ({
  values: () => {
    const values = source.values();
    return values && make(values);
  },
});

/**
 * The constant that an operator makes of constants; values are computed when asked for. `dims`: what the file says of its shape. An operator that is not
 * folded gives a constant without values. What the precision of a quantised one leaves out goes to `note`.
 */
export function foldedConstant(
  node: OnnxNode,
  inputs: readonly (OnnxConstant | undefined)[],
  dims: number[] | undefined,
  note: (text: string) => void,
): OnnxConstant {
  const [x] = inputs;
  if (x && QUANTIZERS.has(node.opType)) {
    const { precision, notes, ownWidths, step, quantised } = onnxQuantizer(node, inputs);
    notes.forEach(note);
    return { dims: x.dims, precision, ownWidths, step, ...onDemand(x, (values) => quantised(values, x.dims)) };
  }
  if (x && node.opType === 'DequantizeLinear') return dequantised(node, x, inputs, note);
  const folder = Object.hasOwn(FOLDERS, node.opType) ? FOLDERS[node.opType] : undefined;
  return folder?.(node, inputs) ?? { dims: dims ?? x?.dims ?? [], values: none };
}

/** Stored integers with scale and zero point: their type is the precision. What QuantizeLinear made is in its own scale already. */
function dequantised(
  node: OnnxNode,
  x: OnnxConstant,
  inputs: readonly (OnnxConstant | undefined)[],
  note: (text: string) => void,
): OnnxConstant {
  const type = integerType(x.dataType ?? '');
  if (x.precision || !type) return x;
  const scale = inputs[1]?.values(),
    zeroPoint = inputs[2]?.values();
  const { precision, notes, step } = scaledPrecision(type, scale, zeroPoint);
  notes.forEach(note);
  const axes = axisDims(node, x.dims, inputs[1]?.dims);
  return {
    dims: x.dims,
    precision,
    step,
    ...onDemand(x, (values) =>
      mapped(values, x.dims, axes, scale, (v, s, i) => (v - (zeroPoint?.[zeroPoint.length === 1 ? 0 : i] ?? 0)) * s),
    ),
  };
}

/** Elements that are zero; undefined where the values are not known. */
export function zerosOf(constant: OnnxConstant | undefined): number | undefined {
  const values = constant?.values();
  if (!values) return undefined;
  let zeros = 0;
  for (const value of values) if (value === 0) zeros++;
  return zeros;
}
