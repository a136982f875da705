// Simulates every design of the sweep, then writes a folder that synthesises them on any x86-64 Linux machine with python3:
//   npx tsx datasets/collect/fpga/prepareKit.ts out/synth-kit
// Yosys, ABC, Icarus Verilog and their libraries are copied from this machine (Debian: apt install yosys iverilog). The folder is never committed.
import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, cpSync, mkdirSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { gzipSync } from 'fflate';
import { integerNetwork } from '../../../src/fpga/synth/integerNetwork.js';
import { integerReference } from '../../../src/fpga/synth/integerReference.js';
import { simulate } from '../../../src/fpga/synth/simulate.js';
import { testbench, testInputs } from '../../../src/fpga/synth/testbench.js';
import { verilogNetwork } from '../../../src/fpga/synth/verilogNetwork.js';
import { YOSYS_FAMILIES } from '../../../src/fpga/synth/yosysFamilies.js';
import { sweepDesigns } from './sweep.js';

const folder = process.argv[2] ?? 'out/synth-kit';
const families = Object.entries(YOSYS_FAMILIES);
/** Random inputs that the netlists are simulated with, beside the extremes. */
const RANDOM_INPUTS = 4;
rmSync(folder, { recursive: true, force: true });
for (const f of ['bin', 'ivl', 'lib', 'share', 'v']) mkdirSync(join(folder, f), { recursive: true });

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
  // what a netlist of `top` must give
  const inputs = testInputs(network, RANDOM_INPUTS, seed),
    hex = (value: number, bits: number) => BigInt.asUintN(bits, BigInt(value)).toString(16);
  writeFileSync(join(folder, 'v', `${id}.tb.v`), testbench(network, inputs.length));
  writeFileSync(
    join(folder, 'v', `${id}.inputs.hex`),
    `${inputs
      .flat(2)
      .map((v) => hex(v, network.input.bits))
      .join('\n')}\n`,
  );
  const results = inputs.flatMap((input) => integerReference(network, input)).flat();
  writeFileSync(join(folder, 'v', `${id}.results.hex`), `${results.map((v) => hex(v, network.output.bits)).join('\n')}\n`);
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
const IVL = '/usr/lib/x86_64-linux-gnu/ivl';
const programs = {
  'bin/yosys': '/usr/bin/yosys',
  'bin/yosys-abc.bin': '/usr/bin/yosys-abc',
  'bin/vvp': '/usr/bin/vvp',
  'ivl/iverilog': '/usr/bin/iverilog',
  'ivl/ivl.bin': `${IVL}/ivl`,
  'ivl/ivlpp.bin': `${IVL}/ivlpp`,
  'ivl/vvp.tgt': `${IVL}/vvp.tgt`,
  'ivl/system.vpi': `${IVL}/system.vpi`,
  'ivl/v2009.vpi': `${IVL}/v2009.vpi`,
};
const libraries = new Set<string>();
for (const [name, path] of Object.entries(programs)) {
  copyFileSync(realpathSync(path), join(folder, name));
  for (const [, lib] of execFileSync('ldd', [path], { encoding: 'utf8' }).matchAll(/(\/\S+)/g)) libraries.add(lib);
}
for (const lib of libraries)
  copyFileSync(realpathSync(lib), join(folder, basename(lib).startsWith('ld-linux') ? 'bin/ld-linux' : `lib/${basename(lib)}`));
// what other programs start: Debian's Yosys `berkeley-abc`, others `yosys-abc`; Icarus Verilog `ivlpp` and `ivl` of its folder
for (const [script, binary] of Object.entries({
  'bin/yosys-abc': 'yosys-abc.bin',
  'bin/berkeley-abc': 'yosys-abc.bin',
  'ivl/ivl': 'ivl.bin',
  'ivl/ivlpp': 'ivlpp.bin',
}))
  writeFileSync(
    join(folder, script),
    `#!/bin/sh\nd=$(dirname "$0")\nexec "$d/../bin/ld-linux" --library-path "$d/../lib" "$d/${binary}" "$@"\n`,
  );
for (const name of ['vvp.conf', 'vvp-s.conf']) copyFileSync(join(IVL, name), join(folder, 'ivl', name));
for (const f of ['bin', 'ivl']) for (const name of readdirSync(join(folder, f))) chmodSync(join(folder, f, name), 0o755);
cpSync('/usr/share/yosys', join(folder, 'share', 'yosys'), { recursive: true, filter: (f) => !f.includes('__pycache__') });
copyFileSync(new URL('run.py', import.meta.url), join(folder, 'run.py'));
console.error(`${designs.length} designs x ${families.length} families in ${folder}`);
