import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { graph } from '../../../../src/graph/graphTensor.js';
import { jsonReader } from '../../../../src/graph/readers/json/jsonReader.js';
import type { ReadModelOptions } from '../../../../src/graph/readers/modelReader.js';
import { nnmeterReader } from '../../../../src/graph/readers/nnmeter/nnmeterReader.js';
import { readerOf } from '../../../../src/graph/readers/readModelFile.js';
import { hasShared, SHARED } from '../../../shared.js';
import { readWith, totalCost, working } from '../readText.js';

type Node = [type: string, inbounds: string[], outputShape: number[], attr?: Record<string, unknown>, inputShape?: number[]];
/** Nodes by name as nn-Meter writes them. */
function ir(nodes: Record<string, Node>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(nodes).map(([name, [type, inbounds, output, attr = {}, input]]) => [
      name,
      {
        inbounds,
        attr: { name, type, output_shape: [output], attr, input_shape: input ? [input] : [] },
        outbounds: Object.entries(nodes).flatMap(([other, [, reads]]) => (reads.includes(name) ? [other] : [])),
      },
    ]),
  );
}
const read = async (nodes: Record<string, Node>, options: ReadModelOptions = {}) =>
  (await readWith(nnmeterReader, JSON.stringify(ir(nodes)), options))[0];

const NHWC = { data_format: 'NHWC' };
/** As the converter from TensorFlow writes a convolution, its norm, a gate over channels and a classifier; the shape of `scaled` is one of its mistakes. */
const TENSORFLOW: Record<string, Node> = {
  x: ['Placeholder', [], [1, 8, 8, 3], { shape: [1, 8, 8, 3] }],
  conv: [
    'Conv2D',
    ['x'],
    [1, 4, 4, 6],
    { ...NHWC, padding: 'SAME', strides: [2, 2], kernel_shape: [3, 3], weight_shape: [3, 3, 3, 6] },
  ],
  norm: ['FusedBatchNorm', ['conv', 'norm/moving_variance/read'], [1, 4, 4, 6], NHWC],
  deep: [
    'DepthwiseConv2dNative',
    ['norm'],
    [1, 4, 4, 6],
    { ...NHWC, padding: 'SAME', strides: [1, 1], weight_shape: [3, 3, 6, 1] },
  ],
  pool: ['AvgPool', ['deep'], [1, 1, 1, 6], { ...NHWC, ksize: [4, 4], strides: [1, 1], padding: 'VALID' }],
  six: ['Const', [], [], { constant: [6] }],
  scaled: ['Mul', ['pool', 'six'], [1, 4, 4, 6]],
  gated: ['Mul', ['deep', 'scaled'], [1, 4, 4, 6]],
  biased: ['BiasAdd', ['gated'], [1, 4, 4, 6], NHWC],
  mean: ['Mean', ['biased'], [1, 6], { reduction_indices: [1, 2] }],
  flat: ['Reshape', ['mean'], [-1, 6], { shape: [-1, 6] }],
  scores: ['MatMul', ['flat'], [-1, 10]],
};

