import { median } from '../../core/statistics.js';
import type { TraceAnalysis } from '../traceAnalysis.js';
import type { LinkedTimeline } from './linkTimeline.js';
import { type Timeline, WORK_KINDS } from './timeline.js';

const MICRO = 1e-6;
const MOST = 10;

/**
 * Chains of two kernels that could be one launch: the second follows the first on its stream every time the first runs (proximity score 1 of
 * SKIP, arXiv 2504.11750), at least twice. `saved` is the idle time between the two, summed: what a fused kernel would not wait for.
 */
export function kernelChains({ work, names }: Timeline, { work: order }: LinkedTimeline): TraceAnalysis['chains'] {
  const last = new Map<number, number>(),
    runs = new Map<number, number>(),
    pairs = new Map<number, { first: number; second: number; count: number; gaps: number[] }>();
  for (const w of order) {
    if (WORK_KINDS[work.kind.get(w)] !== 'kernel') continue;
    const name = work.name.get(w),
      stream = work.stream.get(w),
      before = last.get(stream);
    runs.set(name, (runs.get(name) ?? 0) + 1);
    last.set(stream, w);
    if (before === undefined) continue;
    const first = work.name.get(before),
      key = first * names.list.length + name;
    let pair = pairs.get(key);
    if (!pair) {
      pair = { first, second: name, count: 0, gaps: [] };
      pairs.set(key, pair);
    }
    pair.count++;
    if (pair.gaps.length < 1000) pair.gaps.push(Math.max(0, work.start.get(w) - work.end.get(before)));
  }
  return [...pairs.values()]
    .filter((p) => p.count >= 2 && p.first !== p.second && p.count >= (runs.get(p.first) ?? 0))
    .map((p) => ({
      names: [names.list[p.first], names.list[p.second]],
      count: p.count,
      saved: p.count * median(p.gaps) * MICRO,
    }))
    .sort((a, b) => b.saved - a.saved || b.count - a.count)
    .slice(0, MOST);
}
