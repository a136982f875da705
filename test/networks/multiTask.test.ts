import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../../src/core/random.js';
import { median } from '../../src/core/statistics.js';
import type { Dataset, TaskData } from '../../src/dataset/dataset.js';
import { runtimeKind } from '../../src/dataset/dataset.js';
import type { Target } from '../../src/graph/targets.js';
import type { Workload } from '../../src/graph/workload.js';
import { loadModel } from '../../src/networks/modelFolder.js';
import type { MultiTask } from '../../src/networks/multiTask.js';
import { train } from '../../src/networks/train.js';
import { hardwareOf } from '../../src/networks/trainMultiTask.js';
import { estimateOf } from '../../src/surrogate/predictor.js';
import { checkPredictor } from '../surrogate/checkPredictor.js';

const MODELS = 60;
const workloads = Array.from({ length: MODELS }, (_, i): Workload => {
  const random = createRandom(`model ${i}`);
  const macs = Math.exp(19 + 2 * random.normal());
  return {
    id: `timm:${i % 3 ? 'resnet' : 'vit'}${i}@224`,
    facts: { macs, params: macs / 100, activations: Math.exp(15 + random.normal()), inputSize: [3, 224, 224] },
  };
});
/** Seconds of a model on a made-up device: arithmetic and traffic, and a factor that is the model's own on all devices and on this one. */
function seconds(device: string, rate: number, bandwidth: number): Float64Array {
  const random = createRandom(device);
  return Float64Array.from(workloads, ({ facts }, i) => {
    const own = 0.2 * createRandom(`own ${i}`).normal() + 0.03 * random.normal();
    return ((facts!.macs! / rate + facts!.activations! / bandwidth) * Math.exp(own)) / 2;
  });
}
const task = (device: string, rate: number, bandwidth: number): TaskData => ({
  device,
  condition: 'c',
  target: 'latency',
  rows: Int32Array.from(workloads, (_, i) => i),
  values: seconds(device, rate, bandwidth),
  spread: new Float64Array(MODELS).fill(Number.NaN),
  repeats: new Int32Array(MODELS),
});
const tasks = [
  task('board a', 1e11, 1e9),
  task('board b', 3e11, 1e9),
  task('board c', 1e11, 4e9),
  task('board d (2 GHz)', 5e10, 2e9),
  task('board e', 2e11, 5e8),
];
const condition = { c: { framework: 'ncnn', backend: 'cpu' } };
const dataset: Dataset = {
  card: {
    name: 'made up',
    source: 'test',
    licence: 'CC0',
    devices: Object.fromEntries(tasks.map((t) => [t.device, { conditions: condition }])),
    noise: {},
    notes: [],
  },
  workloads,
  tasks,
  splits: {},
};
const NEW = { device: 'new', condition: '', target: 'latency' as const },
  truth = seconds('new', 1.5e11, 1.5e9);
const row = (i: number) => ({ workload: workloads[i], value: truth[i] });
const TEN = [0, 7, 11, 19, 23, 31, 37, 41, 52, 58],
  OTHERS = workloads.map((_, i) => i).filter((i) => !TEN.includes(i));
const trained = train({ dataset });
const learner = async () => (await trained).learner as MultiTask;
const errorOf = (values: readonly number[], rows: readonly number[]) =>
  median(values.map((v, j) => Math.abs(v / truth[rows[j]] - 1)));

