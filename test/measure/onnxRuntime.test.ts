import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type GraphTensor, graph } from '../../src/graph/graphTensor.js';
import type { OpGraph } from '../../src/graph/opGraph.js';
import { decodeModelProto } from '../../src/graph/readers/onnx/decodeOnnx.js';
import { onnxModelType } from '../../src/graph/readers/onnx/onnxSchema.js';
import { parseWorkload, workloadGraph } from '../../src/graph/workload.js';
import { workloadsOf } from '../../src/graph/workloadsOf.js';
import { writeOnnx } from '../../src/graph/writers/onnx/writeOnnx.js';
import { loadOnnxRuntime } from '../../src/measure/loadOnnxRuntime.js';
import { measureWorkloads } from '../../src/measure/measureWorkloads.js';
import { onnxRuntime } from '../../src/measure/onnxRuntime.js';
import { tfjsGraph } from '../../src/measure/tfjsGraph.js';
import { initBackend } from '../../src/tensor/backend.js';
import { tf } from '../../src/tensor/tf.js';
import { encodeOnnx, type GraphFixture } from '../graph/readers/onnx/encodeOnnx.js';
import { hasOnnxRuntime } from '../onnxRuntimeHere.js';

const folder = mkdtempSync(join(tmpdir(), 'hwcast-onnxruntime-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Writes a model and reads it as a workload. */
async function fileOf(name: string, model: GraphFixture, dims: Record<string, number> = {}) {
  const path = join(folder, name);
  writeFileSync(path, encodeOnnx({ opset: 17, ...model }));
  return (await workloadsOf([path], { dims }))[0].workload;
}

/** A product with a weight that is elsewhere. */
const LINEAR: GraphFixture = {
  nodes: [{ op: 'MatMul', in: ['x', 'w'], out: ['y'], name: 'product' }],
  inputs: { x: ['batch', 8] },
  outputs: { y: ['batch', 600] },
  constants: { w: { dims: [8, 600], external: true } },
};

it('names the package and how to install it where it is missing', async () => {
  await expect(loadOnnxRuntime('onnxruntime-missing')).rejects.toMatchObject({
    code: 'not-found',
    message: "measuring with ONNX Runtime needs the package 'onnxruntime-missing', which is not installed",
    hint: expect.stringMatching(/^run `npm install --ignore-scripts onnxruntime-missing` in your project/),
  });
});

describe.skipIf(!hasOnnxRuntime)('onnxRuntime (needs the optional peer onnxruntime-node)', () => {
  const QUICK = { passes: 2, repeats: 1, warmup: 1, visitSeconds: 0 };

  it('measures model files without weights and networks of a space side by side', async () => {
    const runtime = await onnxRuntime({ threads: 1 });
    expect(runtime.describe()).toMatchObject({ runtime: 'onnx', provider: 'cpu', threads: '1' });
    expect(runtime.describe().onnxruntime).toMatch(/^\d+\.\d+/);
    const workloads = [await fileOf('linear.onnx', LINEAR, { batch: 3 }), parseWorkload('nasbench201:#0')];
    const { rows, assumptions } = await measureWorkloads(workloads, runtime, QUICK);
    expect(rows.map((r) => r.workload)).toEqual([join(folder, 'linear.onnx'), workloads[1].id]);
    for (const { latency } of rows) expect(latency).toBeGreaterThan(0);
    expect(assumptions).toEqual([`${join(folder, 'linear.onnx')}: tensors that are not in the file, with random values: 1`]);
  });

  it('takes weights that lie beside the file', async () => {
    writeFileSync(join(folder, 'w.bin'), new Uint8Array(4 * 8 * 600));
    const bytes = decodeModelProto(encodeOnnx({ ...LINEAR, opset: 17 }));
    bytes.graph!.initializer[0].externalData = [{ key: 'location', value: 'w.bin' }];
    const path = join(folder, 'beside.onnx');
    writeFileSync(path, onnxModelType.encode(bytes as object).finish());
    const [{ workload }] = await workloadsOf([path]);
    const network = await (await onnxRuntime()).prepare(workload.graph!, 0, workload.file);
    await network.run();
    await network.dispose();
    expect(network.assumptions).toEqual([]);
  });

  it('makes ids that their table has, and masks that are true', async () => {
    const workload = await fileOf('ids.onnx', {
      nodes: [
        { op: 'Gather', in: ['table', 'ids'], out: ['rows'], name: 'g' },
        { op: 'Where', in: ['mask', 'rows', 'rows'], out: ['y'] },
      ],
      inputs: { ids: [5], mask: [5, 1] },
      types: { ids: 7, mask: 9 },
      outputs: { y: [5, 4] },
      constants: { table: { dims: [3, 4], external: true } },
    });
    const network = await (await onnxRuntime({ threads: 1 })).prepare(workload.graph!, 0, workload.file);
    await network.run(); // indices out of bounds are an error of ONNX Runtime
    await network.dispose();
    expect(network.assumptions).toHaveLength(1);
  });

  it('says what ONNX Runtime does not run, with workload and node', async () => {
    const runtime = await onnxRuntime({ threads: 1 });
    const strange = (name: string, domain: string): GraphFixture => ({
      nodes: [{ op: 'Frobnicate', in: ['x'], out: ['y'], name, domain }],
      inputs: { x: [1, 4] },
      outputs: { y: [1, 4] },
    });
    const plain = await fileOf('strange.onnx', strange('strange', ''));
    await expect(measureWorkloads([plain], runtime, QUICK)).rejects.toMatchObject({
      code: 'unsupported',
      where: join(folder, 'strange.onnx'),
      message: expect.stringMatching(/^ONNX Runtime cannot load the model: .*"strange", Frobnicate.*No Op registered/),
    });
    const graphOnly = workloadGraph(plain);
    await expect(runtime.prepare(graphOnly, 0)).rejects.toMatchObject({
      code: 'unsupported',
      where: 'node strange',
      message: 'hwcast cannot write opaque in ONNX: it has no form there',
    });
    const indices = await fileOf('indices.onnx', {
      nodes: [{ op: 'Gather', in: ['x', 'places'], out: ['y'] }],
      inputs: { x: [4, 4] },
      outputs: { y: [2, 4] },
      constants: { places: { dims: [2], type: 7, external: true } },
    });
    await expect(measureWorkloads([indices], runtime, QUICK)).rejects.toMatchObject({
      code: 'unsupported',
      message: "the values of 'places' (int64 [2]) are not there and cannot be made up",
    });
    await expect(onnxRuntime({ threads: 0 })).rejects.toMatchObject({ code: 'usage' });
  });
});

/** Learned tensors by their name; all elements are equal, so that they fit any layout. */
const weightValue = (name: string): number => ({ scale: 2, shift: 1, mean: 0.25, variance: 4, bias: 3 })[name] ?? 0.125;

describe.skipIf(!hasOnnxRuntime)('what is computed (needs the optional peer onnxruntime-node)', () => {
  beforeAll(async () => {
    await initBackend('cpu');
  });

  /** Outputs of the TensorFlow.js kernels and of ONNX Runtime for one input. */
  async function both(written: OpGraph) {
    const network = tfjsGraph(written, (_node, name, shape) => tf.fill(shape, weightValue(name)), 1);
    const input = written.nodes[0];
    const [x, y] = network.execute([input.id, written.outputs[0]]);
    const proto = decodeModelProto(writeOnnx(written));
    for (const tensor of proto.graph!.initializer.filter((t) => t.dataLocation === 1)) {
      const size = tensor.dims.reduce<number>((n, d) => n * Number(d), 1);
      tensor.dataLocation = 0;
      tensor.floatData = Array(size).fill(weightValue(tensor.name.split('.').at(-1)!));
    }
    const ort = await loadOnnxRuntime();
    const session = await ort.InferenceSession.create(onnxModelType.encode(proto as object).finish(), {});
    const outputs = await session.run({ [input.id]: new ort.Tensor('float32', x.dataSync(), input.shape) });
    const [output] = Object.values(outputs);
    await session.release();
    return {
      tfjs: { shape: y.shape, values: [...y.dataSync()] },
      onnx: { shape: [...output.dims], values: [...(output.data as Float32Array)] },
    };
  }

  const attentionOf = (x: GraphTensor): OpGraph => {
    const narrow = x.op('slice', { shape: [1, 5, 16], begin: [0, 0, 8] });
    return x.op('attention', { heads: 4, kvHeads: 2, headDim: 8 }, [narrow, narrow]).build();
  };
  const image = () => graph().input([2, 4, 7, 7]);
  it.each<[string, OpGraph]>([
    ['a network of NAS-Bench-201', workloadGraph(parseWorkload('nasbench201:#4711'), { batch: 2 })],
    ['convolution', image().conv2d(6, 3, { stride: 2, padding: 'same', groups: 2 }).build()],
    ['depthwise convolution', image().depthwiseConv2d(3, { padding: 1 }).batchNorm().build()],
    ['averages', image().avgPool2d(3, { stride: 2, padding: 1 }).build()],
    ['maxima', image().maxPool2d(3, { stride: 2, padding: 1 }).globalAvgPool().build()],
    ['linear', graph().input([2, 3, 8]).linear(5).gelu().build()],
    ['a layer norm', graph().input([2, 3, 8]).layerNorm().build()],
    ['a root mean square norm', graph().input([2, 3, 8]).rmsNorm().silu().build()],
    ['a softmax', graph().input([2, 3, 8]).softmax(1).build()],
    ['attention', attentionOf(graph().input([1, 5, 32]))],
  ])('%s: as TensorFlow.js', async (_, written) => {
    const { tfjs, onnx } = await both(written);
    expect(onnx.shape).toEqual(tfjs.shape);
    expect(new Set(tfjs.values).size).toBeGreaterThan(1);
    const most = Math.max(...tfjs.values.map(Math.abs));
    const gap = Math.max(...tfjs.values.map((v, i) => Math.abs(v - onnx.values[i])));
    expect(gap / most).toBeLessThan(1e-4);
  });
});
