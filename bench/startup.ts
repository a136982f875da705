/**
 * How long programs take to start: `npx tsx bench/startup.ts [FOLDER ...]`, each a checkout with its build in dist/; this one unless told. Prints medians
 * of CPU seconds (user and system, by the process itself as it ends) and of seconds by the clock, and ratios to `node -e 0` in the same round and to
 * the first checkout. Goals: `--version` and `--help` at most 4 times `node -e 0`, `import 'hwcast'` 0.4 s, `predict` with an adapter 0.8 s of CPU.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { median } from '../src/core/statistics.js';

const ROUNDS = 9;
const checkouts = (process.argv.length > 2 ? process.argv.slice(2) : ['.']).map((folder) => resolve(folder));
const folder = mkdtempSync(join(tmpdir(), 'hwcast-startup-'));
/** Tells on file descriptor 3 what the process used. */
const METER = `data:text/javascript,${encodeURIComponent(
  `import { writeSync } from 'node:fs'; process.on('exit', () => { const { user, system } = process.cpuUsage(); writeSync(3, String((user + system) / 1e6)); });`,
)}`;

interface Time {
  cpu: number;
  wall: number;
}

function timeOf(args: readonly string[]): Time {
  const begin = performance.now();
  const { status, output, stderr } = spawnSync(process.execPath, ['--import', METER, ...args], {
    cwd: folder,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  });
  if (status !== 0) throw new Error(`node ${args.join(' ')} ended with ${status}: ${stderr}`);
  return { cpu: Number(output[3]), wall: (performance.now() - begin) / 1000 };
}

/** An adapter of the checkout's own model from ten networks with values of no meaning. */
function adapterOf(checkout: string, name: string): string {
  const main = join(checkout, 'dist/cli/main.js'),
    model = join(checkout, 'models/nb201');
  const chosen = spawnSync(process.execPath, [main, 'sample', '--model', model, '--n', '10'], { encoding: 'utf8' }).stdout;
  const support = join(folder, `${name}.csv`),
    adapter = join(folder, `${name}.json`);
  const rows = chosen.trim().split('\n');
  writeFileSync(support, ['workload,latency_ms', ...rows.map((id, i) => `${id},${2 + i / 3}`), ''].join('\n'));
  const options = ['adapt', '--model', model, '--device', 'mine', '--support', support, '--out', adapter];
  const { status, stderr } = spawnSync(process.execPath, [main, ...options], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return adapter;
}

try {
  const programs = checkouts.map((checkout, i): Record<string, string[]> => {
    const main = join(checkout, 'dist/cli/main.js');
    // FPGA designs came with the main entry before they had one of their own
    const library = (name: string) => pathToFileURL(join(checkout, `dist/${name}.js`)).href;
    return {
      'hwcast --version': [main, '--version'],
      'hwcast --help': [main, '--help'],
      "import 'hwcast'": ['--input-type=module', '-e', `await import('${library('index')}')`],
      'hwcast predict --adapter': [main, 'predict', 'nasbench201:#4711', '--adapter', adapterOf(checkout, `checkout${i}`)],
      "import 'hwcast/fpga'": [
        '--input-type=module',
        '-e',
        `await import('${library(existsSync(join(checkout, 'dist/fpga.js')) ? 'fpga' : 'index')}')`,
      ],
      'hwcast fpga predict': [main, 'fpga', 'predict', join(checkout, 'docs/examples/jet-tagger.json')],
    };
  });
  const times = new Map<string, Time[]>();
  const measure = (name: string, args: readonly string[]) => times.set(name, [...(times.get(name) ?? []), timeOf(args)]);
  for (let round = 0; round < ROUNDS; round++) {
    measure('node -e 0', ['-e', '0']);
    programs.forEach((program, i) => {
      for (const [name, args] of Object.entries(program)) measure(`${i} ${name}`, args);
    });
  }
  const medianOf = (name: string, what: keyof Time) => median(times.get(name)!.map((t) => t[what]));
  const show = (name: string, key: string, before?: string) => {
    const ratio = (to: string) => (medianOf(key, 'cpu') / medianOf(to, 'cpu')).toFixed(2);
    const parts = [
      `CPU ${medianOf(key, 'cpu').toFixed(3)} s`,
      `clock ${medianOf(key, 'wall').toFixed(3)} s`,
      `${ratio('node -e 0')} x node -e 0`,
    ];
    console.log(`  ${name.padEnd(26)} ${[...parts, ...(before ? [`${ratio(before)} x the first checkout`] : [])].join('   ')}`);
  };
  console.log(`medians of ${ROUNDS} rounds, Node ${process.versions.node}`);
  show('node -e 0', 'node -e 0');
  programs.forEach((program, i) => {
    console.log(checkouts.length > 1 ? `checkout ${i + 1}` : 'this checkout');
    for (const name of Object.keys(program)) show(name, `${i} ${name}`, i ? `0 ${name}` : undefined);
  });
} finally {
  rmSync(folder, { recursive: true, force: true });
}
