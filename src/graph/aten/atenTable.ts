import type { AtenOperator, AtenTable } from './atenCall.js';
import { ATTENTIONS } from './attention.js';
import { CONVOLUTIONS } from './convolution.js';
import { DATA_MOVEMENT } from './dataMovement.js';
import { ELEMENTWISE } from './elementwise.js';
import { NORMS } from './normalization.js';
import { POOLS } from './pooling.js';
import { PRODUCTS } from './products.js';
import { QUANTIZED } from './quantized.js';
import { RECURRENT } from './recurrent.js';
import { REDUCTIONS } from './reduction.js';
import { VIEWS } from './views.js';
import { VISION } from './vision.js';

/**
 * ATen operators in hwcast's vocabulary, by name without `aten::`, overload and the `_` of in-place variants: the one table of traces and of exported
 * programs. A new operator is one line in its family.
 */
const table = new Map<string, AtenOperator>(
  [
    CONVOLUTIONS,
    PRODUCTS,
    ATTENTIONS,
    NORMS,
    ELEMENTWISE,
    POOLS,
    REDUCTIONS,
    DATA_MOVEMENT,
    VIEWS,
    RECURRENT,
    QUANTIZED,
    VISION,
  ].flatMap((family: AtenTable) => Object.entries(family)),
);

/** Name under which the table may know an operator: `relu_` is `relu`, `__and__` stays. */
export const bareName = (name: string): string =>
  !table.has(name) && name.endsWith('_') && table.has(name.slice(0, -1)) ? name.slice(0, -1) : name;

/** The rule of an operator; undefined where the table has none. */
export const atenOperator = (name: string): AtenOperator | undefined => table.get(bareName(name));
export const atenNames = (): string[] => [...table.keys()];
