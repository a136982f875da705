import { elementCount } from '../../../../core/elementCount.js';
import { HwcastError } from '../../../../core/errors.js';
import { broadcastShape } from '../../../operators/shapes.js';
import { flattened, keptAxes, positiveAxis, reshaped, unsqueezed } from '../onnxShapes.js';
import { NotCovered, type Operation, type Rule, type Rules } from '../operation.js';
import { slicing } from '../slicing.js';
import type { Value } from '../value.js';

const passed: Rule = (op) => op.input(0);

function reshape(op: Operation): Value {
  const x = op.input(0);
  const target = op.inputs[1] ? targetOf(op) : op.ints('shape');
  if (!target) throw new NotCovered('its shape is not known before it runs');
  const shape = reshaped(x.shape, target, op.int('allowzero', 0) === 1);
  if (!shape)
    throw new HwcastError('bad-input', `cannot reshape [${x.shape}] to [${target}]`, {
      hint: 'a size that was bound may contradict one that the file fixes',
    });
  return op.reshape(x, shape);
}

/** The shape asked for; where it is computed of what an input holds, what the file states of the output. */
function targetOf(op: Operation): number[] {
  const values = op.inputs[1]?.constant?.values();
  if (values) return [...values];
  const stated = op.translator.stated(op.scope.block.valueInfo?.get(op.node.outputs[0]));
  if (!stated) throw new NotCovered('its shape is not known before it runs');
  return stated.shape;
}

function transpose(op: Operation): Value {
  const x = op.input(0);
  const rank = x.shape.length;
  const order = op.ints('perm') ?? x.shape.map((_, i) => rank - 1 - i);
  // axes of length 1 move for nothing
  const moved = order.filter((axis) => x.shape[axis] !== 1);
  if (moved.every((axis, i) => i === 0 || axis > moved[i - 1]))
    return op.reshape(
      x,
      order.map((axis) => x.shape[axis]),
    );
  return op.add('transpose', [x], { order });
}

function concat(op: Operation): Value {
  const operands = op.operands.filter((v, _, all) => elementCount(v.shape) > 0 || all.length === 1);
  const [first] = operands.length ? operands : op.operands;
  if (operands.length < 2) return first ?? op.input(0);
  return op.add('concat', operands, { axis: op.int('axis', 1) });
}

function split(op: Operation): Value[] {
  const x = op.input(0);
  const axis = positiveAxis(op.int('axis', 0), x.shape.length);
  const count = op.int('num_outputs') ?? op.node.outputs.length;
  const size = Math.ceil(x.shape[axis] / count);
  const even = Array.from({ length: count }, (_, i) => Math.min(size, x.shape[axis] - i * size));
  return op.addAll('split', [x], { axis, parts: op.numbersOr(1, 'split') ?? even });
}

function pad(op: Operation): Value {
  const x = op.input(0);
  const rank = x.shape.length;
  const pads = op.numbersOr(1, 'pads') ?? op.ints('paddings') ?? [];
  const axes = (op.numbers(3) ?? x.shape.map((_, i) => i)).map((a) => positiveAxis(a, rank));
  const [before, after] = [0, 1].map((side) => {
    const sizes = x.shape.map(() => 0);
    axes.forEach((axis, i) => {
      sizes[axis] = pads[i + side * axes.length] ?? 0;
    });
    return sizes;
  });
  if ([...before, ...after].every((n) => n === 0)) return x;
  if ([...before, ...after].some((n) => n < 0))
    return op.add('slice', [x], { shape: x.shape.map((n, i) => n + before[i] + after[i]) });
  return op.add('pad', [x], { before, after });
}

const slice: Rule = (op) => {
  const x = op.input(0);
  const { shape, begin, step } = slicing(op);
  if (shape.every((n, i) => n === x.shape[i]) && step.every((n) => n === 1)) return x;
  return op.add('slice', [x], { shape, begin, ...(step.some((n) => n !== 1) ? { step } : {}) });
};

