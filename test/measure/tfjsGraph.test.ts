import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GraphBuilder } from '../../src/graph/graphBuilder.js';
import type { Attrs, OpGraph, OpType } from '../../src/graph/opGraph.js';
import { parseWorkload, workloadGraph } from '../../src/graph/workload.js';
import { tfjsGraph } from '../../src/measure/tfjsGraph.js';
import { randomWeights, type WeightSource } from '../../src/measure/tfjsWeights.js';
import { initBackend } from '../../src/tensor/backend.js';
import { tf } from '../../src/tensor/tf.js';

/** Counting numbers as weights: 1, 2, 3, ... in the order of the filter [kh, kw, ci, co]; batch norm scales by 2 and shifts by 1. */
const counting: WeightSource = (_node, name, shape) => {
  const size = shape.reduce((a, b) => a * b, 1);
  const fill = { scale: 2, shift: 1, mean: 0, variance: 1, bias: 10 }[name];
  return tf.tensor(
    Array.from({ length: size }, (_, i) => fill ?? i + 1),
    shape,
  );
};

/** Output of a graph whose input values are `x`, in the graph's order. */
function run(graph: OpGraph, weights: WeightSource = counting): { values: number[]; input: number[]; shape: number[] } {
  const network = tfjsGraph(graph, weights, 1);
  const [x, y] = network.execute(['n0', graph.outputs[0]]);
  const result = { input: [...x.dataSync()], values: [...y.dataSync()], shape: y.shape };
  tf.dispose([x, y]);
  network.dispose();
  return result;
}

function one(op: OpType, shape: number[], attrs: Attrs = {}): OpGraph {
  const b = new GraphBuilder();
  return b.build([b.add(op, [b.input(shape)], attrs)]);
}

const close = (values: number[]) => values.map((v) => expect.closeTo(v, 4));
const at = (x: number[], [, c, h, w]: number[], n: number, i: number, y: number, z: number) =>
  y < 0 || z < 0 || y >= h || z >= w ? 0 : x[((n * c + i) * h + y) * w + z];

