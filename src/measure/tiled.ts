type Numbers = Float32Array | Float64Array | Int8Array | Uint8Array | Int16Array | Uint16Array | Int32Array | Uint32Array;

/** Numbers that are drawn before they repeat; odd, so that rows do not line up. */
const PERIOD = 65_537;

/** Fills an array with drawn numbers that repeat: drawing each of hundreds of millions takes longer than what is measured. */
export function tiled<A extends Numbers>(array: A, next: () => number): A {
  const first = Math.min(array.length, PERIOD);
  for (let i = 0; i < first; i++) array[i] = next();
  for (let filled = first; filled < array.length; filled *= 2) array.copyWithin(filled, 0, filled);
  return array;
}
