import type { Attrs } from './operators/attributes.js';
import { operatorNamed } from './operators/index.js';
import type { Shape } from './tensorType.js';

/**
 * Shape of the first output of an operator from the shapes of its inputs. Operators whose output does not follow carry it in `attrs.shape`.
 * @throws HwcastError `bad-input` when attributes or shapes do not fit the operator, `not-found` when there is none of that name.
 */
export const inferShape = (op: string, inputs: readonly Shape[], attrs: Attrs): number[] => [
  ...operatorNamed(op).shape(inputs, attrs),
];