describe('multi-task', () => {
  it('says which errors go together: those of models of one family more than of different ones', async () => {
    const adapted = (await learner()).adapt(TEN.map(row), NEW),
      n = OTHERS.length,
      correlation = adapted.correlation!(OTHERS.map((i) => workloads[i]));
    const pairs = OTHERS.flatMap((a, i) =>
      OTHERS.slice(0, i).map((b, j) => ({ isKin: a % 3 > 0 === b % 3 > 0, c: correlation[i * n + j] })),
    );
    const meanOf = (isKin: boolean) => {
      const of = pairs.filter((p) => p.isKin === isKin).map((p) => p.c);
      return of.reduce((a, c) => a + c, 0) / of.length;
    };
    expect([...correlation].every((c) => Math.abs(c) <= 1)).toBe(true);
    expect(OTHERS.every((_, i) => correlation[i * n + i] === 1)).toBe(true);
    expect(meanOf(true)).toBeGreaterThan(meanOf(false));
  });

  it('is what real models are trained with unless told', async () => {
    expect((await trained).info).toMatchObject({ method: 'multi-task', domain: 'models' });
  });

  it('predicts a new device within a few percent from ten measurements, far better than arithmetic alone', async () => {
    const predictor = (await learner()).adapt(TEN.map(row), NEW);
    const predictions = predictor.predict(OTHERS.map((i) => workloads[i])).map((p) => estimateOf(p, 'latency'));
    expect(
      errorOf(
        predictions.map((p) => p.value),
        OTHERS,
      ),
    ).toBeLessThan(0.08);
    const covered = predictions.filter((p, j) => p.low! <= truth[OTHERS[j]] && truth[OTHERS[j]] <= p.high!).length;
    expect(covered / OTHERS.length).toBeGreaterThan(0.75);
  });

  it('predicts a model of no measurement from what is known of it', async () => {
    const known: Dataset = {
      ...dataset,
      tasks: tasks.map((t) => ({
        ...t,
        rows: t.rows.slice(0, 50),
        values: t.values.slice(0, 50),
        spread: t.spread.slice(0, 50),
        repeats: t.repeats.slice(0, 50),
      })),
    };
    const model = await train({ dataset: known });
    const predictor = model.learner.adapt([0, 7, 11, 19, 23, 31, 37, 41].map(row), NEW),
      unseen = [50, 51, 53, 54, 55, 56, 57, 59];
    const values = predictor.predict(unseen.map((i) => workloads[i])).map((p) => estimateOf(p, 'latency').value);
    expect(errorOf(values, unseen)).toBeLessThan(0.45);
  });

  it('counts a measurement less that the others contradict', async () => {
    const disturbed = TEN.map((i, j) => ({ ...row(i), value: truth[i] * (j === 4 ? 8 : 1) }));
    const values = (await learner())
      .adapt(disturbed, NEW)
      .predict(OTHERS.map((i) => workloads[i]))
      .map((p) => estimateOf(p, 'latency').value);
    expect(errorOf(values, OTHERS)).toBeLessThan(0.15);
  });

  it('chooses different workloads, none that was measured, and continues its own choice', async () => {
    const model = await learner(),
      ten = model.choose(workloads, 10);
    expect(new Set(ten.map((w) => w.id)).size).toBe(10);
    const first = ten.slice(0, 4),
      rest = workloads.filter((w) => !first.includes(w));
    expect(model.choose(rest, 6, first).map((w) => w.id)).toEqual(ten.slice(4).map((w) => w.id));
  });

  it('chooses for the target that is asked, and refuses one that it did not learn', async () => {
    // memory that has nothing to do with time
    const memory = tasks.map((t, k) => ({
      ...t,
      target: 'peak_memory' as const,
      values: t.values.map(
        (_, i) => 1e8 * Math.exp(createRandom(`memory ${i}`).normal() + 0.1 * createRandom(`${k} ${i}`).normal()),
      ),
    }));
    const model = (await train({ dataset: { ...dataset, tasks: [...tasks, ...memory] } })).learner as MultiTask;
    const of = (target?: Target) => model.choose(workloads, 5, [], target).map((w) => w.id);
    expect(of()).toEqual(of('latency'));
    expect(of('peak_memory')).not.toEqual(of('latency'));
    expect(() => of('energy')).toThrow(/not trained on energy/);
  });

  it('does not choose the slowest only', async () => {
    const times = (await learner()).choose(workloads, 10).map((w) => truth[workloads.indexOf(w)]);
    expect(median(times)).toBeLessThan(2 * median(truth));
  });

  it('gives what was measured of a trained task, and the rest as surrogate', async () => {
    const model = await trained;
    const asked = [workloads[3], { id: 'timm:resnet999@224', facts: { macs: 1e9, params: 1e7 } }];
    const [measured, other] = model
      .trained(tasks[0])
      .predict(asked)
      .map((p) => estimateOf(p, 'latency'));
    expect(measured.value).toBeCloseTo(tasks[0].values[3], 12);
    expect([measured.provenance, other.provenance]).toEqual(['measured', 'surrogate']);
  });

  it('refuses a name of which it knows nothing, with close ones, and a target that it did not learn', async () => {
    const model = await learner();
    expect(() => model.adapt(TEN.map(row), NEW).predict([{ id: 'timm:resnet1@225', facts: {} }])).toThrow(
      /nothing is known of the model 'timm:resnet1@225'/,
    );
    expect(() => model.adapt(TEN.map(row), { ...NEW, target: 'energy' })).toThrow(/not trained on energy/);
  });
});

checkPredictor('multi-task, adapted,', async () => (await learner()).adapt(TEN.map(row), NEW), {
  targets: ['latency'],
  provenance: 'adapted',
  workloads: () => OTHERS.slice(0, 8).map((i) => workloads[i]),
  unsupported: { id: 'timm:of which nothing is known', facts: {} },
  tolerance: 1e-9,
  async reload() {
    const out = join(mkdtempSync(join(tmpdir(), 'hwcast-')), 'model');
    await train({ dataset, out });
    return ((await loadModel(out)).learner as MultiTask).adapt(TEN.map(row), NEW);
  },
});

describe('names of devices and runtimes', () => {
  it('takes revisions, clocks and a maker for one hardware', () => {
    expect(['ZCU102 (0432055-05)', 'rtx4090', '4090', 'Pi 5 [2024]'].map(hardwareOf)).toEqual(['zcu102', '4090', '4090', 'pi 5']);
  });

  it('takes versions out of a kind of runtime', () => {
    expect(runtimeKind({ framework: 'pytorch', backend: 'cu128', execution: 'dynamo' })).toBe('pytorch cu dynamo');
    expect(runtimeKind({ framework: 'ncnn', backend: 'vulkan, device 0' })).toBe('ncnn vulkan');
    expect(runtimeKind(undefined)).toBe('');
  });
});
