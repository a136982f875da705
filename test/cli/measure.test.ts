import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { registerMeasure } from '../../src/cli/measure.js';
import { HwcastError } from '../../src/core/errors.js';
import { parseWorkload } from '../../src/graph/workload.js';
import { encodeOnnx } from '../graph/readers/onnx/encodeOnnx.js';
import { hasOnnxRuntime } from '../onnxRuntimeHere.js';
import { runCommand } from './runCommand.js';

const folder = mkdtempSync(join(tmpdir(), 'hwcast-measure-'));
afterAll(() => rmSync(folder, { recursive: true }));
const CELLS = ['skip_connect', 'nor_conv_1x1', 'avg_pool_3x3'].map(
  (op) => `nasbench201:|${op}~0|+|none~0|none~1|+|none~0|${op}~1|none~2|`,
);
const deps = {
  async chooseWorkloads(model: string, n: number) {
    if (model === 'missing') throw new HwcastError('not-found', `no model in '${model}'`);
    return CELLS.slice(0, n).map(parseWorkload);
  },
};
const measure = (...args: string[]) =>
  runCommand((program) => registerMeasure(program, deps), ['measure', '--backend', 'wasm', ...args]);

describe('hwcast measure', () => {
  it('times the networks a model chooses and writes a support file', async () => {
    const out = join(folder, 'support.csv');
    const { stdout, stderr, error } = await measure('--model', 'm', '--n', '3', '--passes', '2', '--repeats', '1', '--out', out);
    expect(error).toBeUndefined();
    expect(stdout).toBe('');
    expect(stderr).toMatch(/^measuring 3 workloads, 2 passes: runtime tfjs, backend wasm, tfjs 4\.22\.0, .*node /m);
    expect(stderr).toMatch(/measure: 6\/6 pass 2 of 2/);
    expect(stderr).toMatch(/noise: halves of the passes agree at Spearman -?\d\.\d{3}; largest spread/);
    const lines = readFileSync(out, 'utf8').trimEnd().split('\n');
    expect(lines[0]).toBe('workload,latency_ms,spread,repeats');
    expect(lines).toHaveLength(4);
    lines.slice(1).forEach((line, i) => {
      const [workload, ms, spread, repeats] = line.split(',');
      expect(workload).toBe(CELLS[i]);
      expect(Number(ms)).toBeGreaterThan(0);
      expect(Number(spread)).toBeGreaterThanOrEqual(0);
      expect(repeats).toBe('2');
    });
  });

  it('measures the workloads of a file, and writes what is complete when interrupted', async () => {
    const input = join(folder, 'list.csv');
    writeFileSync(input, `workload\n${CELLS.join('\n')}\n`);
    const out = join(folder, 'cut.jsonl');
    const before = process.listenerCount('SIGINT');
    const interrupt = setInterval(() => {
      if (process.listenerCount('SIGINT') > before) {
        clearInterval(interrupt);
        process.emit('SIGINT');
      }
    }, 150);
    const { error, stderr } = await measure('--input', input, '--passes', '500', '--out', out);
    expect(error).toMatchObject({ code: 'interrupted', exitCode: 130 });
    expect(error!.message).toMatch(/^interrupted: (nothing was complete|\d of 3 workloads, \d+ passes, in )/);
    expect(stderr).toMatch('interrupted: writing what is complete');
    if (!error!.message.includes('nothing'))
      expect(JSON.parse(readFileSync(out, 'utf8').split('\n')[0]).latency_ms).toBeGreaterThan(0);
    expect(process.listenerCount('SIGINT')).toBe(before);
  });

  it('writes what could be measured, and ends with an error that counts what could not', async () => {
    const opaque = join(folder, 'opaque.json');
    const node = { id: 'x', op: 'opaque', inputs: ['in'], attrs: { kind: 'Custom' }, shape: [1, 4], dtype: 'fp32' };
    const input = { id: 'in', op: 'input', inputs: [], attrs: { shape: [1, 4] }, shape: [1, 4], dtype: 'fp32' };
    writeFileSync(opaque, JSON.stringify({ nodes: [input, node], outputs: ['x'] }));
    const out = join(folder, 'part.csv');
    const { error, stderr } = await measure(opaque, CELLS[0], '--passes', '2', '--repeats', '1', '--out', out);
    expect(error).toMatchObject({ code: 'unsupported', exitCode: 3 });
    expect(error!.message).toBe('1 of 2 workloads could not be measured');
    expect(stderr).toMatch(/^error: .*opaque\.json, node x: .*no kernel for 'opaque'/m);
    expect(
      readFileSync(out, 'utf8')
        .trimEnd()
        .split('\n')
        .slice(1)
        .map((line) => line.split(',')[0]),
    ).toEqual([CELLS[0]]);
  });

  it('refuses bad input with its message', async () => {
    const out = join(folder, 'never.csv');
    expect((await measure('--out', out)).error).toMatchObject({
      code: 'usage',
      message: 'measure needs either workloads, --model or --input',
    });
    expect((await measure('--model', 'm', '--input', 'f', '--out', out)).error).toMatchObject({ code: 'usage' });
    expect((await measure('--model', 'missing', '--out', out)).error).toMatchObject({
      code: 'not-found',
      message: "no model in 'missing'",
    });
    expect((await measure('--model', 'm', '--n', '0', '--out', out)).error!.message).toBe(
      "--n takes a whole number of at least 1, not '0'",
    );
    expect((await measure('--model', 'm', '--seed', 'x', '--out', out)).error!.message).toBe(
      "--seed takes a whole number of at least 0, not 'x'",
    );
    expect((await measure('--model', 'm', '--runtime', 'torch', '--out', out)).stderr).toMatch('Allowed choices are tfjs, onnx');
    expect((await measure('--model', 'm', '--runtime', 'onnx', '--out', out)).error!.message).toBe(
      "--backend is none of the runtime 'onnx'",
    );
    expect((await measure('--model', 'm', '--runtime', 'tfjs', '--threads', '2', '--out', out)).error).toMatchObject({
      code: 'usage',
      hint: 'name the other one: --runtime onnx',
    });
    expect((await measure(CELLS[0], '--model', 'm', '--out', out)).error).toMatchObject({ code: 'usage' });
    expect((await measure('--model', 'm', '--backend', 'cuda', '--out', out)).error).toMatchObject({ code: 'usage' });
    expect((await measure('--input', join(folder, 'none.csv'), '--out', out)).error).toMatchObject({ code: 'not-found' });
    expect(existsSync(out)).toBe(false);
  });
});

