import { beforeAll, describe, expect, it } from 'vitest';
import { createRandom } from '../../../src/core/random.js';
import { spearman, standardDeviation } from '../../../src/core/statistics.js';
import { nasbench201 } from '../../../src/graph/spaces/nasbench201.js';
import type { Arch } from '../../../src/graph/spaces/space.js';
import { featuresOf, loadFeatures, saveFeatures } from '../../../src/surrogate/metaTraining/featureModel.js';
import type { MetaTask } from '../../../src/surrogate/metaTraining/metaTask.js';
import { principalAxes } from '../../../src/surrogate/metaTraining/principalAxes.js';
import { type FeatureState, trainFeatures } from '../../../src/surrogate/metaTraining/trainFeatures.js';
import { initBackend } from '../../../src/tensor/backend.js';

beforeAll(() => initBackend('wasm'));

const cells = (count: number, seed: number): Arch[] =>
  createRandom(seed)
    .sample(15625, count)
    .map((i) => nasbench201.at!(i));
/** what every device pays for: convolutions, and an interaction of two edges */
const conv3 = (a: Arch) => a.filter((v) => v === 3).length,
  pair = (a: Arch) => (a[0] === 3 && a[3] === 3 ? 1 : 0),
  pool = (a: Arch) => a.filter((v) => v === 4).length;
const seconds =
  ([c, p, i]: number[]) =>
  (a: Arch) =>
    0.002 + 0.001 * (c * conv3(a) + p * pool(a) + i * pair(a));
const device = (id: string, costs: number[], archs: Arch[]): MetaTask => ({
  id,
  space: nasbench201,
  archs,
  values: Float64Array.from(archs, seconds(costs)),
});
const tasks = [
  device('a', [1, 0.1, 0.8], cells(80, 1)),
  device('b', [0.4, 0.6, 0.1], cells(80, 2)),
  device('c', [0.8, 0.3, 1.5], cells(80, 3)),
];
const small = { epochs: 4, width: 12, features: 5, batch: 32, seed: 1, every: 2 };

describe.each(['mlp', 'gnn'] as const)('trainFeatures, %s', (encoder) => {
  it('gives the same bytes for the same seed and on resuming', async () => {
    const states: FeatureState[] = [];
    const whole = await trainFeatures(tasks, { ...small, encoder, onCheckpoint: (s) => states.push(structuredClone(s)) });
    const again = await trainFeatures(tasks, { ...small, encoder });
    expect(states.map((s) => s.epoch)).toEqual([2, 4]);
    const resumed = await trainFeatures(tasks, { ...small, encoder, resume: states[0] });
    const other = await trainFeatures(tasks, { ...small, encoder, seed: 2 });
    expect(again.parameters.data).toEqual(whole.parameters.data);
    expect(resumed.parameters.data).toEqual(whole.parameters.data);
    expect(resumed.projection).toEqual(whole.projection);
    expect(other.parameters.data).not.toEqual(whole.parameters.data);
  });

  it('finds features on which an unseen device is linear', async () => {
    const losses: number[] = [];
    const model = await trainFeatures(tasks, {
      encoder,
      epochs: 60,
      width: 24,
      features: 6,
      batch: 60,
      onProgress: (p) => losses.push(p.loss),
    });
    expect(losses.at(-1)!).toBeLessThan(0.2 * losses[0]);
    // a new device: slopes on the two leading features from 12 networks by least squares along gradient descent
    const archs = cells(150, 9),
      { data, width } = featuresOf(model, archs),
      truth = archs.map(seconds([0.6, 0.45, 0.5]));
    expect(width).toBe(model.config.shares.length);
    const weights = new Float64Array(width + 1),
      error = (i: number) =>
        weights[width] + weights.slice(0, width).reduce((s, w, j) => s + w * data[i * width + j], 0) - truth[i] * 1000;
    for (let step = 0; step < 4000; step++)
      for (let i = 0; i < 12; i++) {
        const e = error(i);
        for (let j = 0; j < width; j++) weights[j] -= 0.05 * e * data[i * width + j];
        weights[width] -= 0.05 * e;
      }
    const predicted = archs.map((_, i) => error(i) + truth[i] * 1000);
    expect(spearman(predicted.slice(12), truth.slice(12))).toBeGreaterThan(0.85);
  });

  it('survives saving and loading', async () => {
    const model = await trainFeatures(tasks, { ...small, encoder }),
      { config, arrays } = saveFeatures(model);
    const back = loadFeatures(JSON.parse(JSON.stringify(config)), arrays),
      archs = cells(7, 5);
    expect(featuresOf(back, archs)).toEqual(featuresOf(model, archs));
    expect(() =>
      loadFeatures(
        config,
        arrays.filter((a) => a.name !== 'center'),
      ),
    ).toThrow("the feature model lacks 'center'");
    expect(() => loadFeatures({ ...config, width: 13 }, arrays)).toThrow(/has shape \[.*\] instead of/);
  });
});

