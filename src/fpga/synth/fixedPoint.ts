import type { Precision } from '../design/hlsDesign.js';

/** A fixed-point tensor type whose raw values are integers: real value = raw / 2^frac. */
export interface FixedType {
  bits: number;
  signed: boolean;
  frac: number;
}

export const lowest = (t: FixedType): number => (t.signed ? -(2 ** (t.bits - 1)) : 0);
export const highest = (t: FixedType): number => 2 ** (t.signed ? t.bits - 1 : t.bits) - 1;

/** Bits of a signed number that holds every value of the type. */
export const signedBits = (t: FixedType): number => t.bits + (t.signed ? 0 : 1);

/** Bits of the smallest signed number that holds lo..hi. */
export function bitsFor(lo: number, hi: number): number {
  let bits = 1;
  while (lo < -(2 ** (bits - 1)) || hi > 2 ** (bits - 1) - 1) bits++;
  return bits;
}

/** Bits of an unsigned counter that reaches `most`. */
export const counterBits = (most: number): number => Math.max(1, Math.ceil(Math.log2(most + 1)));

/** Type of a precision; an unknown binary point is taken as `frac`. */
export const fixedType = (p: Precision, frac: number): FixedType => ({
  bits: p.bits,
  signed: p.signed,
  frac: p.intBits === null ? frac : p.bits - p.intBits,
});

/** Raw value moved down by `shift` binary places (floor; up where negative), then saturated to the type. */
export function quantise(value: number, shift: number, to: FixedType): number {
  return Math.min(highest(to), Math.max(lowest(to), Math.floor(value / 2 ** shift)));
}
