import { describe, expect, it } from 'vitest';
import { graphSummary } from '../../../../src/analytical/graphSummary.js';
import { createRandom } from '../../../../src/core/random.js';
import { GraphBuilder } from '../../../../src/graph/graphBuilder.js';
import { graph } from '../../../../src/graph/graphTensor.js';
import type { Attrs, OpGraph } from '../../../../src/graph/opGraph.js';
import { decodeOnnx } from '../../../../src/graph/readers/onnx/decodeOnnx.js';
import { onnxReader } from '../../../../src/graph/readers/onnx/onnxReader.js';
import { spaceNamed } from '../../../../src/graph/spaces/index.js';
import { writeOnnx } from '../../../../src/graph/writers/onnx/writeOnnx.js';

/** A graph written and read again. */
async function again(written: OpGraph): Promise<OpGraph> {
  const [{ graph, warnings }] = await onnxReader.read({ name: 'written.onnx', bytes: writeOnnx(written) }, {});
  expect(warnings).toEqual([]);
  return graph;
}

function one(op: string, shapes: number[][], attrs: Attrs = {}): OpGraph {
  const b = new GraphBuilder();
  return b.build([
    b.add(
      op,
      shapes.map((shape) => b.input(shape)),
      attrs,
    ),
  ]);
}

const typesOf = (written: OpGraph): string[] => decodeOnnx(writeOnnx(written)).graph.nodes.map((n) => n.opType);

describe('networks of the spaces as ONNX', () => {
  it.each(['nasbench201', 'fbnet', 'ofa'])('%s: MACs and parameters are those of the graph', async (name) => {
    const space = spaceNamed(name);
    const random = createRandom(7);
    const graphs = Array.from({ length: 5 }, () => space.toOpGraph(space.draw(random.next), { batch: 2 }));
    const [written, read] = [graphs, await Promise.all(graphs.map(again))].map((list) =>
      list.map(graphSummary).map(({ macs, params, inputs }) => ({ macs, params, shape: inputs[0].shape })),
    );
    expect(read).toEqual(written);
    expect(written[0].macs).toBeGreaterThan(1e6);
  });
});

describe('operators as ONNX', () => {
  it.each<[string, number[][], Attrs, string[]]>([
    ['conv2d', [[2, 4, 9, 9]], { kernel: 3, stride: 2, padding: 'same', groups: 2, outChannels: 6, bias: 1 }, ['Conv']],
    ['conv1d', [[2, 4, 9]], { kernel: 3, dilation: 2, outChannels: 6 }, ['Conv']],
    ['conv3d', [[1, 4, 5, 6, 7]], { kernel: 3, padding: 1, outChannels: 2 }, ['Conv']],
    [
      'conv_transpose2d',
      [[1, 4, 5, 5]],
      { kernel: 3, stride: 2, padding: 1, outputPadding: 1, outChannels: 2 },
      ['ConvTranspose'],
    ],
    ['linear', [[4, 8]], { outFeatures: 3, bias: 1 }, ['Gemm']],
    ['linear', [[2, 4, 8]], { outFeatures: 3, bias: 1 }, ['MatMul', 'Add']],
    ['matmul', [[2, 4, 8], [2, 5, 8]], { transposeB: 1 }, ['Transpose', 'MatMul']], // biome-ignore format: one line a case
    ['batch_norm', [[2, 4, 3, 3]], {}, ['BatchNormalization']],
    ['layer_norm', [[2, 4, 8]], {}, ['LayerNormalization']],
    ['softmax', [[2, 4, 8]], { axis: 1 }, ['Softmax']],
    ['max_pool2d', [[1, 2, 7, 7]], { kernel: 3, stride: 2, padding: 1 }, ['MaxPool']],
    ['global_avg_pool', [[1, 2, 7, 7]], {}, ['GlobalAveragePool']],
    ['relu6', [[2, 4]], {}, ['Clip']],
    ['silu', [[2, 4]], {}, ['Sigmoid', 'Mul']],
    ['add', [[2, 4], [2, 4], [2, 4]], {}, ['Add', 'Add']], // biome-ignore format: one line a case
    ['reduce', [[2, 4, 8]], { axis: [1], keepDims: 1 }, ['ReduceMean']],
    ['transpose', [[2, 4, 8]], { order: [0, 2, 1] }, ['Transpose']],
    ['slice', [[2, 8]], { shape: [2, 3], begin: [0, 2], step: [1, 2] }, ['Slice']],
    ['split', [[2, 8]], { axis: 1, parts: [3, 5] }, ['Split']],
    ['depth_to_space', [[1, 8, 2, 2]], { block: 2 }, ['DepthToSpace']],
  ])('%s %j %j', async (op, shapes, attrs, types) => {
    const written = one(op, shapes, attrs);
    expect(typesOf(written)).toEqual(types);
    const read = await again(written);
    const [a, b] = [written, read].map(graphSummary);
    expect([b.macs, b.params]).toEqual([a.macs, a.params]);
    const output = read.nodes.find((n) => n.id === read.outputs[0])!;
    expect(output.shape).toEqual(written.nodes.at(-1)!.shape);
  });

  it('writes attention with fewer key heads: the products of queries and keys, and of scores and values', async () => {
    const b = new GraphBuilder();
    const [q, k, v] = [
      [1, 5, 32],
      [1, 7, 16],
      [1, 7, 16],
    ].map((shape) => b.input(shape));
    const written = b.build([b.add('attention', [q, k, v], { heads: 4, kvHeads: 2, headDim: 8 })]);
    const read = await again(written);
    expect(graphSummary(read).macs).toBe(4 * 5 * 7 * (8 + 8));
    expect(read.nodes.at(-1)!.shape).toEqual([1, 5, 32]);
  });

  it('names tensors as the graph does, and learned ones by node and name, without values', () => {
    const { graph } = decodeOnnx(writeOnnx(one('conv2d', [[1, 3, 4, 4]], { kernel: 3, outChannels: 2, bias: 1 })));
    expect(graph.inputs).toMatchObject([{ name: 'n0', dataType: 'float32', dims: [1, 3, 4, 4] }]);
    expect(graph.outputs).toMatchObject([{ name: 'n1', dims: [1, 2, 2, 2] }]);
    expect([...graph.initializers.values()]).toMatchObject([
      { name: 'n1.weight', dims: [2, 3, 3, 3], stored: 'external' },
      { name: 'n1.bias', dims: [2], stored: 'external' },
    ]);
  });

  it('copies an input that is an output, and keeps element types', () => {
    const written = graph('fp16').input([1, 4]).build();
    expect(typesOf(written)).toEqual(['Identity']);
    const { graph: read } = decodeOnnx(writeOnnx(written));
    expect(read.outputs).toMatchObject([{ name: 'n0/out', dataType: 'float16', dims: [1, 4] }]);
  });

  it('names the node that has no form', () => {
    const lstm = one('lstm', [[1, 5, 8]], { hidden: 4 });
    expect(() => writeOnnx(lstm)).toThrow(
      expect.objectContaining({
        code: 'unsupported',
        where: 'node n1',
        message: expect.stringMatching(/^hwcast cannot write lstm in ONNX/),
      }),
    );
    const quantized = one('linear', [[2, 8]], { outFeatures: 4, weightDtype: 'int8' });
    expect(() => writeOnnx(quantized)).toThrow(/weights in int8 and arithmetic in fp32 beside fp32/);
    const adaptive = one('avg_pool2d', [[1, 2, 7, 7]], { kernel: 2, shape: [1, 2, 3, 4] });
    expect(() => writeOnnx(adaptive)).toThrow('its windows give [6,6], it states [3,4]');
  });
});
