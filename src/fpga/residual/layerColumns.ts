import { LAYER_KINDS, STRATEGIES } from '../design/hlsDesign.js';

/** Continuous columns of a layer: log1p of costs and sizes; bits in units of 16. */
export const LAYER_NUMBERS = [
  'lut',
  'ff',
  'dsp',
  'bram18',
  'latency',
  'ii',
  'multipliers',
  'inputs',
  'outputs',
  'weights',
  'times',
  'reuse',
  'turns',
  'dspShare',
  'inputBits',
  'weightBits',
  'weightFraction',
  'accumBits',
  'resultBits',
  'inputFraction',
  'accumFraction',
  'resultFraction',
  'zeroShare',
  'tableSize',
  'nonZero',
  'shiftAdd',
  'constantProducts',
] as const;
export type LayerNumber = (typeof LAYER_NUMBERS)[number];
const ACTIVATIONS = ['relu', 'softmax', 'sigmoid', 'tanh', 'linear'] as const;
const LAYER_FLAGS = ['hasWeights', 'accumKnown', 'zerosKnown', 'resultSigned', 'loops', 'first', 'last', 'top'] as const;
type LayerFlag = (typeof LAYER_FLAGS)[number];
/** Names of the columns of a layer: numbers, then ones and zeros. `top` is the node of the ports around the layers. */
export const LAYER_COLUMNS: readonly string[] = [
  ...LAYER_NUMBERS,
  ...LAYER_FLAGS,
  ...LAYER_KINDS.map((k) => `kind:${k}`),
  ...STRATEGIES.map((s) => `strategy:${s}`),
  ...ACTIVATIONS.map((a) => `activation:${a}`),
];

const F = LAYER_COLUMNS.length;
const LAYER_COLUMN: ReadonlyMap<string, number> = new Map(LAYER_COLUMNS.map((name, i) => [name, i]));

/** The columns of one node by name; what is left out is 0. */
export interface NodeColumns {
  numbers: Partial<Record<LayerNumber, number>>;
  flags: Partial<Record<LayerFlag, boolean>>;
  /** columns of what it is one of several of, e.g. `kind:dense`; those that are no column count for nothing */
  oneOf: readonly string[];
}

/** Writes a row of `out` [nodes, LAYER_COLUMNS]. */
export function writeColumns(out: Float32Array, node: number, { numbers, flags, oneOf }: NodeColumns): void {
  const row = node * F;
  LAYER_NUMBERS.forEach((name, j) => {
    out[row + j] = numbers[name] ?? 0;
  });
  LAYER_FLAGS.forEach((name, j) => {
    out[row + LAYER_NUMBERS.length + j] = flags[name] ? 1 : 0;
  });
  for (const name of oneOf) {
    const column = LAYER_COLUMN.get(name);
    if (column !== undefined) out[row + column] = 1;
  }
}
