import { elementCount } from '../../../core/elementCount.js';
import type { KerasRule, KerasTensor, KerasVisit } from './kerasVisit.js';

/** The shape of tensors joined along an axis; axes of Keras count the batch, so 1 is the first here. */
function joinedShape(visit: KerasVisit): number[] {
  const { producers, input } = visit;
  const axis = Number(visit.config.axis ?? -1),
    position = axis < 0 ? input.shape.length + axis : axis - 1;
  const fits = ({ shape }: KerasTensor): boolean =>
    shape.length === input.shape.length && shape.every((d, i) => i === position || d === input.shape[i]);
  if (!producers.every(fits))
    throw visit.problem(`joins shapes that do not fit: ${producers.map((p) => JSON.stringify(p.shape)).join(', ')}`);
  return input.shape.map((d, i) => (i === position ? producers.reduce((sum, p) => sum + p.shape[i], 0) : d));
}

const addMerge = (visit: KerasVisit, merge: string, outShape: number[]): void =>
  visit.add('merge', outShape, { merge }, { inputs: visit.producers });

/** Element by element: the shape is that of the largest input, the others are broadcast. */
export const merge =
  (name: string): KerasRule =>
  (visit) =>
    addMerge(
      visit,
      name,
      visit.producers.map((p) => p.shape).reduce((a, b) => (elementCount(b) > elementCount(a) ? b : a)),
    );

export const concatenate: KerasRule = (visit) => addMerge(visit, 'concatenate', joinedShape(visit));

export const dot: KerasRule = (visit) => addMerge(visit, 'dot', [1]);
