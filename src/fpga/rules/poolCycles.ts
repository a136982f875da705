import type { IoType } from '../design/hlsDesign.js';
import type { Cycles } from './denseCycles.js';

/**
 * Latency and II of pooling, padding, resizing and other layers that pass pixels on. io_stream (nnet_pooling_stream.h, nnet_padding_stream.h): one pixel a
 * cycle, of the larger side, and one. io_parallel: comparisons or wires in one go. By the source, not checked: no row shows one of these layers alone.
 */
export function poolCycles(pixels: { input: number; output: number }, ioType: IoType): Cycles {
  if (ioType === 'io_parallel') return { latencyMin: 0, latencyMax: 1, ii: 1 };
  const cycles = Math.max(pixels.input, pixels.output) + 1;
  return { latencyMin: cycles, latencyMax: cycles, ii: cycles };
}
