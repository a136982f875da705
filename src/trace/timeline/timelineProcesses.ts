import { kept } from '../../core/kept.js';
import { sortedPositions } from './sortedPositions.js';
import type { Timeline } from './timeline.js';

/** `pid` of a thread or stream `pid/tid`. */
export const processOf = (thread: string): string => thread.slice(0, thread.indexOf('/'));

/** Positions of calls by correlation, then start. */
export function callsById({ calls: { correlation, start } }: Timeline): Int32Array {
  return sortedPositions(start.length, (a, b) => correlation.get(a) - correlation.get(b) || start.get(a) - start.get(b));
}

/** Which process each device works for. */
export interface DeviceOwners {
  /** process of the device that a stream is on; undefined where no call of its work is known */
  ownerOf(stream: string, device: number): string | undefined;
  /** processes that own a device */
  processes: ReadonlySet<string>;
  /** a process without a device of its own, and the one that has the device it launched to */
  rivals: { owner: string; other: string } | null;
}

/** How closely the work of a device followed the launches of a process. */
interface Match {
  /** pieces of work that began after the launch of their id */
  after: number;
  /** sum of times from launch to start, microseconds */
  delay: number;
}

/**
 * Which process each device works for, where several processes launched (ranks put into one file): the one after whose launches of the same
 * correlation ids most of its work began, most closely, since no kernel begins before its launch.
 * @param byId positions of calls by correlation
 * @param wherever also where no id was used by two processes
 * @returns undefined where one process launched all
 */
export function deviceOwners(timeline: Timeline, byId: Int32Array, wherever: boolean): DeviceOwners | undefined {
  const { calls, work, names } = timeline,
    { correlation } = calls;
  const processes = names.list.map(processOf);
  const process = (c: number): string => processes[calls.thread.get(c)];
  if (byId.every((c) => process(c) === process(byId[0]))) return undefined;
  let isShared = false;
  for (let k = 1; k < byId.length && !isShared; k++)
    isShared = correlation.get(byId[k]) === correlation.get(byId[k - 1]) && process(byId[k]) !== process(byId[k - 1]);
  if (!isShared && !wherever) return undefined;
  const callsOf = new Map<number, number[]>();
  for (const c of byId) kept(callsOf, correlation.get(c), () => []).push(c);
  const matches = new Map<string, Map<string, Match>>();
  for (let w = 0; w < work.start.length; w++)
    for (const c of callsOf.get(work.correlation.get(w)) ?? []) {
      const place = `${processes[work.stream.get(w)]} ${work.device.get(w)}`,
        of = kept(matches, place, () => new Map<string, Match>()),
        match = kept(of, process(c), () => ({ after: 0, delay: 0 }));
      const delay = work.start.get(w) - calls.start.get(c);
      if (delay >= 0) match.after++;
      match.delay += Math.abs(delay);
    }
  return owned(matches);
}

function owned(matches: ReadonlyMap<string, ReadonlyMap<string, Match>>): DeviceOwners {
  const pairs = [...matches].flatMap(([place, of]) => [...of].map(([name, match]) => ({ place, name, ...match })));
  pairs.sort((a, b) => b.after - a.after || a.delay - b.delay);
  const owners = new Map<string, string>(),
    taken = new Set<string>();
  for (const { place, name } of pairs)
    if (!owners.has(place) && !taken.has(name)) {
      owners.set(place, name);
      taken.add(name);
    }
  for (const { place, name } of pairs) if (!owners.has(place)) owners.set(place, name);
  const left = pairs.find((p) => !taken.has(p.name));
  return {
    ownerOf: (stream, device) => owners.get(`${processOf(stream)} ${device}`),
    processes: new Set(owners.values()),
    rivals: left ? { owner: owners.get(left.place)!, other: left.name } : null,
  };
}