describe('trainFeatures', () => {
  it('takes extra columns and what is explained already', async () => {
    const extra = (archs: readonly Arch[]) => ({ width: 1, data: Float32Array.from(archs, (a) => conv3(a) - 1) });
    const model = await trainFeatures(
      tasks.map((t) => ({ ...t, extra: extra(t.archs), offset: Float64Array.from(t.archs, (a) => 0.01 * conv3(a)) })),
      small,
    );
    const archs = cells(4, 5);
    expect(featuresOf(model, archs, extra(archs)).data.every(Number.isFinite)).toBe(true);
    expect(() => featuresOf(model, archs)).toThrow('0 extra input columns, the encoder takes 1');
  });

  it('orders features by the variance they carry over the training networks', async () => {
    const one = tasks.map((t) => ({
      ...t,
      archs: tasks[0].archs,
      values: Float64Array.from(tasks[0].archs, seconds([1, 0.2, 0.3])),
    }));
    const model = await trainFeatures(one, small),
      { data, width } = featuresOf(model, tasks[0].archs),
      { shares } = model.config;
    expect(shares.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 4);
    const spread = shares.map((_, j) => standardDeviation(tasks[0].archs.map((_, i) => data[i * width + j])));
    spread.slice(0, 2).forEach((s, j) => {
      expect(s).toBeCloseTo(Math.sqrt(shares[j]), 2);
    });
  });

  it('leaves a checkpoint where it is interrupted', async () => {
    const states: FeatureState[] = [],
      signal = AbortSignal.abort();
    const run = trainFeatures(tasks, { ...small, signal, onCheckpoint: (s) => states.push(s) });
    await expect(run).rejects.toMatchObject({ code: 'interrupted', message: 'training of features stopped after epoch 0 of 4' });
    expect(states.map((s) => s.epoch)).toEqual([0]);
    await expect(trainFeatures(tasks, { ...small, width: 13, resume: states[0] })).rejects.toMatchObject({ code: 'corrupt' });
  });

  it('says what is wrong with tasks', async () => {
    const [a] = tasks;
    await expect(trainFeatures([], small)).rejects.toThrow('no task to train on');
    await expect(trainFeatures([{ ...a, values: a.values.slice(1) }], small)).rejects.toMatchObject({
      message: '80 networks but 79 values',
      where: "task 'a'",
    });
    await expect(trainFeatures([{ ...a, values: a.values.map(() => 1) }], small)).rejects.toThrow('all values are the same: 1');
    await expect(trainFeatures([{ ...a, values: a.values.with(0, Number.NaN) }], small)).rejects.toThrow(
      'value NaN of network 0',
    );
    await expect(trainFeatures([a, { ...a, extra: { width: 1, data: new Float32Array(80) } }], small)).rejects.toThrow(
      '1 extra columns, the first task has 0',
    );
    await expect(trainFeatures([{ ...a, offset: new Float64Array(3) }], small)).rejects.toThrow('3 offsets for 80 networks');
    await expect(trainFeatures([{ ...a, extra: { width: 2, data: new Float32Array(80) } }], small)).rejects.toThrow(
      '80 extra inputs for 80 networks of 2',
    );
  });
});

describe('principalAxes', () => {
  it('diagonalises a symmetric matrix', () => {
    const { values, vectors } = principalAxes(Float64Array.of(2, 1, 0, 1, 2, 0, 0, 0, 5), 3);
    expect([...values].map((v) => Number(v.toFixed(9)))).toEqual([5, 3, 1]);
    // column 1 is (1, 1, 0) / sqrt 2
    for (const [i, v] of [Math.SQRT1_2, Math.SQRT1_2, 0].entries()) expect(vectors[3 * i + 1]).toBeCloseTo(v, 9);
  });
});
