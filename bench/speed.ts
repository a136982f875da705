/**
 * What takes time: `npx tsx bench/speed.ts [--networks N] [CHECKOUT ..]`, each a checkout with its build in dist/; this one unless told. Runs each command
 * line once per checkout, one checkout after the other, and prints CPU seconds (user and system, by the process itself), the most memory it held, rows
 * a CPU second, and the ratio to the first checkout. Goals: all 15,625 NAS-Bench-201 cells within 3 s, a million FBNet networks (`--networks 1000000`;
 * 20,000 unless told) in 400 MB at 5,000 a second, nine devices trained within 20 s with the same bytes of the model.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { createRandom } from '../src/core/random.js';
import { fbnet } from '../src/graph/spaces/fbnet.js';
import { nasbench201 } from '../src/graph/spaces/nasbench201.js';
import { METER, type Use } from './meter.js';

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { networks: { type: 'string', default: '20000' } },
});
const checkouts = (positionals.length ? positionals : ['.']).map((folder) => resolve(folder));
const folder = mkdtempSync(join(tmpdir(), 'hwcast-speed-'));
/** Left out, so that nine of the fifteen devices of the embedded dataset are left. */
const EXCLUDED = 'ort_t1_b1_unoptimised,ort_t1_b8,ort_t4_b16,graph_tf32_b128_width64,graph_fp32_b1_pruned,graph_tf32_b128_pruned';

function run(checkout: string, args: readonly string[], output: string): Use {
  const stdout = openSync(output, 'w');
  const done = spawnSync(process.execPath, ['--import', METER, join(checkout, 'dist/cli/main.js'), ...args], {
    cwd: checkout,
    encoding: 'utf8',
    stdio: ['ignore', stdout, 'pipe', 'pipe'],
  });
  if (done.status !== 0) throw new Error(`hwcast ${args.join(' ')} ended with ${done.status}: ${done.stderr}`);
  return JSON.parse(String(done.output[3])) as Use;
}

const sha256 = (paths: readonly string[]): string => {
  const hash = createHash('sha256');
  for (const path of paths) hash.update(readFileSync(path));
  return hash.digest('hex').slice(0, 12);
};

/** Networks of FBNet, one a line. */
async function writeNetworks(path: string, count: number): Promise<void> {
  const random = createRandom(1),
    file = createWriteStream(path);
  for (let i = 0; i < count; i++) if (!file.write(`fbnet:${fbnet.format(fbnet.draw(random.next))}\n`)) await once(file, 'drain');
  file.end();
  await once(file, 'finish');
}

try {
  const networks = Number(options.networks),
    cells = join(folder, 'cells.txt'),
    list = join(folder, 'networks.txt'),
    output = join(folder, 'output.csv');
  writeFileSync(
    cells,
    Array.from({ length: nasbench201.size! }, (_, i) => `nasbench201:${nasbench201.format(nasbench201.at!(i))}\n`).join(''),
  );
  await writeNetworks(list, networks);
  const tasks = [
    {
      name: 'all cells, trained model',
      rows: nasbench201.size!,
      args: ['predict', '--input', cells, '--device', 'graph_fp32_b1'],
    },
    { name: `${networks} FBNet, roofline`, rows: networks, args: ['predict', '--input', list, '--device', 'RTX-4090'] },
  ];
  const show = (name: string, checkout: number, use: Use, first: Use, more: string) =>
    console.log(
      `${name.padEnd(28)} checkout ${checkout + 1}   CPU ${use.cpu.toFixed(1)} s   ${use.memory.toFixed(0)} MiB   ${more}   ${(use.cpu / first.cpu).toFixed(2)} x the first`,
    );
  for (const { name, rows, args } of tasks) {
    const uses: Use[] = [];
    checkouts.forEach((checkout, i) => {
      uses.push(run(checkout, [...args, '--csv'], output));
      const rate = `${Math.round(rows / uses[i].cpu)} rows a CPU second   output ${sha256([output])}`;
      show(name, i, uses[i], uses[0], rate);
    });
  }
  const uses: Use[] = [];
  checkouts.forEach((checkout, i) => {
    const out = join(folder, `model${i}`);
    const args = ['train', '--dataset', 'datasets/nb201-h100', '--target', 'latency', '--exclude-device', EXCLUDED];
    uses.push(run(checkout, [...args, '--out', out, '--quiet'], output));
    const tensors = readdirSync(out)
      .filter((name) => name.endsWith('.safetensors'))
      .map((name) => join(out, name));
    show('train on nine devices', i, uses[i], uses[0], `tensors ${sha256(tensors)}`);
  });
} finally {
  rmSync(folder, { recursive: true, force: true });
}
