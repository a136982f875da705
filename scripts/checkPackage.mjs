// What a stranger does with the published package: `npm pack`, `npm install` of that file into an empty project, a script that is type-checked and
// run, `npx hwcast`. Usage: node scripts/checkPackage.mjs [--node 22 --node 24] [--keep]; other versions of Node come from npm's package `node`.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

const ROOT = resolve(import.meta.dirname, '..');
const { values: flags } = parseArgs({
  options: { node: { type: 'string', multiple: true, default: [] }, keep: { type: 'boolean', default: false } },
});
const CELL = 'nasbench201:#4711',
  DEVICE = 'graph_tf32_b256';

/** What a user writes: the bundled model and dataset, an adapted device, the FPGA rules, tables. */
const SCRIPT = `import { adapt, HwcastError, onnxRuntime, type Prediction, parseWorkload, predict, readDataset, sample, toDataFrame, toTable } from 'hwcast';
import { scores } from 'hwcast/evaluate';
import { renderPng } from 'hwcast/figures';
import { analyseDesign, hlsNetwork } from 'hwcast/fpga';
import { EMBEDDED_DATASET, MODEL } from './paths.js';

const [cell]: Prediction[] = await predict(['${CELL}'], { device: '${DEVICE}' });
const latency = cell.targets.latency!;
console.log('predicted', (latency.value * 1e3).toFixed(3), 'ms', latency.provenance);
const support = (await sample({ model: MODEL, n: 5 })).map((workload, i) => ({ workload, value: 1e-3 + i * 1e-4 }));
const { predictor } = await adapt({ model: MODEL, device: 'mine', support });
console.log('adapted', predictor.predict([parseWorkload('${CELL}')])[0].targets.latency?.provenance);
const dataset = await readDataset(EMBEDDED_DATASET);
const table = await toTable(dataset);
console.log('measurements', table.numRows() > 1000);
const design = hlsNetwork({ id: 'one', input: [16], bits: 16, intBits: 6, reuseFactor: 4, strategy: 'resource' }).dense(8).build();
console.log('designs', analyseDesign(design).layers.length, typeof scores, renderPng('<svg xmlns="http://www.w3.org/2000/svg"/>').length > 50);
try {
  await toDataFrame(dataset);
} catch (error) {
  console.log('without danfojs:', error instanceof HwcastError && error.describe());
}
try {
  await onnxRuntime();
} catch (error) {
  console.log('without ONNX Runtime:', error instanceof HwcastError && error.describe());
}
`;
const PATHS = `import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(fileURLToPath(import.meta.resolve('hwcast/package.json')));
export const MODEL = join(root, 'models/nb201');
export const EMBEDDED_DATASET = join(root, 'datasets/nb201-h100');
`;
const TSCONFIG = {
  compilerOptions: {
    strict: true,
    target: 'es2022',
    module: 'nodenext',
    types: ['node'],
    outDir: 'out',
  },
  include: ['*.ts'],
};

const folder = mkdtempSync(join(tmpdir(), 'hwcast-package-'));
try {
  check();
} finally {
  if (flags.keep) console.log(`kept: ${folder}`);
  else rmSync(folder, { recursive: true, force: true });
}

/** Packages in a folder above the empty project would be found by its imports, as if they were installed. */
function refusePackagesAbove() {
  for (let above = dirname(folder); ; above = dirname(above)) {
    const found = join(above, 'node_modules');
    if (existsSync(found))
      fail(`${found} lies above the empty project ${folder}: remove it, or set TMPDIR to a folder without packages above it`);
    if (above === dirname(above)) return;
  }
}

