import { HwcastError } from '../../../core/errors.js';
import { shownName } from '../../shownName.js';
import { wholeBytes } from '../../source/wholeSource.js';
import { SqliteDatabase, type SqliteValue } from '../../sqlite/sqliteDatabase.js';
import { isCollective } from '../../timeline/isCollective.js';
import { Timeline, WAITING } from '../../timeline/timeline.js';
import type { TraceSource } from '../../traceReader.js';

const KERNELS = 'CUPTI_ACTIVITY_KIND_KERNEL',
  CALLS = 'CUPTI_ACTIVITY_KIND_RUNTIME';
/** NVTX_EVENTS.eventType of ranges that a thread pushed and popped */
const PUSH_POP = 59;
/** what programs call one run of their network: PyTorch's profiler, TensorRT, and people */
const STEP =
  /^(ProfilerStep#\d+|ExecutionContext::(execute|enqueue)\w*|(iteration|iter|step|batch|inference|infer|forward|run)(_pass|_step)?[ _#:=-]*\d*)$/i;
const NANO = 1e-3;

/** What an export holds that datasets and analyses need. */
export interface NsysTrace {
  timeline: Timeline;
  /** texts of NVTX ranges as the program wrote them, by the `detail` of an operator */
  ranges: string[];
  /** blocks of each piece of work, by its position; 0 for copies and fills */
  blocks: number[];
}

/**
 * Reads kernels, copies, fills, calls of the runtime, NVTX ranges and names of GPUs; the tables of environment, command line, processes and host are never
 * opened.
 * @throws HwcastError `unsupported` where the export has no table of kernels
 */
export async function nsysTimeline(source: TraceSource): Promise<NsysTrace> {
  const database = new SqliteDatabase(await wholeBytes(source), source.name);
  if (!database.has(KERNELS))
    throw new HwcastError(
      'unsupported',
      `the export has no table of kernels (${KERNELS}): no kernel ran while it was taken, or CUDA was not traced`,
      { where: source.name, hint: 'nsys profile --trace=cuda,nvtx, then nsys export --type sqlite' },
    );
  const timeline = new Timeline(),
    texts = new Map<SqliteValue, string>();
  for (const [id, value] of database.rows('StringIds', ['id', 'value'])) texts.set(id, String(value));
  const { used, blocks } = addWork(database, timeline, texts);
  addCalls(database, timeline, texts);
  const ranges = addRanges(database, timeline, texts);
  timeline.device = deviceName(database, used);
  timeline.events = timeline.work.start.length + timeline.calls.start.length + timeline.operators.start.length;
  return { timeline, ranges, blocks };
}

const time = (value: SqliteValue): number => Number(value) * NANO;
const id = (value: SqliteValue): number | null => (value === null ? null : Number(value));

/** Returns the device of the first kernel, and the blocks of each. */
function addWork(
  database: SqliteDatabase,
  timeline: Timeline,
  texts: ReadonlyMap<SqliteValue, string>,
): { used: SqliteValue; blocks: number[] } {
  let used: SqliteValue = null;
  const blocks: number[] = [];
  const columns = ['start', 'end', 'deviceId', 'streamId', 'correlationId'];
  for (const [start, end, device, stream, correlation, long, short, x, y, z] of database.rows(KERNELS, [
    ...columns,
    'demangledName',
    'shortName',
    'gridX',
    'gridY',
    'gridZ',
  ])) {
    used ??= device;
    const name = texts.get(long) ?? texts.get(short) ?? 'kernel';
    const isAdded = timeline.addWork({
      name: shownName(name),
      kind: isCollective(name) ? 'collective' : 'kernel',
      stream: `${device}/${stream}`,
      start: time(start),
      end: time(end),
      correlation: id(correlation),
      external: null,
    });
    if (isAdded) blocks.push(Number(x) * Number(y) * Number(z));
  }
  for (const [table, kind] of [
    ['CUPTI_ACTIVITY_KIND_MEMCPY', 'copy'],
    ['CUPTI_ACTIVITY_KIND_MEMSET', 'fill'],
  ] as const)
    for (const [start, end, device, stream, correlation] of database.rows(table, columns)) {
      const isAdded = timeline.addWork({
        name: kind === 'copy' ? 'Memcpy' : 'Memset',
        kind,
        stream: `${device}/${stream}`,
        start: time(start),
        end: time(end),
        correlation: id(correlation),
        external: null,
      });
      if (isAdded) blocks.push(0);
    }
  return { used, blocks };
}

function addCalls(database: SqliteDatabase, timeline: Timeline, texts: ReadonlyMap<SqliteValue, string>): void {
  for (const [start, end, thread, correlation, name] of database.rows(CALLS, [
    'start',
    'end',
    'globalTid',
    'correlationId',
    'nameId',
  ]))
    timeline.addCall({
      thread: threadOf(thread),
      start: time(start),
      end: time(end),
      correlation: id(correlation),
      external: null,
      launches: /launch/i.test(texts.get(name) ?? ''),
      waits: WAITING.test(texts.get(name) ?? ''),
    });
}

/** Returns the texts of the ranges. */
function addRanges(database: SqliteDatabase, timeline: Timeline, texts: ReadonlyMap<SqliteValue, string>): string[] {
  const ranges: string[] = [];
  for (const [start, end, type, thread, text, textId] of database.rows('NVTX_EVENTS', [
    'start',
    'end',
    'eventType',
    'globalTid',
    'text',
    'textId',
  ]))
    if (type === PUSH_POP && end !== null) {
      const whole = String(text ?? texts.get(textId) ?? 'range'),
        range = { thread: threadOf(thread), start: time(start), end: time(end) };
      const isAdded = timeline.addOperator({
        ...range,
        name: shownName(whole.replace(/, (op_id|seq) = .*$/, '')),
        detail: ranges.push(whole) - 1,
        external: null,
      });
      if (isAdded && STEP.test(whole)) timeline.steps.push(range);
    }
  return ranges;
}

/** Threads are 64 bits of machine, process and thread: numbered here by what they are to each other, process first. */
const threadOf = (globalTid: SqliteValue): string => {
  const all = typeof globalTid === 'bigint' ? globalTid : BigInt(Number.isSafeInteger(globalTid) ? (globalTid as number) : 0);
  return `${(all >> 24n) & 0xffffffn}/${all & 0xffffffn}`;
};

/** Name of the GPU that CUDA numbered `device`: ids of the machine and of CUDA differ where a process sees only some. */
function deviceName(database: SqliteDatabase, device: SqliteValue): string | null {
  let gpu = device;
  for (const [gpuId, cudaId] of database.rows('TARGET_INFO_CUDA_DEVICE', ['gpuId', 'cudaId'])) if (cudaId === device) gpu = gpuId;
  const hasCuda = database.columns('TARGET_INFO_GPU').includes('cuDevice') && !database.has('TARGET_INFO_CUDA_DEVICE');
  for (const [number, cuda, name] of database.rows('TARGET_INFO_GPU', ['id', 'cuDevice', 'name']))
    if ((hasCuda && cuda !== null ? cuda : number) === gpu) return shownName(String(name));
  return null;
}
