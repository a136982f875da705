import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { adapt } from '../../src/networks/adapter.js';
import { saveModel } from '../../src/networks/modelFolder.js';
import { predict, predictorFor } from '../../src/networks/predict.js';
import { train } from '../../src/networks/train.js';
import { intervalsOf } from '../../src/surrogate/predictor.js';
import { lawValue, twoConditions } from './smallDataset.js';
import { measurements, type SmallModel, temporaryFolder, trainSmall, unseenNetworks } from './smallModel.js';

const networks = unseenNetworks(14);
const { path, remove } = temporaryFolder();
let model: SmallModel;
beforeAll(async () => {
  model = await trainSmall();
  saveModel(path('model'), model);
  await adapt({ model: path('model'), device: 'mine', support: measurements(networks.slice(0, 8)), out: path('mine.json') });
  await adapt({
    model: path('model'),
    device: 'mine',
    target: 'energy',
    support: measurements(networks.slice(0, 8), 'cpu_a', 'energy'),
    out: path('energy.json'),
  });
});
afterAll(remove);

describe('where a value comes from', () => {
  it('an adapter: adapted, in its own target and device', async () => {
    const { predictor, task } = await predictorFor({ adapter: path('mine.json') });
    expect(task).toEqual({ device: 'mine', condition: '', target: 'latency' });
    const latency = intervalsOf(predictor.predict(networks), 'latency');
    expect(latency.every((e) => e.provenance === 'adapted' && e.unit === 's')).toBe(true);
    const energy = await predictorFor({ adapter: path('energy.json'), target: 'energy' });
    expect(energy.task.target).toBe('energy');
    expect(energy.predictor.predict(networks)[0].targets).toMatchObject({ energy: { unit: 'J', provenance: 'adapted' } });
  });

  it('what adapt gave, as its file', async () => {
    const mine = await adapt({ model, device: 'mine', support: measurements(networks.slice(0, 8)) });
    expect(await predict(networks, { adapter: mine })).toEqual(await predict(networks, { adapter: path('mine.json') }));
    expect(await predict(networks, { adapter: path('mine.json'), model })).toEqual(await predict(networks, { adapter: mine }));
  });

  it('an adapter of another device or condition than asked for is refused', async () => {
    await expect(predictorFor({ adapter: path('mine.json'), device: 'gpu_a' })).rejects.toMatchObject({
      code: 'bad-input',
      message: "the adapter is of device 'mine', not of 'gpu_a'",
    });
    await expect(predictorFor({ adapter: path('mine.json'), condition: 'b256' })).rejects.toMatchObject({ code: 'bad-input' });
    expect((await predictorFor({ adapter: path('mine.json'), device: 'mine' })).task.device).toBe('mine');
  });

  it('a device of the model: surrogate, without a warning', async () => {
    const [p] = await predict([networks[0]], { model: path('model'), device: 'gpu_a' });
    expect(p).toMatchObject({ targets: { latency: { provenance: 'surrogate', unit: 's' } }, warnings: [], assumptions: [] });
    expect(intervalsOf([p], 'latency')[0].value / lawValue('gpu_a', 'latency', networks[0])).toBeCloseTo(1, 0);
    expect((await predict([networks[0]], { model, device: 'gpu_a', target: 'energy' }))[0].targets).toMatchObject({
      energy: { provenance: 'surrogate', unit: 'J' },
    });
  });

  it('a device of the catalogue: analytical, with its warning, also beside a model that does not know it', async () => {
    for (const options of [{ device: 'RTX-2080Ti' }, { device: 'RTX-2080Ti', model: path('model') }]) {
      const [p] = await predict([networks[0]], options);
      expect(p.targets).toMatchObject({ latency: { provenance: 'analytical', unit: 's' } });
      expect(p.warnings[0]).toMatch(/^no measurement of this device/);
    }
  });
});

