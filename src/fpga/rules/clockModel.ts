import type { DspGeneration } from '../../device/fpgaPartTable.js';

/** hls4ml's default clock; taken where a design names none. */
export const DEFAULT_CLOCK_NS = 5;

/**
 * Nanoseconds that one level of an adder tree takes in the schedule of the HLS tool. Read off the latency modules of the two families that have rows:
 * xc7z007s (hls4ml_MLP_estimator, Vitis HLS 2021.1) and UltraScale+ (wa-hls4ml, hls4ml_OpenML). Versal is taken as UltraScale+, others as 7-series: not
 * checked.
 */
const ADDER_NS_7SERIES = 5,
  ADDER_NS_ULTRASCALE = 1.2;
/** ... and what a multiplication in a DSP adds. */
const DSP_NS_7SERIES = 2,
  DSP_NS_ULTRASCALE = 2.6;
/** A sum of three values, which is one carry chain; from how many levels of such a tree lie between registers (`treeRegisters`): one on 7-series at 3.33 and 5 ns, two on UltraScale+ at 5 ns. */
const SUM_NS_7SERIES = 2.5,
  SUM_NS_ULTRASCALE = 1.6;
/** ... and a product by a constant in LUTs: no level of sums fits beside it on 7-series at 5 ns, two do on UltraScale+. */
const LUT_PRODUCT_NS_7SERIES = 2,
  LUT_PRODUCT_NS_ULTRASCALE = 0.8;
/** ... and a rectifier that rounds and saturates. */
const COMPARE_NS_7SERIES = 3.5,
  COMPARE_NS_ULTRASCALE = 1.05;
/** Share of the clock that Vivado and Vitis HLS fill (12.5 % uncertainty). */
export const USABLE_CLOCK = 0.875;
/** ... and Vitis HLS as hls4ml calls it (27 %), where processes of a dataflow are scheduled. */
export const VITIS_USABLE_CLOCK = 0.73;

const fast = (generation: DspGeneration): boolean =>
  generation === 'DSP48E2' || generation === 'DSP58' || generation === 'AGILEX_DSP';

export const adderNs = (g: DspGeneration): number => (fast(g) ? ADDER_NS_ULTRASCALE : ADDER_NS_7SERIES);
export const dspNs = (g: DspGeneration): number => (fast(g) ? DSP_NS_ULTRASCALE : DSP_NS_7SERIES);
export const sumNs = (g: DspGeneration): number => (fast(g) ? SUM_NS_ULTRASCALE : SUM_NS_7SERIES);
export const lutProductNs = (g: DspGeneration): number => (fast(g) ? LUT_PRODUCT_NS_ULTRASCALE : LUT_PRODUCT_NS_7SERIES);
export const compareNs = (g: DspGeneration): number => (fast(g) ? COMPARE_NS_ULTRASCALE : COMPARE_NS_7SERIES);

/** What a product in a DSP takes of a 7-series clock at least, ns. */
const PRODUCT_NS_7SERIES = 4;
/** Cycles and words of its two operands that such a product takes more when it is cut into pipeline stages: of the one network that shows it (Vitis HLS 2025.1, 5 ns less 27 %, xc7z020; 26 cycles become 32, 3,665 registers 13,240). */
export const PIPELINED_CYCLES = 2,
  PIPELINED_WORDS = 2.8;

/** Whether Vitis HLS cuts products in DSPs into stages: on 7-series parts where little of the clock is left, as with the 27 % that hls4ml asks for since 1.0; not with 12.5 % (hls4ml_MLP_estimator, 2021.1). */
export const pipelinedProducts = (
  g: DspGeneration,
  vivadoHls: boolean,
  clockNs: number,
  uncertainty: number | undefined,
): boolean => !vivadoHls && !fast(g) && uncertainty !== undefined && clockNs * (1 - uncertainty) < PRODUCT_NS_7SERIES;
