import { beforeAll, describe, expect, it } from 'vitest';
import { createRandom } from '../../../src/core/random.js';
import { spearman } from '../../../src/core/statistics.js';
import { fbnet } from '../../../src/graph/spaces/fbnet.js';
import { nasbench201 } from '../../../src/graph/spaces/nasbench201.js';
import { ofa } from '../../../src/graph/spaces/ofa.js';
import type { Arch, Space } from '../../../src/graph/spaces/space.js';
import { adaptHelp, predictHelp } from '../../../src/surrogate/help/adaptHelp.js';
import { deviceScale, NetworkCodes } from '../../../src/surrogate/help/helpData.js';
import { helpEncoding } from '../../../src/surrogate/help/helpEncoding.js';
import { helpShape, loadHelp, saveHelp } from '../../../src/surrogate/help/helpModel.js';
import { helpSpecs, modulationSize } from '../../../src/surrogate/help/helpNetwork.js';
import { outerLoss } from '../../../src/surrogate/help/outerLoss.js';
import { type HelpState, trainHelp } from '../../../src/surrogate/help/trainHelp.js';
import type { MetaTask } from '../../../src/surrogate/metaTraining/metaTask.js';
import { initBackend } from '../../../src/tensor/backend.js';
import { Parameters } from '../../../src/tensor/parameters.js';
import { parameterTensors, valueAndGradient } from '../../../src/tensor/parameterTensors.js';
import { tf } from '../../../src/tensor/tf.js';
import { slopes } from '../../tensor/finiteDifference.js';

beforeAll(() => initBackend('wasm'));

const draw = (space: Space, count: number, seed: number | string = 0): Arch[] => {
  const random = createRandom(seed);
  return Array.from({ length: count }, () => space.draw(random.next));
};

/** Devices whose seconds are a sum over the operators, each with costs of its own around common ones. */
function devices(space: Space, count: number, references: Arch[], networks = 60): MetaTask[] {
  const common = createRandom('common'),
    costs = Array.from({ length: space.choices[0] }, () => common.next());
  return Array.from({ length: count }, (_, d) => {
    const random = createRandom(`device ${d}`),
      own = costs.map((c) => c * (0.6 + 0.8 * random.next()));
    const seconds = (arch: Arch) => 0.01 + 0.001 * arch.reduce((sum, v) => sum + own[v], 0);
    const archs = draw(space, networks, d);
    return {
      id: `d${d}`,
      space,
      archs,
      values: Float64Array.from(archs, seconds),
      references: Float64Array.from(references, seconds),
    };
  });
}

const references = draw(nasbench201, 4, 'references');
const small = { references, width: 8, support: 5, query: 20, tasksPerEpisode: 3, episodes: 6, every: 3, seed: 1 };

describe('helpEncoding', () => {
  it('sums the operators a node of a cell receives, self loop and global node included', () => {
    const { kind, nodes, width, adjacency, encode } = helpEncoding(nasbench201);
    expect([kind, nodes, width]).toEqual(['gcn', 9, 8]);
    // row 4 (edge 0->3) receives from the input and itself; the last row, the global node, from all; no other from it
    expect([...adjacency!.slice(4 * 9, 5 * 9)]).toEqual([1, 0, 0, 0, 1, 0, 0, 0, 0]);
    expect([...adjacency!.slice(8 * 9)]).toEqual([1, 1, 1, 1, 1, 1, 1, 1, 1]);
    // classes: input, none, skip, 1x1, 3x3, pool, output, global
    const code = encode([3, 3, 2, 1, 0, 4]);
    expect([...code.slice(0, 8)]).toEqual([1, 0, 0, 0, 0, 0, 0, 0]); // the input node receives itself
    expect([...code.slice(7 * 8, 8 * 8)]).toEqual([0, 1, 1, 0, 0, 1, 1, 0]); // output: edges 0->3, 1->3, 2->3 and itself
    expect([...code.slice(8 * 8)]).toEqual([1, 1, 1, 1, 2, 1, 1, 1]);
  });

  it('writes FBNet as 22 x 6 bits and OFA as 145', () => {
    const code = helpEncoding(fbnet).encode(fbnet.parse('8800000000000000000007'));
    expect([...code.slice(0, 18)]).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1, 0, 0, 0]);
    expect([...code.slice(126)]).toEqual([0, 1, 0, 0, 0, 1]);
    const arch = ofa.parse(`224,22222,${'7'.repeat(20)},${'6'.repeat(20)}`),
      bits = helpEncoding(ofa).encode(arch);
    expect(bits).toHaveLength(145);
    expect([...bits.slice(0, 12)]).toEqual([0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]); // two layers of four exist
    expect(bits.reduce((a, b) => a + b, 0)).toBe(21);
  });
});

