import type { IoType } from '../design/hlsDesign.js';
import type { Cycles } from './denseCycles.js';

/** Cycles a pixel takes beyond RF where the loop over pixels is not pipelined: shifting the line buffer in, or the kernel window of older versions. */
const LINE_BUFFER = 4,
  KERNEL_WINDOW = 5;
/** ... and where the pixel completes no window. */
const NO_WINDOW = 2;

/**
 * Latency and II of a convolution from those of its matrix product (`product`, once an output pixel).
 *
 * - io_stream (nnet_conv2d_stream.h): one turn an input pixel, padding included. Strategy resource: pixels (RF + 5) + 1 with the kernel window of hls4ml
 *   before 0.6, RF + 4 with its line buffer. Exact for the two Keb-L rows of recorded, unambiguous RF (400 pixels: model16,
 *   RF 3, 3201; model64, RF 75, 32001). Six more agree if their unrecorded RF was 144 (100 pixels: 14901 and 14801). Best case: 2 a pixel (801, exact in those two). Strategy latency pipelines the loop
 *   at RF: pixels RF + 4 agrees with two rows if their RF was 3 (1204).
 * - io_parallel (nnet_conv2d_latency.h, nnet_conv2d_resource.h with ParallelizationFactor 1): the output pixels one after another. By the source, not
 *   checked: no row has it.
 */
export function convCycles(
  product: Cycles,
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
  const latency = pixels.output * product.ii;
  return {
    latencyMin: latency + product.latencyMin - product.ii + 1,
    latencyMax: latency + product.latencyMax - product.ii + 1,
    ii: latency,
    iiMin: latency,
  };
}
