import type { HlsLayer, IoType } from '../design/hlsDesign.js';
import type { Cycles } from './denseCycles.js';

/**
 * Latency and II of pooling, padding, resizing and other layers that pass pixels on. io_stream (nnet_pooling_stream.h, nnet_padding_stream.h): one pixel a
 * cycle, of the larger side, and one. io_parallel: comparisons or wires in one go, combinational in the nine baselines of hls4ml (`parallelPool`). io_stream by the source.
 */
export function poolCycles(pixels: { input: number; output: number }, ioType: IoType): Cycles {
  if (ioType === 'io_parallel') return { latencyMin: 0, latencyMax: 0, ii: 1 };
  const cycles = Math.max(pixels.input, pixels.output) + 1;
  return { latencyMin: cycles, latencyMax: cycles, ii: cycles };
}

/** LUTs a bit of a comparison, of an addition. */
export const COMPARED = { vivado: 1.96, vitis: 2.44 };
const ADDED = { vivado: 1.15, vitis: 1.45 };
/** Vivado HLS divides by the number of elements of each window where padding makes them differ: LUTs and registers of a divider of 16 bits, and its cycles. */
const DIVIDER = { lut: 460, ff: 698, cycles: 21 };

const isMean = ({ kind }: HlsLayer): boolean => kind.endsWith('avg_pool');
/** LUTs a bit of one step of a pool. */
export const comparedOrAdded = (layer: HlsLayer, vivadoHls: boolean): number =>
  (isMean(layer) ? ADDED : COMPARED)[vivadoHls ? 'vivado' : 'vitis'];

/**
 * Pools with io_parallel, `outputs` values of `bits` each from `window` others. Of the nine baselines of hls4ml (Vivado HLS 2020.1, Vitis HLS 2024.1; windows of 2 and 2 x 2, 16 bits),
 * which the constants are read off: LUT within 4 %, FF within 8 %, cycles exact.
 */
export function parallelPool(
  layer: HlsLayer,
  outputs: number,
  window: number,
  bits: number,
  vivadoHls: boolean,
): { lut: number; ff: number; latencyMin: number; latencyMax: number } {
  const lut = outputs * (window - 1) * bits * comparedOrAdded(layer, vivadoHls);
  if (!isMean(layer) || !vivadoHls || !isPadded(layer)) return { lut, ff: 0, latencyMin: 0, latencyMax: 0 };
  const scale = bits / 16;
  return {
    lut: lut + outputs * DIVIDER.lut * scale,
    ff: outputs * (DIVIDER.ff + bits * (window - 1)) * scale,
    latencyMin: DIVIDER.cycles,
    latencyMax: DIVIDER.cycles,
  };
}

/** Whether a window of the layer reaches beyond the picture. */
const isPadded = ({ padding, kernel, stride, inShape, outShape }: HlsLayer): boolean =>
  padding === 'same' && (kernel?.some((k, i) => (outShape[i] - 1) * (stride?.[i] ?? 1) + k > inShape[i]) ?? false);
