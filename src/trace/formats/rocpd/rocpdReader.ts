import { HwcastError } from '../../../core/errors.js';
import { profileReader } from '../../profileReader.js';
import { shownName } from '../../shownName.js';
import { wholeBytes } from '../../source/wholeSource.js';
import { SqliteDatabase, type SqliteValue } from '../../sqlite/sqliteDatabase.js';
import { analyseTimeline } from '../../timeline/analyseTimeline.js';
import { isCollective } from '../../timeline/isCollective.js';
import { Timeline, type WorkKind } from '../../timeline/timeline.js';
import type { TraceAnalysis } from '../../traceAnalysis.js';
import type { TraceSource } from '../../traceReader.js';

const NANO = 1e-3;

/**
 * Databases of rocprofv3 (`rocpd`, schema 3, whose tables end in the id of the run) and of rocmProfileData (`.rpd`, schema 2): dispatches, copies, calls and
 * names of kernels and agents. Tables of processes (command line, environment), nodes (host) and arguments are not opened.
 */
export const rocpdReader = profileReader(
  'rocpd',
  'a rocpd database',
  (text) => /^SQLite format 3/.test(text) && /CREATE TABLE ["'`]?rocpd_(kernel_dispatch|op\b|info_agent|api\b)/.test(text),
  analyse,
);

async function analyse(source: TraceSource): Promise<TraceAnalysis[]> {
  const database = new SqliteDatabase(await wholeBytes(source), source.name),
    tables = (name: string): string[] =>
      database
        .tableNames()
        .filter((t) => t === name || (t.startsWith(`${name}_`) && /^_[0-9a-f_-]{8,}$/i.test(t.slice(name.length))));
  const timeline = new Timeline(),
    clock = new Clock();
  if (tables('rocpd_kernel_dispatch').length) ofRocprofv3(database, timeline, clock, tables);
  else ofRocmProfileData(database, timeline, clock);
  if (!timeline.work.start.length)
    throw new HwcastError('unsupported', 'no kernel was dispatched while this was taken', {
      where: source.name,
      hint: 'rocprofv3 --kernel-trace --hip-trace',
    });
  timeline.events = timeline.work.start.length + timeline.calls.start.length;
  return [{ ...analyseTimeline(timeline, source.name, 'rocpd'), operators: null, kernelsWithOperator: null }];
}

/** Microseconds from the first time: nanoseconds since 1970 are more than a number holds. */
class Clock {
  private base: bigint | undefined;
  at(value: SqliteValue): number {
    if (typeof value !== 'bigint' && !Number.isSafeInteger(value)) return Number.NaN;
    const nanos = BigInt(value as number | bigint);
    this.base ??= nanos;
    return Number(nanos - this.base) * NANO;
  }
}

/** Tables of several runs, of which each numbers its rows by itself: keys carry the run. */
function ofRocprofv3(database: SqliteDatabase, timeline: Timeline, clock: Clock, tables: (name: string) => string[]): void {
  const DISPATCH = 'rocpd_kernel_dispatch';
  for (const [run, table] of tables(DISPATCH).entries()) {
    const suffix = table.slice(DISPATCH.length),
      rows = (name: string, columns: readonly string[]) => database.rows(`${name}${suffix}`, columns),
      texts = textsOf(rows('rocpd_string', ['id', 'string'])),
      kernels = new Map<SqliteValue, string>(),
      stacks = new Map<SqliteValue, number>();
    for (const [id, shown, name] of rows('rocpd_info_kernel_symbol', ['id', 'display_name', 'kernel_name']))
      kernels.set(id, String(shown ?? name ?? 'kernel').replace(/\.kd$/, ''));
    // calls and what they launched stand on one stack
    for (const [id, stack] of rows('rocpd_event', ['id', 'stack_id'])) if (stack !== null) stacks.set(id, Number(stack));
    const correlation = (event: SqliteValue): string | null => (stacks.has(event) ? `${run} ${stacks.get(event)}` : null);
    let used: SqliteValue = null;
    for (const [start, end, agent, kernel, queue, stream, event] of rows(DISPATCH, [
      'start',
      'end',
      'agent_id',
      'kernel_id',
      'queue_id',
      'stream_id',
      'event_id',
    ])) {
      used ??= agent;
      addWork(
        timeline,
        kernels.get(kernel) ?? 'kernel',
        `${run}.${agent}/${stream || queue}`,
        clock.at(start),
        clock.at(end),
        correlation(event),
      );
    }
    for (const [start, end, agent, event] of rows('rocpd_memory_copy', ['start', 'end', 'dst_agent_id', 'event_id']))
      timeline.addWork({
        name: 'Memcpy',
        kind: 'copy',
        stream: `${run}.${agent}/copies`,
        start: clock.at(start),
        end: clock.at(end),
        correlation: correlation(event),
        external: null,
      });
    for (const [start, end, pid, tid, name, event] of rows('rocpd_region', ['start', 'end', 'pid', 'tid', 'name_id', 'event_id']))
      timeline.addCall({
        thread: `${run}.${pid}/${tid}`,
        start: clock.at(start),
        end: clock.at(end),
        correlation: correlation(event),
        external: null,
        launches: /launch/i.test(texts.get(name) ?? ''),
      });
    for (const [id, product, model, name] of rows('rocpd_info_agent', ['id', 'product_name', 'model_name', 'name']))
      if (id === used) timeline.device ??= shownName(String(product || model || name || '')) || null;
  }
}

function ofRocmProfileData(database: SqliteDatabase, timeline: Timeline, clock: Clock): void {
  const texts = textsOf(database.rows('rocpd_string', ['id', 'string'])),
    calls = new Map<SqliteValue, number>();
  for (const [call, operation] of database.rows('rocpd_api_ops', ['api_id', 'op_id'])) calls.set(operation, Number(call));
  for (const [id, gpu, queue, start, end, description, type] of database.rows('rocpd_op', [
    'id',
    'gpuId',
    'queueId',
    'start',
    'end',
    'description_id',
    'opType_id',
  ])) {
    const what = texts.get(type) ?? '';
    addWork(
      timeline,
      texts.get(description) || what || 'kernel',
      `${gpu}/${queue}`,
      clock.at(start),
      clock.at(end),
      calls.get(id) ?? null,
      /copy/i.test(what) ? 'copy' : /fill|memset/i.test(what) ? 'fill' : undefined,
    );
  }
  for (const [id, pid, tid, start, end, name] of database.rows('rocpd_api', ['id', 'pid', 'tid', 'start', 'end', 'apiName_id']))
    timeline.addCall({
      thread: `${pid}/${tid}`,
      start: clock.at(start),
      end: clock.at(end),
      correlation: Number(id),
      external: null,
      launches: /launch/i.test(texts.get(name) ?? ''),
    });
}

function addWork(
  timeline: Timeline,
  name: string,
  stream: string,
  start: number,
  end: number,
  correlation: string | number | null,
  kind: WorkKind = isCollective(name) ? 'collective' : 'kernel',
): void {
  timeline.addWork({ name: shownName(name), kind, stream, start, end, correlation, external: null });
}

function textsOf(rows: Iterable<SqliteValue[]>): Map<SqliteValue, string> {
  const texts = new Map<SqliteValue, string>();
  for (const [id, text] of rows) texts.set(id, String(text));
  return texts;
}