describe('gradient of meta-training', () => {
  const shape = helpShape(nasbench201, 4, 4),
    networks = new NetworkCodes(shape),
    names = helpSpecs(shape);
  const parameters = Parameters.create(names, 5);
  // larger weights and rates than at the start of training, so that the second order counts
  for (const { name } of names)
    parameters.view(name).forEach((v, i, a) => {
      a[i] = name.startsWith('rate/') ? 0.2 + 0.1 * Math.sin(i) : name.startsWith('gc') ? 4 * v : v;
    });
  const tasks = [0, 1].map((t) => {
    const archs = draw(nasbench201, 10, t),
      y = Float32Array.from(archs, (a) => 0.1 * a[t] + 0.05 * a[3]);
    return {
      hardware: Float32Array.of(0, 0.3 + 0.2 * t, 0.6, 1),
      support: { archs: archs.slice(0, 4), y: y.slice(0, 4) },
      query: { archs: archs.slice(4), y: y.slice(4) },
    };
  });
  const noise = Float32Array.from({ length: 2 * modulationSize(4) }, (_, i) => Math.sin(i));
  const loss = (p: Record<string, tf.Tensor>) =>
    outerLoss(p, shape, networks, tasks, noise, { innerSteps: 2, klWeight: 0.01, modulationScale: 0.5 });
  const { gradient } = valueAndGradient(parameters, loss);
  const value = (p: Parameters) => tf.tidy(() => loss(parameterTensors(p)).dataSync()[0]);

  it.each([
    ['predictor', (n: string) => !n.startsWith('rate/') && !n.startsWith('z/')],
    ['rates', (n: string) => n.startsWith('rate/')],
    ['modulation', (n: string) => n.startsWith('z/')],
  ])('is that of finite differences of the outer loss: %s', (_, only) => {
    for (const seed of [1, 2, 3]) {
      const { exact, numeric } = slopes(parameters, gradient, value, 4e-3, seed, only);
      expect(Math.abs(numeric - exact)).toBeLessThan(0.03 * Math.abs(exact) + 2e-5);
    }
  });
});

describe('trainHelp', () => {
  const tasks = devices(nasbench201, 4, references);

  it('gives the same bytes for the same seed, others for another', async () => {
    const [a, b, c] = [
      await trainHelp(tasks, small),
      await trainHelp(tasks, small),
      await trainHelp(tasks, { ...small, seed: 2 }),
    ];
    expect(a.parameters.data).toEqual(b.parameters.data);
    expect(a.parameters.data).not.toEqual(c.parameters.data);
    expect(a.episode).toBe(6);
  });

  it('resumes to the bytes of an uninterrupted run', async () => {
    const states: HelpState[] = [];
    const whole = await trainHelp(tasks, { ...small, validation: [tasks[3]], onCheckpoint: (s) => states.push(s) });
    expect(states.map((s) => s.episode)).toEqual([3, 6]);
    const resumed = await trainHelp(tasks, { ...small, validation: [tasks[3]], resume: structuredClone(states[0]) });
    expect(resumed.parameters.data).toEqual(whole.parameters.data);
    expect(resumed.validationSpearman).toBe(whole.validationSpearman);
    await expect(trainHelp(tasks, { ...small, width: 9, resume: states[0] })).rejects.toMatchObject({ code: 'corrupt' });
  });

  it('leaves a checkpoint where it is interrupted', async () => {
    const stop = new AbortController(),
      states: HelpState[] = [];
    const run = trainHelp(tasks, {
      ...small,
      signal: stop.signal,
      onProgress: ({ episode }) => episode === 4 && stop.abort(),
      onCheckpoint: (s) => states.push(s),
    });
    await expect(run).rejects.toMatchObject({ code: 'interrupted', message: 'training of HELP stopped after episode 4 of 6' });
    expect(states.at(-1)!.episode).toBe(4);
    const resumed = await trainHelp(tasks, { ...small, resume: states.at(-1) });
    expect(resumed.parameters.data).toEqual((await trainHelp(tasks, small)).parameters.data);
  });

  it('says what is wrong with tasks', async () => {
    await expect(trainHelp([], small)).rejects.toThrow('no task to train on');
    await expect(trainHelp([{ ...tasks[0], references: undefined }], small)).rejects.toThrow(
      'no values of the reference networks',
    );
    await expect(trainHelp([{ ...tasks[0], references: Float64Array.of(1, 2) }], small)).rejects.toThrow(
      '2 reference values, the model has 4',
    );
    await expect(trainHelp([{ ...tasks[0], references: Float64Array.of(1, 1, 1, 1) }], small)).rejects.toThrow(
      'all 4 reference values are 1',
    );
    await expect(trainHelp([{ ...tasks[0], values: tasks[0].values.with(7, -1) }], small)).rejects.toThrow(
      /value -1 of network 7/,
    );
    await expect(trainHelp([tasks[0], { ...tasks[1], space: fbnet }], small)).rejects.toThrow(
      "networks of space 'fbnet' among those of 'nasbench201'",
    );
    await expect(trainHelp(tasks, { ...small, references: [] })).rejects.toThrow('0 reference networks');
  });
});

