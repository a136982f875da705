import { HwcastError } from '../../core/errors.js';
import { refusedFile } from '../../trace/issueAt.js';
import { type SourceUnit, walkUnit } from '../../trace/source/walkSources.js';
import type { ReadIssue } from '../../trace/traceReader.js';
import { type CollectedSource, collectSource } from './collectSource.js';
import type { IngestOptions } from './ingestOptions.js';

/** What is needed to read a file, and can be sent. */
export type UnitOptions = Pick<IngestOptions, 'format' | 'map' | 'wideDevices' | 'model' | 'batch' | 'limits'>;

/**
 * What the sources of one path gave; what could not be read of an archive or folder is an issue.
 * @throws HwcastError for a file that the user named
 */
export async function readUnit(
  unit: SourceUnit,
  options: UnitOptions,
  onSource: (name: string) => void = () => {},
): Promise<(CollectedSource | ReadIssue)[]> {
  const found: (CollectedSource | ReadIssue)[] = [];
  for await (const source of walkUnit(unit, options.limits)) {
    if ('kind' in source) found.push(source);
    else
      try {
        found.push(await collectSource(source, options));
      } catch (error) {
        if (source.named || !(error instanceof HwcastError) || error.code === 'usage') throw error;
        found.push(refusedFile(error, source.name));
      }
    onSource('kind' in source ? source.where : source.name);
  }
  return found;
}

export const unitOptions = ({ format, map, wideDevices, model, batch, limits }: IngestOptions): UnitOptions => ({
  format,
  map,
  wideDevices,
  model,
  batch,
  limits,
});
