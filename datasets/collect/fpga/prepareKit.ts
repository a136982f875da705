// Simulates every design of the sweep, then writes a folder that synthesises them on any x86-64 Linux machine with python3:
//   npx tsx datasets/collect/fpga/prepareKit.ts out/synth-kit
// Yosys, ABC and their libraries are copied from this machine (Debian: apt install yosys iverilog). The folder is never committed.
import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, cpSync, mkdirSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { gzipSync } from 'fflate';
import { integerNetwork } from '../../../src/trace/synth/integerNetwork.js';
import { simulate } from '../../../src/trace/synth/simulate.js';
import { verilogNetwork } from '../../../src/trace/synth/verilogNetwork.js';
import { YOSYS_FAMILIES } from '../../../src/trace/synth/yosysFamilies.js';
import { sweepDesigns } from './sweep.js';

const folder = process.argv[2] ?? 'out/synth-kit';
/** Two more families of LUT multipliers (`efinix` and `gowin` are such already), slow to synthesise. */
const LEFT_OUT = ['machxo2', 'anlogic'];
const families = Object.entries(YOSYS_FAMILIES).filter(([f]) => !LEFT_OUT.includes(f));
rmSync(folder, { recursive: true, force: true });
for (const f of ['bin', 'lib', 'share', 'v']) mkdirSync(join(folder, f), { recursive: true });

const designs = sweepDesigns();
const lines: string[] = [];
/** rough cost of a design: bits of its multipliers, operands and constants */
const costs: { id: string; cost: number }[] = [];
for (const [i, { id, design, seed }] of designs.entries()) {
  const network = integerNetwork(design, seed),
    verilog = verilogNetwork(network);
  const s = await simulate(network, verilog, { seed });
  for (const [what, said, seen] of [
    ['latency', verilog.latency, s.latency],
    ['interval', verilog.interval, s.interval],
  ] as const)
    if (said !== null && said !== seen) throw new Error(`${id}: ${what} ${said}, simulated ${seen}`);
  lines.push(JSON.stringify({ id, design, seed, lat: s.latency, ii: s.interval, inputs: s.inputs }));
  let cost = 0;
  for (const stage of network.stages) {
    cost += stage.inWidth * stage.input.bits + stage.outWidth * stage.output.bits;
    if (stage.kind === 'matrix')
      cost += ((stage.nIn * stage.nOut) / stage.reuseFactor) * stage.weightBits * (stage.reuseFactor > 1 ? stage.input.bits : 3);
  }
  costs.push({ id, cost });
  writeFileSync(join(folder, 'v', `${id}.v`), verilog.text);
  if (i % 20 === 19 || i + 1 === designs.length) console.error(`simulated ${i + 1}/${designs.length}`);
}
writeFileSync(join(folder, 'designs.jsonl.gz'), gzipSync(new TextEncoder().encode(`${lines.join('\n')}\n`), { mtime: 0 }));
costs.sort((a, b) => a.cost - b.cost);
writeFileSync(
  join(folder, 'jobs.json'),
  JSON.stringify({
    designs: costs.map((c) => c.id),
    families: Object.fromEntries(families.map(([f, { synth }]) => [f, synth])),
  }),
);

// Yosys looks for yosys-abc and ../share/yosys beside /proc/self/exe, which is the loader when that starts it: all of them stand in bin/
const programs = { yosys: '/usr/bin/yosys', 'yosys-abc.bin': '/usr/bin/yosys-abc' };
const libraries = new Set<string>();
for (const [name, path] of Object.entries(programs)) {
  copyFileSync(realpathSync(path), join(folder, 'bin', name));
  for (const [, lib] of execFileSync('ldd', [path], { encoding: 'utf8' }).matchAll(/(\/\S+)/g)) libraries.add(lib);
}
for (const lib of libraries)
  copyFileSync(realpathSync(lib), join(folder, basename(lib).startsWith('ld-linux') ? 'bin/ld-linux' : `lib/${basename(lib)}`));
// Debian's Yosys starts `berkeley-abc` by name, others `yosys-abc`
for (const name of ['yosys-abc', 'berkeley-abc'])
  writeFileSync(
    join(folder, 'bin', name),
    '#!/bin/sh\nd=$(dirname "$0")\nexec "$d/ld-linux" --library-path "$d/../lib" "$d/yosys-abc.bin" "$@"\n',
  );
for (const f of readdirSync(join(folder, 'bin'))) chmodSync(join(folder, 'bin', f), 0o755);
cpSync('/usr/share/yosys', join(folder, 'share', 'yosys'), { recursive: true, filter: (f) => !f.includes('__pycache__') });
copyFileSync(new URL('run.py', import.meta.url), join(folder, 'run.py'));
console.error(`${designs.length} designs x ${families.length} families in ${folder}`);
