import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { operatorOfGraph, operatorText } from '../../../../src/graph/operatorText.js';
import { readerFor } from '../../../../src/trace/registry.js';
import { walkSources } from '../../../../src/trace/source/walkSources.js';
import type { TraceRecord } from '../../../../src/trace/traceReader.js';
import { encodeOnnx } from '../../../graph/readers/onnx/encodeOnnx.js';
import { hasShared, SHARED } from '../../../shared.js';
import { collect, failure } from '../kineto/tinyTrace.js';
import { sourceOf } from '../sourceOf.js';

const folder = mkdtempSync(join(tmpdir(), 'hwcast-onnxruntime-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** x [1, 20, 8, 8] -> convolution, batch norm of its own, activation, two sums; what the optimiser makes of it is in `profile`. */
const MODEL = encodeOnnx({
  nodes: [
    { op: 'Conv', name: 'c', in: ['x', 'w'], out: ['conv'], attributes: { pads: [1, 1, 1, 1], strides: [2, 2] } },
    { op: 'Relu', name: 'r', in: ['conv'], out: ['relu'] },
    { op: 'BatchNormalization', name: 'n', in: ['relu', 's', 'b', 'm', 'v'], out: ['norm'] },
    { op: 'Add', name: 'a', in: ['norm', 'relu'], out: ['y'] },
  ],
  inputs: { x: ['batch', 20, 8, 8] },
  outputs: { y: undefined },
  constants: {
    w: { dims: [20, 20, 3, 3], external: true },
    s: { dims: [20], external: true },
    b: { dims: [20], external: true },
    m: { dims: [20], external: true },
    v: { dims: [20], external: true },
  },
  opset: 17,
});

interface Node {
  name: string;
  op: string;
  dur: number;
  in?: number[][];
  out?: number[];
  provider?: string;
  /** bytes */
  parameters?: number;
}

function profile(nodes: readonly Node[], runs = 3): string {
  const events: unknown[] = [
    { cat: 'Session', pid: 1, tid: 1, dur: 5, ts: 0, ph: 'X', name: 'session_initialization', args: {} },
  ];
  for (let run = 0; run < runs; run++) {
    let ts = 1000 * (run + 1);
    for (const n of nodes) {
      const args = {
        op_name: n.op,
        provider: n.provider ?? 'CPUExecutionProvider',
        parameter_size: String(n.parameters ?? 0),
        ...(n.in ? { input_type_shape: n.in.map((float) => ({ float })) } : {}),
        ...(n.out ? { output_type_shape: [{ float: n.out }] } : {}),
      };
      events.push({ cat: 'Node', pid: 1, tid: 1, dur: n.dur + run, ts, ph: 'X', name: `${n.name}_kernel_time`, args });
      ts += n.dur + run;
    }
    const dur = ts - 1000 * (run + 1) + 10;
    events.push({ cat: 'Session', pid: 1, tid: 1, dur, ts: 1000 * (run + 1), ph: 'X', name: 'model_run', args: {} });
  }
  return JSON.stringify(events);
}

const BLOCKED = [2, 32, 4, 4];
const RAN: Node[] = [
  {
    name: 'relu_nchwc',
    op: 'Conv',
    dur: 50,
    in: [
      [2, 20, 8, 8],
      [32, 20, 3, 3],
    ],
    out: BLOCKED,
  },
  { name: 'norm_nchwc', op: 'Conv', dur: 20, in: [BLOCKED, [32, 1, 1, 1], [32]], out: BLOCKED },
  { name: 'ReorderOutput', op: 'ReorderOutput', dur: 5, in: [BLOCKED], out: [2, 20, 4, 4] },
  {
    name: 'a',
    op: 'Add',
    dur: 10,
    in: [
      [2, 20, 4, 4],
      [2, 20, 4, 4],
    ],
    out: [2, 20, 4, 4],
  },
];

const write = (name: string, content: string | Uint8Array): string => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};

async function records(
  path: string,
  model?: string,
): Promise<(TraceRecord | { kind: 'issue'; reason: string; count: number })[]> {
  const all = [];
  for await (const source of walkSources([path]))
    if (!('kind' in source)) all.push(...(await collect(readerFor(source).read(source, { model }))));
  return all;
}
const times = (all: readonly { kind: string }[]): Record<string, number[]> => {
  const found: Record<string, number[]> = {};
  for (const r of all as TraceRecord[]) {
    if (r.kind !== 'operator') continue;
    const id = operatorText(operatorOfGraph(r.graph));
    found[id] = [...(found[id] ?? []), Math.round(r.latency * 1e6)];
  }
  return found;
};
const reasons = (all: readonly { kind: string }[]) =>
  (all as { kind: string; reason: string; count: number }[]).flatMap((r) => (r.kind === 'issue' ? [[r.count, r.reason]] : []));

describe('profiles of ONNX Runtime with their model', () => {
  it('finds operators by the names that optimisers give, in the shapes that ran', async () => {
    write('tiny.onnx', MODEL);
    const all = await records(write('ort_tiny.json', profile(RAN)));
    expect(times(all)).toEqual({
      'op:conv2d/fp32/2x20x8x8/bias=0;groups=1;kernel=[3x3];outChannels=20;padding=[1x1];stride=[2x2]': [51, 52],
      'op:batch_norm/fp32/2x20x4x4/': [21, 22],
      'op:slice/fp32/2x32x4x4/shape=[2x20x4x4]': [6, 7],
      'op:add/fp32/2x20x4x4;2x20x4x4/': [11, 12],
    });
    expect(all.find((r) => r.kind === 'network')).toMatchObject({
      framework: 'onnxruntime',
      name: 'tiny',
      latencies: [99e-6, 103e-6].map((s) => expect.closeTo(s, 12)),
      coverage: 1,
    });
    expect(reasons(all)).toEqual([[1, 'the first run: it allocates']]);
  });

  it('refuses a model that is another, and takes none by another name', async () => {
    const other = write(
      'another.onnx',
      encodeOnnx({
        nodes: [{ op: 'Relu', name: 'q', in: ['x'], out: ['y'] }],
        inputs: { x: [1, 4] },
        outputs: { y: undefined },
        opset: 17,
      }),
    );
    expect(await failure(records(write('ort_thing.json', profile(RAN)), other))).toMatchObject({
      code: 'bad-input',
      message: "0 of 4 nodes of the profile are operators of 'another.onnx'",
    });
    expect(await failure(records(join(folder, 'ort_thing.json'), join(folder, 'nowhere.onnx')))).toMatchObject({
      code: 'not-found',
    });
    expect((await records(join(folder, 'ort_thing.json'))).some((r) => r.kind === 'network')).toBe(false);
  });

  it('joins a model most of whose nodes the optimiser made: fused activations and reordered tensors, of types that it has not', async () => {
    const tensor = [2, 20, 4, 4],
      made = (name: string, op: string): Node => ({ name, op, dur: 5, in: [tensor], out: tensor });
    const extra = ['silu', 'silu_1', 'silu_2', 'silu_3'].flatMap((n) => [
      made(`${n}/QuickGeluFusion/`, 'QuickGelu'),
      made(`ReorderInput_token_${n}`, 'ReorderInput'),
    ]);
    const all = await records(write('optimised.json', profile([...RAN, ...extra])), write('optimised.onnx', MODEL));
    expect(all.flatMap((r) => (r.kind === 'operator' ? operatorOfGraph(r.graph).op : []))).toContain('conv2d');
  });

  it('without a model keeps what shapes tell, and says what the rest lacks', async () => {
    const all = await records(write('alone.json', profile(RAN, 1)));
    expect(times(all)).toEqual({
      'op:slice/fp32/2x32x4x4/shape=[2x20x4x4]': [5],
      'op:add/fp32/2x20x4x4;2x20x4x4/': [10],
    });
    expect(reasons(all)).toEqual([
      [2, 'Conv: its attributes are in the model; give its ONNX file with --model'],
      [1, 'network left out: its graph is in the model; give its ONNX file with --model'],
    ]);
  });

  it.each([
    ['a product whose weights are packed away', 'MatMul', [[1, 4, 8]], [1, 4, 6], 'op:linear/fp32/1x4x8/bias=0;outFeatures=6'],
    [
      'a product with a matrix turned',
      'FusedMatMul',
      [
        [1, 4, 8],
        [1, 6, 8],
      ],
      [1, 4, 6],
      'op:matmul/fp32/1x4x8;1x6x8/transposeB=1',
    ],
    ['a sum with a norm', 'SkipLayerNormalization', [[1, 4, 8], [1, 4, 8], [8], [8]], [1, 4, 8], 'op:layer_norm/fp32/1x4x8/'],
    ['a bias with an activation', 'BiasGelu', [[1, 4, 8], [8]], [1, 4, 8], 'op:gelu/fp32/1x4x8/'],
    [
      'a list put together',
      'Concat',
      [
        [1, 4, 8],
        [1, 2, 8],
      ],
      [1, 6, 8],
      'op:concat/fp32/1x4x8;1x2x8/axis=1',
    ],
  ])('tells %s by its shapes', async (_, op, inputs, output, id) => {
    const node = { name: 'made', op, dur: 3, in: inputs as number[][], out: output as number[], parameters: 96 };
    const all = await collect(readerFor(sourceOf(profile([node], 1))).read(sourceOf(profile([node], 1)), {}));
    expect(Object.keys(times(all))).toEqual([id]);
  });

  it('takes no launch for work', async () => {
    const node = { ...RAN[3], provider: 'CUDAExecutionProvider' };
    const all = await collect(readerFor(sourceOf(profile([node], 1))).read(sourceOf(profile([node], 1)), {}));
    expect(times(all)).toEqual({});
    expect(reasons(all)[0]).toEqual([1, 'Add on CUDAExecutionProvider: the profile has the time of its launch, not of its work']);
  });
});

describe.skipIf(!hasShared)(`real profiles${hasShared ? '' : ' (skipped: no shared data beside the project)'}`, () => {
  const zoo = (file: string) => join(SHARED, 'data/zoo', file);

  it('are operators of their zoo models for all their time', async () => {
    const networks = (await records(zoo('profiles.tar'), zoo('onnx.tar'))).flatMap((r) =>
      r.kind === 'network' && r.framework === 'onnxruntime' ? [[r.name, r.coverage]] : [],
    );
    expect(networks).toEqual([
      ['hf__qwen2.5-0.5b', 1],
      ['tv__densenet121', 1],
      ['tv__mobilenet_v2', 1],
      ['tv__shufflenet_v2_x1_0', 1],
    ]);
  });

  it('are operators of light models, whose weights are made when they are loaded', async () => {
    const networks = (await records(join(SHARED, 'data/traces/onnxruntime-profile'), join(SHARED, 'data/traces/onnx'))).flatMap(
      (r) => (r.kind === 'network' ? [[r.name, r.coverage]] : []),
    );
    expect(networks).toEqual([
      ['light_resnet50', 1],
      ['light_squeezenet', 1],
    ]);
  });
});
