import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { sha256 } from '../../src/core/files.js';
import type { Dataset } from '../../src/dataset/dataset.js';
import { writeDataset } from '../../src/dataset/store.js';
import { parseWorkload } from '../../src/graph/workload.js';
import { loadModel } from '../../src/networks/modelFolder.js';
import { train } from '../../src/networks/train.js';
import { smallDataset, twoConditions } from './smallDataset.js';
import { type SmallModel, temporaryFolder } from './smallModel.js';

const { path, remove } = temporaryFolder();
afterAll(remove);
const tiny = () => smallDataset(10, ['gpu_a', 'gpu_graph', 'cpu_a']);
const tasksOf = (model: { info: { tasks: { device: string; target: string }[] } }) =>
  model.info.tasks.map((t) => `${t.device} ${t.target}`);

describe('train', () => {
  it('learns every task of latency and energy, and tells its progress', async () => {
    const progress: [number, number][] = [];
    const model = (await train({
      dataset: tiny(),
      method: 'closed-form',
      onProgress: (done, total) => progress.push([done, total]),
    })) as SmallModel;
    expect(model.info).toMatchObject({ method: 'closed-form', domain: 'nasbench201', seed: 1, excludedDevices: [] });
    expect(tasksOf(model)).toEqual(['gpu_a latency', 'gpu_a energy', 'gpu_graph latency', 'cpu_a latency', 'cpu_a energy']);
    expect(progress.length).toBeGreaterThan(0);
    expect(progress.at(-1)![0]).toBe(progress.at(-1)![1]);
    expect(progress.every(([done, total], i) => done <= total && done >= (progress[i - 1]?.[0] ?? 0))).toBe(true);
  });

  it('leaves out every task of an excluded device: no number of it gets in', async () => {
    const model = (await train({ dataset: tiny(), excludeDevices: ['cpu_a'], method: 'closed-form' })) as SmallModel;
    expect(tasksOf(model)).toEqual(['gpu_a latency', 'gpu_a energy', 'gpu_graph latency']);
    expect(model.info.excludedDevices).toEqual(['cpu_a']);
    const changed = tiny();
    for (const t of changed.tasks) if (t.device === 'cpu_a') t.values.forEach((v, i) => (t.values[i] = 7 * v + i));
    const again = (await train({ dataset: changed, excludeDevices: ['cpu_a'], method: 'closed-form' })) as SmallModel;
    expect(again.learner.state).toMatchObject({ tasks: model.learner.state.tasks, tuning: model.learner.state.tuning });
  });

  it('learns the wanted targets alone', async () => {
    expect(tasksOf(await train({ dataset: tiny(), targets: ['energy'], method: 'closed-form' }))).toEqual([
      'gpu_a energy',
      'cpu_a energy',
    ]);
  });

  it('joins datasets by network and task', async () => {
    const a = tiny(),
      b = smallDataset(10, ['phone']);
    b.workloads.reverse();
    const phone = b.tasks[0];
    phone.rows = phone.rows.map((r) => 9 - r);
    const joined = (await train({ dataset: [a, b], method: 'closed-form' })) as SmallModel;
    expect(tasksOf(joined)).toContain('phone latency');
    expect(joined.info.tasks.every((t) => t.networks === 10)).toBe(true);
    expect(joined.info.datasets.map((d) => d.name)).toEqual(['small', 'small']);
    const whole = smallDataset(10, ['gpu_a', 'gpu_graph', 'cpu_a', 'phone']);
    whole.tasks[5].values.set(phone.values);
    const once = (await train({ dataset: whole, method: 'closed-form' })) as SmallModel;
    expect(joined.learner.state.tasks).toEqual(once.learner.state.tasks);
  });

  it('the same dataset twice counts once, from memory or from a folder', async () => {
    await writeDataset(path('twice'), tiny());
    const once = (await train({ dataset: tiny(), method: 'closed-form' })) as SmallModel;
    for (const dataset of [
      [tiny(), tiny()],
      [path('twice'), tiny(), path('twice')],
    ]) {
      const model = (await train({ dataset, method: 'closed-form' })) as SmallModel;
      expect(model.info).toEqual({ ...once.info, datasets: dataset.map(() => expect.objectContaining({ name: 'small' })) });
      expect(model.learner.state.tasks).toEqual(once.learner.state.tasks);
      expect(model.learner.state.tuning).toEqual(once.learner.state.tuning);
      expect(model.metrics).toEqual(once.metrics);
    }
  });

  it('refuses two values of one measurement, naming both', async () => {
    const other = tiny();
    other.card.name = 'other';
    other.tasks[0].values[3] *= 2;
    const [value, twice] = [tiny(), other].map((d) => d.tasks[0].values[3]);
    await expect(train({ dataset: [tiny(), other], method: 'closed-form' })).rejects.toMatchObject({
      name: 'HwcastError',
      code: 'bad-input',
      message: `two values of 'gpu_a:latency' for workload '${other.workloads[3].id}': ${value} in 'small', ${twice} in 'other'`,
      where: 'other, task gpu_a:latency, row 4',
    });
  });

  it('reads tables of measurements by their path', async () => {
    const data = tiny(),
      lines = data.tasks
        .filter((t) => t.target === 'latency')
        .flatMap((t) => Array.from(t.rows, (row, i) => `${data.workloads[row].id},${t.device},${t.values[i]}\n`));
    writeFileSync(path('measured.csv'), `workload,device,latency_s\n${lines.join('')}`);
    const model = (await train({ dataset: path('measured.csv'), method: 'closed-form' })) as SmallModel,
      direct = (await train({ dataset: data, targets: ['latency'], method: 'closed-form' })) as SmallModel;
    expect(model.info.datasets.map((d) => d.sha256)).toEqual([sha256(readFileSync(path('measured.csv')))]);
    expect(tasksOf(model).sort()).toEqual(['cpu_a latency', 'gpu_a latency', 'gpu_graph latency']);
    expect(model.info.tasks.map((t) => t.networks)).toEqual([10, 10, 10]);
    for (const device of ['cpu_a', 'gpu_a', 'gpu_graph']) {
      const [level, expected] = [model, direct].map((m) => m.learner.state.tasks.find((t) => t.device === device)!.level);
      expect(level / expected).toBeCloseTo(1, 12);
    }
  });

  it('the conditions of a device are tasks of their own', async () => {
    const model = (await train({ dataset: twoConditions(12), method: 'closed-form' })) as SmallModel;
    expect(model.info.tasks.map((t) => `${t.device} ${t.condition} ${t.target}`)).toEqual([
      'gpu_a eager latency',
      'gpu_a eager energy',
      'gpu_a graph latency',
      'cpu_a  latency',
      'cpu_a  energy',
      'phone  latency',
    ]);
    expect(model.learner.state.tasks.slice(0, 3).map((t) => t.id)).toEqual([
      'gpu_a@eager:latency',
      'gpu_a@eager:energy',
      'gpu_a@graph:latency',
    ]);
    const without = await train({ dataset: twoConditions(12), excludeDevices: ['gpu_a'], method: 'closed-form' });
    expect(tasksOf(without)).toEqual(['cpu_a latency', 'cpu_a energy', 'phone latency']);
  });

  it('reads folders and remembers their hash', async () => {
    await writeDataset(path('data'), tiny());
    const model = await train({ dataset: path('data'), out: path('model'), method: 'closed-form' });
    expect(model.info.datasets).toEqual([
      { name: 'small', licence: 'CC0-1.0', sha256: sha256(readFileSync(path('data/dataset.json'))) },
    ]);
    expect((await loadModel(path('model'))).info).toEqual(model.info);
  });

  describe('a dataset of several spaces', () => {
    const mixed = (): Dataset => {
      const data = smallDataset(12, ['gpu_a', 'cpu_a']);
      const chains = Array.from({ length: 4 }, (_, i) => parseWorkload(`fbnet:${String(i).repeat(22)}`));
      data.workloads.push(...chains);
      data.tasks.push({
        ...data.tasks[0],
        device: 'gpu_b',
        rows: Int32Array.of(12, 13, 14, 15),
        values: Float64Array.of(1, 2, 3, 4),
        spread: new Float64Array(4).fill(Number.NaN),
        repeats: new Int32Array(4),
      });
      return data;
    };

    it('trains on the one with most measurements, and says so', async () => {
      const warnings: string[] = [];
      const model = await train({ dataset: mixed(), method: 'closed-form', onWarning: (w) => warnings.push(w) });
      expect(model.info.domain).toBe('nasbench201');
      expect(tasksOf(model).some((t) => t.startsWith('gpu_b'))).toBe(false);
      expect(warnings).toEqual(['the dataset holds nasbench201, fbnet; training on nasbench201 (choose with --space)']);
    });

    it('or on the one that is named', async () => {
      const model = await train({ dataset: mixed(), method: 'closed-form', space: 'fbnet' });
      expect(model.info).toMatchObject({ domain: 'fbnet', tasks: [{ device: 'gpu_b', networks: 4 }] });
    });

    it('refuses one that it does not hold', async () => {
      await expect(train({ dataset: mixed(), space: 'ofa' })).rejects.toMatchObject({
        code: 'bad-input',
        message: "the dataset has no measurement of space 'ofa'",
        hint: 'it has nasbench201, fbnet',
      });
    });
  });

  it.each<[string, () => Parameters<typeof train>[0], Record<string, unknown>]>([
    [
      'an unknown method',
      () => ({ dataset: tiny(), method: 'oracle' }),
      { code: 'not-found', message: expect.stringMatching(/^no method 'oracle'; known: .*closed-form/) },
    ],
    [
      'an unknown device to leave out',
      () => ({ dataset: tiny(), excludeDevices: ['gpu_aa'] }),
      { code: 'not-found', hint: expect.stringContaining('gpu_a') },
    ],
    [
      'all devices left out',
      () => ({ dataset: smallDataset(8, ['phone']), excludeDevices: ['phone'] }),
      { code: 'bad-input', message: 'no measurement of latency or energy left to train on', hint: 'excluded: phone' },
    ],
    [
      'a target nobody measured',
      () => ({ dataset: tiny(), targets: ['lut'] }),
      { code: 'bad-input', message: 'no measurement of lut left to train on' },
    ],
    ['no dataset', () => ({ dataset: [] }), { code: 'usage' }],
    ['a folder that is not there', () => ({ dataset: path('nowhere') }), { code: 'not-found' }],
    [
      'an empty dataset',
      () => ({ dataset: { ...tiny(), workloads: [], tasks: [] } }),
      { code: 'bad-input', message: expect.stringContaining('no measurement of any network') },
    ],
  ])('refuses %s', async (_, options, expected) => {
    await expect(train(options())).rejects.toMatchObject({ name: 'HwcastError', ...expected });
  });
  it('refuses a method named like a property of every object', async () => {
    await expect(train({ dataset: tiny(), method: 'constructor' })).rejects.toMatchObject({ code: 'not-found' });
  });

  it('refuses a folder of something else before it trains', async () => {
    writeFileSync(path('taken'), 'x');
    let trained = false;
    const run = train({ dataset: tiny(), method: 'closed-form', out: path('taken'), onProgress: () => (trained = true) });
    await expect(run).rejects.toMatchObject({ code: 'bad-input' });
    expect(trained).toBe(false);
  });
});