for (const backend of ['cpu', 'wasm'])
  describe(`tfjsGraph on ${backend}`, () => {
    beforeAll(async () => {
      await initBackend(backend);
    });

    it('convolves as the formula says: stride, padding, groups, bias', () => {
      for (const [groups, channels, out, stride, ph, pw] of [
        [1, 2, 3, 1, 1, 1],
        [1, 2, 2, 2, 0, 0],
        [2, 2, 2, 1, 1, 1],
        [2, 2, 4, 2, 1, 1],
        [2, 4, 6, 1, 1, 1],
        [1, 1, 1, 1, 1, 0],
      ]) {
        const shape = [1, channels, 4, 4];
        const graph = one('conv2d', shape, {
          kernel: [3, 3],
          stride: [stride, stride],
          padding: [ph, pw],
          groups,
          outChannels: out,
          bias: 1,
        });
        const { values, input, shape: got } = run(graph);
        expect(got).toEqual(graph.nodes[1].shape);
        const [, , h, w] = got,
          perGroup = channels / groups,
          outPerGroup = out / groups;
        const expected: number[] = [];
        for (let o = 0; o < out; o++)
          for (let y = 0; y < h; y++)
            for (let x = 0; x < w; x++) {
              let sum = 10;
              const g = Math.floor(o / outPerGroup);
              for (let i = 0; i < perGroup; i++)
                for (let ky = 0; ky < 3; ky++)
                  for (let kx = 0; kx < 3; kx++) {
                    // a depthwise filter is one tensor [kh, kw, ci, multiplier]; others are one a group, [kh, kw, ci/g, co/g]
                    const weight =
                      perGroup === 1 && groups > 1
                        ? ((ky * 3 + kx) * channels + g) * outPerGroup + (o % outPerGroup) + 1
                        : ((ky * 3 + kx) * perGroup + i) * outPerGroup + (o % outPerGroup) + 1;
                    sum += weight * at(input, shape, 0, g * perGroup + i, y * stride + ky - ph, x * stride + kx - pw);
                  }
              expected.push(sum);
            }
        for (let i = 0; i < expected.length; i++) expect(values[i]).toBeCloseTo(expected[i], 2);
      }
    });

    it('pools without counting the padding', () => {
      const shape = [1, 2, 4, 4];
      for (const op of ['avg_pool2d', 'max_pool2d'] as const) {
        const { values, input } = run(one(op, shape, { kernel: [3, 3], stride: [1, 1], padding: [1, 1] }));
        const window = (c: number, y: number, x: number) =>
          [-1, 0, 1].flatMap((dy) =>
            [-1, 0, 1].flatMap((dx) =>
              y + dy < 0 || x + dx < 0 || y + dy > 3 || x + dx > 3 ? [] : [at(input, shape, 0, c, y + dy, x + dx)],
            ),
          );
        const expected = [0, 1].flatMap((c) =>
          [0, 1, 2, 3].flatMap((y) =>
            [0, 1, 2, 3].map((x) => {
              const v = window(c, y, x);
              return op === 'max_pool2d' ? Math.max(...v) : v.reduce((a, b) => a + b, 0) / v.length;
            }),
          ),
        );
        expect(values).toEqual(close(expected));
      }
      const { values, input } = run(one('global_avg_pool', shape));
      expect(values).toEqual(close([0, 1].map((c) => input.slice(c * 16, c * 16 + 16).reduce((a, b) => a + b, 0) / 16)));
    });

    it('computes elementwise operators, norms and products', () => {
      const phi = (x: number) => {
        // normal distribution by its series
        let sum = x,
          term = x;
        for (let k = 1; k < 60; k++) sum += term *= (x * x) / (2 * k + 1);
        return 0.5 + (sum * Math.exp((-x * x) / 2)) / Math.sqrt(2 * Math.PI);
      };
      const relu6 = (x: number) => Math.min(6, Math.max(0, x));
      const elementwise: [OpType, (x: number) => number][] = [
        ['relu', (x) => Math.max(0, x)],
        ['relu6', relu6],
        ['zero', () => 0],
        ['identity', (x) => x],
        ['dropout', (x) => x],
        ['copy', (x) => x],
        ['sigmoid', (x) => 1 / (1 + Math.exp(-x))],
        ['hardsigmoid', (x) => relu6(x + 3) / 6],
        ['hardswish', (x) => (x * relu6(x + 3)) / 6],
        ['gelu', (x) => x * phi(x)],
        ['silu', (x) => x / (1 + Math.exp(-x))],
        ['tanh', Math.tanh],
        ['exp', Math.exp],
        ['erf', (x) => 2 * phi(x * Math.SQRT2) - 1],
        ['add', (x) => x + 1],
        ['batch_norm', (x) => 2 * x + 1],
      ];
      for (const [op, f] of elementwise) {
        const { values, input } = run(one(op, [1, 2, 2, 2]));
        expect(values.length, op).toBe(8);
        values.forEach((v, i) => expect(v + 0, op).toBeCloseTo(f(input[i]) + 0, 3));
      }
      const rows = run(one('softmax', [2, 3]));
      const exp = rows.input.map(Math.exp);
      expect(rows.values).toEqual(close(exp.map((e, i) => e / (i < 3 ? exp[0] + exp[1] + exp[2] : exp[3] + exp[4] + exp[5]))));
      for (const op of ['layer_norm', 'rms_norm'] as const) {
        const { values, input } = run(one(op, [1, 4]));
        const mean = op === 'layer_norm' ? input.reduce((a, b) => a + b, 0) / 4 : 0;
        const deviation = Math.sqrt(input.reduce((s, v) => s + (v - mean) ** 2, 0) / 4 + 1e-5);
        expect(values).toEqual(close(input.map((v) => (2 * (v - mean)) / deviation + (op === 'layer_norm' ? 1 : 0))));
      }
      const dense = run(one('linear', [1, 2], { outFeatures: 2, bias: 1 }));
      expect(dense.values).toEqual(
        close([dense.input[0] + 3 * dense.input[1] + 10, 2 * dense.input[0] + 4 * dense.input[1] + 10]),
      );
    });

    it('moves data as the graph orders it, images too', () => {
      const b = new GraphBuilder();
      const x = b.input([1, 2, 2, 3]);
      const y = b.conv(x, 2, 1); // makes it an image network
      const flat = b.add('reshape', [x], { shape: [1, 12] });
      const twice = b.add('concat', [x, b.add('identity', [x])], { axis: 1 });
      const turned = b.add('transpose', [x], { order: [0, 2, 3, 1] });
      const cut = b.add('slice', [x], { shape: [1, 1, 2, 2], begin: [0, 1, 0, 1] });
      const padded = b.add('pad', [x], { shape: [1, 2, 2, 4], before: [0, 0, 0, 1] });
      const mean = b.add('reduce', [x], { shape: [1, 2], axis: [2, 3] });
      const mixed = b.add('add', [x, b.add('slice', [x], { shape: [1, 2, 2, 3] })]);
      const network = tfjsGraph(b.build([y]), counting, 1);
      const tensors = network.execute([x, flat, twice, turned, cut, padded, mean, mixed]);
      const [input, ...rest] = tensors.map((t) => [...t.dataSync()]);
      expect(tensors.map((t) => t.shape)).toEqual([
        [1, 2, 2, 3],
        [1, 12],
        [1, 4, 2, 3],
        [1, 2, 3, 2],
        [1, 1, 2, 2],
        [1, 2, 2, 4],
        [1, 2],
        [1, 2, 2, 3],
      ]);
      expect(rest[0]).toEqual(input);
      expect(rest[1]).toEqual([...input, ...input]);
      expect(rest[2]).toEqual([0, 6, 1, 7, 2, 8, 3, 9, 4, 10, 5, 11].map((i) => input[i]));
      expect(rest[3]).toEqual([7, 8, 10, 11].map((i) => input[i]));
      expect(rest[4].slice(0, 4)).toEqual([0, input[0], input[1], input[2]]);
      expect(rest[5]).toEqual(close([0, 6].map((c) => input.slice(c, c + 6).reduce((a, v) => a + v, 0) / 6)));
      expect(rest[6]).toEqual(close(input.map((v) => 2 * v)));
      tf.dispose(tensors);
      network.dispose();
    });

    it('hands on each output of an operator that has several', () => {
      const b = new GraphBuilder();
      const x = b.input([1, 5]);
      const parts = b.add('split', [x], { parts: [2, 3] });
      const same = b.add('identity', [`${parts}:1`]);
      const network = tfjsGraph(b.build([b.add('add', [same, `${parts}:1`])]), counting, 1);
      const [input, first, second, sum] = network.execute([x, parts, same, 'n3']).map((t) => [...t.dataSync()]);
      expect([...first, ...second]).toEqual(input);
      expect(sum).toEqual(close(second.map((v) => 2 * v)));
      network.dispose();
    });

    it('pads each side of its own, dilates', () => {
      const { values, input } = run(
        one('conv2d', [1, 1, 1, 4], { kernel: [1, 2], padding: [0, 2, 0, 0], dilation: [1, 2], outChannels: 1 }),
      );
      // weights 1 and 2, two apart; two places before
      expect(values).toEqual(close([2 * input[0], 2 * input[1], input[0] + 2 * input[2], input[1] + 2 * input[3]]));
    });

    it('attends over fewer key heads than heads', () => {
      const b = new GraphBuilder();
      const q = b.add('zero', [b.input([1, 2, 3, 2])]);
      const kv = b.input([1, 1, 3, 2]);
      const network = tfjsGraph(b.build([b.add('attention', [q, kv, kv])]), counting, 1);
      const [v, y] = network.execute([kv, 'n3']).map((t) => [...t.dataSync()]);
      const mean = [0, 1].map((i) => (v[i] + v[i + 2] + v[i + 4]) / 3);
      expect(y).toEqual(close(Array(6).fill(mean).flat()));
      network.dispose();
    });

    it('attends: uniform keys average the values; embeds rows of a table', () => {
      const b = new GraphBuilder();
      const x = b.input([1, 3, 4]);
      const q = b.add('zero', [x]);
      const graph = b.build([b.add('attention', [q, x, x], { heads: 2, kvHeads: 2, headDim: 2, kvLength: 3, causal: 0 })]);
      const { values, input, shape } = run(graph);
      expect(shape).toEqual([1, 3, 4]);
      const mean = [0, 1, 2, 3].map((i) => (input[i] + input[i + 4] + input[i + 8]) / 3);
      expect(values).toEqual(close([...mean, ...mean, ...mean]));

      const e = new GraphBuilder('int32');
      const tokens = e.input([1, 3]);
      const table = run(e.build([e.add('embedding', [tokens], { rows: 5, dim: 2 })]));
      expect(table.values).toEqual(table.input.flatMap((i) => [2 * i + 1, 2 * i + 2]));
    });

    it('gives every node the shape of the graph, for all spaces and operators, and leaks no tensor', () => {
      const before = tf.memory().numTensors;
      const none = '|none~0|+|skip_connect~0|avg_pool_3x3~1|+|nor_conv_1x1~0|nor_conv_3x3~1|none~2|';
      for (const code of [
        none,
        'fbnet:0123456780123456780123',
        `ofa:128,22222,${'357'.repeat(7).slice(0, 20)},${'346'.repeat(7).slice(0, 20)}`,
      ]) {
        if (backend === 'cpu' && code !== none) continue; // slow in plain JavaScript
        const graph = workloadGraph(parseWorkload(code), { batch: 2 });
        const weights = randomWeights(7);
        const network = tfjsGraph(graph, weights.source, 7);
        const all = network.execute(graph.nodes.map((n) => n.id));
        expect(all.map((t) => t.shape)).toEqual(graph.nodes.map((n) => n.shape));
        const [out] = network.execute();
        const values = out.dataSync();
        expect(values.every((v) => Number.isFinite(v))).toBe(true);
        expect(Math.max(...values.map(Math.abs))).toBeLessThan(1e4);
        tf.dispose([...all, out]);
        network.dispose();
        weights.dispose();
      }
      expect(tf.memory().numTensors).toBe(before);
    });
  });

