import { HwcastError } from '../../../../core/errors.js';
import { positiveAxis } from '../onnxShapes.js';
import { NotCovered, type Operation, type Rules } from '../operation.js';
import { integers, type Value } from '../value.js';

const sequence = (items: readonly Value[]): Value => ({ shape: [], dtype: items[0]?.dtype ?? 'fp32', items });

function itemsOf(op: Operation): readonly Value[] {
  const { items } = op.input(0);
  if (!items) throw new NotCovered('its sequence is not known before it runs');
  return items;
}

/** Where in a sequence: operand `i`, counted from the end where negative. */
function place(op: Operation, i: number, length: number): number {
  const given = op.numbers(i)?.[0];
  const at = given === undefined ? length : given < 0 ? given + length : given;
  if (at < 0 || at > length) throw new HwcastError('bad-input', `no place ${given} in a sequence of ${length}`);
  return at;
}

function splitTo(op: Operation): Value {
  const x = op.input(0);
  const axis = positiveAxis(op.int('axis', 0), x.shape.length);
  const sizes = op.numbers(1) ?? [1];
  const whole = x.shape[axis];
  const parts =
    op.inputs[1]?.shape.length || !sizes.length
      ? sizes
      : Array.from({ length: Math.ceil(whole / sizes[0]) }, (_, i) => Math.min(sizes[0], whole - i * sizes[0]));
  const values = op.addAll('split', [x], { axis, parts });
  const keep = op.inputs[1] || op.int('keepdims', 1);
  return sequence(
    keep
      ? values
      : values.map((v) =>
          op.reshape(
            v,
            v.shape.filter((_, i) => i !== axis),
          ),
        ),
  );
}

function concatFrom(op: Operation): Value {
  const items = itemsOf(op);
  if (!items.length) throw new NotCovered('its sequence is empty');
  const rank = items[0].shape.length;
  const stacked = op.int('new_axis', 0) === 1;
  const axis = positiveAxis(op.int('axis', 0), rank + (stacked ? 1 : 0));
  const operands = stacked ? items.map((v) => op.reshape(v, [...v.shape.slice(0, axis), 1, ...v.shape.slice(axis)])) : items;
  return operands.length === 1 ? operands[0] : op.add('concat', operands, { axis });
}

export const SEQUENCES: Rules = {
  SequenceConstruct: (op) => sequence(op.operands),
  SequenceEmpty: () => sequence([]),
  SequenceAt: (op) => itemsOf(op)[place(op, 1, itemsOf(op).length)] ?? itemsOf(op)[0],
  SequenceLength: (op) => integers([itemsOf(op).length], true),
  SequenceInsert(op) {
    const items = [...itemsOf(op)];
    items.splice(place(op, 2, items.length), 0, op.input(1));
    return sequence(items);
  },
  SequenceErase(op) {
    const items = itemsOf(op);
    const gone = op.inputs[1] ? place(op, 1, items.length) : items.length - 1;
    return sequence(items.filter((_, i) => i !== gone));
  },
  SplitToSequence: splitTo,
  ConcatFromSequence: concatFrom,
};
