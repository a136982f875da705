import { elementCount } from '../../../../core/elementCount.js';
import { positiveAxis } from '../onnxShapes.js';
import { NotCovered, type Operation, type Rule, type Rules } from '../operation.js';
import { isConstant, type Value } from '../value.js';

/** Rows of a learned table are an embedding; anything else is gathered. */
function gather(op: Operation): Value {
  const [x, indices] = [op.input(0), op.input(1)];
  const axis = positiveAxis(op.int('axis', 0), x.shape.length);
  const shape = [...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)];
  if (isConstant(x) && !isConstant(indices) && axis === 0 && x.shape.length === 2) {
    const stored = x.constant.storedDtype;
    const attrs = { rows: x.shape[0], dim: x.shape[1], ...(stored && stored !== x.dtype ? { weightDtype: stored } : {}) };
    return op.add('embedding', [indices], attrs, { dtype: x.dtype, weights: [x] });
  }
  // one place of an axis, known before it runs, is a block of the tensor
  if (isConstant(indices) && elementCount(indices.shape) === 1 && !op.folding) {
    const index = indices.constant.values()?.[0] ?? 0;
    const begin = x.shape.map((n, i) => (i === axis ? (index < 0 ? index + n : index) : 0));
    return op.reshape(op.add('slice', [x], { shape: x.shape.map((n, i) => (i === axis ? 1 : n)), begin }), shape);
  }
  return op.add('gather', [x, indices], { axis });
}

/** Elements at places, as many as the indices name. */
const gatherElements: Rule = (op) => op.add('gather', [op.input(0), op.input(1)], { shape: [...op.input(1).shape] });

function gatherNd(op: Operation): Value {
  const [x, indices] = [op.input(0), op.input(1)];
  const depth = indices.shape[indices.shape.length - 1];
  const batch = op.int('batch_dims', 0);
  return op.add('gather', [x, indices], { shape: [...indices.shape.slice(0, -1), ...x.shape.slice(batch + depth)] });
}

const scatter: Rule = (op) => op.add('scatter', [op.input(0), op.input(1), op.input(2)]);

/** At most as many as there are elements: how many depends on what an input holds. */
function upperBound(op: Operation, most: readonly number[], dtype: Value['dtype']): Value {
  const stated = op.translator.stated(op.scope.block.valueInfo?.get(op.node.outputs[0]));
  if (!stated) op.translator.assumptions.add(`${op.type} gives out as many elements as it reads`);
  return op.add('copy', [op.input(0)], { shape: [...(stated?.shape ?? most)] }, { dtype });
}

function nonZero(op: Operation): Value {
  const { shape } = op.input(0);
  return upperBound(op, [Math.max(1, shape.length), elementCount(shape)], 'int64');
}

function compress(op: Operation): Value {
  const x = op.input(0);
  return upperBound(op, op.int('axis') === undefined ? [elementCount(x.shape)] : x.shape, x.dtype);
}

function oneHot(op: Operation): Value {
  const indices = op.input(0);
  const depth = op.numbers(1)?.[0];
  if (depth === undefined) throw new NotCovered('its depth is not known before it runs');
  const axis = positiveAxis(op.int('axis', -1), indices.shape.length + 1);
  const shape = [...indices.shape];
  shape.splice(axis, 0, depth);
  return op.add('copy', [indices], { shape }, { dtype: op.input(2).dtype });
}

export const INDEXING: Rules = {
  Gather: gather,
  GatherElements: gatherElements,
  GatherND: gatherNd,
  Scatter: scatter,
  ScatterElements: scatter,
  ScatterND: scatter,
  TensorScatter: scatter,
  NonZero: nonZero,
  Compress: compress,
  OneHot: oneHot,
};
