import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeFileAtomic } from '../src/core/files.js';

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '..');

/** Replaces what stands between `<!-- name -->` and `<!-- /name -->` of a page. */
export function replaceBlock(page: string, name: string, content: string): void {
  const path = join(ROOT, page),
    text = readFileSync(path, 'utf8');
  const [open, close] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const [from, to] = [text.indexOf(open), text.indexOf(close)];
  if (from < 0 || to < from) throw new Error(`${page} has no ${open} .. ${close}`);
  writeFileAtomic(path, `${text.slice(0, from + open.length)}\n${content}\n${text.slice(to)}`);
}
