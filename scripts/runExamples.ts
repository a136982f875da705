// Runs the examples and keeps what they print in examples/output: `npx tsx scripts/runExamples.ts [NAME ...]`; all of them unless told.
import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeFileAtomic } from '../src/core/files.js';

const ROOT = resolve(fileURLToPath(import.meta.url), '../..');
const EXAMPLES = join(ROOT, 'examples');

/** Names of the examples, without `.ts`. */
export const exampleNames = (): string[] =>
  readdirSync(EXAMPLES)
    .filter((file) => file.endsWith('.ts'))
    .map((file) => file.slice(0, -'.ts'.length))
    .sort();

/** The file with what an example prints. */
export const outputPath = (name: string): string => join(EXAMPLES, 'output', `${name}.txt`);

/** What an example prints, run in the root of the project. `hwcast` is the project's own source (examples/tsconfig.json). Rejects with its errors. */
export function runExample(name: string): Promise<string> {
  const tsx = createRequire(import.meta.url).resolve('tsx/cli');
  const args = [tsx, '--tsconfig', join(EXAMPLES, 'tsconfig.json'), join(EXAMPLES, `${name}.ts`)];
  return new Promise((done, fail) => {
    const child = spawn(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
    const [out, errors]: Buffer[][] = [[], []];
    child.stdout.on('data', (chunk) => out.push(chunk));
    child.stderr.on('data', (chunk) => errors.push(chunk));
    child.on('error', fail);
    child.on('close', (code) => {
      if (code === 0) done(Buffer.concat(out).toString());
      else fail(new Error(`examples/${name}.ts ended with ${code}\n${Buffer.concat(errors)}`));
    });
  });
}

if (process.argv[1] && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const wanted = process.argv.slice(2);
  mkdirSync(join(EXAMPLES, 'output'), { recursive: true });
  for (const name of wanted.length ? wanted : exampleNames()) {
    process.stderr.write(`examples/${name}.ts\n`);
    writeFileAtomic(outputPath(name), await runExample(name));
  }
}
