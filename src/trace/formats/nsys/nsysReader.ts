import { issueAt, Reasons } from '../../issueAt.js';
import { modelOfProfile } from '../../modelOfProfile.js';
import { operatorRecord } from '../../operatorRecord.js';
import { headText } from '../../profileReader.js';
import { stepNetwork } from '../../stepNetwork.js';
import { analyseTimeline, timelessEvents } from '../../timeline/analyseTimeline.js';
import { launchCounts, launchDelay } from '../../timeline/launchDelays.js';
import { linkTimeline } from '../../timeline/linkTimeline.js';
import type { ReadIssue, ReadOptions, TraceReader, TraceRecord, TraceSource } from '../../traceReader.js';
import { nsysTimeline } from './nsysTimeline.js';
import { rangeSteps } from './rangeSteps.js';

const MICRO = 1e-6;

/**
 * Nsight Systems exports (`nsys export --type sqlite`), schemas 3.1 to 3.24. Kernels have no shapes: where their NVTX ranges are called after nodes of a model
 * (as TensorRT does), the model (`--model`) tells the operators.
 */
export const nsysReader: TraceReader = {
  format: 'nsys',
  readsOthers: true,
  detect(head) {
    const text = headText(head);
    return /^SQLite format 3/.test(text) && /CUPTI_ACTIVITY|TARGET_INFO_|META_DATA_EXPORT|EXPORT_META_DATA/.test(text);
  },
  read,
  analyse: async (source) => [analyseTimeline((await nsysTimeline(source)).timeline, source.name, 'nsys')],
};

async function* read(source: TraceSource, options: ReadOptions): AsyncGenerator<TraceRecord | ReadIssue> {
  const trace = await nsysTimeline(source),
    { timeline } = trace,
    linked = linkTimeline(timeline),
    skip = issueAt(source.name),
    inRange = linked.work.filter((w) => linked.operator[w] >= 0);
  yield {
    kind: 'summary',
    device: timeline.device,
    hardware: {},
    events: timeline.events,
    operators: timeline.operators.start.length,
    operatorsWithShapes: 0,
    ...launchCounts(timeline, linked),
    kernelsWithOperator: inRange.length,
  };
  yield* timelessEvents(timeline, source.name);
  const file = await modelOfProfile(source.name, options.model);
  if (!file) {
    yield skip(
      'kernel',
      linked.work.length,
      'kernel without shapes: where its NVTX range is called after a node of a model, give the ONNX file with --model',
    );
    return;
  }
  // loaded where a model is given: every command starts without the rules of ONNX
  const { rangeOperators } = await import('./rangeOperators.js');
  if (linked.work.length > inRange.length)
    yield skip('kernel', linked.work.length - inRange.length, 'kernel outside every NVTX range');
  const reasons = new Reasons(),
    ranges = rangeOperators(trace, linked, file, options.batch);
  for (const { operator, work } of ranges) {
    if (typeof operator === 'string') {
      reasons.add(operator);
      continue;
    }
    yield operatorRecord(operator, {
      framework: 'cuda',
      device: timeline.device,
      latency: work.reduce((sum, w) => sum + timeline.work.end.get(w) - timeline.work.start.get(w), 0) * MICRO,
      kernels: work.length,

      launchDelay: launchDelay(timeline, linked, work),
    });
  }
  yield* reasons.issues(source.name, 'operator');
  yield* stepNetwork(rangeSteps(timeline, linked, ranges), 'cuda', timeline.device, source.name);
}
