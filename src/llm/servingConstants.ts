/** What a framework adds to kernels; seconds, and 5 % and 95 % quantiles of measured over predicted. */
export interface ServingConstants {
  /** of each pass */
  step: number;
  /** of each layer of a pass */
  layer: number;
  /** of each request of a pass */
  request: number;
  ttftBand: readonly [number, number] | null;
  tpotBand: readonly [number, number] | null;
  energyBand: readonly [number, number] | null;
}

export const SERVING: ServingConstants = { step: 0, layer: 0, request: 0, ttftBand: null, tpotBand: null, energyBand: null };