function expand(op: Operation): Value {
  const x = op.input(0);
  const shape = [...broadcastShape([x.shape, targetOf(op)])];
  return elementCount(shape) === elementCount(x.shape) ? op.reshape(x, shape) : op.add('expand', [x], { shape });
}

function tile(op: Operation): Value {
  const x = op.input(0);
  const repeats = op.numbers(1) ?? x.shape.map(() => 1);
  return repeats.every((n) => n === 1) ? x : op.add('tile', [x], { repeats });
}

/** Sizes, or scales, of all axes or of `axes`. */
function resize(op: Operation): Value {
  const x = op.input(0);
  const old = op.type === 'Upsample' || op.version < 11;
  const axes = (op.ints('axes') ?? x.shape.map((_, i) => i)).map((a) => positiveAxis(a, x.shape.length));
  const sizes = old ? undefined : op.numbers(3);
  const scales = sizes ? undefined : (op.floats('scales') ?? op.numbers(old ? 1 : 2));
  const shape = [...x.shape];
  if (!sizes?.length && !scales?.length) throw new NotCovered('says neither sizes nor scales');
  axes.forEach((axis, i) => {
    shape[axis] = sizes?.length ? sizes[i] : Math.floor(x.shape[axis] * scales![i]);
  });
  return op.add('resize', [x], { shape });
}

/** `axes` is an attribute, from operator set 13 on an operand. */
const squeeze: Rule = (op) => {
  const x = op.input(0);
  return op.reshape(
    x,
    keptAxes(x.shape, op.numbersOr(1, 'axes')).map((i) => x.shape[i]),
  );
};

const blocks =
  (name: string): Rule =>
  (op) =>
    op.add(name, [op.input(0)], { block: op.int('blocksize', 1) });

/** A block of the middle, or zeros around. */
function centerCropPad(op: Operation): Value {
  const x = op.input(0);
  const sizes = op.numbers(1) ?? [];
  const axes = (op.ints('axes') ?? x.shape.map((_, i) => i)).map((a) => positiveAxis(a, x.shape.length));
  const shape = [...x.shape];
  axes.forEach((axis, i) => {
    shape[axis] = sizes[i];
  });
  const cut = op.add('slice', [x], { shape: shape.map((n, i) => Math.min(n, x.shape[i])) });
  return op.add('pad', [cut], { shape });
}

const copied: Rule = (op) => op.add('copy', [op.input(0)]);

export const DATA_MOVEMENT: Rules = {
  Identity: passed,
  Dropout: (op) => [op.input(0), op.input(0)],
  Reshape: reshape,
  Flatten: (op) => op.reshape(op.input(0), flattened([...op.input(0).shape], op.int('axis', 1))),
  Squeeze: squeeze,
  Unsqueeze: (op) => op.reshape(op.input(0), unsqueezed([...op.input(0).shape], op.numbersOr(1, 'axes') ?? [])),
  Transpose: transpose,
  Concat: concat,
  Split: split,
  Pad: pad,
  Slice: slice,
  Expand: expand,
  Tile: tile,
  Resize: resize,
  Upsample: resize,
  SpaceToDepth: blocks('space_to_depth'),
  DepthToSpace: blocks('depth_to_space'),
  CenterCropPad: centerCropPad,
  Trilu: copied,
  ReverseSequence: copied,
  Optional: passed,
  OptionalGetElement: passed,
};

/** ys scale, zero point, then tensor, scale, zero point for each operand. */
const quantizedConcat: Rule = (op) => {
  const operands = op.inputs.slice(2).filter((v, i): v is Value => i % 3 === 0 && v !== undefined);
  return op.add('concat', operands, { axis: op.int('axis', 1) });
};

export const DATA_MOVEMENT_MICROSOFT: Rules = {
  QLinearConcat: quantizedConcat,
  Pad: pad,
  Trilu: copied,
  ExpandDims: (op) => op.reshape(op.input(0), unsqueezed([...op.input(0).shape], op.numbers(1) ?? [])),
};
