import type { IoType } from '../design/hlsDesign.js';
import type { Cycles } from './denseCycles.js';

/** Cycles a pixel takes beyond RF where the loop over pixels is not pipelined: shifting the line buffer in, or the kernel window of older versions. */
const LINE_BUFFER = 4,
  KERNEL_WINDOW = 5;
/** ... and where the pixel completes no window. */
const NO_WINDOW = 2;

/**
 * Latency and II of a convolution that takes pixel after pixel.
 *
 * - io_stream (nnet_conv2d_stream.h): one turn an input pixel, padding included. Strategy resource: pixels (RF + 5) + 1 with the kernel window of hls4ml
 *   before 0.6, RF + 4 with its line buffer. Exact for the two Keb-L rows of recorded, unambiguous RF (400 pixels: model16,
 *   RF 3, 3201; model64, RF 75, 32001). Six more agree if their unrecorded RF was 144 (100 pixels: 14901 and 14801). Best case: 2 a pixel (801, exact in those two). Strategy latency pipelines the loop
 *   at RF: pixels RF + 4 agrees with two rows if their RF was 3 (1204).
 * - io_parallel: its loop over turns of pixels is pipelined at RF where weights are wired in: turns x RF and 3, exact in the one such baseline of hls4ml (Vitis HLS 2024.1, 49 pixels).
 * - io_parallel with weights in memory (nnet_conv2d_resource.h, RF above 1): "we don't want this loop unrolled", nor is it pipelined around the pipelined one over RF, which is how a streaming
 *   one is built, so that each turn takes RF + 4 too. By the source, not checked: no row has it.
 * @param pixels read, padding included, and turns of output pixels (`pixelsAtOnce` in each)
 */
export function convCycles(
  pixels: { input: number; output: number },
  ioType: IoType,
  pipelined: boolean,
  reuse: number,
  kernelWindow = false,
): Cycles & { iiMin: number } {
  if (ioType === 'io_stream') {
    const cycles = pipelined
      ? pixels.input * reuse + 4
      : pixels.input * (reuse + (kernelWindow ? KERNEL_WINDOW : LINE_BUFFER)) + 1;
    return { latencyMin: cycles, latencyMax: cycles, ii: cycles, iiMin: pipelined ? cycles : pixels.input * NO_WINDOW + 1 };
  }
  const latency = pipelined ? pixels.output * reuse + 3 : pixels.output * (reuse + LINE_BUFFER) + 1;
  return { latencyMin: latency, latencyMax: latency, ii: latency + 1, iiMin: latency + 1 };
}
