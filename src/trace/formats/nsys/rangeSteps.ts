import { operatorText } from '../../../graph/operatorText.js';
import type { NetworkStep, NetworkSteps } from '../../stepNetwork.js';
import { type Interval, unionLength } from '../../timeline/intervals.js';
import type { LinkedTimeline } from '../../timeline/linkTimeline.js';
import { rootOperators, rootUnits } from '../../timeline/rootUnits.js';
import { positionsWhere } from '../../timeline/sortedPositions.js';
import { slowCalls, stallOf } from '../../timeline/stalls.js';
import type { Timeline } from '../../timeline/timeline.js';
import { timelineSteps, windowOf } from '../../timeline/timelineSteps.js';
import type { RangeOperator } from './rangeOperators.js';

/** Runs of the network by NVTX ranges around them (`ExecutionContext::execute`, `iteration 3`), else by what repeats, with the ranges that are operators. */
export function rangeSteps(timeline: Timeline, linked: LinkedTimeline, ranges: readonly RangeOperator[]): NetworkSteps {
  const roots = rootOperators(timeline, linked),
    lost = positionsWhere(linked.work, (w) => linked.operator[w] < 0),
    { how, steps, lostIn } = timelineSteps(timeline, linked, {
      units: rootUnits(timeline, linked, roots),
      marks: timeline.steps,
      roots,
      lost,
    });
  const windows = steps.map((s) => s.window),
    slow = slowCalls(timeline),
    { start, end } = timeline.work,
    ran = (w: number): Interval => ({ start: start.get(w), end: end.get(w) }),
    length = (work: readonly number[]) => work.reduce((sum, w) => sum + end.get(w) - start.get(w), 0),
    parts = steps.map((): { ranges: RangeOperator[]; lost: number[] } => ({ ranges: [], lost: [] }));
  for (const range of ranges) parts[windowOf(windows, timeline.operators.start.get(range.range))]?.ranges.push(range);
  const at = new Map(steps.map((s, i) => [s.number, i]));
  lost.forEach((w, i) => {
    parts[at.get(lostIn[i]) ?? -1]?.lost.push(w);
  });
  return {
    how,
    steps: steps.flatMap((step, i): NetworkStep[] => {
      const { ranges: of, lost: apart } = parts[i];
      if (!of.length) return [];
      of.sort((a, b) => timeline.operators.start.get(a.range) - timeline.operators.start.get(b.range));
      const intervals = [...of.flatMap((r) => r.work), ...apart].map(ran);
      return [
        {
          units: of.map(({ operator, work }) => ({
            mapped: operator,
            signature: typeof operator === 'string' ? `? ${operator}` : operatorText(operator),
            time: length(work),
          })),
          lost: length(apart),
          latency: step.end - step.start,
          busy: unionLength(intervals),
          disturbed: false,
          damaged: false,
          stall: stallOf(slow, intervals, step),
        },
      ];
    }),
  };
}
