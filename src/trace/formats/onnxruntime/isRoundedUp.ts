import { elementCount } from '../../../core/elementCount.js';
import type { Shape } from '../../../graph/tensorType.js';

/** Channels of the widest blocked layout that lie beside each other. */
const BLOCK = 16;

/** Whether a tensor ran in another shape of as many elements, or with its channels rounded up as blocked layouts do. */
export function isRoundedUp(shape: Shape, ran: Shape): boolean {
  if (elementCount(shape) === elementCount(ran)) return true;
  return (
    shape.length === 4 && ran.length === 4 && shape.every((n, i) => (i === 1 ? ran[1] >= n && ran[1] - n < BLOCK : ran[i] === n))
  );
}
