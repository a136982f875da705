// Formulas of Xilinx/finn (`matrixvectoractivation.py`, `exp_cycles_estimation` and kin; BSD-3). Exact to the formulas; no FINN synthesis report was at hand to
// check LUTs and BRAMs against.

/** A matrix-vector unit of FINN: MH x MW weights, PE rows and SIMD columns at once. */
export interface FinnLayer {
  /** rows: outputs */
  mh: number;
  /** columns: inputs */
  mw: number;
  pe: number;
  simd: number;
  weightBits: number;
  activationBits: number;
  /** vectors an inference: output pixels of a convolution, 1 of a dense layer */
  vectors: number;
}

/** True where PE divides MH and SIMD divides MW, the folding constraint. */
export const finnFoldingValid = (l: Pick<FinnLayer, 'mh' | 'mw' | 'pe' | 'simd'>): boolean =>
  l.mh % l.pe === 0 && l.mw % l.simd === 0;

/** Cycles of an inference: (MH / PE) (MW / SIMD) vectors. */
export const finnCycles = (l: FinnLayer): number => (l.mh / l.pe) * (l.mw / l.simd) * l.vectors;

/** Words of the weight memory: MW MH / (PE SIMD). */
export const finnDepth = (l: FinnLayer): number => (l.mw * l.mh) / (l.pe * l.simd);

/** DSPs of the HLS unit, PE SIMD ceil((W + A) / 48), or of the RTL unit: ceil(PE / 4) SIMD, on DSP58 PE ceil(SIMD / 3). */
export function finnDsp(l: FinnLayer, unit: 'hls' | 'rtl' | 'rtl-dsp58'): number {
  if (unit === 'hls') return l.pe * l.simd * Math.ceil((l.weightBits + l.activationBits) / 48);
  return unit === 'rtl' ? Math.ceil(l.pe / 4) * l.simd : l.pe * Math.ceil(l.simd / 3);
}

/** Bits of a sum of MW products that none overflows (arXiv 2301.13376): with a = log2 MW + W + A - 1 - signed, ceil(a + log2(1 + 2^-a) + 1). */
export function finnAccumulatorBits(l: Pick<FinnLayer, 'mw' | 'weightBits' | 'activationBits'>, signedInput: boolean): number {
  const alpha = Math.log2(l.mw) + l.weightBits + l.activationBits - 1 - (signedInput ? 1 : 0);
  return Math.ceil(alpha + Math.log2(1 + 2 ** -alpha) + 1);
}

/** LUTs: 300 + 1.1 PE (mult + adders + accumulator + thresholds), and PE SIMD W ceil(depth / 64) where weights lie in LUTRAM. */
export function finnLut(
  l: FinnLayer,
  options: { inDsp: boolean; weightsInLut: boolean; accumulatorBits?: number; thresholdLut?: number },
): number {
  const operands = l.weightBits + l.activationBits;
  const mult = options.inDsp ? 0 : l.simd * (2 * Math.ceil(operands / 6) - 1) * operands;
  const adders = operands * (2 * l.simd - 1);
  const accumulator = options.accumulatorBits ?? operands + Math.ceil(Math.log2(l.mw));
  const memory = options.weightsInLut ? l.pe * l.simd * l.weightBits * Math.ceil(finnDepth(l) / 64) : 0;
  return 300 + 1.1 * l.pe * (mult + adders + accumulator + (options.thresholdLut ?? 0)) + memory;
}

/** 18 Kb blocks of the weights, width PE SIMD W. */
export function finnBram18(l: FinnLayer): number {
  const width = l.pe * l.simd * l.weightBits,
    depth = finnDepth(l);
  if (width === 1) return Math.ceil(depth / 16384);
  if (width === 2) return Math.ceil(depth / 8192);
  if (width <= 4) return Math.ceil(depth / 4096);
  if (width <= 9) return Math.ceil(depth / 2048);
  if (width <= 18 || depth > 512) return Math.ceil(depth / 1024) * Math.ceil(width / 18);
  return Math.ceil(depth / 512) * Math.ceil(width / 36);
}

/** UltraRAM blocks of the weights. */
export const finnUram = (l: FinnLayer): number => Math.ceil((l.pe * l.simd * l.weightBits) / 72) * Math.ceil(finnDepth(l) / 4096);

/** PE and SIMD of the fewest multipliers (PE SIMD) that keep the layer within `cycles`; of equal ones the one with more SIMD. Undefined where none does. */
export function finnFolding(
  l: Omit<FinnLayer, 'pe' | 'simd'>,
  cycles: number,
): { pe: number; simd: number; cycles: number } | undefined {
  let best: { pe: number; simd: number; cycles: number } | undefined;
  for (let pe = 1; pe <= l.mh; pe++) {
    if (l.mh % pe) continue;
    for (let simd = 1; simd <= l.mw; simd++) {
      if (l.mw % simd) continue;
      const needed = finnCycles({ ...l, pe, simd });
      if (needed > cycles) continue;
      const size = pe * simd;
      if (!best || size < best.pe * best.simd || (size === best.pe * best.simd && simd > best.simd))
        best = { pe, simd, cycles: needed };
      break;
    }
  }
  return best;
}
