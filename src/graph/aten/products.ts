import { elementCount } from '../../core/elementCount.js';
import { type AtenCall, type AtenRule, type AtenTensor, type Made, operators, Unusable, weightsOf } from './atenCall.js';
import { einsum } from './einsum.js';

/** Product with a weight: `outAxis` is the axis of its output features, `bias` the name of the argument that shifts them. */
function linearBy(call: AtenCall, x: AtenTensor, weight: AtenTensor, outAxis: number, bias?: string): Made {
  if (weight.shape.length !== 2) throw new Unusable('weight is no matrix');
  return {
    op: 'linear',
    attrs: { outFeatures: weight.shape[outAxis], bias: bias ? 1 : 0 },
    inputs: [x],
    weights: [weight, ...(bias ? weightsOf(call, bias) : [])],
  };
}

const linear =
  (xName: string, weightName: string, outAxis: number): AtenRule =>
  (call) => {
    const bias = ['bias', 'self'].find((name) => name !== xName && name !== weightName && call.has(name));
    return linearBy(call, call.tensor(xName), call.tensor(weightName), outAxis, bias);
  };

/** A vector as a matrix of one row or column, where the program states what comes out. */
function matrix(call: AtenCall, t: AtenTensor, asRow: boolean): AtenTensor {
  if (t.shape.length >= 2) return t;
  if (!call.outputs) throw new Unusable('product with a vector');
  const size = elementCount(t.shape);
  return { ...t, shape: asRow ? [1, size] : [size, 1] };
}

/** Product of two tensors; with a stored matrix it is a `linear`. */
const matmul =
  (xName: string, yName: string): AtenRule =>
  (call) => {
    const x = matrix(call, call.tensor(xName), true);
    const y = matrix(call, call.tensor(yName), false);
    if (y.stored && y.shape.length === 2 && call.tensor(yName).shape.length === 2) return linearBy(call, x, y, 1);
    return { op: 'matmul', attrs: { transposeB: 0 }, inputs: [x, y] };
  };

/** x^T A y + b (bilinear layer): [.., i] [o, i, j] [.., j] -> [.., o]. */
const bilinear: AtenRule = (call) => {
  const x = call.tensor('input1');
  const weight = call.tensor('weight');
  const [out, , inner] = weight.shape;
  const shape = call.outputs?.[0]?.shape ?? [];
  // the larger product: x with [i, o j]; the second, with y, is an elementwise product and a sum
  return {
    op: 'linear',
    attrs: { outFeatures: out * inner, bias: 0 },
    inputs: [x],
    weights: weightsOf(call, 'weight', 'bias'),
    shape: [...shape.slice(0, -1), out * inner],
  };
};

/** Product with a weight of four bits, packed in a form of its own: its sizes are those of the result. */
const packedInt4: AtenRule = (call) => {
  const outFeatures = call.outputs?.[0]?.shape.at(-1);
  if (outFeatures === undefined) throw new Unusable('no shape of its output');
  return { op: 'linear', attrs: { outFeatures, bias: 0, weightDtype: 'int4' }, inputs: [call.tensor('self')] };
};

/** Distances of all rows to all rows: the work of their products. */
const distances: AtenRule = (call) => ({
  op: 'matmul',
  attrs: { transposeB: 1 },
  inputs: [call.tensor('x1'), call.tensor('x2')],
});

export const PRODUCTS = {
  ...operators('linear', 'input weight bias', linear('input', 'weight', 0)),
  ...operators('addmm _addmm_activation', 'self mat1 mat2', linear('mat1', 'mat2', 1)),
  ...operators('_scaled_mm', 'self mat2', linear('self', 'mat2', 1)),
  ...operators('_weight_int8pack_mm', 'self mat2 scales', linear('self', 'mat2', 0)),
  ...operators('_weight_int4pack_mm _weight_int4pack_mm_for_cpu', 'self mat2', packedInt4),
  ...operators('cdist _cdist_forward _euclidean_dist', 'x1 x2', distances),
  ...operators('mm bmm _int_mm', 'self mat2', matmul('self', 'mat2')),
  ...operators('dot vdot', 'self tensor', matmul('self', 'tensor')),
  ...operators('matmul', 'self other', matmul('self', 'other')),
  ...operators('inner', 'self other', matmul('self', 'other')),
  ...operators('mv', 'self vec', matmul('self', 'vec')),
  ...operators('addmv', 'self mat vec', matmul('mat', 'vec')),
  ...operators('outer ger', 'self vec2', (call) => {
    const [x, y] = [call.tensor('self'), call.tensor('vec2')];
    return { op: 'mul', attrs: {}, inputs: [{ ...x, shape: [...x.shape, 1] }, y] };
  }),
  ...operators('baddbmm addbmm', 'self batch1 batch2', matmul('batch1', 'batch2')),
  ...operators('bilinear', 'input1 input2 weight bias', bilinear),
  ...operators('einsum', 'equation tensors path', einsum),
};
