import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { isModelPath, workloadsOf } from '../../src/graph/workloadsOf.js';
import { encodeOnnx } from './readers/onnx/encodeOnnx.js';

const folder = mkdtempSync(join(tmpdir(), 'hwcast-workloads-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('networks, operators, graphs and model files side by side', async () => {
  const onnx = join(folder, 'a.onnx');
  writeFileSync(
    onnx,
    encodeOnnx({ nodes: [{ op: 'Relu', in: ['x'], out: ['y'] }], inputs: { x: [1, 2] }, outputs: { y: undefined } }),
  );
  const json = join(folder, 'a.json');
  const node = { id: 'x', op: 'input', inputs: [], attrs: { shape: [1] }, shape: [1], dtype: 'fp32' };
  writeFileSync(json, JSON.stringify({ nodes: [node], outputs: ['x'] }));
  const read = await workloadsOf(['nasbench201:#4711', 'op:relu/fp32/1x2/', json, onnx]);
  expect(read.map((r) => [r.workload.space?.name, r.format, r.workload.graph?.nodes.length])).toEqual([
    ['nasbench201', undefined, undefined],
    [undefined, undefined, 2],
    [undefined, 'hwcast', 1],
    [undefined, 'onnx', 2],
  ]);
  expect(read[3].workload.id).toBe(onnx);
});

test('FILE#NAME is one model of a file of several', async () => {
  const both = join(folder, 'two.mlir');
  const relu = (name: string) =>
    `func.func @${name}(%x: tensor<4xf32>) -> tensor<4xf32> { %y = stablehlo.abs %x : tensor<4xf32>\n return %y : tensor<4xf32> }`;
  writeFileSync(both, `module { ${relu('a')}\n${relu('b')} }`);
  const ids = (await workloadsOf([both])).map((r) => r.workload.id);
  expect(ids).toEqual([`${both}#@a`, `${both}#@b`]);
  expect((await workloadsOf([ids[1]])).map((r) => r.workload.id)).toEqual([ids[1]]);
  await expect(workloadsOf([`${both}#@c`])).rejects.toMatchObject({
    code: 'not-found',
    where: both,
    message: "holds no model '@c'",
    hint: expect.stringContaining('@a'),
  });
});

test.each([
  ['models/none.onnx', true],
  ['none.json', true],
  ['none.mlir#main', true],
  ['fbnet:0123456780123456780123', false],
  ['nasbench201:#4711', false],
  ['op:relu/fp32/1x2/', false],
  ['timm:resnet50.a1_in1k@224', false],
  ['ai-hub:mobilenet_v2/MobileNet-v2/float', false],
  ['workload,latency.ms', false],
])('%s is the path of a model: %s', (text, expected) => {
  expect(isModelPath(text)).toBe(expected);
});

test('a file that is no graph, and one that is not there', async () => {
  const bad = join(folder, 'bad.json');
  writeFileSync(bad, '{');
  await expect(workloadsOf([bad])).rejects.toMatchObject({ code: 'bad-input', where: bad });
  await expect(workloadsOf([join(folder, 'none.onnx')])).rejects.toMatchObject({ code: 'not-found' });
});