describe('adapted HELP', () => {
  const known = draw(nasbench201, 6, 'references'),
    tasks = devices(nasbench201, 7, known, 120),
    unseen = tasks[6];
  const trained = trainHelpOnce();
  function trainHelpOnce() {
    let model: ReturnType<typeof trainHelp> | undefined;
    return () => {
      model ??= trainHelp(tasks.slice(0, 6), {
        references: known,
        width: 16,
        episodes: 150,
        rate: 3e-3,
        every: 150,
        tasksPerEpisode: 6,
        query: 60,
      });
      return model;
    };
  }
  const support = { archs: unseen.archs.slice(0, 10), values: unseen.values.slice(0, 10) },
    rest = unseen.archs.slice(10);

  it('predicts an unseen device in seconds, the same alone as in a batch', async () => {
    const adapted = adaptHelp(await trained(), { references: unseen.references!, support });
    const predicted = predictHelp(adapted, rest);
    expect(spearman(predicted, unseen.values.slice(10))).toBeGreaterThan(0.6);
    predicted.forEach((v, i) => {
      expect(v / unseen.values[10 + i]).toBeGreaterThan(0.5);
      expect(v / unseen.values[10 + i]).toBeLessThan(2);
    });
    expect(predictHelp(adapted, [rest[3]])[0] / predicted[3]).toBeCloseTo(1, 5);
    expect(predictHelp(adapted, rest)).toEqual(predicted);
    expect(predictHelp(adapted, [])).toHaveLength(0);
  });

  it('survives saving and loading', async () => {
    const model = await trained(),
      saved = saveHelp(model),
      back = loadHelp(JSON.parse(JSON.stringify(saved.config)), saved.arrays);
    const of = (m: typeof model) => predictHelp(adaptHelp(m, { references: unseen.references!, support }), rest.slice(0, 5));
    expect(of(back)).toEqual(of(model));
    expect(() => loadHelp({ ...saved.config, width: 25 }, saved.arrays)).toThrow(/shape/);
    expect(() => loadHelp(saved.config, saved.arrays.slice(1))).toThrow(/no parameter/);
  });

  it('says what is wrong with a support set', async () => {
    const model = await trained(),
      given = { references: unseen.references!, support };
    expect(() => adaptHelp(model, { ...given, support: { archs: [], values: new Float64Array() } })).toThrow(
      'the support set is empty',
    );
    expect(() => adaptHelp(model, { ...given, support: { ...support, values: support.values.slice(1) } })).toThrow(
      '10 networks but 9 values',
    );
    expect(() => adaptHelp(model, { ...given, support: { ...support, values: support.values.with(2, 0) } })).toThrow(
      'value 0 of network 2',
    );
    expect(() => adaptHelp(model, { ...given, references: Float64Array.of(1) })).toThrow('1 reference values, the model has 6');
    expect(() => deviceScale(Float64Array.of(1, Number.NaN), 2, 'x')).toThrow('reference value NaN');
  });
});
