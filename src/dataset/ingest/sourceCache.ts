import { createHash } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { fileChunks, sha256, writeFileAtomic } from '../../core/files.js';
import { READERS } from '../../trace/registry.js';
import type { SourceUnit } from '../../trace/source/walkSources.js';
import type { ReadIssue } from '../../trace/traceReader.js';
import type { CollectedSource } from './collectSource.js';
import type { UnitOptions } from './readUnits.js';

/** Changes where what sources give changes: what an older hwcast kept is then read again. */
const VERSION = 2;

type Found = (CollectedSource | ReadIssue)[];

interface Kept {
  /** path it was read under, and whether it was named outright */
  path: string;
  named?: boolean;
  found: Found;
}

/** Keeps what files gave in a folder, by the hash of their content and of how they were read. */
export class SourceCache {
  private readonly told: string;
  /** of each file, before it was read */
  private readonly states = new Map<string, string>();

  constructor(
    private readonly folder: string,
    options: UnitOptions,
  ) {
    this.told = JSON.stringify([VERSION, options]);
  }

  /**
   * Where what a file gives is kept, by its content; undefined for what can be read once only (standard input, pipes).
   * @throws HwcastError `not-found` for a file that cannot be read
   */
  async placeOf({ path }: SourceUnit): Promise<string | undefined> {
    const state = stateOf(path);
    if (state === undefined) return undefined;
    const hash = createHash('sha256');
    for await (const chunk of fileChunks(path)) hash.update(chunk);
    this.states.set(path, state);
    return join(this.folder, `${sha256(`${this.told}\n${hash.digest('hex')}`)}.json.gz`);
  }

  /** What the file gave when its content was read before, under the name it has now; nothing where what was refused may be an error now. */
  get(place: string | undefined, unit: SourceUnit): Found | undefined {
    if (place === undefined || !existsSync(place)) return undefined;
    try {
      const { path, named, found } = JSON.parse(gunzipSync(readFileSync(place)).toString('utf8')) as Kept;
      if (unit.named && !named && found.some((f) => 'kind' in f && f.what === 'file')) return undefined;
      return found.map((f) => renamed(f, path, unit));
    } catch {
      // half a file, or none of ours: read again and replaced
      return undefined;
    }
  }

  /** Profiles that are read with files beside them depend on more than their content, and are not kept; nor are files that changed while they were read. */
  put(place: string | undefined, unit: SourceUnit, found: Found): void {
    if (place === undefined || !found.length || stateOf(unit.path) !== this.states.get(unit.path)) return;
    if (found.some((f) => !('kind' in f) && dependsOnOthers(f))) return;
    const kept: Kept = { path: unit.path, named: unit.named, found };
    writeFileAtomic(place, gzipSync(JSON.stringify(kept)));
  }
}

/** Size and time of change of a file; undefined for what is none. */
function stateOf(path: string): string | undefined {
  const found = path === '-' ? undefined : statSync(path, { throwIfNoEntry: false });
  return found?.isFile() ? `${found.size} ${found.mtimeMs}` : undefined;
}

/** It was read with files beside it, or, without shapes of its own, would be if they were there. */
const dependsOnOthers = ({ format, records }: CollectedSource): boolean =>
  READERS.find((r) => r.format === format)?.readsOthers === true ||
  records.some((r) => r.kind === 'summary' && r.operators > 0 && r.operatorsWithShapes === 0);

/** The name that a file has now in the place of the one it was read under. */
function renamed(found: CollectedSource | ReadIssue, before: string, { path, named }: SourceUnit): CollectedSource | ReadIssue {
  const now = (where: string) => (where.startsWith(before) ? `${path}${where.slice(before.length)}` : where);
  if ('kind' in found) return { ...found, where: now(found.where) };
  return {
    ...found,
    name: now(found.name),
    // what an archive holds was not named
    named: named && found.name === before,
    records: found.records.map((r) => ('where' in r ? { ...r, where: now(r.where) } : r)),
  };
}
