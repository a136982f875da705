import type { DeviceEvent, KinetoEvents, LaunchEvent } from './kinetoEvents.js';
import type { EventId } from './kinetoScan.js';

/** microseconds by which clocks of host and device may differ */
const SKEW = 1000;
/** microseconds by which a piece of work may end after the next on its stream: the next may begin early where the device allows it */
const OVERLAP = 1;

/**
 * Device work whose times cannot be: it begins before it was launched, ends after work that began later on its stream (which runs one after the
 * other), or ends after the profiler stopped. What could not be read at all carries its fault already.
 */
export function workFaults(
  { work, windowEnd }: Pick<KinetoEvents, 'work' | 'windowEnd'>,
  launches: ReadonlyMap<EventId, LaunchEvent>,
): Map<DeviceEvent, string> {
  const faults = new Map<DeviceEvent, string>();
  const streams = new Map<string, DeviceEvent[]>();
  for (const w of work) {
    const launch = w.correlation === null ? undefined : launches.get(w.correlation);
    if (w.fault !== null) faults.set(w, w.fault);
    else if (launch && w.start < launch.start - SKEW) faults.set(w, 'it begins before its launch');
    else if (windowEnd !== null && w.end > windowEnd + SKEW) faults.set(w, 'it ends after the profiler stopped');
    else {
      const stream = streams.get(w.stream);
      if (stream) stream.push(w);
      else streams.set(w.stream, [w]);
    }
  }
  for (const stream of streams.values()) {
    stream.sort((a, b) => a.start - b.start || a.end - b.end);
    // from the last to the first: the earliest end of all that began later
    let earliest = Number.POSITIVE_INFINITY;
    for (let i = stream.length - 1; i >= 0; i--) {
      const w = stream[i];
      if (w.end > earliest + OVERLAP) faults.set(w, 'it lasts longer than work that began after it on its stream');
      else earliest = Math.min(earliest, w.end);
    }
  }
  return faults;
}
