import { Reasons } from '../../issueAt.js';
import type { Rank } from './kinetoRanks.js';
import type { KinetoTrace } from './kinetoTrace.js';

/** Device work that no operator can be given, by reason. */
export function lostReasons({ timeline, linked, faulty }: KinetoTrace, rank: Rank): Reasons {
  const reasons = new Reasons();
  const hasOperators = linked.operators.some((o) => rank.hasOperator(o));
  for (const w of linked.work) {
    const call = linked.call[w];
    if (linked.operator[w] >= 0 || !rank.hasWork(w)) continue;
    if (!hasOperators) reasons.add('kernels without operators: profile with ProfilerActivity.CPU and record_shapes=True');
    else if (call < 0)
      reasons.add('device work whose launch is not in the trace (queued before the profiler began, or the call is not recorded)');
    else if (timeline.launchesGraph(call)) reasons.add('device work of a graph replay, which no operator launched: no shapes');
    else reasons.add('device work launched outside every operator (own kernels, or another thread): no shapes');
  }
  for (const f of faulty) if (f.isOf(rank)) reasons.add(`device work left out: ${f.reason}`);
  return reasons;
}
