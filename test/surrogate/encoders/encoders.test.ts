import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { createRandom } from '../../../src/core/random.js';
import { fbnet } from '../../../src/graph/spaces/fbnet.js';
import { nasbench201 } from '../../../src/graph/spaces/nasbench201.js';
import { ofa } from '../../../src/graph/spaces/ofa.js';
import type { Arch, Space } from '../../../src/graph/spaces/space.js';
import { batchOf } from '../../../src/surrogate/encoders/batchOf.js';
import type { EncodedNetworks, Encoder } from '../../../src/surrogate/encoders/encoder.js';
import { createGnnEncoder, type NodeGraph, nodeGraph } from '../../../src/surrogate/encoders/gnnEncoder.js';
import { createMlpEncoder } from '../../../src/surrogate/encoders/mlpEncoder.js';
import { initBackend } from '../../../src/tensor/backend.js';
import { Parameters } from '../../../src/tensor/parameters.js';
import { parameterTensors, valueAndGradient } from '../../../src/tensor/parameterTensors.js';
import { tf } from '../../../src/tensor/tf.js';
import { slopes } from '../../tensor/finiteDifference.js';

beforeAll(() => initBackend('wasm'));

const draw = (space: Space, count: number, seed = 0): Arch[] => {
  const random = createRandom(seed);
  return Array.from({ length: count }, () => space.draw(random.next));
};
const embed = (encoder: Encoder, parameters: Parameters, networks: EncodedNetworks, rows?: number[]): number[][] =>
  tf.tidy(() => encoder.embed(parameterTensors(parameters), batchOf(networks, rows)).arraySync());
const expectClose = (a: number[][], b: number[][]) => {
  expect(a.length).toBe(b.length);
  a.flat().forEach((v, i) => {
    expect(v).toBeCloseTo(b.flat()[i], 4);
  });
};

const encoders = [nasbench201, fbnet, ofa].flatMap((space): [string, Space, Encoder][] => [
  [`mlp on ${space.name}`, space, createMlpEncoder({ space, features: 5, width: 16 })],
  [`gnn on ${space.name}`, space, createGnnEncoder({ space, features: 5, width: 12, layers: 3 })],
]);

describe.each(encoders)('%s', (_, space, encoder) => {
  const archs = draw(space, 6),
    parameters = Parameters.create(encoder.specs, 3);

  it('embeds networks apart, the same alone as in a batch', () => {
    const all = embed(encoder, parameters, encoder.encode(archs));
    expect([all.length, all[0].length]).toEqual([6, 5]);
    expect(all[0]).not.toEqual(all[1]);
    // alone, a graph is not padded to the largest of the batch
    expectClose(
      archs.flatMap((arch) => embed(encoder, parameters, encoder.encode([arch]))),
      all,
    );
    expectClose(embed(encoder, parameters, encoder.encode(archs), [4, 1]), [all[4], all[1]]);
  });

  it('has the gradient of finite differences', () => {
    const networks = encoder.encode(archs);
    const loss = (p: Record<string, tf.Tensor>) => tf.mean(tf.square(encoder.embed(p, batchOf(networks)))) as tf.Scalar;
    const { gradient } = valueAndGradient(parameters, loss);
    const { exact, numeric } = slopes(parameters, gradient, (p) => tf.tidy(() => loss(parameterTensors(p)).dataSync()[0]), 0.02);
    expect(numeric / exact).toBeCloseTo(1, 1);
  });
});

describe('gnn', () => {
  const encoder = createGnnEncoder({ space: nasbench201, features: 4, width: 12 }),
    parameters = Parameters.create(encoder.specs, 3);

  it('does not depend on the order of nodes', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 15624 }), fc.integer(), (index, seed) => {
        const graph = nodeGraph(nasbench201, nasbench201.at!(index));
        // order[i]: new place of node i
        const order = createRandom(seed).shuffle(graph.nodes.map((_, i) => i));
        const moved: NodeGraph = { nodes: [], liveNodes: [], edges: graph.edges.map(([a, b]) => [order[a], order[b]]) };
        order.forEach((to, i) => {
          moved.nodes[to] = graph.nodes[i];
          moved.liveNodes[to] = graph.liveNodes[i];
        });
        expectClose(
          embed(encoder, parameters, encoder.encodeGraphs([moved])),
          embed(encoder, parameters, encoder.encodeGraphs([graph])),
        );
      }),
      { numRuns: 20 },
    );
  });

  it('sees the direction of edges', () => {
    const graph = nodeGraph(nasbench201, [3, 2, 1, 4, 3, 0]);
    const turned = { ...graph, edges: graph.edges.map(([a, b]): [number, number] => [b, a]) };
    const [a] = embed(encoder, parameters, encoder.encodeGraphs([graph])),
      [b] = embed(encoder, parameters, encoder.encodeGraphs([turned]));
    expect(Math.max(...a.map((v, i) => Math.abs(v - b[i])))).toBeGreaterThan(1e-3);
  });

  it('sees which operators are dead', () => {
    // edge 0->1 is a convolution that leads nowhere, once the edges out of node 1 are none
    expect(nodeGraph(nasbench201, [3, 0, 0, 1, 0, 0])).toMatchObject({
      nodes: [0, 4, 1, 1, 2, 1, 1, 6],
      liveNodes: [0, 1, 1, 1, 2, 1, 1, 6],
    });
  });
});

describe('extra columns', () => {
  it.each(['mlp', 'gnn'] as const)('are an input of the %s', (kind) => {
    const options = { space: nasbench201, features: 3, width: 8, extra: 2 };
    const encoder = kind === 'mlp' ? createMlpEncoder(options) : createGnnEncoder(options),
      parameters = Parameters.create(encoder.specs, 1);
    const archs = draw(nasbench201, 2),
      of = (...data: number[]) => embed(encoder, parameters, encoder.encode(archs, { width: 2, data: Float32Array.from(data) }));
    const base = of(0, 0, 0, 0),
      moved = of(0, 0, 1, 0);
    expect(moved[0]).toEqual(base[0]);
    expect(moved[1]).not.toEqual(base[1]);
    expect(() => encoder.encode(archs)).toThrow('0 extra input columns, the encoder takes 2');
    expect(() => of(1)).toThrow('1 extra inputs for 2 networks of 2 columns');
  });
});
