import { basename } from 'node:path';
import type { ModelSource } from '../../src/graph/readers/modelReader.js';
import { walkSources } from '../../src/trace/source/walkSources.js';

/**
 * Model files below paths, whole and unpacked, by their own name: files, folders, archives.
 * @param wanted names, without `.gz`
 */
export async function* modelFiles(paths: readonly string[], wanted = /./): AsyncGenerator<ModelSource> {
  for await (const source of walkSources(paths)) {
    if (!('chunks' in source)) throw new Error(`${source.where}: ${source.reason}`);
    const name = basename(source.name.split('!').at(-1)!).replace(/\.gz$/, '');
    if (!wanted.test(name)) continue;
    const parts: Uint8Array[] = [];
    for await (const chunk of source.chunks) parts.push(chunk);
    yield { name, bytes: Buffer.concat(parts) };
  }
}
