import { elementCount } from '../../../../core/elementCount.js';
import { NotCovered, type Operation, type Rules } from '../operation.js';
import { constantValue, dtypeOf, integers, storedValue, type Value } from '../value.js';
import { typeNumbered } from './quantization.js';

function constant(op: Operation): Value {
  const tensor = op.tensor('value');
  if (tensor) return storedValue(tensor);
  const [whole, real] = [op.int('value_int'), op.float('value_float')];
  if (whole !== undefined) return integers([whole], true);
  if (real !== undefined) return constantValue([], 'fp32', () => Float64Array.of(real));
  const [wholes, reals] = [op.ints('value_ints'), op.floats('value_floats')];
  if (wholes) return integers(wholes);
  if (reals) return constantValue([reals.length], 'fp32', () => Float64Array.from(reals));
  return constantValue([], 'fp32');
}

function shape(op: Operation): Value {
  const dims = op.input(0).shape;
  return integers(dims.slice(op.int('start', 0), op.int('end') ?? dims.length));
}

function filled(op: Operation): Value {
  const dims = op.inputs[0]?.constant?.values();
  const sizes = dims ? [...dims] : op.translator.stated(op.scope.block.valueInfo?.get(op.node.outputs[0]))?.shape;
  if (!sizes) throw new NotCovered('its shape is not known before it runs');
  const value = op.tensor('value');
  const fill = value?.values()?.[0] ?? 0;
  return constantValue(sizes, value ? dtypeOf(value.dataType) : 'fp32', () => new Float64Array(elementCount(sizes)).fill(fill));
}

/** Numbers from a start to an end. */
function range(op: Operation): Value {
  const dtype = op.input(0).dtype;
  const [start, limit, step] = [0, 1, 2].map((i) => op.inputs[i]?.constant?.values()?.[0]);
  if (start !== undefined && limit !== undefined && step !== undefined)
    return constantValue([Math.max(0, Math.ceil((limit - start) / step))], dtype);
  const stated = op.translator.stated(op.scope.block.valueInfo?.get(op.node.outputs[0]));
  if (!stated) throw new NotCovered('its length is not known before it runs');
  return op.add('copy', [op.input(0)], { shape: stated.shape }, { dtype });
}

/** Random numbers are no constant to fold, and cost little: a tensor that is written. */
function random(op: Operation): Value {
  const sizes = op.ints('shape') ?? op.inputs[0]?.shape ?? [];
  const type = op.int('dtype', 0);
  return constantValue(sizes, type ? typeNumbered(type) : (op.inputs[0]?.dtype ?? 'fp32'));
}

export const CONSTANTS: Rules = {
  Constant: constant,
  Shape: shape,
  Size: (op) => integers([elementCount(op.input(0).shape)], true),
  ConstantOfShape: filled,
  Range: range,
  EyeLike: (op) => constantValue(op.input(0).shape, op.input(0).dtype),
  RandomNormal: random,
  RandomUniform: random,
  RandomNormalLike: random,
  RandomUniformLike: random,
};
