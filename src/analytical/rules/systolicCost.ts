import {
  type Dataflow,
  type Product,
  type SystolicArray,
  type SystolicTraffic,
  systolicCycles,
  systolicTraffic,
  systolicUse,
} from './systolic.js';

/** A chip around an array: clock, memory, and three buffers of one size (inputs, weights, outputs). */
export interface SystolicChip extends SystolicArray {
  /** cycles per second */
  clock: number;
  /** bytes of each buffer */
  buffer: number;
  /** memory, bytes per second */
  bandwidth: number;
}

/** Element types whose multiplication and addition have a published energy. */
export type ArrayDtype = 'int8' | 'fp16' | 'bf16' | 'fp32';

/**
 * Joules at 45 nm and 0.9 V (Horowitz, ISSCC 2014, as research pages reprint it): a multiplication and an addition of 32 bits; newer processes take less. No
 * energy of registers, clock and leakage is published there, so that none is counted: what is told is a lower bound of the chip's.
 */
const MAC_JOULES: Readonly<Record<ArrayDtype, number>> = { int8: 0.3e-12, fp16: 2e-12, bf16: 2e-12, fp32: 4.6e-12 };
/** Joules of 64 bits out of a memory of so many bytes (the same); between and beyond them as a power of the size. */
const SRAM: readonly (readonly [bytes: number, joules: number])[] = [
  [8 * 2 ** 10, 10e-12],
  [32 * 2 ** 10, 20e-12],
  [2 ** 20, 100e-12],
];
/** Joules of 32 bits of DRAM (the same). */
const DRAM_JOULES = 640e-12;
/** Bytes of a sum that is not ready. */
const SUM_BYTES = 4;

/** Joules of a byte out of a buffer. */
export function sramJoules(bytes: number): number {
  const above = SRAM.findIndex(([size]) => size >= bytes),
    at = above < 0 ? SRAM.length - 1 : Math.max(1, above);
  const [[small, low], [large, high]] = [SRAM[at - 1], SRAM[at]];
  return (low * (bytes / small) ** (Math.log(high / low) / Math.log(large / small))) / 8;
}

/** One product on a chip. */
export interface SystolicCost {
  cycles: number;
  /** share of the multipliers that work while the array runs */
  use: number;
  /** seconds: of the array, or of its memory where that takes longer (buffers are filled while the array runs) */
  time: number;
  bound: 'compute' | 'memory';
  /** joules */
  energy: { arithmetic: number; buffers: number; memory: number };
  traffic: SystolicTraffic;
}

/** Latency (SCALE-Sim, ISPASS 2020) and energy (Horowitz, ISSCC 2014) of a product; NASAIC's cost model, MAESTRO, has the same three parts. */
export function systolicCost(
  dataflow: Dataflow,
  product: Product,
  chip: SystolicChip,
  { dtype, bytes }: { dtype: ArrayDtype; bytes: number },
): SystolicCost {
  const { clock, buffer, bandwidth } = chip,
    { m, n, k } = product,
    cycles = systolicCycles[dataflow](product, chip),
    traffic = systolicTraffic(dataflow, product, chip, buffer / 2 / bytes);
  const [array, memory] = [cycles / clock, (traffic.memory * bytes) / bandwidth];
  const moved = (traffic.buffer.inputs + traffic.buffer.weights) * bytes + traffic.buffer.outputs * SUM_BYTES;
  return {
    cycles,
    use: systolicUse(product, chip, cycles),
    time: Math.max(array, memory),
    bound: array >= memory ? 'compute' : 'memory',
    energy: {
      arithmetic: m * n * k * MAC_JOULES[dtype],
      buffers: moved * sramJoules(buffer),
      memory: (traffic.memory * bytes * DRAM_JOULES) / 4,
    },
    traffic,
  };
}

/** Square metres of a processing element's multiplier and of its registers, 64 bytes (MAESTRO, cost-model/include/design-space-exploration/DSE_cost-database.hpp, 507948d). */
const MAC_AREA = 4470.9014e-12,
  REGISTER_AREA = 4505.1889e-12;
/**
 * Of a bit of a buffer: MAESTRO has 4161.536 um2 for 32768, which is 0.127 um2 each, a cell of six transistors at 28 nm. It takes that for bytes; a cell
 * holds a bit.
 */
const BIT_AREA = 4161.536e-12 / 32768;

/**
 * Area of array and buffers, square metres, as NASAIC counts it (Yang et al., DAC 2020, by MAESTRO): R C (multiplier + registers) + cells of three buffers.
 * The network between elements, decoders and wires are left out, so that it is a lower bound.
 */
export const systolicArea = ({
  rows,
  columns,
  buffer,
}: Pick<SystolicChip, 'rows' | 'columns' | 'buffer'>): { array: number; buffers: number } => ({
  array: rows * columns * (MAC_AREA + REGISTER_AREA),
  buffers: 3 * 8 * buffer * BIT_AREA,
});
