import { HwcastError } from '../../../core/errors.js';
import { median } from '../../../core/statistics.js';
import { operatorTotals } from '../../operatorTotals.js';
import { analysisOf, profileReader } from '../../profileReader.js';
import { shownName } from '../../shownName.js';
import type { TraceAnalysis, TracePicture } from '../../traceAnalysis.js';
import type { ReadIssue, TraceSource } from '../../traceReader.js';
import { jsonEvents } from '../kineto/jsonEvents.js';
import { parseEvent } from '../kineto/parseEvent.js';

const MICRO = 1e-6;

interface Run {
  start: number;
  end: number;
}
interface NodeRun extends Run {
  operator: string;
  hasShapes: boolean;
}

/** Profiles of ONNX Runtime (`enable_profiling`), of 2019 and current: `*_kernel_time` of nodes, `model_run`s around them. */
export const onnxruntimeReader = profileReader(
  'onnxruntime',
  'an ONNX Runtime profile',
  (text) => /^\[\s*\{\s*"cat"\s*:\s*"Session"/.test(text),
  analyse,
);

async function analyse(source: TraceSource): Promise<TraceAnalysis[]> {
  const { nodes, runs, kernels, lost, events } = await readEvents(source);
  if (!nodes.length)
    throw new HwcastError('bad-input', 'no node of a model ran while this profile was taken', {
      where: source.name,
      hint: 'run the session before its profile is ended',
    });
  runs.sort((a, b) => a.start - b.start);
  // the first run allocates: it is left out where there are others
  const used = runs.length > 1 ? runs.slice(1) : runs,
    windows = used.length ? used : [{ start: Number.NEGATIVE_INFINITY, end: Number.POSITIVE_INFINITY }];
  const inside = outermost(nodes).filter((n) => windows.some((w) => n.start >= w.start && n.end <= w.end)),
    sum = median(
      windows.map((w) => inside.reduce((s, n) => s + (n.start >= w.start && n.end <= w.end ? n.end - n.start : 0), 0)),
    ),
    latency = used.length ? median(used.map((r) => r.end - r.start)) : null;
  const notes = runs.length > 1 ? ['the first run is left out: it allocates'] : [];
  if (latency !== null)
    notes.push(
      `nodes take ${(sum / 1e3).toPrecision(4)} ms of ${(latency / 1e3).toPrecision(4)} ms a run (${((100 * sum) / latency).toFixed(1)} %)`,
    );
  return [
    analysisOf({
      source: source.name,
      format: 'onnxruntime',
      events,
      steps: used.length || null,
      latency: latency === null ? null : latency * MICRO,
      kernels: kernels || null,
      operators: nodes.length,
      operatorsWithShapes: nodes.filter((n) => n.hasShapes).length,
      byOperator: operatorTotals(
        inside.map((n) => ({ name: n.operator, time: (n.end - n.start) * MICRO, host: (n.end - n.start) * MICRO })),
      ),
      picture: used.length ? pictureOf(inside, used[0]) : null,
      lost,
      notes,
    }),
  ];
}

async function readEvents(source: TraceSource) {
  const nodes: NodeRun[] = [],
    runs: Run[] = [],
    lost: ReadIssue[] = [];
  let events = 0,
    kernels = 0;
  const lose = (reason: string, offset: number) =>
    lost.push({ kind: 'issue', where: source.name, reason, count: 1, offset, what: 'event' });
  for await (const items of jsonEvents(source.chunks, new Set(), source.name))
    for (const item of items) {
      if (item.kind === 'header') continue;
      if (item.kind !== 'event') {
        lose(`${item.reason}${item.kind === 'cut' ? ': the rest is lost' : ''}`, item.offset);
        continue;
      }
      events++;
      const event = parseEvent(item.text);
      if (!event) {
        lose(`event that is no JSON at byte ${item.offset}`, item.offset);
        continue;
      }
      const start = Number(event.ts),
        end = start + Number(event.dur),
        name = String(event.name),
        args = (event.args ?? {}) as Record<string, unknown>;
      if (!(end >= start)) continue;
      if (event.cat === 'Session' && name === 'model_run') runs.push({ start, end });
      else if (event.cat === 'Kernel') kernels++;
      // fences are what a node waits for, no work of it
      else if (event.cat === 'Node' && name.endsWith('_kernel_time'))
        nodes.push({
          start,
          end,
          operator: shownName(String(args.op_name ?? 'other')),
          hasShapes: Array.isArray(args.input_type_shape),
        });
    }
  return { nodes, runs, kernels, lost, events };
}

/** Nodes that no other node is around: those in the bodies of loops and branches are part of these. */
function outermost(nodes: readonly NodeRun[]): NodeRun[] {
  let reached = Number.NEGATIVE_INFINITY;
  return [...nodes]
    .sort((a, b) => a.start - b.start || b.end - a.end)
    .filter((n) => {
      if (n.end <= reached && n.start < reached) return false;
      reached = Math.max(reached, n.end);
      return true;
    });
}

function pictureOf(nodes: readonly NodeRun[], run: Run): TracePicture {
  const items = nodes
    .filter((n) => n.start >= run.start && n.end <= run.end)
    .map((n) => ({ name: n.operator, kind: 'operator', start: (n.start - run.start) * MICRO, end: (n.end - run.start) * MICRO }));
  return { length: (run.end - run.start) * MICRO, lanes: [{ name: 'host', items }] };
}
