import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runScript } from './runScript.js';

const OUT = resolve(fileURLToPath(import.meta.url), '../../out');

/** The script of the README: its TypeScript block. */
export function readmeScript(readme: string): string {
  const code = /```ts\n([\s\S]*?)```/.exec(readme)?.[1];
  if (!code) throw new Error('README.md has no block of TypeScript');
  return code;
}

/** What it prints. */
export async function runReadmeScript(readme: string): Promise<string> {
  mkdirSync(OUT, { recursive: true });
  const folder = mkdtempSync(join(OUT, 'readme-'));
  try {
    const file = join(folder, 'script.mts');
    writeFileSync(file, readmeScript(readme));
    return await runScript(file);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
