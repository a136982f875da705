import { HwcastError } from '../../core/errors.js';
import type { SourceUnit } from '../../trace/source/walkSources.js';
import type { ReadIssue } from '../../trace/traceReader.js';
import type { CollectedSource } from './collectSource.js';
import type { IngestOptions } from './ingestOptions.js';
import { readInWorkers } from './ingestWorkers.js';
import { readUnit, unitOptions } from './readUnits.js';
import { SourceCache } from './sourceCache.js';

/**
 * What the files of paths gave, in their order: out of the cache where their content was read before, else read by this thread or by several.
 * @throws HwcastError as `readUnit` does
 */
export async function readSources(
  units: readonly SourceUnit[],
  options: IngestOptions,
): Promise<(CollectedSource | ReadIssue)[]> {
  const { workers = 1, onProgress } = options,
    told = unitOptions(options),
    cache = options.cache === undefined ? undefined : new SourceCache(options.cache, told),
    found: (CollectedSource | ReadIssue)[][] = units.map((unit) => cache?.get(unit) ?? []),
    missing = units.flatMap((_, i) => (found[i].length ? [] : [i])),
    open = missing.map((i) => units[i]);
  let done = 0;
  const progress = (name: string) => onProgress?.(++done, name);
  if (workers > 1 && open.length > 1) {
    if (open.some((u) => u.path === '-'))
      throw new HwcastError('usage', 'standard input is read by one thread', { hint: 'leave out --workers, or name files' });
    const answers = await readInWorkers(open, told, workers, (unit) => progress(unit.path));
    answers.forEach((answer, k) => {
      found[missing[k]] = answer;
    });
  } else for (const i of missing) found[i] = await readUnit(units[i], told, progress);
  for (const i of missing) cache?.put(units[i], found[i]);
  return found.flat();
}