describe('tfjsGraph', () => {
  afterAll(() => tf.setBackend('cpu'));

  it('draws the same numbers from the same seed', () => {
    const graph = one('linear', [1, 8], { outFeatures: 4, bias: 1 });
    const values = (seed: number) => {
      const weights = randomWeights(seed);
      const network = tfjsGraph(graph, weights.source, seed);
      const [y] = network.execute();
      return [...y.dataSync()];
    };
    expect(values(5)).toEqual(values(5));
    expect(values(5)).not.toEqual(values(6));
  });

  it('names the node it cannot run', () => {
    const failure = (graph: OpGraph) => {
      try {
        tfjsGraph(graph, counting, 1);
      } catch (error) {
        return (error as { describe(): string }).describe();
      }
    };
    expect(failure(one('opaque', [2], { shape: [2], kind: 'x' }))).toBe(
      "node n1: the tfjs runtime has no kernel for 'opaque'\n  measure it with another runtime",
    );
    expect(failure(one('attention', [1, 2, 4], { heads: 2, headDim: 2, kvLength: 2 }))).toMatch(
      'needs queries, keys and values, has 1 inputs',
    );
    expect(failure(one('reduce', [2, 2], { shape: [2] }))).toMatch('needs attrs.axis');
    expect(failure(one('pad', [4], { shape: [2] }))).toMatch('[4] does not fit into [2]');
  });
});
