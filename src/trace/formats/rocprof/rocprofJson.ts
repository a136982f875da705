import { HwcastError } from '../../../core/errors.js';
import { shownName } from '../../shownName.js';
import { wholeJson } from '../../source/wholeSource.js';
import { isCollective } from '../../timeline/isCollective.js';
import { Timeline, WAITING } from '../../timeline/timeline.js';
import type { ReadIssue, TraceSource } from '../../traceReader.js';

const NANO = 1e-3;

/** An event of the Chrome trace that rocprof version 1 writes, and rocmProfileData: numbers are texts, the first event is empty. */
interface TraceEvent {
  ph?: string;
  name?: unknown;
  cat?: unknown;
  pid?: unknown;
  tid?: unknown;
  ts?: unknown;
  dur?: unknown;
  id?: unknown;
  args?: { name?: unknown; BeginNs?: unknown; EndNs?: unknown };
}

/** The first event is empty, which it is in no Chrome trace of another profiler. */
export const beginsEmpty = (text: string): boolean => /^\{\s*"traceEvents"\s*:\s*\[\s*\{\s*\}/.test(text);

/**
 * Kernels, copies and calls of rocprof's JSON (`--hip-trace`, `--hsa-trace`), told apart by the names of their processes (`GPU0`, `COPY`, `CPU HIP API`), calls
 * joined with what they launched by flows. Arguments of calls are not looked at.
 * @throws HwcastError `bad-input` where no kernel ran
 */
export async function rocprofJson(source: TraceSource): Promise<{ timeline: Timeline; lost: ReadIssue[] }> {
  const value = (await wholeJson(source)) as { traceEvents?: unknown },
    events = (Array.isArray(value?.traceEvents) ? value.traceEvents : []).filter(
      (e): e is TraceEvent => typeof e === 'object' && e !== null,
    );
  const labels = new Map<string, string>();
  for (const e of events) if (e.ph === 'M' && e.name === 'process_name') labels.set(String(e.pid), String(e.args?.name ?? ''));
  const ids = flowIds(events),
    timeline = new Timeline(),
    base = earliest(events);
  let bad = 0;
  for (const event of events) {
    if (event.ph !== 'X') continue;
    timeline.events++;
    const label = labels.get(String(event.pid)) ?? '',
      times = timesOf(event, base),
      thread = `${event.pid}/${event.tid}`,
      key = placeOf(event),
      id = ids.get(key) ?? null,
      text = String(event.name ?? 'kernel');
    if (!times) bad++;
    else if (/\bGPU ?\d+|\bCOPY\b/i.test(label)) {
      const isCopy = /\bCOPY\b/i.test(label) || /^(CopyDeviceTo|CopyHostTo|copy|memcpy)/i.test(text),
        isFill = /^(FillBuffer|memset)/i.test(text);
      timeline.addWork({
        ...times,
        name: shownName(text.replace(/ \[clone [^\]]*\]/g, '').replace(/\.kd$/, '')),
        kind: isCopy ? 'copy' : isFill ? 'fill' : isCollective(text) ? 'collective' : 'kernel',
        stream: thread,
        correlation: id,
        external: null,
      });
    } else if (id !== null)
      timeline.addCall({
        ...times,
        thread,
        correlation: id,
        external: null,
        launches: /launch/i.test(text),
        waits: WAITING.test(text),
      });
  }
  if (!timeline.work.start.length)
    throw new HwcastError('bad-input', 'no kernel was dispatched while this was taken', {
      where: source.name,
      hint: 'rocprof --hip-trace, or --hsa-trace',
    });
  const lost: ReadIssue[] = bad
    ? [{ kind: 'issue', where: source.name, reason: 'event left out: no times', count: bad, what: 'event' }]
    : [];
  return { timeline, lost };
}

/** Where and when an event stands, as flows name it: in whole microseconds. */
const placeOf = ({ pid, tid, ts }: TraceEvent): string => `${pid} ${tid} ${Math.floor(Number(ts))}`;

/** The id of a flow by the places of its two ends: those of the call and of what it launched. */
function flowIds(events: readonly TraceEvent[]): Map<string, number> {
  const ids = new Map<string, number>();
  for (const e of events)
    if ((e.ph === 's' || e.ph === 't' || e.ph === 'f') && Number.isSafeInteger(Number(e.id))) ids.set(placeOf(e), Number(e.id));
  return ids;
}

/** Nanoseconds of the first event: those since 1970 would be rounded. */
function earliest(events: readonly TraceEvent[]): number {
  let first = Number.POSITIVE_INFINITY;
  for (const e of events) if (e.ph === 'X') first = Math.min(first, nanosOf(e).begin || Number.POSITIVE_INFINITY);
  return Number.isFinite(first) ? first : 0;
}

const nanosOf = ({ ts, dur, args }: TraceEvent): { begin: number; end: number } => {
  const [begin, end] = [Number(args?.BeginNs), Number(args?.EndNs)];
  return begin > 0 && end > 0 ? { begin, end } : { begin: Number(ts) * 1000, end: (Number(ts) + Number(dur)) * 1000 };
};

/** Microseconds from the first event; undefined where they are no times. */
function timesOf(event: TraceEvent, base: number): { start: number; end: number } | undefined {
  const { begin, end } = nanosOf(event),
    times = { start: (begin - base) * NANO, end: (end - base) * NANO };
  return times.start >= 0 && times.end >= times.start && times.end < Number.POSITIVE_INFINITY ? times : undefined;
}
