import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ingest } from '../../../../src/dataset/ingest/ingest.js';
import { readerFor } from '../../../../src/trace/registry.js';
import { collect, failure } from '../kineto/tinyTrace.js';
import { sourceOf } from '../sourceOf.js';

const folder = mkdtempSync(join(tmpdir(), 'hwcast-nn-meter-'));
afterAll(() => rmSync(folder, { recursive: true }));

const node = (type: string, inbounds: string[], shape: number[], attr = {}) => ({
  inbounds,
  outbounds: [],
  attr: { name: type, type, output_shape: [shape], attr, input_shape: [] },
});
const graph = {
  x: node('Placeholder', [], [1, 8, 8, 3], { shape: [1, 8, 8, 3] }),
  relu: node('Relu', ['x'], [1, 8, 8, 3]),
};
const ROWS = [
  { id: 'net_0', cortexA76cpu_tflite21: 12.5, myriadvpu_openvino2019r2: 3, graph },
  { id: 'net_1', cortexA76cpu_tflite21: 0, graph: { x: graph.x, tanh: node('Tanh', ['x'], [1, 8, 8, 3]) } },
  { id: 'net_2', cortexA76cpu_tflite21: 4, graph: { relu: node('Relu', ['nowhere'], []) } },
];
const TEXT = `${ROWS.map((r) => JSON.stringify(r)).join('\n')}\n{"id": "cut`;

describe("nn-Meter's dataset", () => {
  it('is a network for each device of a line; what is wrong with a line leaves out no other', async () => {
    const records = await collect(readerFor(sourceOf(TEXT)).read(sourceOf(TEXT), {}));
    expect(records.map((r) => (r.kind === 'network' ? [r.device, r.name, r.latencies] : r.kind === 'issue' && r.reason))).toEqual(
      [
        ['cortexA76cpu_tflite21', 'net_0', [0.0125]],
        ['myriadvpu_openvino2019r2', 'net_0', [0.003]],
        'latency is no positive number',
        expect.stringMatching(/^network left out: node 'relu'/),
        'network left out: not whole JSON',
      ],
    );
  });

  it('becomes a dataset under a condition of its own', async () => {
    const file = join(folder, 'nets.jsonl');
    writeFileSync(file, TEXT);
    const { dataset } = await ingest([file]);
    expect(dataset.tasks.map((t) => [t.device, t.condition, [...t.values]])).toEqual([
      ['cortexa76cpu_tflite21', 'nn-meter', [0.0125]],
      ['myriadvpu_openvino2019r2', 'nn-meter', [0.003]],
    ]);
  });

  it.each([
    [
      'model_name, model_type, predictor, predictor_version, latency\na.pb, tensorflow, cpu, 1.0, 84.8\n',
      'what nn-Meter predicts',
    ],
    ['model,input_h,input_w,cin,cout,ks,stride,groups\nalexnet,224,224,3,64,11,4,1\n', 'list of kernel sizes'],
    ['model,cin,cout\nalexnet,9216,4096\n', 'list of kernel sizes'],
  ])('%j holds no measurement', async (text, message) =>
    expect(await failure(collect(readerFor(sourceOf(text)).read(sourceOf(text), {})))).toMatchObject({
      code: 'unsupported',
      message: expect.stringContaining(message),
    }),
  );
});
