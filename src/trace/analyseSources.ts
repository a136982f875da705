import { HwcastError } from '../core/errors.js';
import { joinTensorrt } from './formats/tensorrt/joinTensorrt.js';
import { refusedFile } from './issueAt.js';
import { READERS, readerFor } from './registry.js';
import { type SourceLimits, walkSources } from './source/walkSources.js';
import type { TraceAnalysis } from './traceAnalysis.js';
import type { ReadIssue, ReadOptions, TraceSource } from './traceReader.js';

/**
 * What profiles say of what ran.
 * @param paths files, folders, archives, `-` for standard input
 * @returns an analysis for each, in their order, and what could not be read of folders and archives
 * @throws HwcastError `not-found`, `unsupported` or `corrupt` for a file named outright; `bad-input` where nothing at all could be read
 */
export async function analyseSources(
  paths: readonly string[],
  options: ReadOptions & { format?: string; limits?: SourceLimits } = {},
): Promise<{ analyses: TraceAnalysis[]; refused: ReadIssue[] }> {
  const analyses: TraceAnalysis[] = [],
    refused: ReadIssue[] = [];
  for await (const source of walkSources(paths, options.limits)) {
    if ('kind' in source) {
      refused.push(source);
      continue;
    }
    try {
      analyses.push(...(await analyse(source, options)));
    } catch (error) {
      if (source.named || !(error instanceof HwcastError) || error.code === 'usage') throw error;
      refused.push(refusedFile(error, source.name));
    }
  }
  if (!analyses.length)
    throw new HwcastError('bad-input', 'no profile in the sources', {
      where: refused[0]?.where,
      hint:
        refused
          .slice(0, 5)
          .map((r) => `${r.where}: ${r.reason}`)
          .join('\n  ') || 'there are no files',
    });
  return { analyses: joinTensorrt(analyses), refused };
}

async function analyse(source: TraceSource, options: ReadOptions & { format?: string }): Promise<TraceAnalysis[]> {
  const reader = readerFor(source, options.format);
  if (!reader.analyse)
    throw new HwcastError('unsupported', `format '${reader.format}' holds no profile of what ran`, {
      where: source.name,
      hint: `profiles: ${READERS.filter((r) => r.analyse)
        .map((r) => r.format)
        .join(', ')}`,
    });
  return reader.analyse(source, options);
}
