import { existsSync, readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { TraceSource } from '../traceReader.js';
import { walkUnit } from './walkSources.js';

/**
 * Files beside a source, in its folder or archive, that are asked for by name; files that cannot be unpacked are passed over. Each has to be read before the
 * next is asked for.
 * @param source name of a source as `walkSources` gives it
 * @param isWanted by name without folders
 */
export async function* siblingSources(source: string, isWanted: (name: string) => boolean): AsyncGenerator<TraceSource> {
  const at = source.indexOf('!'),
    root = at < 0 ? source : source.slice(0, at);
  if (!existsSync(root)) return;
  const paths =
    at < 0
      ? readdirSync(dirname(root), { withFileTypes: true })
          .filter((e) => e.isFile() && isWanted(e.name))
          .map((e) => join(dirname(root), e.name))
          .sort()
      : [root];
  const folder = dirname(source.slice(at + 1));
  for (const path of paths)
    for await (const found of walkUnit({ path, named: false })) {
      if ('kind' in found || found.name === source) continue;
      if (at >= 0 && (dirname(found.name.slice(at + 1)) !== folder || !isWanted(basename(found.name)))) continue;
      yield found;
    }
}
