import { HwcastError } from '../../core/errors.js';
import { readerFor } from '../../trace/registry.js';
import { walkSources } from '../../trace/source/walkSources.js';
import type { ReadIssue, TraceSource } from '../../trace/traceReader.js';
import type { Dataset } from '../dataset.js';
import { IngestCollector } from './ingestCollector.js';
import type { IngestOptions } from './ingestOptions.js';
import type { IngestReport } from './ingestReport.js';

/**
 * Reads traces and tables of measurements into one dataset: operators and networks of traces under condition `profiled`, table rows under
 * theirs. Passes of a task (columns `run`, `pass`) are aggregated with the run factor taken out. Nothing is written; the result does not depend
 * on the order of the sources.
 * @param sources files, folders, archives, `-` for standard input
 * @throws HwcastError `not-found`, `unsupported` or `corrupt` for a source named outright, `bad-input` where two rows give one measurement
 * different values or nothing at all is usable, `quality-gate` where `minAgreement` leaves no task.
 */
export async function ingest(
  sources: readonly string[],
  options: IngestOptions = {},
): Promise<{ dataset: Dataset; report: IngestReport }> {
  if (!sources.length)
    throw new HwcastError('usage', 'nothing to ingest', { hint: 'name files, folders or - for standard input' });
  const collector = new IngestCollector(options);
  let done = 0;
  for await (const source of walkSources(sources, options.limits)) {
    if ('kind' in source) collector.issue(source);
    else await readSource(source, options, collector);
    options.onProgress?.(++done, 'kind' in source ? source.where : source.name);
  }
  return collector.finish();
}

/** Reads one source as a whole or not at all: what a broken file gave before it broke is not kept. */
async function readSource(source: TraceSource, options: IngestOptions, collector: IngestCollector): Promise<void> {
  try {
    const reader = readerFor(source, options.format);
    const records = [];
    for await (const record of reader.read(source, options)) records.push(record);
    collector.take(source.name, reader.format, records);
  } catch (error) {
    if (source.named || !(error instanceof HwcastError) || error.code === 'usage') throw error;
    const issue: ReadIssue = { kind: 'issue', where: error.where ?? source.name, reason: error.message, count: 1, what: 'file' };
    collector.issue(issue);
  }
}
