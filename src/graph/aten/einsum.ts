import { elementCount } from '../../core/elementCount.js';
import { type AtenCall, type AtenTensor, type Made, Unusable } from './atenCall.js';

/**
 * A product of two tensors by an equation as one batched matrix product: indices of both and of the output are its batch, of one and of the output its
 * rows or columns, of both alone what is contracted; transpositions are strides. Without anything contracted, rows or columns it is a `mul`.
 */
export function einsum(call: AtenCall): Made {
  const equation = call.word('equation')?.replace(/\s/g, '');
  const tensors = call.list('tensors');
  if (!equation) throw new Unusable('no equation');
  if (equation.includes('.')) throw new Unusable('an equation with ellipsis');
  if (tensors.length !== 2) throw new Unusable(`an equation over ${tensors.length} tensors`);
  const [left, right] = equation.split('->')[0].split(',');
  const out = equation.split('->')[1] ?? implied(left + right);
  const [x, y] = tensors;
  const sizes = new Map([...sizesOf(left, x), ...sizesOf(right, y)]);
  const pick = (letters: string, test: (letter: string) => boolean) =>
    elementCount([...new Set(letters)].filter(test).map((letter) => sizes.get(letter)!));
  const batch = pick(left, (l) => right.includes(l) && out.includes(l));
  const inner = pick(left, (l) => right.includes(l) && !out.includes(l));
  const rows = pick(left, (l) => !right.includes(l));
  const columns = pick(right, (l) => !left.includes(l));
  return {
    op: 'matmul',
    attrs: { transposeB: 0 },
    inputs: [
      { ...x, shape: [batch, rows, inner] },
      { ...y, shape: [batch, inner, columns] },
    ],
  };
}

/** Letters that appear once, in the order of the alphabet. */
const implied = (letters: string): string =>
  [...letters]
    .filter((l, _, all) => all.filter((o) => o === l).length === 1)
    .sort()
    .join('');

function sizesOf(letters: string, { shape }: AtenTensor): [string, number][] {
  if (letters.length !== shape.length) throw new Unusable(`'${letters}' is no name for the axes of [${shape}]`);
  return [...letters].map((letter, i) => [letter, shape[i]]);
}