describe('hwcast measure FILE.onnx', () => {
  const run = (...args: string[]) => runCommand((program) => registerMeasure(program, deps), ['measure', ...args]);
  const path = join(folder, 'linear.onnx');
  writeFileSync(
    path,
    encodeOnnx({
      nodes: [{ op: 'MatMul', in: ['x', 'w'], out: ['y'] }],
      inputs: { x: ['batch', 'width', 8] },
      outputs: { y: ['batch', 'width', 4] },
      constants: { w: { dims: [8, 4], external: true } },
    }),
  );
  const quick = ['--passes', '2', '--repeats', '1'];

  it('names the input whose size is open, and a page that is no model', async () => {
    expect((await run(path)).error).toMatchObject({
      code: 'bad-input',
      message: "input 'x' leaves axis 1 (width) open",
      hint: expect.stringContaining('--shape width=128'),
    });
    const page = join(folder, 'page.onnx');
    writeFileSync(page, '<!DOCTYPE html><html><body>Not found</body></html>');
    expect((await run(page)).error).toMatchObject({
      code: 'unsupported',
      message: 'no model file that hwcast reads: it is a web page',
    });
  });

  it.skipIf(!hasOnnxRuntime)('runs in ONNX Runtime and prints the support file (needs onnxruntime-node)', async () => {
    const { stdout, stderr, error } = await run(path, '--shape', 'width=3', '--threads', '1', ...quick);
    expect(error).toBeUndefined();
    expect(stderr).toMatch(/^measuring 1 workloads, 2 passes: runtime onnx, onnxruntime \S+, provider cpu, threads 1, node /m);
    expect(stderr).toMatch(`assumed: ${path}: tensors that are not in the file, with random values: 1`);
    const lines = stdout.trimEnd().split('\n');
    expect(lines[0]).toBe('workload,latency_ms,spread,repeats');
    expect(lines[1]).toMatch(/^\S+linear\.onnx,[\d.e-]+,[\d.e-]+,2$/);
  });

  it.skipIf(!hasOnnxRuntime)('networks of a space run there where it is asked for (needs onnxruntime-node)', async () => {
    const { stdout, error } = await run('--model', 'm', '--n', '2', '--runtime', 'onnx', ...quick);
    expect(error).toBeUndefined();
    expect(
      stdout
        .trimEnd()
        .split('\n')
        .slice(1)
        .map((line) => line.split(',')[0]),
    ).toEqual(CELLS.slice(0, 2));
  });
});
