import { beforeAll, describe, expect, it } from 'vitest';
import { GraphBuilder } from '../../src/graph/graphBuilder.js';
import type { Attrs, OpType } from '../../src/graph/opGraph.js';
import { tfjsGraph } from '../../src/measure/tfjsGraph.js';
import type { WeightSource } from '../../src/measure/tfjsWeights.js';
import { initBackend } from '../../src/tensor/backend.js';
import { tf } from '../../src/tensor/tf.js';

/** 1, 2, 3, .. in the order of the filter; biases are 10. */
const counting: WeightSource = (_node, name, shape) => {
  const size = shape.reduce((a, b) => a * b, 1);
  return tf.tensor(
    Array.from({ length: size }, (_, i) => (name === 'bias' ? 10 : i + 1)),
    shape,
  );
};
/** 0.1, 0.2, .. for inputs, -0.1, -0.2, .. for states, 0.05 for each bias. */
const small: WeightSource = (_node, name, shape) => {
  const size = shape.reduce((a, b) => a * b, 1);
  const step = name.startsWith('input') ? 0.1 : -0.1;
  return tf.tensor(
    Array.from({ length: size }, (_, i) => (name === 'bias' ? 0.05 : step * (i + 1))),
    shape,
  );
};

/** The random input of a graph of one operator, and its outputs. */
function run(op: OpType, shape: number[], attrs: Attrs, weights: WeightSource, further = 0) {
  const b = new GraphBuilder();
  const graph = b.build([b.add(op, [b.input(shape)], attrs)]);
  const network = tfjsGraph(graph, weights, 1);
  const before = tf.memory().numTensors;
  const tensors = network.execute(['n0', 'n1', ...Array.from({ length: further }, (_, i) => `n1:${i + 1}`)]);
  const [x, ...outputs] = tensors.map((t) => ({ shape: t.shape, values: [...t.dataSync()] }));
  tf.dispose(tensors);
  expect(tf.memory().numTensors).toBe(before);
  network.dispose();
  return { x: x.values, outputs, node: graph.nodes[1] };
}
const close = (values: number[], digits = 3) => values.map((v) => expect.closeTo(v, digits));
const sigmoid = (v: number) => 1 / (1 + Math.exp(-v));

