import { elementCount } from '../../core/elementCount.js';
import type { LayerResources } from './activationCost.js';
import { bram18Of } from './bramCount.js';

/** FIFOs of fewer bits than this are shift registers in LUTs (Vivado HLS: 1024 bits, and depths up to 2). */
const FEWEST_BITS = 1024;

/**
 * Vivado HLS has a FIFO for each channel: with one word 57 LUTs (16 bits) and 5 registers, as five baselines of hls4ml differ from their io_parallel (2020.1, 2 and 64 channels). Deeper
 * ones: the 139 of a CNN have 38 LUTs and 33 registers each (`vivado2019_cnn8_csynth.rpt`, 16 bits). The rules of convolutions were read off whole builds with fewer, so that with these
 * LUTs and registers after synthesis of three builds would be off by more: a tensor has 20 LUTs beside shift registers, and a word of registers.
 */
const VIVADO_LUT = 57,
  VIVADO_FF = 5,
  DEEP_LUT = 20;
/** Vitis HLS: a FIFO for the word; LUTs of the 13 of LeNet-5 (2023.2), registers of its six in block RAM. */
const VITIS_LUT = 30,
  VITIS_LUT_A_BIT = 0.4,
  VITIS_FF_A_BIT = 1.85;

/**
 * FIFO of an io_stream tensor: hls4ml makes it as deep as the tensor has pixels (no `FIFO depth optimisation`). That conservative depth dominates the block RAM of streaming CNNs (hls4ml
 * issues 425, 524).
 *
 * - Vivado HLS: one for each channel, shift registers below 1024 bits, after logic synthesis up to 1024. Block RAM is exact (115) in that CNN; with windows, weights and tables exact in four
 *   of eight builds of 2019, within four blocks of 121 to 1759 in the others.
 * - Vitis HLS: one as wide as a pixel with all its channels, blocks 18 bits wide, exact in the six FIFOs of LeNet-5.
 */
export function fifoCost(pixels: number, channels: number, bits: number, vivadoHls = true): LayerResources {
  const width = channels * bits;
  const inLuts = pixels <= 2 || pixels * (vivadoHls ? bits : width) < FEWEST_BITS;
  if (!vivadoHls)
    return {
      bram18: inLuts ? 0 : Math.ceil(width / 18) * Math.ceil(pixels / 1024),
      lut: VITIS_LUT + (inLuts ? Math.ceil(pixels / 32) * VITIS_LUT_A_BIT * width : 0),
      ff: inLuts ? 0 : VITIS_FF_A_BIT * width,
      dsp: 0,
    };
  if (pixels === 1) return { bram18: 0, lut: (VIVADO_LUT * width) / 16, ff: VIVADO_FF * channels, dsp: 0 };
  const bram18 = inLuts ? 0 : channels * bram18Of(bits, pixels);
  return {
    bram18,
    laterBram18: pixels * bits > FEWEST_BITS ? bram18 : 0,
    lut: inLuts ? Math.ceil(pixels / 32) * width : DEEP_LUT,
    ff: width + 2 * Math.ceil(Math.log2(pixels)),
    dsp: 0,
  };
}

/**
 * Block RAM of the window that hls4ml before 0.6 slides over an image (`kernelWindow`): for each value but one of it a FIFO of as many rows as it is high, of which wide ones are blocks.
 * Exact in three of seven builds of CNNs (windows 5 x 5 x 3 and 3 x 3, 16 pixels a row), one block more in four. Its LUTs and registers are in those of the convolution.
 */
export function windowBram18(kernel: readonly number[], rowPixels: number, channels: number, bits: number): number {
  const depth = kernel[0] * rowPixels;
  return depth * bits < FEWEST_BITS ? 0 : (elementCount(kernel) - 1) * channels * bram18Of(bits, depth);
}

/** Vitis HLS: LUTs and registers a row, channel and bit of a line buffer in memories of LUTs, and of the window around it; read off the convolutions of LeNet-5 (images of 28 and 12 pixels a side, 8 bits). */
const ROW_LUT = 77 / 8,
  ROW_FF = 8,
  AROUND_WINDOW_LUT = 760,
  AROUND_WINDOW_FF = 260,
  WINDOW_FF = 1.25;

/** Line buffer of a streaming convolution: kernel rows less one of the image as shift registers (32 bits a LUT), and the window in registers. */
export function lineBufferCost(
  kernel: readonly number[],
  width: number,
  channels: number,
  bits: number,
  vivadoHls = true,
): LayerResources {
  const rows = kernel.length > 1 ? kernel[0] - 1 : 0,
    window = elementCount(kernel);
  if (!vivadoHls)
    return {
      bram18: 0,
      dsp: 0,
      lut: AROUND_WINDOW_LUT + rows * ROW_LUT * channels * bits,
      ff: AROUND_WINDOW_FF + (rows * ROW_FF + WINDOW_FF * window) * channels * bits,
    };
  return { bram18: 0, dsp: 0, lut: rows * Math.ceil(width / 32) * channels * bits, ff: window * channels * bits };
}
