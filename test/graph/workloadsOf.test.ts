import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { workloadsOf } from '../../src/graph/workloadsOf.js';
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

test('a file that is no graph, and one that is not there', async () => {
  const bad = join(folder, 'bad.json');
  writeFileSync(bad, '{');
  await expect(workloadsOf([bad])).rejects.toMatchObject({ code: 'bad-input', where: bad });
  await expect(workloadsOf([join(folder, 'none.onnx')])).rejects.toMatchObject({ code: 'not-found' });
});