describe.each(['cpu', 'wasm'])('operators over lines, volumes and sequences on %s', (backend) => {
  beforeAll(async () => {
    await initBackend(backend);
  });

  it('conv1d: stride, uneven padding, bias', () => {
    const { x, outputs } = run(
      'conv1d',
      [1, 1, 5],
      { kernel: [3], stride: [2], padding: [2, 1], outChannels: 1, bias: 1 },
      counting,
    );
    const padded = [0, 0, ...x, 0];
    const expected = [0, 2, 4].map((i) => padded[i] + 2 * padded[i + 1] + 3 * padded[i + 2] + 10);
    expect(outputs).toEqual([{ shape: [1, 1, 3], values: close(expected) }]);
  });

  it('conv1d: dilation, groups of one and of two channels', () => {
    const { x, outputs } = run('conv1d', [1, 2, 4], { kernel: [2], dilation: [2], groups: 2, outChannels: 2 }, counting);
    // filter [1, 2, ci, 1] counts along channels first
    const expected = [x[0] + 3 * x[2], x[1] + 3 * x[3], 2 * x[4] + 4 * x[6], 2 * x[5] + 4 * x[7]];
    expect(outputs).toEqual([{ shape: [1, 2, 2], values: close(expected) }]);
    const paired = run('conv1d', [1, 4, 2], { kernel: [1], groups: 2, outChannels: 2 }, counting);
    const [a, b, c, d, e, f, g, h] = paired.x;
    expect(paired.outputs[0].values).toEqual(close([a + 2 * c, b + 2 * d, e + 2 * g, f + 2 * h]));
  });

  it('conv2d and pooling: windows that are not square, without padding', () => {
    const { x, outputs } = run('conv2d', [1, 1, 1, 4], { kernel: [1, 3], outChannels: 1 }, counting);
    const expected = [0, 1].map((i) => x[i] + 2 * x[i + 1] + 3 * x[i + 2]);
    expect(outputs).toEqual([{ shape: [1, 1, 1, 2], values: close(expected) }]);
    const pooled = run('max_pool2d', [1, 1, 1, 3], { kernel: [1, 2], stride: [1, 1] }, counting);
    const [a, b, c] = pooled.x;
    expect(pooled.outputs).toEqual([{ shape: [1, 1, 1, 2], values: close([Math.max(a, b), Math.max(b, c)]) }]);
  });

  it('conv3d: padding and bias', () => {
    const { x, outputs } = run(
      'conv3d',
      [1, 1, 2, 1, 2],
      { kernel: [2, 1, 2], padding: [0, 0, 1], outChannels: 1, bias: 1 },
      counting,
    );
    const [a, b, c, d] = x; // rows of depth: [a, b], [c, d]; filter [[1, 2], [3, 4]]
    expect(outputs).toEqual([
      { shape: [1, 1, 1, 1, 3], values: close([2 * a + 4 * c + 10, a + 2 * b + 3 * c + 4 * d + 10, b + 3 * d + 10]) },
    ]);
  });

  it('conv_transpose1d: inputs spread over windows, cut by padding, longer by output padding', () => {
    const attrs = { kernel: [3], stride: [2], padding: [1], outputPadding: [1], outChannels: 1, bias: 1 };
    const { x, outputs } = run('conv_transpose1d', [1, 1, 2], attrs, counting);
    const [a, b] = x; // full: a, 2a, 3a + b, 2b, 3b
    expect(outputs).toEqual([{ shape: [1, 1, 4], values: close([2 * a + 10, 3 * a + b + 10, 2 * b + 10, 3 * b + 10]) }]);
  });

  it('conv_transpose2d: channels in and out, and groups', () => {
    const { x, outputs } = run('conv_transpose2d', [1, 2, 1, 1], { kernel: [1, 2], outChannels: 2 }, counting);
    const [a, b] = x; // filter [1, 2, co, ci]
    expect(outputs).toEqual([{ shape: [1, 2, 1, 2], values: close([a + 2 * b, 5 * a + 6 * b, 3 * a + 4 * b, 7 * a + 8 * b]) }]);
    const grouped = run('conv_transpose2d', [1, 2, 1, 1], { kernel: [1, 2], groups: 2, outChannels: 2 }, counting);
    expect(grouped.outputs[0].values).toEqual(close([grouped.x[0], 2 * grouped.x[0], grouped.x[1], 2 * grouped.x[1]]));
  });

  it('conv_transpose3d: one input is its filter', () => {
    const { x, outputs } = run('conv_transpose3d', [1, 1, 1, 1, 1], { kernel: [2, 1, 2], outChannels: 1 }, counting);
    expect(outputs).toEqual([{ shape: [1, 1, 2, 1, 2], values: close([1, 2, 3, 4].map((w) => w * x[0])) }]);
  });

  it('rnn: both directions, states of the last step of each', () => {
    const { x, outputs } = run('rnn', [1, 2, 1], { hidden: 1, directions: 2, bias: 2 }, small, 1);
    const step = (v: number, h: number) => Math.tanh(0.1 * v + 0.05 - 0.1 * h + 0.05);
    const forwards = [step(x[0], 0), step(x[1], step(x[0], 0))],
      backwards = [step(x[0], step(x[1], 0)), step(x[1], 0)];
    expect(outputs).toEqual([
      { shape: [1, 2, 2], values: close([forwards[0], backwards[0], forwards[1], backwards[1]]) },
      { shape: [2, 1, 1], values: close([forwards[1], backwards[0]]) },
    ]);
  });

  it('gru: gates as the formula says, time first', () => {
    const { x, outputs } = run('gru', [2, 1, 1], { hidden: 1, bias: 1, timeAxis: 0 }, small, 1);
    const step = (v: number, h: number) => {
      const r = sigmoid(0.1 * v + 0.05 - 0.1 * h),
        z = sigmoid(0.2 * v + 0.05 - 0.2 * h),
        n = Math.tanh(0.3 * v + 0.05 + r * (-0.3 * h));
      return (1 - z) * n + z * h;
    };
    const first = step(x[0], 0),
      second = step(x[1], first);
    expect(outputs).toEqual([
      { shape: [2, 1, 1], values: close([first, second]) },
      { shape: [1, 1, 1], values: close([second]) },
    ]);
  });

  it('lstm: state and cell, and shapes of two layers in both directions', () => {
    const { x, outputs } = run('lstm', [1, 1, 1], { hidden: 1, bias: 0 }, small, 2);
    const cell = sigmoid(0.1 * x[0]) * Math.tanh(0.3 * x[0]),
      state = sigmoid(0.4 * x[0]) * Math.tanh(cell);
    expect(outputs.map((o) => o.values)).toEqual([close([state]), close([state]), close([cell])]);
    const deep = run('lstm', [2, 3, 4], { hidden: 5, layers: 2, directions: 2 }, small, 2);
    expect(deep.outputs.map((o) => o.shape)).toEqual([
      [2, 3, 10],
      [4, 2, 5],
      [4, 2, 5],
    ]);
    expect(deep.node.furtherOutputs?.map((o) => o.shape)).toEqual(deep.outputs.slice(1).map((o) => o.shape));
  });
});