describe('nnmeterReader', () => {
  it('costs a graph of TensorFlow by hand, whatever shapes nn-Meter states between', async () => {
    const model = await read(TENSORFLOW);
    expect(working(model).map(({ op, shape }) => [op, ...shape])).toEqual([
      ['conv2d', 1, 6, 4, 4],
      ['batch_norm', 1, 6, 4, 4],
      ['conv2d', 1, 6, 4, 4],
      ['avg_pool2d', 1, 6, 1, 1],
      ['mul', 1, 6, 1, 1],
      ['mul', 1, 6, 4, 4],
      ['add', 1, 6, 4, 4],
      ['reduce', 1, 6],
      ['linear', 1, 10],
    ]);
    expect(totalCost(model)).toMatchObject({ macs: 16 * 162 + 16 * 54 + 60, params: 162 + 12 + 54 + 6 + 60 });
    expect(model.warnings).toEqual([]);
  });

  it('costs a graph of ONNX, which does not hold its input', async () => {
    const model = await read({
      conv: [
        'Conv',
        [],
        [1, 4, 8, 8],
        { kernel_shape: [3, 3], strides: [1, 1], pads: [1, 1, 1, 1], group: 1, dilations: [1, 1] },
        [1, 3, 8, 8],
      ],
      relu: ['Clip', ['conv'], [1, 4, 8, 8]],
      both: ['Concat', ['conv', 'relu'], [1, 8, 8, 8], { axis: 1 }],
      mean: ['GlobalAveragePool', ['both'], [1, 8, 1, 1]],
      flat: ['Flatten', ['mean'], [1, 8]],
      scores: ['Gemm', ['flat'], [1, 5]],
    });
    expect(model.graph.nodes[0]).toMatchObject({ op: 'input', shape: [1, 3, 8, 8] });
    expect(totalCost(model)).toMatchObject({ macs: 64 * 4 * 27 + 40, params: 108 + 40 + 5 });
  });

  it('reads a dataset, a model a line', async () => {
    const row = (id: string) => JSON.stringify({ id, graph: ir(TENSORFLOW), cortexA76cpu: 3.2 });
    const models = await readWith(nnmeterReader, `${row('net_0')}\n${row('net_1')}\n`);
    expect(models.map((m) => [m.name, totalCost(m).macs])).toEqual([
      ['net_0', 16 * 162 + 16 * 54 + 60],
      ['net_1', 16 * 162 + 16 * 54 + 60],
    ]);
  });

  it('gives each reader of a split its part, and what it does not know its bytes', async () => {
    const model = await read({
      x: ['Placeholder', [], [1, 4, 4, 6], { shape: [-1, 4, 4, 6] }],
      parts: ['Split', ['x'], [1, 4, 4, 3], { split_dim: 3 }],
      a: ['Relu', ['parts'], [1, 4, 4, 3]],
      b: ['Swirl', ['parts'], [1, 4, 4, 3]],
    });
    expect(working(model).map(({ op, inputs, shape }) => [op, inputs.length, ...shape])).toEqual([
      ['split', 1, 1, 4, 4, 3],
      ['relu', 1, 1, 4, 4, 3],
      ['opaque', 1, 1, 4, 4, 3],
    ]);
    expect(model.warnings).toEqual([expect.stringContaining('not known: Swirl')]);
    expect(model.graph.assumptions).toEqual(['batch 1 where the file leaves it open']);
  });

  it("does not claim hwcast's own graphs, nor is claimed by their reader", () => {
    const own = JSON.stringify(graph('fp32').input([1, 8]).linear(4).build());
    const text = JSON.stringify(ir(TENSORFLOW));
    expect([nnmeterReader.detect(Buffer.from(own), 'a'), jsonReader.detect(Buffer.from(text), 'a')]).toEqual([
      undefined,
      undefined,
    ]);
    expect(readerOf({ name: 'a.json', bytes: Buffer.from(text) }).format).toBe('nnmeter');
    expect(readerOf({ name: 'a.json', bytes: Buffer.from(own) }).format).toBe('hwcast');
  });

  it.each<[string, string, ReadModelOptions, Record<string, unknown>]>([
    [
      'a cut file',
      JSON.stringify(ir(TENSORFLOW), null, 1).slice(0, 900),
      {},
      { code: 'corrupt', message: expect.stringContaining('not whole JSON') },
    ],
    [
      'a cut line of a dataset',
      `${JSON.stringify({ graph: ir(TENSORFLOW) })}\n{"graph": {"x"`,
      {},
      { code: 'corrupt', where: 'net, line 2' },
    ],
    [
      'a node without a type',
      JSON.stringify({ a: { inbounds: [], attr: {}, outbounds: [] } }),
      {},
      { code: 'bad-input', message: "node 'a' has no type" },
    ],
    [
      'a circle',
      JSON.stringify(ir({ a: ['Relu', ['b'], [1, 2]], b: ['Relu', ['a'], [1, 2]] })),
      {},
      { code: 'corrupt', message: expect.stringContaining('circle') },
    ],
    [
      'a convolution without a kernel',
      JSON.stringify(ir({ x: ['Placeholder', [], [1, 4, 4, 3], { shape: [1, 4, 4, 3] }], c: ['Conv2D', ['x'], [1, 4, 4, 8]] })),
      {},
      { code: 'bad-input', message: "node 'c' (Conv2D): does not say its kernel" },
    ],
    [
      'an open size',
      JSON.stringify(ir({ x: ['Placeholder', [], [-1, -1, 4, 3], { shape: [-1, -1, 4, 3] }], r: ['Relu', ['x'], [1, 4, 4, 3]] })),
      {},
      { code: 'bad-input', message: "input 'x' leaves axis 1 open" },
    ],
    [
      'another batch',
      JSON.stringify(ir(TENSORFLOW)),
      { batch: 4 },
      { code: 'bad-input', message: expect.stringContaining("input 'x' is fixed") },
    ],
  ])('refuses %s', async (_, text, options, expected) => {
    await expect(readWith(nnmeterReader, text, options)).rejects.toMatchObject({ name: 'HwcastError', ...expected });
  });
});

describe.skipIf(!hasShared)("nn-Meter's MobileNetV3 small (needs ../shared)", () => {
  it('has the MACs and parameters that the shapes of its weights give', async () => {
    const text = readFileSync(join(SHARED, 'data/traces/nn-meter/nnmeter_ir_mobilenetv3small_0.json'), 'utf8');
    const nodes = Object.values(
      JSON.parse(text) as Record<string, { attr: { type: string; output_shape: number[][]; attr: Record<string, number[]> } }>,
    );
    const product = (list: readonly number[]) => list.reduce((p, n) => p * n, 1);
    const convolutions = nodes.filter(({ attr }) => /Conv2D|DepthwiseConv2dNative/.test(attr.type)).map(({ attr }) => attr);
    const norms = nodes.filter(({ attr }) => attr.type === 'FusedBatchNorm').map(({ attr }) => attr.output_shape[0][3]);
    const biases = nodes.filter(({ attr }) => attr.type === 'BiasAdd').map(({ attr }) => attr.output_shape[0][3]);
    const sum = (list: readonly number[]) => list.reduce((s, n) => s + n, 0);
    const macs = sum(convolutions.map((c) => product(c.output_shape[0].slice(1, 3)) * product(c.attr.weight_shape)));
    const learned = sum(convolutions.map((c) => product(c.attr.weight_shape))) + 2 * sum(norms) + sum(biases);
    expect(convolutions).toHaveLength(53);

    const model = (await readWith(nnmeterReader, text))[0];
    const classifier = 1024 * 1000;
    expect(totalCost(model)).toMatchObject({ macs: macs + classifier, params: learned + classifier });
    expect(totalCost(model).macs).toBe(61_233_632);
    expect(model.warnings).toEqual([]);
  });
});
