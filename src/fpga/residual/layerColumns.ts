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
type LayerNumber = (typeof LAYER_NUMBERS)[number];
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

const offsetsOf = <N extends string>(names: readonly N[], prefix = ''): Readonly<Record<N, number>> =>
  Object.fromEntries(names.map((name) => [name, LAYER_COLUMNS.indexOf(prefix + name)])) as Record<N, number>;

/** Where a column stands in a row, by name: `out[row + COLUMN.lut] = ..` costs no lookup. */
export const COLUMN = offsetsOf<LayerNumber | LayerFlag>([...LAYER_NUMBERS, ...LAYER_FLAGS]);
/** The column that is 1 for a kind of layer, a strategy, an activation; undefined for those that have no column. */
export const KIND_COLUMN: Readonly<Record<string, number | undefined>> = offsetsOf(LAYER_KINDS, 'kind:');
export const STRATEGY_COLUMN: Readonly<Record<string, number | undefined>> = offsetsOf(STRATEGIES, 'strategy:');
export const ACTIVATION_COLUMN: Readonly<Record<string, number | undefined>> = offsetsOf(ACTIVATIONS, 'activation:');
