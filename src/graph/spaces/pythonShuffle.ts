/**
 * `random.seed(seed); random.shuffle(items)` of CPython 3 for a small non-negative integer seed: Mersenne Twister MT19937 seeded by
 * init_by_array, Fisher-Yates from the end with rejection sampling. NAS-Bench-201 fixed its standard order this way (seed 88).
 * Source: M. Matsumoto, T. Nishimura, "Mersenne Twister", ACM TOMACS 1998, and the CPython documentation of `random`.
 */
export function pythonShuffle<T>(items: T[], seed: number): T[] {
  const next = mt19937(seed);
  for (let i = items.length - 1; i > 0; i--) {
    const bits = 32 - Math.clz32(i + 1);
    let j = next() >>> (32 - bits);
    while (j >= i + 1) j = next() >>> (32 - bits);
    [items[i], items[j]] = [items[j], items[i]];
  }
  return items;
}

function mt19937(seed: number): () => number {
  const mt = new Uint32Array(624);
  mt[0] = 19650218;
  for (let i = 1; i < 624; i++) mt[i] = Math.imul(1812433253, mt[i - 1] ^ (mt[i - 1] >>> 30)) + i;
  let i = 1;
  for (let k = 0; k < 624; k++) {
    mt[i] = (mt[i] ^ Math.imul(mt[i - 1] ^ (mt[i - 1] >>> 30), 1664525)) + seed;
    if (++i >= 624) {
      mt[0] = mt[623];
      i = 1;
    }
  }
  for (let k = 0; k < 623; k++) {
    mt[i] = (mt[i] ^ Math.imul(mt[i - 1] ^ (mt[i - 1] >>> 30), 1566083941)) - i;
    if (++i >= 624) {
      mt[0] = mt[623];
      i = 1;
    }
  }
  mt[0] = 0x80000000;
  let at = 624;
  return () => {
    if (at >= 624) {
      for (let k = 0; k < 624; k++) {
        const y = (mt[k] & 0x80000000) | (mt[(k + 1) % 624] & 0x7fffffff);
        mt[k] = mt[(k + 397) % 624] ^ (y >>> 1) ^ (y & 1 ? 0x9908b0df : 0);
      }
      at = 0;
    }
    let y = mt[at++];
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    return (y ^ (y >>> 18)) >>> 0;
  };
}
