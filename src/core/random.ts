/** Seeded random numbers: the same seed gives the same stream on every machine. */
export interface Random {
  /** uniform in [0, 1) */
  next(): number;
  /** uniform integer in [0, n) */
  int(n: number): number;
  /** standard normal */
  normal(): number;
  /** shuffles in place and returns the same array */
  shuffle<T>(items: T[]): T[];
  /** k different integers of [0, n), in random order */
  sample(n: number, k: number): number[];
  /** an independent stream for a named purpose; does not advance this one */
  fork(name: string): Random;
}

/** xoshiro128** (Blackman and Vigna, 2018), seeded by hashing the seed; names fork streams. */
export function createRandom(seed: number | string): Random {
  const s = new Uint32Array(4);
  let h = 0x9e3779b9;
  for (const c of String(seed)) h = Math.imul(h ^ c.charCodeAt(0), 0x85ebca6b) ^ (h >>> 13);
  for (let i = 0; i < 4; i++) {
    h = (h + 0x9e3779b9) | 0;
    let z = h;
    z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
    z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
    s[i] = z ^ (z >>> 16);
  }
  if (!s.some(Boolean)) s[0] = 1;
  const rotl = (x: number, k: number) => (x << k) | (x >>> (32 - k));
  const u32 = () => {
    const result = Math.imul(rotl(Math.imul(s[1], 5), 7), 9) >>> 0;
    const t = s[1] << 9;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotl(s[3], 11);
    return result;
  };
  for (let i = 0; i < 16; i++) u32();
  const next = () => ((u32() >>> 5) * 67108864 + (u32() >>> 6)) / 9007199254740992;
  const int = (n: number) => Math.floor(next() * n);
  return {
    next,
    int,
    normal: () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()),
    shuffle(items) {
      for (let i = items.length - 1; i > 0; i--) {
        const j = int(i + 1);
        [items[i], items[j]] = [items[j], items[i]];
      }
      return items;
    },
    sample(n, k) {
      if (k > n) throw new RangeError(`cannot draw ${k} different integers below ${n}`);
      const swapped = new Map<number, number>();
      return Array.from({ length: k }, (_, i) => {
        const j = i + int(n - i);
        const value = swapped.get(j) ?? j;
        swapped.set(j, swapped.get(i) ?? i);
        return value;
      });
    },
    fork: (name) => createRandom(`${seed}/${name}`),
  };
}
