// Formulas of Xilinx/finn (`convolutioninputgenerator_hls.py` and `_rtl.py`, BSD-3) for the unit that makes windows of a convolution's input, without
// dilation. Exact to the formulas; no FINN synthesis report was at hand to check them against.

/** A sliding-window unit: a signal has a height of 1. */
export interface FinnWindow {
  channels: number;
  /** height and width of input, output, kernel and stride */
  input: readonly [number, number];
  output: readonly [number, number];
  kernel: readonly [number, number];
  stride: readonly [number, number];
  simd: number;
  inputBits: number;
  depthwise: boolean;
  unit: 'hls' | 'rtl';
  ramStyle: 'auto' | 'distributed' | 'block' | 'ultra';
}

export interface FinnWindowCost {
  cycles: number;
  lut: number;
  bram18: number;
  uram: number;
}

/** Cycles an inference, LUT (300 and the buffer in LUTRAM), 18 Kb blocks and UltraRAM of the buffer. */
export function finnWindow(w: FinnWindow): FinnWindowCost {
  const width = w.simd * w.inputBits,
    cost = w.unit === 'rtl' ? rtlBuffer(w) : hlsBuffer(w);
  const { depth, copies } = cost;
  const inLut = w.ramStyle === 'distributed',
    inUltra = w.ramStyle === 'ultra';
  return {
    cycles: Math.floor(cost.cycles),
    lut: 300 + (inLut ? copies * width * Math.ceil(depth / (w.unit === 'rtl' ? 38 : 64)) : 0),
    bram18: inLut || inUltra ? 0 : copies * blocks(width, depth),
    uram: inUltra ? copies * Math.ceil(width / (w.unit === 'hls' && w.input[0] > 1 ? 64 : 72)) * Math.ceil(depth / 4096) : 0,
  };
}

interface Buffer {
  cycles: number;
  /** words of SIMD values */
  depth: number;
  /** such memories */
  copies: number;
}

/** An addressable cyclic buffer. */
function rtlBuffer({ channels, simd, input, output, kernel, stride, depthwise }: FinnWindow): Buffer {
  const folds = channels / simd,
    [, w] = input,
    [outH, outW] = output,
    [kH, kW] = kernel,
    [sH, sW] = stride;
  const least = ((kH - 1) * w + (kW - 1) + 1) * folds;
  const depth = least + Math.max(0, (sW - 1 - kH * kW) * folds) + Math.max(0, ((sH - 1) * w - kH * kW) * folds);
  if (input[0] === 1) {
    const written = outW * kW * folds;
    return { depth, copies: 1, cycles: depthwise ? written + folds * (kW - 1) * (sW - 1) - (kW - 1) + 2 : written + 2 };
  }
  const line = Math.max(outW * kW * kH * folds, sW * w * folds) + (depthwise ? outW * (sW - 1) * (folds - 1) : 0);
  return { depth, copies: 1, cycles: least + outH * line + (depthwise ? (sH - 1) * w * folds : 0) };
}

/** Lines of a picture, k + stride of them; a signal keeps its kernel. */
function hlsBuffer({ channels, simd, input, output, kernel, stride, depthwise }: FinnWindow): Buffer {
  const folds = channels / simd,
    [, w] = input,
    [outH, outW] = output,
    [kH, kW] = kernel,
    [sH, sW] = stride;
  if (input[0] === 1) {
    const written = outW * kW * folds;
    if (!depthwise) return { depth: (kW - 1) * folds, copies: 1, cycles: 1 + written };
    if (sW > 2) return { depth: w * folds, copies: 1, cycles: w * folds + written };
    return { depth: kW * folds, copies: 1, cycles: 1 + written + folds * (kW - 1) - (kW - 1) };
  }
  const line = Math.max(outW * kW * kH * folds, sW * w * folds);
  return { depth: w * folds, copies: kH + sH, cycles: w * kH * folds + outH * line };
}

/** 18 Kb blocks of `width` bits and `depth` words: the width of a block by the depth, deeper ones in rows. */
function blocks(width: number, depth: number): number {
  const rows = Math.ceil(depth / 16384),
    columns = Math.ceil(width / blockWidth(depth));
  const rest = depth % 16384;
  // the last row may be shallower, so that its blocks are wider
  return depth > 16384 && rest ? rows * columns - (columns - Math.ceil(width / blockWidth(rest))) : Math.max(rows, 1) * columns;
}

const blockWidth = (depth: number): number =>
  depth <= 512 ? 36 : depth <= 1024 ? 18 : depth <= 2048 ? 9 : depth <= 4096 ? 4 : depth <= 8192 ? 2 : 1;
