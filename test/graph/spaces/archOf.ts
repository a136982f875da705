import fc from 'fast-check';
import type { Space } from '../../../src/graph/spaces/space.js';

/** Any network of a space. */
export const archOf = (space: Space) => fc.tuple(...space.choices.map((n) => fc.integer({ min: 0, max: n - 1 })));
