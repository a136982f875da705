import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { registerMeasure } from '../../src/cli/measure.js';
import { registerPredict } from '../../src/cli/predict.js';
import { registerRoofline } from '../../src/cli/roofline.js';
import { inputWorkloads } from '../../src/cli/workloadInput.js';
import { parseSupport } from '../../src/networks/supportFile.js';
import { encodeOnnx } from '../graph/readers/onnx/encodeOnnx.js';
import { runCommand } from './runCommand.js';

const folder = mkdtempSync(join(tmpdir(), 'hwcast-model-rows-'));
afterAll(() => rmSync(folder, { recursive: true }));
const path = (name: string) => join(folder, name);
const ONNX = path('relu.onnx'),
  MLIR = path('two.mlir'),
  CELL = 'nasbench201:|none~0|+|none~0|nor_conv_1x1~1|+|skip_connect~0|nor_conv_3x3~1|none~2|',
  OP = 'op:relu/fp32/1x64x56x56/';
writeFileSync(
  ONNX,
  encodeOnnx({
    nodes: [
      { op: 'Relu', in: ['x'], out: ['h'] },
      { op: 'Strange', in: ['h'], out: ['y'], domain: 'own' },
    ],
    inputs: { x: ['N', 3, 8, 8] },
    outputs: { y: ['N', 3, 8, 8] },
  }),
);
const abs = (name: string) =>
  `func.func @${name}(%x: tensor<4xf32>) -> tensor<4xf32> { %y = stablehlo.abs %x : tensor<4xf32>\n return %y : tensor<4xf32> }`;
writeFileSync(MLIR, `module { ${abs('a')}\n${abs('b')} }`);
const list = (name: string, ...lines: string[]) => {
  writeFileSync(path(name), `${lines.join('\n')}\n`);
  return path(name);
};
const firstCells = (csv: string) =>
  csv
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((line) => line.split(',')[0]);

describe('paths of model files as rows', () => {
  it.each([
    ['CSV', list('list.csv', 'n,workload', `1,${CELL}`, `2,${ONNX}`, `3,${OP}`, `4,${MLIR}`, `5,${CELL}`)],
    ['a list that begins with one', list('list.txt', CELL, ONNX, OP, MLIR, CELL)],
    ['JSON lines', list('list.jsonl', ...[CELL, ONNX, OP, MLIR, CELL].map((workload) => JSON.stringify({ workload })))],
  ])('predict and roofline read them in %s beside other workloads, in order', async (_, input) => {
    const args = ['--input', input, '--device', 'T4', '--csv'];
    const predicted = await runCommand(registerPredict, ['predict', ...args]);
    expect(predicted.error).toBeUndefined();
    const expected = [CELL, ONNX, OP, `${MLIR}#@a`, `${MLIR}#@b`, CELL];
    expect(firstCells(predicted.stdout)).toEqual(expected);
    expect(predicted.stderr).toMatch(/warning: .*relu\.onnx: .*Strange/);
    const alone = await runCommand(registerPredict, ['predict', ONNX, '--device', 'T4', '--csv']);
    expect(alone.stdout.split('\n')[1]).toBe(predicted.stdout.split('\n')[2]);
    const rooflines = await runCommand(registerRoofline, ['roofline', ...args, '--hypothesis', 'eager']);
    expect(firstCells(rooflines.stdout)).toEqual(expected);
  });

  it('binds sizes that the files leave open', async () => {
    const input = list('open.txt', ONNX);
    const [small, large] = [await inputWorkloads(input), await inputWorkloads(input, { batch: 5 })];
    expect([small, large].map(([w]) => w.graph!.nodes[0].shape[0])).toEqual([1, 5]);
    expect((await inputWorkloads(ONNX)).map((w) => w.id)).toEqual([ONNX]);
  });

  it('an error names file, row and model file; rows before it stand', async () => {
    writeFileSync(path('cut.onnx'), readFileSync(ONNX).subarray(0, 40));
    const input = list('bad.txt', OP, path('cut.onnx'));
    const cut = await runCommand(registerPredict, ['predict', '--input', input, '--device', 'T4', '--csv']);
    expect(cut.error).toMatchObject({ code: 'corrupt', where: `${input}:2`, message: expect.stringContaining('cut.onnx') });
    expect(firstCells(cut.stdout)).toEqual([OP]);
    const none = list('none.csv', 'workload', path('none.onnx'));
    await expect(inputWorkloads(none)).rejects.toMatchObject({
      code: 'not-found',
      where: `${none}:2`,
      message: expect.stringContaining('none.onnx'),
    });
  });

  it('roofline names the row of a model that is known by name only, and asks for a workload', async () => {
    const input = list('named.csv', 'workload', OP, 'timm:resnet50.a1_in1k@224');
    const named = await runCommand(registerRoofline, ['roofline', '--input', input, '--device', 'T4']);
    expect(named.error).toMatchObject({ code: 'bad-input', where: `${input}:3`, hint: expect.stringContaining('by name only') });
    expect((await runCommand(registerRoofline, ['roofline', '--device', 'T4'])).error).toMatchObject({ code: 'usage' });
  });

  it('measure times them, and a support file holds them', async () => {
    const relu = path('plain.onnx');
    writeFileSync(
      relu,
      encodeOnnx({ nodes: [{ op: 'Relu', in: ['x'], out: ['y'] }], inputs: { x: [1, 3, 8, 8] }, outputs: { y: undefined } }),
    );
    const out = path('support.csv');
    const args = [
      '--input',
      list('measured.txt', relu, OP),
      '--out',
      out,
      '--runtime',
      'tfjs',
      '--backend',
      'wasm',
      '--passes',
      '1',
      '--repeats',
      '1',
    ];
    const { error } = await runCommand(registerMeasure, ['measure', ...args]);
    expect(error).toBeUndefined();
    const { rows } = await parseSupport(readFileSync(out, 'utf8'), out);
    expect(rows.map((r) => [r.workload.id, r.workload.graph?.nodes.map((n) => n.op)])).toEqual([
      [relu, ['input', 'relu']],
      [OP, ['input', 'relu']],
    ]);
    await expect(parseSupport(`workload,latency_ms\n${MLIR},1\n`, 's.csv')).rejects.toMatchObject({
      code: 'bad-input',
      where: 's.csv:2',
      message: 'one value for a file of several models',
      hint: expect.stringContaining('two.mlir#@b'),
    });
    const one = await parseSupport(`workload,latency_ms\n${MLIR}#@b,1\n`, 's.csv');
    expect(one.rows.map((r) => r.workload.id)).toEqual([`${MLIR}#@b`]);
  });
});
