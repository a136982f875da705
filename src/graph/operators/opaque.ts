import { z } from 'zod';
import { elementCount } from '../../core/elementCount.js';
import { COUNTED_PARAMS } from './attributes.js';
import { operator } from './operator.js';
import { statedShape } from './shapes.js';

/** Anything else: traffic of its tensors, no arithmetic, and a warning. */
const opaque = operator('opaque', {
  about: 'anything else: `kind` names it; counted by its tensors only, with a warning',
  attributes: { kind: z.union([z.string(), z.number()]).optional(), ...COUNTED_PARAMS },
  operands: [0, Number.POSITIVE_INFINITY],
  shape: (_, attrs, stated) => statedShape(attrs, stated),
  textShape: () => undefined,
  kernel: 'closed',
  weighted: true,
  feature: 'other',
  unknown: ({ kind }) => (kind === undefined ? undefined : String(kind)),
});

/** A state space scan (Gu and Dao, Mamba, 2023, algorithm 2): about 9 operations for each output element. */
const scan = operator('scan', {
  about: 'selective scan of a state space model',
  operands: [1, Number.POSITIVE_INFINITY],
  shape: (_, attrs, stated) => statedShape(attrs, stated),
  textShape: () => undefined,
  work: (_, _attrs, y) => ({ flops: 9 * elementCount(y.shape) }),
  kernel: 'closed',
  weighted: true,
  feature: 'other',
});

export const OPAQUE = [opaque, scan];
