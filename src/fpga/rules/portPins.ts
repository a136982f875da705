import type { HlsDesign } from '../design/hlsDesign.js';
import { channels, elements } from './layerWork.js';

/** Clock, reset, start, done, ready and idle of `ap_ctrl_hs`. */
const CONTROL = 6;
/** Valid and ready of a stream. */
const HANDSHAKE = 2;

/**
 * Pins that the ports of the top function take where they are ports of the chip. io_parallel: the bits of the input at once (a valid of its own in Vivado HLS), of each output with a valid,
 * and the control; exact for the ftag GRU (Vivado HLS 2019.2, 382 Bonded IOB) and the MLP of `vitis2021_mlp_csynth.rpt`. io_stream of Vivado HLS: a stream for each channel, whole bytes
 * each; exact for hls4ml's fixture (384). Undefined for io_stream of Vitis HLS, which no report here shows.
 */
export function portPins(design: HlsDesign, vivadoHls: boolean): number | undefined {
  const first = design.layers[0],
    last = design.layers[design.layers.length - 1];
  const bits = { input: design.precision.bits, result: (last.result ?? design.precision).bits };
  if (design.ioType === 'io_parallel')
    return CONTROL + elements(first.inShape) * bits.input + (vivadoHls ? 1 : 0) + elements(last.outShape) * (bits.result + 1);
  if (!vivadoHls) return undefined;
  const stream = (of: number): number => 8 * Math.ceil(of / 8) + HANDSHAKE;
  return CONTROL + channels(first.inShape) * stream(bits.input) + channels(last.outShape) * stream(bits.result);
}
