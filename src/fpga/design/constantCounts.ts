import { signedDigits } from './signedDigits.js';

/** Kinds of constants among the weights of a layer that is wired into the logic. */
export interface ConstantCounts {
  /** distinct (input, constant) products of two signed digits: a shift and an addition */
  shiftAdd: number;
  /** distinct (input, constant) products of three digits or more: a multiplier */
  full: number;
  /** distinct (input, constant) products of any kind, wires included */
  distinct: number;
  /** weights of three digits or more: terms that come from a multiplier */
  multiplied: number;
}

/** A layer with more weights is not wired into logic: its constants are not counted. */
export const MOST_COUNTED = 1 << 20;

/**
 * Counts the constants of a weight matrix: `weight(i, o)` of input `i` and output `o` in steps of the type. Undefined where one is no whole
 * number of them: scales differ, and each product is rescaled.
 */
export function countConstants(nIn: number, nOut: number, weight: (i: number, o: number) => number): ConstantCounts | undefined {
  const counts = { shiftAdd: 0, full: 0, distinct: 0, multiplied: 0 };
  const digitsOf = new Map<number, number>();
  for (let i = 0; i < nIn; i++) {
    const seen = new Set<number>();
    for (let o = 0; o < nOut; o++) {
      const exact = weight(i, o),
        w = Math.round(exact);
      if (!(Math.abs(w - exact) <= 1e-6)) return undefined;
      if (w === 0) continue;
      const digits = digitsOf.get(w) ?? signedDigits(w).length;
      digitsOf.set(w, digits);
      if (digits > 2) counts.multiplied++;
      if (seen.has(w)) continue;
      seen.add(w);
      counts.distinct++;
      if (digits === 2) counts.shiftAdd++;
      else if (digits > 2) counts.full++;
    }
  }
  return counts;
}
