import { closeNames, HwcastError } from '../../core/errors.js';
import { ATTENTIONS } from './attention.js';
import { CONVOLUTIONS } from './convolution.js';
import { DATA_MOVEMENT } from './dataMovement.js';
import { ELEMENTWISE } from './elementwise.js';
import { embedding } from './embedding.js';
import { PRODUCTS } from './linear.js';
import { NORMS } from './normalization.js';
import { OPAQUE } from './opaque.js';
import type { Operator } from './operator.js';
import { PASSING } from './passing.js';
import { POOLS } from './pooling.js';
import { CONVERSIONS } from './quantization.js';
import { RECURRENT } from './recurrent.js';
import { REDUCTIONS } from './reduction.js';
import { SIGNAL } from './signal.js';

/** All operators by name. A new family is one line here; everything else asks this table. */
const table = new Map<string, Operator>(
  [
    ...PASSING,
    ...CONVOLUTIONS,
    ...PRODUCTS,
    ...ATTENTIONS,
    ...POOLS,
    ...NORMS,
    ...ELEMENTWISE,
    embedding,
    ...DATA_MOVEMENT,
    ...REDUCTIONS,
    ...RECURRENT,
    ...CONVERSIONS,
    ...SIGNAL,
    ...OPAQUE,
  ].map((o) => [o.name, o]),
);

/** Names of all operators. */
export const operatorNames = (): string[] => [...table.keys()];
export const isOperator = (name: string): boolean => table.has(name);

/** @throws HwcastError `not-found` naming close matches. */
export function operatorNamed(name: string): Operator {
  const operator = table.get(name);
  if (!operator) {
    const close = closeNames(name, table.keys());
    throw new HwcastError('not-found', `no operator '${name}'`, {
      hint: close.length
        ? `did you mean ${close.join(', ')}?`
        : 'hwcast knows it as opaque with attrs.kind, or define it with registerOperator',
    });
  }
  return operator;
}

/**
 * Adds an operator of one's own to the table: from then on graphs may hold it, and it has a shape, a cost, features, a way to fuse and to run.
 * @returns what takes it out again
 * @throws HwcastError `bad-input` where the name is taken.
 */
export function registerOperator(operator: Operator): () => void {
  if (table.has(operator.name)) throw new HwcastError('bad-input', `there is an operator '${operator.name}' already`);
  table.set(operator.name, operator);
  return () => {
    table.delete(operator.name);
  };
}
