import type { TfliteRule } from '../tfliteVisit.js';
import { CONTROL_FLOW } from './controlFlow.js';
import { PICTURES } from './convolution.js';
import { DATA_MOVEMENT } from './dataMovement.js';
import { ELEMENTWISE } from './elementwise.js';
import { PRODUCTS } from './products.js';
import { RECURRENT } from './recurrent.js';
import { REDUCTIONS } from './reduction.js';

/** What operators become by their name in the schema, or the code of a custom one. A new operator is one line in its family. */
const RULES = new Map<string, TfliteRule>(
  [PICTURES, ELEMENTWISE, PRODUCTS, DATA_MOVEMENT, REDUCTIONS, RECURRENT, CONTROL_FLOW].flatMap((rules) => Object.entries(rules)),
);

/** undefined for an operator that is not known. */
export const tfliteRule = (code: string): TfliteRule | undefined => RULES.get(code);