function check() {
  refusePackagesAbove();
  const packed = timed('npm pack', () => run('npm', ['pack', '--silent', '--pack-destination', folder], ROOT));
  const file = join(folder, basename(packed.stdout.trim().split('\n').at(-1)));
  console.log(`  ${basename(file)}: ${megabytes(statSync(file).size)}`);

  const project = join(folder, 'project');
  mkdirSync(project);
  writeFileSync(join(project, 'package.json'), JSON.stringify({ name: 'user', private: true, type: 'module' }));
  timed('npm install, empty project', () => run('npm', ['install', '--no-audit', '--no-fund', file], project));
  const installed = join(project, 'node_modules');
  console.log(`  node_modules: ${megabytes(sizeOf(installed))}, hwcast itself ${megabytes(sizeOf(join(installed, 'hwcast')))}`);

  writeFileSync(join(project, 'use.ts'), SCRIPT);
  writeFileSync(join(project, 'paths.ts'), PATHS);
  writeFileSync(join(project, 'tsconfig.json'), JSON.stringify(TSCONFIG));
  typeCheck(project);
  const expected = [
    /^predicted \d+\.\d+ ms surrogate$/m,
    /^adapted adapted$/m,
    /^measurements true$/m,
    /^designs 1 function true$/m,
    /^without danfojs: .*'danfojs-node'.*npm install danfojs-node/ms,
    /^without ONNX Runtime: .*'onnxruntime-node', which is not installed.*npm install --ignore-scripts onnxruntime-node/ms,
  ];
  for (const version of ['', ...flags.node]) {
    const [command, before] = version ? ['npx', ['--yes', '-p', `node@${version}`, '--', 'node']] : ['node', []];
    const name = run(command, [...before, '--version'], project).stdout.trim();
    const cli = (...options) => run(command, [...before, join(installed, 'hwcast/dist/cli/main.js'), ...options], project).stdout;
    const { stdout } = timed(`script, Node ${name}`, () => run(command, [...before, 'out/use.js'], project));
    for (const pattern of expected) if (!pattern.test(stdout)) fail(`the script printed no ${pattern}:\n${stdout}`);
    process.stdout.write(stdout.replace(/^/gm, '  ').trimEnd().concat('\n'));
    if (!cli('predict', CELL, '--device', DEVICE, '--csv').includes(',surrogate')) fail('predict --csv printed no prediction');
  }
  const shown = timed('npx hwcast predict', () => run('npx', ['hwcast', 'predict', CELL, '--device', DEVICE, '--csv'], project));
  if (!/^workload,latency_ms,low_ms,high_ms,provenance\n\S+,\d/.test(shown.stdout)) fail(`no prediction:\n${shown.stdout}`);
  process.stdout.write(shown.stdout.replace(/^/gm, '  ').trimEnd().concat('\n'));
  console.log('the package installs, type-checks and predicts');
}

/** Strict, as the user's own project; then without skipLibCheck, where hwcast's declarations may have no error (arquero's and flechette's have). */
function typeCheck(project) {
  const tsc = (...options) =>
    spawnSync('node', [join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', project, ...options], {
      encoding: 'utf8',
      cwd: project,
    });
  const strict = timed('tsc --strict --skipLibCheck', () => tsc('--skipLibCheck'));
  if (strict.status !== 0) fail(`the script does not type-check:\n${strict.stdout}`);
  const errors = tsc('--noEmit')
    .stdout.split('\n')
    .filter((line) => /error TS/.test(line));
  const foreign = errors.filter((line) => /^node_modules\/(?!hwcast\/)/.test(line));
  if (foreign.length < errors.length) fail(`declarations of hwcast do not type-check:\n${errors.join('\n')}`);
  console.log(`  without skipLibCheck: 0 errors in hwcast, ${foreign.length} in the declarations of its dependencies`);
}

function run(command, options, cwd) {
  const result = spawnSync(command, options, {
    cwd,
    encoding: 'utf8',
    maxBuffer: 1 << 26,
    env: { ...process.env, NO_COLOR: '1' },
  });
  if (result.status !== 0)
    fail(`${command} ${options.join(' ')} ended with ${result.status ?? result.error}:\n${result.stdout}${result.stderr}`);
  return result;
}

function timed(name, action) {
  const start = performance.now();
  const result = action();
  console.log(`${name}: ${((performance.now() - start) / 1000).toFixed(1)} s`);
  return result;
}

function sizeOf(path) {
  return readdirSync(path, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath ?? entry.path, entry.name)).size, 0);
}

function megabytes(bytes) {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

function fail(message) {
  throw new Error(message);
}
