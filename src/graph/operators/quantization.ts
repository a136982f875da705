import { elementCount } from '../../core/elementCount.js';
import { operator } from './operator.js';

/** A change of the element type: the node's type is the new one, the operand's the old. `flops` for each element: scale, and round or shift. */
const conversion = (name: string, about: string, flops: number) =>
  operator(name, {
    about,
    operands: [1, 3],
    shape: ([x]) => x,
    work: (_, _attrs, y) => ({ flops: flops * elementCount(y.shape) }),
    kernel: 'elementwise',
    feature: 'other',
  });

export const CONVERSIONS = [
  conversion('cast', 'elements in another type', 0),
  conversion('quantize', 'real numbers as integers of a scale and a zero point', 2),
  conversion('dequantize', 'integers of a scale and a zero point as real numbers', 2),
];
