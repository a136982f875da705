import { gatesOf, type HlsDesign, type HlsLayer, reuseOf, strategyOf, weightMatrix } from '../design/hlsDesign.js';
import { READ_SUM_WORDS, topLevelFf } from './ffEstimate.js';
import { channels, type DesignContext, elements } from './layerWork.js';
import type { LiveShare } from './liveUnits.js';
import { stateLut, topLevelLut } from './lutEstimate.js';

/** What the function around the layers costs. */
export interface TopFunction {
  /** bits of the registers between layers */
  betweenLayers: number;
  /** of these, those that logic synthesis keeps: sums that a table selects */
  betweenKept: number;
  /** of ports or state machine */
  lut: number;
  ff: number;
}

export const NO_TOP: TopFunction = { betweenLayers: 0, betweenKept: 0, lut: 0, ff: 0 };

/**
 * The top function of a design. With io_parallel it holds the results between layers and has ports (Vivado HLS) or a state machine (Vitis HLS).
 * @param cycles largest initiation interval of a layer, and latency of the design
 * @param held for each layer, whether a cycle ends behind it (`cyclesEnd`)
 * @param selects for each layer, whether a table selects its sums (`selectsSums`)
 */
export function topFunction(
  { design, vivadoHls, stream }: DesignContext,
  live: readonly LiveShare[] | undefined,
  cycles: { ii: number; latency: number },
  held: readonly boolean[],
  selects: readonly boolean[],
): TopFunction {
  if (stream) return vivadoHls ? { ...NO_TOP, ff: VIVADO_STREAM_FF } : streamPorts(design);
  if (vivadoHls) {
    const { lut, ff } = ports(design, cycles.ii === 1 ? cycles.latency : 0);
    return { betweenLayers: registersBetween(design, live, held), betweenKept: 0, lut, ff };
  }
  const betweenKept = READ_SUM_WORDS * registersBetween(design, live, selects),
    others = held.map((h, i) => h && !selects[i]);
  const betweenLayers = betweenKept + registersBetween(design, live, others);
  const anyResource = design.layers.some((layer) => strategyOf(design, layer) === 'resource');
  // only the input is registered where all is wired through
  const ff = held.some(Boolean) ? STATE_FF : elements(design.layers[0].inShape) * design.precision.bits + VALID_FF;
  return { betweenLayers, betweenKept, lut: anyResource ? 0 : stateLut(cycles.ii), ff };
}

/**
 * Bits of registers between layers: each result that another layer reads is held once; in Vitis HLS sums that a table selects longer (`READ_SUM_WORDS`).
 *
 * Error beside what projects have beyond their modules: within 10 % for hls4ml_MLP_estimator (135 to 3851 FF); 20 % above for the pruned projects of
 * hls4ml_OpenML; far above where a quantiser gave each value a width of its own.
 */
function registersBetween(design: HlsDesign, live: readonly LiveShare[] | undefined, held: readonly boolean[]): number {
  let bits = 0;
  for (let i = 0; i < design.layers.length - 1; i++) {
    const layer = design.layers[i];
    if (layer.kind === 'reshape' || !held[i]) continue;
    const units = elements(layer.outShape) * (live ? live[i].outputs * live[i].read : 1);
    bits += units * (layer.result ?? design.precision).bits;
  }
  return bits;
}

/** Registers of the control of Vitis HLS, and of Vivado HLS without a matrix: of a pipeline (23 in six baselines of hls4ml with io_parallel, 20 in one), and where no cycle ends within (2 in all ten). */
const STATE_FF = 23,
  VALID_FF = 2;

/** Registers of the control of a dataflow of Vivado HLS: five or six in the four baselines of hls4ml with io_stream (2020.1). */
const VIVADO_STREAM_FF = 5;

/** Ports of a dataflow of Vitis HLS: LUTs, and those of each bit that goes in or out, of the eleven baselines of hls4ml with io_stream (2 and 64 outputs); 16 registers. */
const STREAM_LUT = 25,
  STREAM_LUT_A_BIT = 0.6,
  STREAM_FF = 16;

function streamPorts(design: HlsDesign): TopFunction {
  const first = design.layers[0],
    last = design.layers[design.layers.length - 1];
  const bits = channels(first.inShape) * design.precision.bits + channels(last.outShape) * (last.result ?? design.precision).bits;
  return { ...NO_TOP, lut: STREAM_LUT + STREAM_LUT_A_BIT * bits, ff: STREAM_FF };
}

const gated = (design: HlsDesign): boolean => design.layers.some((layer) => gatesOf(layer) > 0);

/** Values that a layer takes or gives at once: of a convolution, a window or a pixel. */
const atOnce = ({ kernel, inShape, outShape }: HlsLayer, side: 'in' | 'out'): number =>
  kernel === undefined
    ? elements(side === 'in' ? inShape : outShape)
    : side === 'in'
      ? elements(kernel) * channels(inShape)
      : channels(outShape);

/** Ports of the top function of Vivado HLS; its registers at least those of the input and of a pipeline with a stage a cycle: exact in the six baselines of hls4ml with io_parallel and a matrix (2020.1). */
function ports(design: HlsDesign, stages: number): { lut: number; ff: number } {
  const first = design.layers[0],
    last = design.layers[design.layers.length - 1];
  const input = elements(first.inShape) * design.precision.bits;
  let unrolled = true,
    latency = true;
  for (const layer of design.layers) {
    const resource = strategyOf(design, layer) === 'resource';
    // a strategy is one of weights
    if (resource && (weightMatrix(layer) || gatesOf(layer) > 0)) latency = false;
    if (resource && weightMatrix(layer) && reuseOf(design, layer) > 1) unrolled = false;
  }
  const weighted = design.layers.findLast((layer) => weightMatrix(layer)),
    inputs = weighted ? weightMatrix(weighted)!.nIn : gated(design) ? undefined : 1;
  return {
    lut: topLevelLut(
      atOnce(first, 'in') * design.precision.bits,
      atOnce(last, 'out') * (last.result ?? design.precision).bits,
      unrolled,
      inputs,
    ),
    ff: !latency
      ? 0
      : weighted || gated(design)
        ? Math.max(topLevelFf(input), input + VALID_FF + (stages > 0 ? stages + 1 : 0))
        : input + VALID_FF,
  };
}
