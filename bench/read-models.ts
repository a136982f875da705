/**
 * What reading models takes: `npx tsx bench/read-models.ts FOLDER` runs the built `hwcast graph` on all model files of the folder together, then on the
 * largest alone, and prints seconds, CPU seconds and the most memory held. Goals: the 124 ONNX files of the zoo (`../shared/data/zoo/onnx.tar`, unpacked)
 * within 12 s, the largest within 400 MB.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { METER, type Use } from './meter.js';

const folder = process.argv[2];
if (!folder) throw new Error('npx tsx bench/read-models.ts FOLDER');
const command = resolve(import.meta.dirname, '../dist/cli/main.js');
const files = readdirSync(folder)
  .map((name) => join(folder, name))
  .filter((path) => statSync(path).isFile())
  .sort((a, b) => statSync(b).size - statSync(a).size);

for (const [name, list] of [
  [`${files.length} files`, files],
  ['the largest alone', files.slice(0, 1)],
] as const) {
  const start = performance.now();
  const done = spawnSync(process.execPath, ['--import', METER, command, 'graph', ...list, '--csv'], {
    encoding: 'utf8',
    maxBuffer: 1 << 30,
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  });
  if (done.status !== 0) throw new Error(`hwcast graph ended with ${done.status}: ${done.stderr}`);
  const { cpu, memory } = JSON.parse(String(done.output[3])) as Use;
  const seconds = (performance.now() - start) / 1e3;
  console.log(`${name.padEnd(20)} ${seconds.toFixed(1)} s   CPU ${cpu.toFixed(1)} s   ${memory.toFixed(0)} MiB`);
}
