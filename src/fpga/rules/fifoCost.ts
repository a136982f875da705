import { elementCount } from '../../core/elementCount.js';
import type { LayerResources } from './activationCost.js';
import { bram18Of } from './bramCount.js';

/** FIFOs of fewer bits than this are shift registers in LUTs (Vivado HLS: 1024 bits, and depths up to 2). */
const FEWEST_BITS = 1024;

/**
 * FIFO of an io_stream tensor: hls4ml makes it as deep as the tensor has pixels (no `FIFO depth optimisation`), as wide as a pixel with all its channels.
 * That conservative depth dominates the block RAM of streaming CNNs (hls4ml issues 425, 524). A stated guess: the six io_stream rows here hold weights,
 * line buffers and FIFOs in one number (see test/analytical/fpga/streaming.test.ts for the sum's error).
 */
export function fifoCost(pixels: number, channels: number, bits: number): LayerResources {
  const width = channels * bits;
  const inLuts = pixels <= 2 || pixels * width < FEWEST_BITS;
  return {
    bram18: inLuts ? 0 : bram18Of(width, pixels),
    lut: inLuts ? Math.ceil(pixels / 32) * width : 20,
    ff: width + 2 * Math.ceil(Math.log2(Math.max(2, pixels))),
    dsp: 0,
  };
}

/** Line buffer of a streaming convolution: kernel rows less one of the image as shift registers (32 bits a LUT), and the window in registers. */
export function lineBufferCost(kernel: readonly number[], width: number, channels: number, bits: number): LayerResources {
  const rows = kernel.length > 1 ? kernel[0] - 1 : 0,
    window = elementCount(kernel);
  return { bram18: 0, dsp: 0, lut: rows * Math.ceil(width / 32) * channels * bits, ff: window * channels * bits };
}
