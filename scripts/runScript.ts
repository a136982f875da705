import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = resolve(fileURLToPath(import.meta.url), '../..');

/** What a script prints, run in the root of the project. `hwcast` is the project's own source (examples/tsconfig.json). Rejects with its errors. */
export function runScript(file: string): Promise<string> {
  const tsx = createRequire(import.meta.url).resolve('tsx/cli');
  return new Promise((done, fail) => {
    const child = spawn(process.execPath, [tsx, '--tsconfig', join(ROOT, 'examples', 'tsconfig.json'), file], {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const [out, errors]: Buffer[][] = [[], []];
    child.stdout.on('data', (chunk) => out.push(chunk));
    child.stderr.on('data', (chunk) => errors.push(chunk));
    child.on('error', fail);
    child.on('close', (code) => {
      if (code === 0) done(Buffer.concat(out).toString());
      else fail(new Error(`${file} ended with ${code}\n${Buffer.concat(errors)}`));
    });
  });
}
