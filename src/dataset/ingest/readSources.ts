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
 * @throws HwcastError as `readUnit` does, with a cache `not-found` for a file that cannot be read
 */
export async function readSources(
  units: readonly SourceUnit[],
  options: IngestOptions,
): Promise<(CollectedSource | ReadIssue)[]> {
  const { workers = 1, onProgress } = options,
    told = unitOptions(options),
    cache = options.cache === undefined ? undefined : new SourceCache(options.cache, told),
    places: (string | undefined)[] = [];
  if (cache) for (const unit of units) places.push(await cache.placeOf(unit));
  const found: (CollectedSource | ReadIssue)[][] = units.map((unit, i) => cache?.get(places[i], unit) ?? []),
    missing = units.flatMap((_, i) => (found[i].length ? [] : [i])),
    open = missing.map((i) => units[i]);
  let done = 0;
  const progress = (name: string) => onProgress?.(++done, name),
    // at once: an ingest that ends early is not read again
    keep = (i: number, gave: (CollectedSource | ReadIssue)[]) => {
      found[i] = gave;
      cache?.put(places[i], units[i], gave);
    };
  if (workers > 1 && open.length > 1) {
    if (open.some((u) => u.path === '-'))
      throw new HwcastError('usage', 'standard input is read by one thread', { hint: 'leave out --workers, or name files' });
    await readInWorkers(open, told, workers, (k, gave) => {
      if (gave) keep(missing[k], gave);
      progress(open[k].path);
    });
  } else for (const i of missing) keep(i, await readUnit(units[i], told, progress));
  return found.flat();
}
