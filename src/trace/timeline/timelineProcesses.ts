import { kept } from '../../core/kept.js';
import type { Timeline } from './timeline.js';

/** `pid` of a thread or stream `pid/tid`. */
export const processOf = (thread: string): string => thread.slice(0, thread.indexOf('/'));

/**
 * Which process each device (that of streams `device/stream`) works for, where several processes launched under the same correlation ids (ranks
 * put into one file): the one after whose launches most of its work began, most closely.
 * @param byId positions of calls by correlation
 * @returns undefined where no id was used by two processes
 */
export function processOfDevices(timeline: Timeline, byId: Int32Array): Map<string, string> | undefined {
  const { calls, work, names } = timeline,
    { correlation } = calls;
  const processes = names.list.map(processOf);
  const process = (c: number): string => processes[calls.thread.get(c)];
  let isShared = false;
  for (let k = 1; k < byId.length && !isShared; k++)
    isShared = correlation.get(byId[k]) === correlation.get(byId[k - 1]) && process(byId[k]) !== process(byId[k - 1]);
  if (!isShared) return undefined;
  const callsOf = new Map<number, number[]>();
  for (const c of byId) kept(callsOf, correlation.get(c), () => []).push(c);
  const matches = new Map<string, Map<string, { after: number; delay: number }>>();
  for (let w = 0; w < work.start.length; w++)
    for (const c of callsOf.get(work.correlation.get(w)) ?? []) {
      const match = kept(
        kept(matches, processes[work.stream.get(w)], () => new Map<string, { after: number; delay: number }>()),
        process(c),
        () => ({ after: 0, delay: 0 }),
      );
      const delay = work.start.get(w) - calls.start.get(c);
      if (delay >= 0) match.after++;
      match.delay += Math.abs(delay);
    }
  const owners = new Map<string, string>();
  const pairs = [...matches].flatMap(([device, of]) => [...of].map(([name, match]) => ({ device, name, ...match })));
  pairs.sort((a, b) => b.after - a.after || a.delay - b.delay);
  const taken = new Set<string>();
  for (const { device, name } of pairs)
    if (!owners.has(device) && !taken.has(name)) {
      owners.set(device, name);
      taken.add(name);
    }
  for (const { device, name } of pairs) if (!owners.has(device)) owners.set(device, name);
  return owners;
}
