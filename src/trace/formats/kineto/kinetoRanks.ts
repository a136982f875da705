import { HwcastError } from '../../../core/errors.js';
import type { LinkedTimeline } from '../../timeline/linkTimeline.js';
import { firstPlace } from '../../timeline/sortedPositions.js';
import { NO_ID, type Timeline } from '../../timeline/timeline.js';
import { deviceOwners, processOf } from '../../timeline/timelineProcesses.js';

/** What belongs to one process of a trace. */
export interface Rank {
  hasThread(thread: string): boolean;
  hasOperator(operator: number): boolean;
  hasCall(call: number): boolean;
  hasPlace(stream: string, device: number): boolean;
  hasWork(work: number): boolean;
}

const ALL: Rank = {
  hasThread: () => true,
  hasOperator: () => true,
  hasCall: () => true,
  hasPlace: () => true,
  hasWork: () => true,
};

/**
 * The processes of a trace (ranks put into one file): correlation ids count from the same number in every process, so a kernel belongs to the process
 * of its device (`deviceOwners`).
 * @returns one that has all where one process ran operators
 * @throws HwcastError `unsupported` where kernels of two processes cannot be told apart.
 */
export function kinetoRanks(timeline: Timeline, { operators, callsById: byId }: LinkedTimeline, where: string): Rank[] {
  const { names, work } = timeline;
  refuseRepeated(timeline, byId, where);
  const processes = [
    ...new Set([...new Set(operators.map((o) => timeline.operators.thread.get(o)))].map((t) => processOf(names.list[t]))),
  ];
  if (processes.length < 2) return [ALL];
  if (!work.start.length)
    return processes.map((p) =>
      rank(
        timeline,
        (process) => process === p,
        () => false,
      ),
    );
  const owners = deviceOwners(timeline, byId, true);
  if (!owners) return [ALL];
  if (owners.rivals)
    throw ambiguous(
      `processes ${owners.rivals.owner} and ${owners.rivals.other} launch under the same correlation ids on one device`,
      where,
    );
  const ranks = [...owners.processes];
  if (ranks.length < 2) return [ALL];
  return ranks.map((own, i) =>
    rank(
      timeline,
      // processes without device work stay with the first
      (process) => process === own || (i === 0 && !owners.processes.has(process)),
      (stream, device) => {
        const owner = owners.ownerOf(stream, device);
        return owner === own || (i === 0 && owner === undefined);
      },
    ),
  );
}

function rank(
  { names, operators, calls, work }: Timeline,
  hasProcess: (process: string) => boolean,
  hasPlace: (stream: string, device: number) => boolean,
): Rank {
  const hasThread = (thread: string) => hasProcess(processOf(thread));
  return {
    hasThread,
    hasOperator: (o) => hasThread(names.list[operators.thread.get(o)]),
    hasCall: (c) => hasThread(names.list[calls.thread.get(c)]),
    hasPlace,
    hasWork: (w) => hasPlace(names.list[work.stream.get(w)], work.device.get(w)),
  };
}

const ambiguous = (message: string, where: string) =>
  new HwcastError('unsupported', message, {
    where,
    hint: 'several ranks in one file: give hwcast the trace of each rank by itself',
  });

/** Two launches under one id in one process: ranks whose process ids are the same. */
function refuseRepeated({ names, calls, work, idText }: Timeline, byId: Int32Array, where: string): void {
  const { correlation } = calls,
    used = new Set<number>();
  for (let w = 0; w < work.start.length; w++) used.add(work.correlation.get(w));
  for (let k = 0; k < byId.length; ) {
    const id = correlation.get(byId[k]),
      next = firstPlace(byId, (c) => correlation.get(c) <= id, k);
    if (next - k > 1 && id !== NO_ID && used.has(id)) {
      const processes = new Set([...byId.subarray(k, next)].map((c) => processOf(names.list[calls.thread.get(c)])));
      if (processes.size < next - k)
        throw ambiguous(
          `correlation id ${idText(id)} belongs to ${next - k} calls of one process: its kernels are nobody's`,
          where,
        );
    }
    k = next;
  }
}
