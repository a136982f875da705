// Runs the examples and keeps what they print in examples/output: `npx tsx scripts/runExamples.ts [NAME ...]`; all of them unless told.
import { mkdirSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeFileAtomic } from '../src/core/files.js';
import { runScript } from './runScript.js';

const EXAMPLES = resolve(fileURLToPath(import.meta.url), '../../examples');

/** Names of the examples, without `.ts`. */
export const exampleNames = (): string[] =>
  readdirSync(EXAMPLES)
    .filter((file) => file.endsWith('.ts'))
    .map((file) => file.slice(0, -'.ts'.length))
    .sort();

/** The file with what an example prints. */
export const outputPath = (name: string): string => join(EXAMPLES, 'output', `${name}.txt`);

export const runExample = (name: string): Promise<string> => runScript(join(EXAMPLES, `${name}.ts`));

if (process.argv[1] && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const wanted = process.argv.slice(2);
  mkdirSync(join(EXAMPLES, 'output'), { recursive: true });
  for (const name of wanted.length ? wanted : exampleNames()) {
    process.stderr.write(`examples/${name}.ts\n`);
    writeFileAtomic(outputPath(name), await runExample(name));
  }
}
