import type { OnnxNode } from '../onnxModel.js';
import type { Rule, Rules } from '../operation.js';
import { ATTENTION, ATTENTION_MICROSOFT } from './attention.js';
import { CONSTANTS } from './constants.js';
import { CONTROL_FLOW } from './controlFlow.js';
import { CONVOLUTIONS, CONVOLUTIONS_MICROSOFT, NCHWC } from './convolution.js';
import { DATA_MOVEMENT, DATA_MOVEMENT_MICROSOFT } from './dataMovement.js';
import { EINSUM } from './einsum.js';
import { ELEMENTWISE, ELEMENTWISE_MICROSOFT } from './elementwise.js';
import { INDEXING } from './indexing.js';
import { NORMS, NORMS_MICROSOFT } from './normalization.js';
import { POOLS, POOLS_MICROSOFT, POOLS_NCHWC } from './pooling.js';
import { PRODUCTS, PRODUCTS_MICROSOFT } from './products.js';
import { CONVERSIONS, CONVERSIONS_MICROSOFT } from './quantization.js';
import { RECURRENT, RECURRENT_MICROSOFT } from './recurrent.js';
import { REDUCTIONS, REDUCTIONS_MICROSOFT } from './reduction.js';
import { SEQUENCES } from './sequences.js';
import { SIGNAL } from './signal.js';

const ONNX: Rules = {
  ...CONSTANTS,
  ...CONVOLUTIONS,
  ...PRODUCTS,
  ...EINSUM,
  ...ATTENTION,
  ...POOLS,
  ...NORMS,
  ...ELEMENTWISE,
  ...DATA_MOVEMENT,
  ...INDEXING,
  ...REDUCTIONS,
  ...RECURRENT,
  ...CONVERSIONS,
  ...SIGNAL,
  ...SEQUENCES,
  ...CONTROL_FLOW,
};

/** Rules by the domain of the operator, '' being ONNX's own; optimisers of ONNX Runtime also write newer operators of ONNX under com.microsoft. */
const DOMAINS: Readonly<Record<string, Rules>> = {
  '': ONNX,
  'com.microsoft': {
    ...ONNX,
    ...CONVOLUTIONS_MICROSOFT,
    ...PRODUCTS_MICROSOFT,
    ...ATTENTION_MICROSOFT,
    ...POOLS_MICROSOFT,
    ...NORMS_MICROSOFT,
    ...ELEMENTWISE_MICROSOFT,
    ...DATA_MOVEMENT_MICROSOFT,
    ...REDUCTIONS_MICROSOFT,
    ...RECURRENT_MICROSOFT,
    ...CONVERSIONS_MICROSOFT,
  },
  'com.microsoft.nchwc': { ...NCHWC, ...POOLS_NCHWC },
};

/** How a node is read; undefined for operators that hwcast does not know. */
export function ruleOf({ domain, opType }: OnnxNode): Rule | undefined {
  const rules = Object.hasOwn(DOMAINS, domain) ? DOMAINS[domain] : undefined;
  return rules && Object.hasOwn(rules, opType) ? rules[opType] : undefined;
}

/** Names of the operators that are read, by domain. */
export const readOperators = (): Record<string, string[]> =>
  Object.fromEntries(Object.entries(DOMAINS).map(([domain, rules]) => [domain, Object.keys(rules)]));