describe('predict', () => {
  it('takes text and objects, in order', async () => {
    const p = await predict(['nasbench201:#9', networks[0], networks[1].id], { model, device: 'cpu_a' });
    expect(p).toHaveLength(3);
    const trained = model.trained({ device: 'cpu_a', condition: '', target: 'latency' });
    expect(p[1]).toEqual(trained.predict([networks[0]])[0]);
    expect(p[2]).toEqual(trained.predict([networks[1]])[0]);
  });

  it('takes a file of workloads by its path: a list, CSV or JSON lines', async () => {
    const three = networks.slice(0, 3),
      expected = await predict(three, { model, device: 'cpu_a' });
    writeFileSync(path('list.txt'), three.map((w) => `${w.id}\n`).join(''));
    writeFileSync(path('list.csv'), `note,workload\n${three.map((w) => `x,${w.id}\n`).join('')}`);
    writeFileSync(path('list.jsonl'), three.map((w) => `${JSON.stringify({ workload: w.id })}\n`).join(''));
    for (const file of ['list.txt', 'list.csv', 'list.jsonl'])
      expect(await predict(path(file), { model, device: 'cpu_a' }), file).toEqual(expected);
    await expect(predict('nasbench201:#9', { model, device: 'cpu_a' })).rejects.toMatchObject({
      code: 'not-found',
      message: expect.stringContaining('workload file'),
    });
  });

  it('batch and type reach the roofline', async () => {
    const at = async (options: object) =>
      intervalsOf(await predict([networks[0]], { device: 'T4', ...options }), 'latency')[0].value;
    expect(await at({ batch: 64 })).toBeGreaterThan(await at({}));
    expect(await at({ batch: 64, dtype: 'fp16' })).toBeLessThan(await at({ batch: 64 }));
  });

  it.each<[string, Parameters<typeof predictorFor>[0], Record<string, unknown>]>([
    [
      'an unknown device',
      { device: 'gpu_aa', model: 'MODEL' },
      {
        code: 'not-found',
        message: expect.stringContaining("unknown device 'gpu_aa'"),
        hint: expect.stringMatching(/close names: .*gpu_a/),
      },
    ],
    [
      'an unknown device without a model',
      { device: 'titan rtxx' },
      { code: 'not-found', hint: expect.stringContaining('Titan-RTX') },
    ],
    [
      'no device',
      { model: 'MODEL' },
      {
        code: 'usage',
        message: 'which device? give --adapter ADAPTER or --device ID',
        hint: expect.stringContaining('gpu_a, gpu_graph, cpu_a, phone'),
      },
    ],
    ['nothing at all', {}, { code: 'usage' }],
    [
      'a model that is not there',
      { model: '/nowhere', device: 'gpu_a' },
      { code: 'not-found', message: "no model in '/nowhere'" },
    ],
    [
      'an adapter of another target',
      { adapter: 'ADAPTER', target: 'energy' },
      { code: 'bad-input', message: 'the adapter predicts latency, not energy', hint: 'adapt with a support file of energy' },
    ],
    ['a target the roofline does not give', { device: 'T4', target: 'lut' }, { code: 'unsupported' }],
  ])('refuses %s', async (_, options, expected) => {
    const real = {
      ...options,
      ...(options.model === 'MODEL' && { model: path('model') }),
      ...(options.adapter && { adapter: path('mine.json') }),
    };
    await expect(predictorFor(real)).rejects.toMatchObject({ name: 'HwcastError', ...expected });
  });

  it('refuses a wrong workload', async () => {
    await expect(predict(['nasbench201:#99999'], { device: 'T4' })).rejects.toMatchObject({ code: 'bad-input' });
  });
});

describe('a device with two conditions', () => {
  const values = (predictions: Awaited<ReturnType<typeof predict>>) => intervalsOf(predictions, 'latency').map((e) => e.value);
  let both: SmallModel;
  beforeAll(async () => {
    both = (await train({ dataset: twoConditions(), method: 'closed-form', out: path('both') })) as SmallModel;
  });

  it('is refused where none is named, naming both', async () => {
    await expect(predictorFor({ model: both, device: 'gpu_a' })).rejects.toMatchObject({
      name: 'HwcastError',
      code: 'usage',
      message: "the model knows 2 conditions of 'gpu_a': gpu_a@eager:latency, gpu_a@graph:latency",
      hint: "give --condition, one of 'eager', 'graph'",
    });
  });

  it('predicts the named one, from memory and from the folder', async () => {
    const { task } = await predictorFor({ model: both, device: 'gpu_a', condition: 'graph' });
    expect(task).toEqual({ device: 'gpu_a', condition: 'graph', target: 'latency' });
    const predictions = {
      eager: await predict(networks, { model: both, device: 'gpu_a', condition: 'eager' }),
      graph: await predict(networks, { model: both, device: 'gpu_a', condition: 'graph' }),
    };
    expect(predictions.graph).toEqual(both.trained(task).predict(networks));
    expect(await predict(networks, { model: path('both'), device: 'gpu_a', condition: 'graph' })).toEqual(predictions.graph);
    const error = (of: number[], device: 'gpu_a' | 'gpu_graph') =>
      of.map((v, i) => Math.abs(v / lawValue(device, 'latency', networks[i]) - 1)).sort((a, b) => a - b)[networks.length >> 1];
    expect(error(values(predictions.eager), 'gpu_a')).toBeLessThan(0.05);
    expect(error(values(predictions.graph), 'gpu_graph')).toBeLessThan(0.05);
    expect(error(values(predictions.eager), 'gpu_graph')).toBeGreaterThan(0.5);
  });

  it('needs no name where one condition alone has the target', async () => {
    const { task } = await predictorFor({ model: both, device: 'gpu_a', target: 'energy' });
    expect(task).toEqual({ device: 'gpu_a', condition: 'eager', target: 'energy' });
  });

  it('does not know a third', async () => {
    await expect(predictorFor({ model: both, device: 'gpu_a', condition: 'compiled' })).rejects.toMatchObject({
      code: 'not-found',
      message: "the model does not know 'gpu_a' under condition 'compiled'",
      hint: "give --condition, one of 'eager', 'graph'",
    });
    await expect(predictorFor({ model: both, device: 'cpu_a', condition: 'eager' })).rejects.toMatchObject({ code: 'not-found' });
    expect((await predictorFor({ model: both, device: 'cpu_a', condition: '' })).task.condition).toBe('');
  });
});
