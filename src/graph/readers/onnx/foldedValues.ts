import { elementCount } from '../../../core/elementCount.js';
import { broadcastPosition, stridesOf } from '../broadcastPosition.js';
import { positiveAxis } from './onnxShapes.js';
import type { Operation } from './operation.js';
import { slicing } from './slicing.js';

const truth = (value: boolean): number => (value ? 1 : 0);
/** Division of integers drops the rest. */
const quotient = (a: number, b: number, whole: boolean): number => (whole ? Math.trunc(a / b) : a / b);

type Binary = (a: number, b: number, whole: boolean) => number;
const BINARY: Record<string, Binary> = {
  Add: (a, b) => a + b,
  Sub: (a, b) => a - b,
  Mul: (a, b) => a * b,
  Div: quotient,
  Mod: (a, b) => a - Math.floor(a / b) * b,
  Pow: (a, b) => a ** b,
  Min: (a, b) => Math.min(a, b),
  Max: (a, b) => Math.max(a, b),
  Equal: (a, b) => truth(a === b),
  Less: (a, b) => truth(a < b),
  LessOrEqual: (a, b) => truth(a <= b),
  Greater: (a, b) => truth(a > b),
  GreaterOrEqual: (a, b) => truth(a >= b),
  And: (a, b) => truth(a !== 0 && b !== 0),
  Or: (a, b) => truth(a !== 0 || b !== 0),
  Xor: (a, b) => truth((a !== 0) !== (b !== 0)),
};

const UNARY: Record<string, (x: number) => number> = {
  Neg: (x) => -x,
  Abs: Math.abs,
  Sign: Math.sign,
  Floor: Math.floor,
  Ceil: Math.ceil,
  Round: Math.round,
  Sqrt: Math.sqrt,
  Exp: Math.exp,
  Log: Math.log,
  Sin: Math.sin,
  Cos: Math.cos,
  Reciprocal: (x) => 1 / x,
  Not: (x) => truth(x === 0),
};

const REDUCE: Record<string, (a: number, b: number) => number> = {
  ReduceSum: (a, b) => a + b,
  ReduceProd: (a, b) => a * b,
  ReduceMax: Math.max,
  ReduceMin: Math.min,
};

/** Same elements in another shape. */
const SAME = new Set(['Identity', 'Reshape', 'Squeeze', 'Unsqueeze', 'Flatten', 'Dropout']);

/** Index of each axis of a position. */
function indexOf(flat: number, shape: readonly number[]): number[] {
  const index = shape.map(() => 0);
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    index[axis] = flat % shape[axis];
    flat = Math.floor(flat / shape[axis]);
  }
  return index;
}

/**
 * Values of output `port` of an operator whose operands are constants, `shape` being that output's: what exporters compute shapes, axes, ranges and
 * masks with. Undefined for other operators and where a value is not known.
 */
