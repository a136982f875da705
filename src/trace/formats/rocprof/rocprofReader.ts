import { readCsv } from '../../../core/csv.js';
import { HwcastError } from '../../../core/errors.js';
import { kernelTotals } from '../../operatorTotals.js';
import { analysisOf, headText, profileReader } from '../../profileReader.js';
import { shownName } from '../../shownName.js';
import { wholeBytes, wholeText } from '../../source/wholeSource.js';
import { SqliteDatabase } from '../../sqlite/sqliteDatabase.js';
import { analyseTimeline } from '../../timeline/analyseTimeline.js';
import { isCollective } from '../../timeline/isCollective.js';
import type { TraceAnalysis } from '../../traceAnalysis.js';
import type { TraceSource } from '../../traceReader.js';
import { beginsEmpty, rocprofJson } from './rocprofJson.js';
import { type Dispatch, dispatchTimeline } from './rocprofRows.js';

const FORMAT = 'rocprof';
const isDispatches = (text: string): boolean => /^"?Index"?,"?KernelName"?,/.test(text);
const isStatistics = (text: string): boolean => /^"?Name"?,"?Calls"?,"?TotalDurationNs"?/.test(text);

/** rocprof version 1: the table of dispatches (CSV), its statistics (CSV), the SQLite file and the Chrome trace (JSON) of the same run. */
export const rocprofReader = profileReader(
  FORMAT,
  'a profile of rocprof',
  (text) =>
    isDispatches(text) ||
    isStatistics(text) ||
    beginsEmpty(text) ||
    (/^SQLite format 3/.test(text) && /CREATE TABLE "?KERN"?\b/.test(text)),
  async (source) => {
    const head = headText(source.head);
    if (beginsEmpty(head)) {
      const { timeline, lost } = await rocprofJson(source),
        analysis = analyseTimeline(timeline, source.name, FORMAT);
      return [{ ...analysis, operators: null, kernelsWithOperator: null, lost: [...lost, ...analysis.lost] }];
    }
    if (isDispatches(head)) return [ofDispatches(source, csvDispatches(await wholeText(source), source.name))];
    if (isStatistics(head)) return [ofStatistics(source, await wholeText(source))];
    return [ofDispatches(source, sqliteDispatches(await wholeBytes(source), source.name))];
  },
);

function ofDispatches(source: TraceSource, dispatches: Iterable<Dispatch>): TraceAnalysis {
  const timeline = dispatchTimeline(dispatches);
  if (!timeline.work.start.length) throw new HwcastError('bad-input', 'no kernel was dispatched', { where: source.name });
  return { ...analyseTimeline(timeline, source.name, FORMAT), operators: null, kernelsWithOperator: null };
}

function* csvDispatches(text: string, where: string): Generator<Dispatch> {
  for (const { fields, where: line } of readCsv(text, where)) {
    const dispatch = {
      name: fields.KernelName,
      gpu: fields['gpu-id'],
      queue: fields['queue-id'],
      process: fields.pid,
      dispatched: Number(fields.DispatchNs || Number.NaN),
      begin: Number(fields.BeginNs || Number.NaN),
      end: Number(fields.EndNs || Number.NaN),
    };
    if (!(dispatch.end >= dispatch.begin))
      throw new HwcastError('bad-input', `BeginNs '${fields.BeginNs}' and EndNs '${fields.EndNs}' are no times of a kernel`, {
        where: line,
        hint: 'profile with rocprof --timestamp on',
      });
    yield dispatch;
  }
}

function* sqliteDispatches(bytes: Buffer, where: string): Generator<Dispatch> {
  const columns = ['KernelName', 'gpu-id', 'queue-id', 'pid', 'DispatchNs', 'BeginNs', 'EndNs'];
  for (const [name, gpu, queue, process, dispatched, begin, end] of new SqliteDatabase(bytes, where).rows('KERN', columns))
    yield { name: String(name), gpu, queue, process, dispatched: Number(dispatched), begin: Number(begin), end: Number(end) };
}

function ofStatistics(source: TraceSource, text: string): TraceAnalysis {
  const byKernel = kernelTotals(
    readCsv(text, source.name).map(({ fields, where }) => {
      const calls = Number(fields.Calls),
        time = Number(fields.TotalDurationNs) * 1e-9;
      if (!(calls > 0 && calls <= Number.MAX_SAFE_INTEGER && time >= 0 && time <= Number.MAX_SAFE_INTEGER))
        throw new HwcastError(
          'bad-input',
          `${fields.Calls} calls of ${fields.TotalDurationNs} ns are no statistics of a kernel`,
          { where },
        );
      return { name: shownName(fields.Name), kind: isCollective(fields.Name) ? 'collective' : 'kernel', calls, time };
    }),
  );
  const kernels = byKernel.reduce((sum, k) => sum + k.calls, 0),
    time = byKernel.reduce((sum, k) => sum + k.time, 0);
  return analysisOf({
    source: source.name,
    format: FORMAT,
    events: byKernel.length,
    kernels,
    meanKernel: kernels ? time / kernels : null,
    byKernel,
    notes: ['statistics only: when kernels ran is not in the file'],
  });
}
