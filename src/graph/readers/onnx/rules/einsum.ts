import { HwcastError } from '../../../../core/errors.js';
import type { Operation, Rules } from '../operation.js';
import { isConstant, type Value } from '../value.js';
import { broadcasting } from './elementwise.js';
import { product } from './products.js';

interface Labelled {
  value: Value;
  labels: string[];
}

/** Sizes of letters over the operands, which must agree. */
type Sizes = Map<string, number>;

/** Letters of each operand and of the result; `...` becomes as many letters as the operand has axes left. @throws HwcastError `bad-input` */
function parse(op: Operation): { operands: Labelled[]; result: string[]; sizes: Sizes } {
  const equation = (op.string('equation') ?? '').replace(/\s/g, '');
  const [left, right] = equation.split('->');
  const texts = left.split(',');
  const sizes: Sizes = new Map();
  if (texts.length !== op.inputs.length)
    throw new HwcastError('bad-input', `Einsum '${equation}' of ${op.inputs.length} operands`);
  const lettersOf = (text: string, rank: number): string[] => {
    const [before, after] = text.split('...');
    if (after === undefined) return [...text];
    const open = rank - before.length - after.length;
    return [...before, ...Array.from({ length: open }, (_, i) => `.${i - open}`), ...after];
  };
  const operands = texts.map((text, k) => {
    const value = op.input(k);
    const labels = lettersOf(text, value.shape.length);
    if (labels.length !== value.shape.length)
      throw new HwcastError('bad-input', `Einsum '${equation}': '${text}' does not name the axes of [${value.shape}]`);
    labels.forEach((label, i) => {
      const size = sizes.get(label) ?? 1;
      if (size !== 1 && value.shape[i] !== 1 && size !== value.shape[i])
        throw new HwcastError('bad-input', `Einsum '${equation}': axis '${label}' is ${size} and ${value.shape[i]}`);
      sizes.set(label, Math.max(size, value.shape[i]));
    });
    return { value, labels };
  });
  const open = [...sizes.keys()].filter((l) => l.startsWith('.')).sort((a, b) => Number(a.slice(1)) - Number(b.slice(1)));
  const all = operands.flatMap((o) => o.labels);
  const implied = [
    ...open,
    ...[...new Set(all)].filter((l) => !l.startsWith('.') && all.indexOf(l) === all.lastIndexOf(l)).sort(),
  ];
  const result = right === undefined ? implied : lettersOf(right, right.replace('...', '').length + open.length);
  return { operands, result, sizes };
}

/** Axes in the order of `labels`, those that are not among them summed away. */
function arranged(op: Operation, { value, labels }: Labelled, wanted: readonly string[]): Value {
  const gone = labels.flatMap((l, i) => (wanted.includes(l) ? [] : [i]));
  const x = gone.length ? op.add('reduce', [value], { axis: gone, kind: 'sum' }) : value;
  const left = labels.filter((l) => wanted.includes(l));
  const order = wanted.filter((l) => left.includes(l)).map((l) => left.indexOf(l));
  return order.every((n, i) => n === i) ? x : op.add('transpose', [x], { order });
}

/**
 * Two operands as a product of matrices: letters of both and the result are the batch, those of one and the result rows or columns, those of both
 * alone are summed. `sum`: letters that nothing later needs.
 */
function contract(op: Operation, a: Labelled, b: Labelled, needed: readonly string[], sizes: Sizes): Labelled {
  const shared = a.labels.filter((l) => b.labels.includes(l));
  const batch = shared.filter((l) => needed.includes(l));
  const inner = shared.filter((l) => !needed.includes(l));
  const rows = a.labels.filter((l) => !shared.includes(l) && needed.includes(l));
  const columns = b.labels.filter((l) => !shared.includes(l) && needed.includes(l));
  const size = (labels: readonly string[]) => labels.reduce((n, l) => n * sizes.get(l)!, 1);
  const labels = [...batch, ...rows, ...columns];
  const shape = labels.map((l) => sizes.get(l)!);
  if (!inner.length) {
    const [left, right] = [a, b].map((o) => {
      const x = arranged(op, o, labels);
      return op.reshape(
        x,
        labels.map((l) => (o.labels.includes(l) ? o.value.shape[o.labels.indexOf(l)] : 1)),
      );
    });
    return { value: broadcasting(op, 'mul', [left, right]), labels };
  }
  const matrix = (o: Labelled, first: readonly string[], second: readonly string[]) =>
    op.reshape(arranged(op, o, [...batch, ...first, ...second]), [
      ...(batch.length ? [size(batch)] : []),
      size(first),
      size(second),
    ]);
  // the order in which an operand lies decides which of its two sides comes first: products read either
  const rowsFirst = (o: Labelled, side: readonly string[]) =>
    !side.length || o.labels.indexOf(side[0]) < o.labels.indexOf(inner[0]);
  const transposeA = !rowsFirst(a, rows) && !isConstant(b.value);
  const transposeB = rowsFirst(b, columns);
  const left = transposeA ? matrix(a, inner, rows) : matrix(a, rows, inner);
  const right = transposeB ? matrix(b, columns, inner) : matrix(b, inner, columns);
  return { value: op.reshape(product(op, { a: left, b: right, transposeA, transposeB }), shape), labels };
}

function einsum(op: Operation): Value {
  const { operands, result, sizes } = parse(op);
  let [left, ...others] = operands;
  while (others.length) {
    const [right, ...rest] = others;
    const needed = [...result, ...rest.flatMap((o) => o.labels)];
    // weights on the left change sides
    left =
      isConstant(left.value) && !isConstant(right.value)
        ? contract(op, right, left, needed, sizes)
        : contract(op, left, right, needed, sizes);
    others = rest;
  }
  const value = arranged(op, left, result);
  return operands.length === 1 && value === left.value ? op.add('copy', [value]) : value;
}

export const EINSUM: Rules = { Einsum: einsum };
