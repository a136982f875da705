import type { Strategy } from '../../graph/hls/hlsDesign.js';
import { closestReuseFactor, validReuseFactors } from '../../graph/hls/validReuseFactor.js';

const known = new Map<number, number[]>();
const MOST_SHAPES = 20_000;
const MOST_SIZE = 2 ** 26;

/**
 * Reuse factor in force for an n_in x n_out matrix: the valid one closest to `asked` for strategies `resource` and `unrolled`, `asked` itself, at most
 * n_in n_out, otherwise. Exact: the three-layer rows of wa-hls4ml reproduce their latency only with it (28/28, `denseCycles`).
 */
export function snapReuse(nIn: number, nOut: number, asked: number, strategy: Strategy): number {
  if (asked === 1) return 1;
  if (strategy === 'latency' || strategy === 'distributed_arithmetic') return Math.min(asked, nIn * nOut);
  if (!(nIn < MOST_SIZE && nOut < MOST_SIZE)) return closestReuseFactor(nIn, nOut, asked);
  const key = nIn * MOST_SIZE + nOut;
  let valid = known.get(key);
  if (!valid) {
    valid = validReuseFactors(nIn, nOut);
    if (known.size >= MOST_SHAPES) known.clear();
    known.set(key, valid);
  }
  // ascending: of two equally near ones the smaller
  let best = valid[0];
  for (const v of valid) {
    if (Math.abs(v - asked) >= Math.abs(best - asked)) {
      if (v > asked) break;
      continue;
    }
    best = v;
  }
  return best;
}
