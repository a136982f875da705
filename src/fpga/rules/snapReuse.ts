import type { Strategy } from '../design/hlsDesign.js';
import { closestReuseFactor, nearestFactor, validReuseFactors } from '../design/validReuseFactor.js';

const known = new Map<number, number[]>();
const MOST_SHAPES = 20_000;
const MOST_SIZE = 2 ** 26;

const allButLargest = (valid: readonly number[]): readonly number[] => (valid.length > 1 ? valid.slice(0, -1) : valid);

/**
 * Reuse factor in force for an n_in x n_out matrix: the valid one closest to `asked` for strategies `resource` and `unrolled`, `asked` itself, at most
 * n_in n_out, otherwise; `unrolled` takes all but the largest (`include_max_rf=False` of hls4ml). Exact: the three-layer rows of wa-hls4ml reproduce their latency only with it (28/28, `denseCycles`). `notOne`: hls4ml before 0.6 took no 1
 * (`get_valid_reuse_factors` of its vivado_template.py, "Avoid using RF=1"); the CNN builds of 2018 show it where 2 was asked for 75 inputs: 3, by II and DSPs.
 */
export function snapReuse(nIn: number, nOut: number, asked: number, strategy: Strategy, notOne = false): number {
  if (strategy === 'latency' || strategy === 'distributed_arithmetic') return Math.min(asked, nIn * nOut);
  if (asked === 1 && !notOne) return 1;
  if (strategy === 'unrolled') return nearestFactor(allButLargest(validReuseFactors(nIn, nOut)), asked);
  if (!(nIn < MOST_SIZE && nOut < MOST_SIZE)) return closestReuseFactor(nIn, nOut, asked);
  const key = nIn * MOST_SIZE + nOut;
  let valid = known.get(key);
  if (!valid) {
    valid = validReuseFactors(nIn, nOut);
    if (known.size >= MOST_SHAPES) known.clear();
    known.set(key, valid);
  }
  // ascending: of two equally near ones the smaller
  const from = notOne && valid.length > 1 ? 1 : 0;
  let best = valid[from];
  for (let i = from; i < valid.length; i++) {
    const v = valid[i];
    if (Math.abs(v - asked) >= Math.abs(best - asked)) {
      if (v > asked) break;
      continue;
    }
    best = v;
  }
  return best;
}