export function foldedValues(op: Operation, shape: readonly number[], port: number): Float64Array | undefined {
  const known = op.inputs.map((v) => v?.constant?.values());
  const shapes = op.inputs.map((v) => v?.shape ?? []);
  if (op.inputs.some((v, i) => v && !known[i])) return undefined;
  const operands = known as Float64Array[];
  const out = new Float64Array(elementCount(shape));
  const filled = (element: (flat: number) => number): Float64Array => {
    for (let i = 0; i < out.length; i++) out[i] = element(i);
    return out;
  };
  /** elements of operand `k` at the index that `place` makes of one of the output */
  const moved = (k: number, place: (index: number[]) => number[]) => {
    const strides = stridesOf(shapes[k]);
    return filled((flat) => operands[k][place(indexOf(flat, shape)).reduce((sum, n, axis) => sum + n * strides[axis], 0)]);
  };
  const broadcast = (k: number) => {
    const position = broadcastPosition(shapes[k], shape);
    return (flat: number) => operands[k][position(flat)];
  };

  if (SAME.has(op.type)) return operands[0];
  const binary = BINARY[op.type];
  if (binary) {
    const whole = !/^(fp|bf)/.test(op.input(0).dtype);
    const parts = operands.map((_, k) => broadcast(k));
    return filled((i) => parts.slice(1).reduce((sum, part) => binary(sum, part(i), whole), parts[0](i)));
  }
  const unary = UNARY[op.type];
  if (unary) return filled((i) => unary(operands[0][i]));
  switch (op.type) {
    case 'Cast': {
      const to = op.int('to', 1);
      const change = to === 9 ? (x: number) => truth(x !== 0) : [1, 10, 11, 16].includes(to) ? (x: number) => x : Math.trunc;
      return filled((i) => change(operands[0][i]));
    }
    case 'Where': {
      const [condition, a, b] = [broadcast(0), broadcast(1), broadcast(2)];
      return filled((i) => (condition(i) ? a(i) : b(i)));
    }
    case 'Expand':
      return filled(broadcast(0));
    case 'Tile':
      return moved(0, (index) => index.map((n, axis) => n % shapes[0][axis]));
    case 'Transpose': {
      const order = op.ints('perm') ?? shape.map((_, i) => shape.length - 1 - i);
      return moved(0, (index) => shape.map((_, axis) => index[order.indexOf(axis)]));
    }
    case 'Slice': {
      const { begin, step } = slicing(op);
      return moved(0, (index) => index.map((n, axis) => begin[axis] + n * step[axis]));
    }
    case 'Gather': {
      const axis = positiveAxis(op.int('axis', 0), shapes[0].length);
      const rank = shapes[1].length;
      const strides = stridesOf(shapes[1]);
      return moved(0, (index) => {
        const at = index.slice(axis, axis + rank).reduce((sum, n, i) => sum + n * strides[i], 0);
        const row = operands[1][at];
        return [...index.slice(0, axis), row < 0 ? row + shapes[0][axis] : row, ...index.slice(axis + rank)];
      });
    }
    case 'Concat':
      return concatenated(op, operands, shapes, shape);
    case 'Split': {
      const axis = positiveAxis(op.int('axis', 0), shape.length);
      const parts = (known[1] && [...known[1]]) ?? op.ints('split');
      const before = parts ? parts.slice(0, port).reduce((a, b) => a + b, 0) : port * shape[axis];
      return moved(0, (index) => index.map((n, i) => (i === axis ? n + before : n)));
    }
    case 'Range':
      return filled((i) => operands[0][0] + i * operands[2][0]);
    case 'ScatterND':
      return scattered(operands, shapes);
    default:
      return REDUCE[op.type] ? reduced(op, operands[0], shapes[0], out) : undefined;
  }
}

function concatenated(
  op: Operation,
  operands: readonly Float64Array[],
  shapes: readonly (readonly number[])[],
  shape: readonly number[],
): Float64Array {
  const axis = positiveAxis(op.int('axis', 0), shape.length);
  const inner = elementCount(shape.slice(axis + 1));
  const out = new Float64Array(elementCount(shape));
  let offset = 0;
  operands.forEach((values, k) => {
    const row = shapes[k][axis] * inner;
    for (let i = 0; i < values.length; i++) out[Math.floor(i / row) * shape[axis] * inner + offset + (i % row)] = values[i];
    offset += row;
  });
  return out;
}

function reduced(op: Operation, x: Float64Array, from: readonly number[], out: Float64Array): Float64Array {
  const axes = (op.numbersOr(1, 'axes') ?? from.map((_, i) => i)).map((a) => positiveAxis(a, from.length));
  const kept = from.flatMap((n, i) => (axes.includes(i) ? [] : [n]));
  const strides = stridesOf(kept);
  const seen = new Uint8Array(out.length);
  for (let i = 0; i < x.length; i++) {
    const index = indexOf(i, from).filter((_, axis) => !axes.includes(axis));
    const at = index.reduce((sum, n, axis) => sum + n * strides[axis], 0);
    out[at] = seen[at] ? REDUCE[op.type](out[at], x[i]) : x[i];
    seen[at] = 1;
  }
  return out;
}

function scattered([x, indices, updates]: readonly Float64Array[], shapes: readonly (readonly number[])[]): Float64Array {
  const out = x.slice();
  const depth = shapes[1][shapes[1].length - 1];
  const strides = stridesOf(shapes[0]);
  const block = elementCount(shapes[0].slice(depth));
  for (let i = 0; i * depth < indices.length; i++) {
    let at = 0;
    for (let k = 0; k < depth; k++) {
      const n = indices[i * depth + k];
      at += (n < 0 ? n + shapes[0][k] : n) * strides[k];
    }
    out.set(updates.subarray(i * block, (i + 1) * block), at);
  }
  return out;
}
