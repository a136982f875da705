import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fuse } from '../../../src/analytical/fuse.js';
import { peakMemory } from '../../../src/analytical/peakMemory.js';
import { roofline } from '../../../src/analytical/roofline.js';
import { elementCount } from '../../../src/core/elementCount.js';
import { deviceNamed } from '../../../src/device/deviceNamed.js';
import { graph } from '../../../src/graph/graphTensor.js';
import { whole } from '../../../src/graph/operators/attributes.js';
import { isOperator, registerOperator } from '../../../src/graph/operators/index.js';
import { operator } from '../../../src/graph/operators/operator.js';
import { last } from '../../../src/graph/operators/shapes.js';
import { operatorOfGraph, operatorText, parseOperatorText } from '../../../src/graph/operatorText.js';
import { parseOpGraph } from '../../../src/graph/opGraph.js';
import { tfjsGraph } from '../../../src/measure/tfjsGraph.js';
import { randomWeights } from '../../../src/measure/tfjsWeights.js';
import { physicalFeatures } from '../../../src/networks/physicalFeatures.js';
import { initBackend } from '../../../src/tensor/backend.js';
import { tf } from '../../../src/tensor/tf.js';

/** A mixture of a product with a weight and a gate: y = x W times the mean of its row, `rounds` times. The whole operator is this definition. */
const gatedMix = operator('gated_mix', {
  about: 'x W, scaled by the mean of its row',
  attributes: { outFeatures: whole(1), rounds: whole(1).default(1) },
  shape: ([x], a) => [...x.slice(0, -1), a.outFeatures],
  work: ([x], a, y) => ({
    macs: a.rounds * elementCount(y.shape) * last(x.shape),
    flops: elementCount(y.shape),
    params: last(x.shape) * a.outFeatures,
  }),
  kernel: 'open',
  weighted: true,
  feature: 'gemm',
  tfjs: {
    layout: 'plain',
    prepare({ tf: t, attrs, inputs, weight }) {
      const w = weight('weight', [last(inputs[0].shape), attrs.outFeatures]);
      return (x) => {
        const y = t.matMul(x, w);
        return t.mul(y, t.mean(y, -1, true));
      };
    },
  },
});

describe('an invented operator, defined in one place', () => {
  let unregister: () => void;
  beforeAll(() => {
    unregister = registerOperator(gatedMix);
  });
  afterAll(() => unregister());
  const net = () => graph().input([4, 8]).op('gated_mix', { outFeatures: 3 }).relu().build();

  it('is part of graphs: built, checked, written as text', () => {
    expect(net().nodes[1].shape).toEqual([4, 3]);
    expect(parseOpGraph(JSON.parse(JSON.stringify(net())))).toEqual(net());
    const wrong = JSON.parse(JSON.stringify(net()));
    wrong.nodes[1].shape = [4, 4];
    expect(() => parseOpGraph(wrong)).toThrow("node 'n1': states the shape [4,4], gated_mix makes [4,3] of [4,8]");
    wrong.nodes[1].attrs = { outFeatures: 3, round: 2 };
    expect(() => parseOpGraph(wrong)).toThrow("node 'n1': gated_mix: has no attribute 'round'");
    const text = 'op:gated_mix/fp32/4x8/outFeatures=3';
    expect(operatorText(parseOperatorText(text))).toBe(text);
    const single = graph().input([4, 8]).op('gated_mix', { outFeatures: 3 }).build();
    expect(operatorText(operatorOfGraph(single))).toBe(text);
  });

  it('has a cost, fuses, takes memory', () => {
    const device = deviceNamed('RTX-4090');
    const { operators, launches } = roofline(net(), device, { hypothesis: 'compiled' });
    expect(launches).toBe(1);
    expect(operators[1]).toMatchObject({ op: 'gated_mix', flops: 2 * 12 * 8 + 12, bytes: 4 * (32 + 24) });
    expect(operators[2]).toMatchObject({ op: 'relu', fusedInto: 'n1' });
    expect(fuse(net()).groups).toEqual([['n1', 'n2']]);
    expect(peakMemory(net())).toBe(4 * 24 + 4 * (32 + 12));
  });

  it('has features', () => {
    const features: Record<string, number> = {};
    physicalFeatures(net(), (_, name, value) => {
      features[name] = value;
    });
    expect(features).toMatchObject({ 'eager.count.gemm': 1, 'eager.flops.gemm': 204, 'eager.params': 24, 'depth.matrix': 1 });
  });

  it('runs', async () => {
    await initBackend('cpu');
    const weights = randomWeights(3);
    const network = tfjsGraph(net(), weights.source, 3);
    const [y] = network.execute();
    expect(y.shape).toEqual([4, 3]);
    expect([...y.dataSync()].every((v) => v >= 0 && Number.isFinite(v))).toBe(true);
    tf.dispose(y);
    network.dispose();
    weights.dispose();
  });

  it('is refused twice, and gone once it is taken out', () => {
    expect(() => registerOperator(gatedMix)).toThrow("there is an operator 'gated_mix' already");
    const other = registerOperator(
      operator('other_mix', { about: 'x', shape: ([x]) => x, kernel: 'elementwise', feature: 'other' }),
    );
    expect(isOperator('other_mix')).toBe(true);
    other();
    expect(isOperator('other_mix')).toBe(false);
  });
});
