import type { Shape } from '../tensorType.js';
import { type CommonAttributes, Misfit } from './attributes.js';

/** The output shape that the node or its attributes state, for operators whose output does not follow from the rest. */
export function statedShape(attrs: CommonAttributes, stated?: Shape): Shape {
  const shape = attrs.shape ?? stated;
  if (!shape) throw new Misfit('needs attrs.shape');
  return shape;
}

/** The shape that operands have together (NumPy's rules: axes from the back, sizes of 1 are repeated), for any number of them. */
export function broadcastShape(shapes: readonly Shape[]): Shape {
  return shapes.length === 1 ? shapes[0] : shapes.reduce(broadcastTwo);
}

function broadcastTwo(a: Shape, b: Shape): Shape {
  if (sameShape(a, b)) return a;
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => {
    const u = a[a.length - rank + i] ?? 1;
    const v = b[b.length - rank + i] ?? 1;
    if (u !== v && u !== 1 && v !== 1) throw new Misfit('shapes do not broadcast');
    return u === 1 ? v : u;
  });
}

export function sameShape(a: Shape, b: Shape): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

export const last = (shape: Shape): number => shape[shape.length - 1];

/** An axis counted from the front. */
export function axisOf(axis: number, rank: number): number {
  const front = axis < 0 ? axis + rank : axis;
  if (front < 0 || front >= rank) throw new Misfit(`has no axis ${axis} among ${rank}`);
  return front;
}
