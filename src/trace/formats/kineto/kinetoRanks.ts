import { HwcastError } from '../../../core/errors.js';
import { kept } from '../../../core/kept.js';
import type { DeviceEvent, KinetoEvents, LaunchEvent } from './kinetoEvents.js';
import type { EventId } from './kinetoScan.js';

const processOf = ({ thread }: { thread: string }): string => thread.slice(0, thread.indexOf('/'));
/** the device of a piece of work as one process of the trace sees it */
const placeOf = ({ stream, device }: DeviceEvent): string => `${stream.slice(0, stream.indexOf('/'))} ${device}`;

/**
 * A trace of several processes (ranks put into one file) as one trace each: correlation ids count from the same number in every process, so a
 * kernel belongs to the process of its device. Which device is whose is told by cause and effect: no kernel begins before its launch.
 * @returns the trace itself where one process ran operators
 * @throws HwcastError `unsupported` where kernels of two processes cannot be told apart.
 */
export function kinetoRanks(events: KinetoEvents, where: string): KinetoEvents[] {
  const processes = [...new Set(events.ops.map(processOf))];
  const launches = new Map<EventId, LaunchEvent[]>();
  for (const l of events.launches) kept(launches, l.correlation, () => []).push(l);
  refuseRepeated(events, launches, where);
  if (processes.length < 2) return [events];
  if (!events.work.length) return processes.map((p) => part(events, (process) => process === p, []));
  const owners = ownersOf(events, launches, where);
  const ranks = [...new Set(owners.values())];
  if (ranks.length < 2) return [events];
  return ranks.map((rank, i) =>
    part(
      events,
      // processes without device work stay with the first
      (process) => process === rank || (i === 0 && !ranks.includes(process)),
      events.work.filter((w) => owners.get(placeOf(w)) === rank || (i === 0 && !owners.has(placeOf(w)))),
    ),
  );
}

function part(events: KinetoEvents, has: (process: string) => boolean, work: DeviceEvent[]): KinetoEvents {
  const of = <T extends { thread: string }>(list: T[]) => list.filter((e) => has(processOf(e)));
  const { ops, launches, steps, overhead } = events;
  return { ...events, ops: of(ops), launches: of(launches), steps: of(steps), overhead: of(overhead), work };
}

const ambiguous = (message: string, where: string) =>
  new HwcastError('unsupported', message, {
    where,
    hint: 'several ranks in one file: give hwcast the trace of each rank by itself',
  });

/** Two launches under one id in one process: ranks whose process ids are the same. */
function refuseRepeated({ work }: KinetoEvents, launches: ReadonlyMap<EventId, LaunchEvent[]>, where: string): void {
  for (const { correlation } of work) {
    const calls = (correlation !== null && launches.get(correlation)) || [];
    if (calls.length < 2) continue;
    const seen = new Set(calls.map(processOf));
    if (seen.size < calls.length)
      throw ambiguous(
        `correlation id ${correlation} belongs to ${calls.length} calls of one process: its kernels are nobody's`,
        where,
      );
  }
}

interface Match {
  works: number;
  /** of them, begun after their launch */
  after: number;
  /** sum of times from launch to start, microseconds */
  delay: number;
}

/** Process of each device. */
function ownersOf({ work }: KinetoEvents, launches: ReadonlyMap<EventId, LaunchEvent[]>, where: string): Map<string, string> {
  const matches = new Map<string, Map<string, Match>>();
  for (const w of work) {
    const of = kept(matches, placeOf(w), () => new Map<string, Match>());
    for (const l of (w.correlation !== null && launches.get(w.correlation)) || []) {
      const m = kept(of, processOf(l), () => ({ works: 0, after: 0, delay: 0 }));
      m.works++;
      if (w.start >= l.start) m.after++;
      if (Number.isFinite(w.start)) m.delay += Math.abs(w.start - l.start);
    }
  }
  const pairs = [...matches].flatMap(([place, of]) => [...of].map(([process, m]) => ({ place, process, ...m })));
  pairs.sort((a, b) => b.after - a.after || a.delay - b.delay);
  const owners = new Map<string, string>(),
    taken = new Set<string>();
  for (const { place, process } of pairs)
    if (!owners.has(place) && !taken.has(process)) {
      owners.set(place, process);
      taken.add(process);
    }
  for (const { place, process } of pairs) if (!owners.has(place)) owners.set(place, process);
  const left = pairs.find((p) => !taken.has(p.process));
  if (left)
    throw ambiguous(
      `processes ${owners.get(left.place)} and ${left.process} launch under the same correlation ids on one device`,
      where,
    );
  return owners;
}
