import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { registerGraph } from '../../src/cli/graph.js';
import { registerRoofline } from '../../src/cli/roofline.js';
import { parseOpGraph } from '../../src/graph/opGraph.js';
import { encodeOnnx } from '../graph/readers/onnx/encodeOnnx.js';
import { oneOperator } from '../graph/readers/tflite/encodeTflite.js';
import { runCommand } from './runCommand.js';

const folder = mkdtempSync(join(tmpdir(), 'hwcast-graph-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = (name: string, bytes: Uint8Array | string) => {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
};
const graph = (...args: string[]) => runCommand(registerGraph, ['graph', ...args]);

const MODEL = file(
  'm.onnx',
  encodeOnnx({
    nodes: [
      { op: 'MatMul', in: ['x', 'w'], out: ['h'], name: 'fc' },
      { op: 'Mystery', domain: 'acme', in: ['h'], out: ['y'] },
    ],
    inputs: { x: ['batch', 'n', 8] },
    outputs: { y: undefined },
    constants: { w: { dims: [8, 4], external: true } },
  }),
);

describe('hwcast graph', () => {
  it('prints what the model is as JSON, sizes bound by flags', async () => {
    const { stdout, stderr } = await graph(MODEL, '--batch', '2', '--shape', 'n=3', '--json');
    expect(JSON.parse(stdout)).toEqual([
      {
        name: 'm.onnx',
        format: 'onnx',
        inputs: [{ name: 'x', shape: [2, 3, 8], dtype: 'fp32' }],
        operators: 2,
        params: 32,
        macs: 192,
        flops: 384,
        weightBytes: 128,
        // x and h, then h and y
        peakActivationBytes: 4 * (48 + 24),
        byOperator: [
          {
            operator: 'linear',
            count: 1,
            macs: 192,
            flops: 384,
            params: 32,
            bytes: 416,
            shareOfBytes: expect.closeTo(416 / 608),
          },
          { operator: 'opaque', count: 1, macs: 0, flops: 0, params: 0, bytes: 192, shareOfBytes: expect.closeTo(192 / 608) },
        ],
        opaque: [{ kind: 'acme.Mystery', count: 1, shareOfBytes: expect.closeTo(192 / 608) }],
        assumptions: ['acme.Mystery: its output has the shape of its largest operand'],
      },
    ]);
    expect(stderr).toContain('warning: m.onnx: not known: acme.Mystery; 31.6 % of all bytes');
  });

  it('prints a table, CSV, and writes a graph that other commands read', async () => {
    const text = (await graph(MODEL, '--shape', 'x=2x3x8')).stdout;
    expect(text).toContain('192 MACs (FLOPs = 2 x MACs: 384), 32 parameters');
    expect(text).toMatch(/^linear +1 +192 +384 +32 +416 +68\.4 %$/m);
    const out = join(folder, 'graph.json');
    const csv = (await graph(MODEL, '--shape', 'n=3', '--batch', '2', '--csv', '--out', out)).stdout;
    expect(csv.split('\n').slice(0, 2)).toEqual([
      'model,operator,count,macs,flops,params,bytes,share_of_bytes',
      'm.onnx,linear,1,192,384,32,416,0.684211',
    ]);
    expect(parseOpGraph(JSON.parse(readFileSync(out, 'utf8'))).nodes.map((n) => n.op)).toEqual(['input', 'linear', 'opaque']);
    const again = JSON.parse((await graph(out, '--json')).stdout);
    expect(again[0]).toMatchObject({ format: 'hwcast', macs: 192, params: 32 });
  });

  it('draws one model, coloured for a device', async () => {
    const out = join(folder, 'm.svg');
    const sizes = ['--shape', 'n=3'];
    const { error, stderr, stdout } = await graph(MODEL, ...sizes, '--svg', out);
    expect(error).toBeUndefined();
    expect(stdout).toContain('m.onnx (onnx): 2 operators');
    expect(stderr).toContain(`the picture is in ${out}`);
    expect(stderr).toContain("operator 'acme.Mystery' is unknown");
    expect(readFileSync(out, 'utf8')).toContain('T4 (unless --device says otherwise): compiled roofline');
    await graph(MODEL, ...sizes, '--svg', out, '--device', 'rtx 4090');
    expect(readFileSync(out, 'utf8')).toContain('RTX-4090: compiled roofline');
    const failures = [
      [MODEL, MODEL, ...sizes, '--svg', out],
      [MODEL, ...sizes, '--device', 'T4'],
      [MODEL, ...sizes, '--svg', out, '--device', 'T44'],
    ].map(async (args) => (await graph(...args)).error);
    expect(await Promise.all(failures)).toMatchObject([
      { code: 'usage', message: '--svg takes one model, there are 2: m.onnx, m.onnx' },
      { code: 'usage', message: '--device is of the picture' },
      { code: 'not-found', message: expect.stringContaining("'T44'") },
    ]);
  });

  it('says what is wrong with a file and with a flag', async () => {
    const failure = async (...args: string[]) => {
      const { error } = await graph(...args);
      return `${error?.code}: ${error?.describe()}`;
    };
    expect(await failure(MODEL)).toMatch(
      /^bad-input: .*input 'x' leaves axis 1 \(n\) open\n {2}bind it: --shape x=1x128x8, or --shape n=128$/,
    );
    expect(await failure(file('page.onnx', '<!DOCTYPE html><html>'))).toMatch(
      /^unsupported: .*no model file that hwcast reads: it is a web page\n {2}the download saved a page/,
    );
    expect(await failure(file('cut.onnx', readFileSync(MODEL).subarray(0, 60)))).toMatch(
      /^corrupt: .*not a whole ONNX file: .* at byte/,
    );
    expect(await failure(join(folder, 'none.onnx'))).toMatch(/^not-found: no such model file/);
    const pool = oneOperator('RELU', { x: { shape: [1, 1], signature: [-1, -1] }, y: { shape: [1, 1], signature: [-1, -1] } });
    expect(await failure(file('open.tflite', pool))).toMatch(
      /^bad-input: .*input 'x' leaves axis 1 open\n {2}bind it: --shape x=1x128$/,
    );
    expect(await failure(file('cut.tflite', pool.subarray(0, 80)))).toMatch(
      /^corrupt: .*the TFLite file is cut or damaged: .* the file has 80/,
    );
    expect(await failure(file('bundle.tflite', 'PK\x03\x04 and more'))).toMatch(/^unsupported: .*it is a zip archive/);
    expect(await failure(MODEL, '--shape', 'n')).toMatch(/^usage: --shape takes NAME=1x3x224x224 or NAME=128, not 'n'/);
  });
});

describe('model files as workloads', () => {
  it('roofline takes them, with their sizes', async () => {
    const { stdout, stderr } = await runCommand(registerRoofline, [
      'roofline',
      MODEL,
      '--device',
      'titan-rtx',
      '--shape',
      'n=3',
      '--batch',
      '2',
      '--json',
      '--explain',
    ]);
    const [eager] = JSON.parse(stdout);
    expect(eager.operators.map((o: { op: string; flops: number }) => [o.op, o.flops])).toEqual([
      ['input', 0],
      ['linear', 384],
      ['opaque', 0],
    ]);
    expect(stderr).toContain('not known: acme.Mystery');
  });
});
