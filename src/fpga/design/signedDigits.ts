/**
 * Canonical signed digits of an integer, least significant first: value = sum of sign 2^shift, no two neighbouring digits non-zero, so that a multiplication
 * by it takes the fewest additions of shifted operands.
 */
export function signedDigits(value: number): { shift: number; sign: 1 | -1 }[] {
  const digits: { shift: number; sign: 1 | -1 }[] = [];
  for (let rest = value, shift = 0; rest !== 0; shift++) {
    if (rest % 2 !== 0) {
      const sign = ((rest % 4) + 4) % 4 === 1 ? 1 : -1;
      digits.push({ shift, sign });
      rest -= sign;
    }
    rest /= 2;
  }
  return digits;
}
