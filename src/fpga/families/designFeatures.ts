import type { DatapathParts, MemoryPart } from '../synth/datapathParts.js';
import { DATAPATH_QUANTITIES, type DatapathQuantity } from '../synth/datapathQuantities.js';

/** How a family maps the parts of a datapath that have hard blocks: what of them is left to logic depends on it. */
export interface DesignMapping {
  /** hard multipliers that one multiplier of `x` by `w` bits takes, and the operand bits (times the other operand) that stay in logic beside them */
  multiplier(x: number, w: number): { dsp: number; soft: number };
  /** block memories, 0 where the memory is logic or LUT memory */
  blocks(memory: MemoryPart): number;
  /** what moves into a hard multiplier beside the product */
  packing: Packing;
  /** whether LUTs hold the adders (beside a carry chain, or without one), or cells of their own in the place of LUTs */
  addersInLuts: boolean;
}

/** `registers`: those of operand and product; `sums`: also the adder that takes the product, and its register. */
export const PACKINGS = ['none', 'registers', 'sums'] as const;
export type Packing = (typeof PACKINGS)[number];

const MAPPED = [
  'softRows',
  'softProduct',
  'softSum',
  'softEdge',
  'constantRows',
  'constantSum',
  'dspProducts',
  'dspConstants',
  'dspRest',
  'romShallow',
  'romColumns',
  'romBits',
  'romBlock',
  'linesLogic',
  'linesBlock',
] as const;
/** Names of the columns of `designFeatures`: the quantities of the datapath, then what multipliers and memories are once mapped. */
export const DESIGN_FEATURES: readonly string[] = [...DATAPATH_QUANTITIES, ...MAPPED];

/** What belongs together in hardware; shares of a design's cost are summed over these. */
export const FEATURE_FAMILIES = {
  io: ['inputShift', 'outputShift'],
  inputs: ['buffers', 'pickedInputs', 'windowRegisters'],
  inputMux: ['inputMux'],
  control: ['validFlags', 'delays', 'counters', 'windowControl', 'paddingMux', 'layers'],
  turns: ['turnDecode'],
  tree: ['treeRegisters', 'treeAdders', 'treeCompressors'],
  digits: ['digitAdders', 'digitSums', 'digitCompressors', 'digitRegisters'],
  sums: ['accumulators', 'accumulatorStart', 'biasAdd'],
  biasTable: ['biasTable'],
  results: ['outputRegisters', 'saturation', 'saturationReach', 'relu'],
  products: ['products', 'dspProducts', 'dspRest', 'romWords'],
  constants: ['constantRows', 'constantSum', 'dspConstants'],
  soft: ['softRows', 'softProduct', 'softSum', 'softEdge'],
  rom: ['romShallow', 'romColumns', 'romBits', 'romBlock'],
  lines: ['linesLogic', 'linesBlock'],
} as const;

/** Physical quantities of a design summed over its layers, [DESIGN_FEATURES]; non-negative, in bits unless `DATAPATH_QUANTITIES` says otherwise. */
export function designFeatures(parts: DatapathParts, mapping: DesignMapping): Float64Array {
  const m: Record<(typeof MAPPED)[number], number> = {
    softRows: 0,
    softProduct: 0,
    softSum: 0,
    softEdge: 0,
    constantRows: 0,
    constantSum: 0,
    dspProducts: 0,
    dspConstants: 0,
    dspRest: 0,
    romShallow: 0,
    romColumns: 0,
    romBits: 0,
    romBlock: 0,
    linesLogic: 0,
    linesBlock: 0,
  };
  const packed: Partial<Record<DatapathQuantity, number>> = {};
  const pack = (quantity: DatapathQuantity, bits: number) => {
    packed[quantity] = (packed[quantity] ?? 0) + bits;
  };
  for (const { x, w, constant, count, ones, operandRegisters, firstSum } of parts.multipliers) {
    const mapped = mapping.multiplier(x, w);
    if (mapped.dsp > 0) {
      if (mapping.packing !== 'none') {
        pack('products', count * (x + w));
        pack('pickedInputs', operandRegisters);
      }
      if (mapping.packing === 'sums') {
        pack(firstSum.tree ? 'treeRegisters' : 'accumulators', firstSum.registers);
        pack(firstSum.tree ? 'treeAdders' : 'accumulatorStart', firstSum.adders);
        pack('treeCompressors', firstSum.compressors);
      }
      m[constant ? 'dspConstants' : 'dspProducts'] += count * (x + w);
      m.dspRest += count * mapped.soft;
    } else if (constant) {
      m.constantRows += Math.max(0, ones - 2 * count) * (x + w);
      m.constantSum += count * (x + w);
    } else {
      const rows = Math.min(count * x, ones);
      m.softRows += Math.max(0, rows - 2 * count) * (x + w);
      m.softProduct += rows * Math.max(x, w);
      m.softSum += count * (x + w);
      m.softEdge += count * x * w;
    }
  }
  for (const memory of parts.memories) {
    const { kind, depth, width, distinct } = memory;
    if (mapping.blocks(memory) > 0) m[kind === 'rom' ? 'romBlock' : 'linesBlock'] += width;
    else if (kind === 'lines') m.linesLogic += width * Math.ceil(depth / 16);
    else if (depth > 2) {
      if (depth <= 16) m.romShallow += distinct;
      else {
        m.romColumns += distinct;
        m.romBits += distinct * depth;
      }
    }
  }
  const out = new Float64Array(DESIGN_FEATURES.length);
  DATAPATH_QUANTITIES.forEach((q, j) => {
    out[j] = Math.max(0, parts.quantities[q] - (packed[q] ?? 0));
  });
  MAPPED.forEach((name, j) => {
    out[DATAPATH_QUANTITIES.length + j] = m[name];
  });
  return out;
}

const REGISTERS = [
  'inputShift',
  'outputShift',
  'buffers',
  'pickedInputs',
  'romWords',
  'products',
  'treeRegisters',
  'accumulators',
  'digitRegisters',
  'outputRegisters',
  'validFlags',
  'delays',
  'counters',
  'windowRegisters',
  'windowControl',
].map((name) => DESIGN_FEATURES.indexOf(name));
/** Registers of a design outside multipliers and memories, in bits, before a tool merges or adds any. */
export const registerBits = (features: ArrayLike<number>): number => REGISTERS.reduce((sum, j) => sum + features[j], 0);

const COLUMN = Object.fromEntries(DESIGN_FEATURES.map((name, j) => [name, j]));
/** Size of what a share of the cost is made of: log of a width or depth over a common one, 0 where the design has none. A family's cost a bit depends on it. */
export const SHARE_SIZES: readonly { of: keyof typeof FEATURE_FAMILIES; size(x: ArrayLike<number>): number }[] = [
  // bits of an adder, choices of a multiplexer, bits of a multiplier built of logic, words of a memory built of logic
  { of: 'digits', size: (x) => relativeSize(x[COLUMN.digitAdders], x[COLUMN.digitSums], 8) },
  { of: 'inputMux', size: (x) => relativeSize(x[COLUMN.inputMux] + x[COLUMN.pickedInputs], x[COLUMN.pickedInputs], 8) },
  { of: 'soft', size: (x) => relativeSize(x[COLUMN.softEdge], x[COLUMN.softSum], 4) },
  { of: 'rom', size: (x) => relativeSize(x[COLUMN.romBits], x[COLUMN.romColumns], 64) },
];

const relativeSize = (total: number, count: number, common: number): number =>
  count > 0 && total > 0 ? Math.max(-2, Math.min(2, Math.log(total / count / common))) : 0;
