import { HwcastError } from '../../core/errors.js';
import { refusedFile } from '../../trace/issueAt.js';
import { sourceUnits } from '../../trace/source/walkSources.js';
import type { ReadIssue } from '../../trace/traceReader.js';
import type { Dataset } from '../dataset.js';
import type { CollectedSource } from './collectSource.js';
import { IngestCollector } from './ingestCollector.js';
import type { IngestOptions } from './ingestOptions.js';
import type { IngestReport } from './ingestReport.js';
import { readSources } from './readSources.js';

/**
 * Reads traces and tables of measurements into one dataset: operators and networks of traces under condition `profiled`, table rows under
 * theirs. Passes of a task (columns `run`, `pass`) are aggregated with the run factor taken out. Nothing is written; the result does not depend
 * on the order of the sources, on how many threads read them, or on how often one is given.
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
  return assembleSources(await readSources(sourceUnits(sources), options), options);
}

/** One dataset of what sources gave, in whatever order they are; equal content counts once. */
export function assembleSources(
  found: readonly (CollectedSource | ReadIssue)[],
  options: IngestOptions,
): { dataset: Dataset; report: IngestReport } {
  const collector = new IngestCollector(options),
    seen = new Map<string, string>();
  const sources = found
    .filter((f): f is CollectedSource => !('kind' in f))
    .sort((a, b) => compare(a.name, b.name) || compare(a.sha256, b.sha256));
  for (const issue of found) if ('kind' in issue) collector.issue(issue);
  for (const source of sources) {
    const same = seen.get(source.sha256);
    if (same !== undefined) {
      collector.issue({ kind: 'issue', where: source.name, reason: `the same content as ${same}`, count: 1, what: 'file' });
      continue;
    }
    try {
      collector.take(source);
      seen.set(source.sha256, source.name);
    } catch (error) {
      if (source.named || !(error instanceof HwcastError)) throw error;
      collector.issue(refusedFile(error, source.name));
    }
  }
  return collector.finish(found.flatMap((f) => ('kind' in f ? [] : [f.name])));
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
