import type { DspGeneration } from '../../device/fpgaPartTable.js';
import type { Softmax } from '../design/hlsDesign.js';
import { type LayerEstimate, tableBram18 } from './activationCost.js';
import { bram18Of } from './bramCount.js';
import { adderNs, compareNs, USABLE_CLOCK } from './clockModel.js';
import { PER_MULTIPLIER_CELL } from './lutEstimate.js';
import { COMPARED } from './poolCycles.js';

/** Bits of hls4ml's exponential and inverse tables, `ap_fixed<18,8>`. */
const TABLE_BITS = 18;
/** LUTs of an index into a table, limited to its entries (`lookUpLut` of sigmoid; its code is the same). */
const LOOK_UP_LUT = 130;

/** What the rules of a softmax need to know beside its size. */
export interface SoftmaxTool {
  generation: DspGeneration;
  clockNs: number;
  vivadoHls: boolean;
  multipliers?: 'dsp' | 'lut';
}

/** Entries of its tables: no more than the bits that index them tell apart (hls4ml's pass `fix_softmax_table_size`). */
export const softmaxEntries = (tableSize: number, inputBits: number): number =>
  Math.min(tableSize, 2 ** Math.min(inputBits, TABLE_BITS));

/**
 * Softmax over `n` values (nnet_activation.h), as hls4ml computes it:
 *
 * | how | what it does | error |
 * |---|---|---|
 * | stable | largest, exponential table of the differences, sum, inverse table, n products | DSP n: exact in 33/33 modules. BRAM: Vivado HLS ceil(n/2) exponentials and one inverse (1/1 module), Vitis HLS n (30/32; 8 for 5 in hls4ml_OpenML). Latency: exact in 26, within two cycles in 33/33 modules, n from 2 to 16. LUT 155 (n - 0.5) within 21 %, FF 15 a cycle and value within 33 %. All read off these modules |
 * | latency | the same without the largest: a tree of comparisons and n differences less | by the source |
 * | legacy | a table of each difference of two values, their sums, n of an inverse table; no products | by the source |
 * | argmax | n - 1 comparisons one after another; no table | by the source |
 *
 * @param inputBits width of the values
 */
export function softmaxCost(
  n: number,
  tableSize: number,
  inputBits: number,
  tool: SoftmaxTool,
  how: Softmax = 'stable',
): LayerEstimate {
  const compared = COMPARED[tool.vivadoHls ? 'vivado' : 'vitis'];
  if (how === 'argmax') {
    const cycles = Math.floor(((n - 1) * compareNs(tool.generation)) / (tool.clockNs * USABLE_CLOCK));
    const lut = (n - 1) * (compared * inputBits + Math.ceil(Math.log2(n))) + n;
    return { latencyMin: cycles, latencyMax: cycles, ii: 1, lut, ff: cycles * n, dsp: 0, bram18: 0 };
  }
  const entries = softmaxEntries(tableSize, inputBits);
  if (how === 'legacy') {
    const lookUps = n * (n - 1) + n,
      latency = latencyOf(n, 1, tool);
    return {
      ...{ latencyMin: latency, latencyMax: latency, ii: 1, dsp: 0 },
      lut: lookUps * LOOK_UP_LUT + n * (n - 1) * (inputBits + TABLE_BITS),
      ff: 15 * n * latency,
      bram18: inTables(n * (n - 1), entries) + inTables(n, entries),
    };
  }
  const inLuts = tool.multipliers === 'lut' || tool.generation === 'none',
    latency = latencyOf(n, how === 'stable' ? 2 : 1, tool) - (inLuts ? 2 : 0),
    block = inTables(1, entries);
  // of 16 bits, as all modules are
  const largest = how === 'stable' ? 0 : 16 * (compared * (n - 1) + n);
  return {
    ...{ latencyMin: latency, latencyMax: latency, ii: 1 },
    dsp: inLuts ? 0 : n,
    bram18: block * (tool.vivadoHls ? Math.ceil(n / 2) + 1 : n),
    lut: 155 * (n - 0.5) - largest + (inLuts ? n * PER_MULTIPLIER_CELL * TABLE_BITS ** 2 : 0),
    ff: 15 * n * latency,
  };
}

/** Cycles of look-ups and of `trees` over the values one after another. */
function latencyOf(n: number, trees: number, { generation, clockNs }: SoftmaxTool): number {
  const level = adderNs(generation),
    levels = trees * Math.ceil(Math.log2(Math.max(2, n)));
  return (level > 2 ? 6 : 2) + Math.ceil((levels * level) / clockNs - 1e-9);
}

/** Blocks of `lookUps` a cycle in one table; none where it is small enough for LUTs. */
const inTables = (lookUps: number, entries: number): number =>
  bram18Of(TABLE_BITS, entries) === 0 ? 0 : tableBram18(lookUps, entries, TABLE_BITS);
