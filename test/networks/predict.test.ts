import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { adapt } from '../../src/networks/adapter.js';
import { saveModel } from '../../src/networks/modelFolder.js';
import { predict, predictorFor } from '../../src/networks/predict.js';
import { lawValue } from './smallDataset.js';
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
    const { predictor, target, device } = await predictorFor({ adapter: path('mine.json') });
    expect([target, device]).toEqual(['latency', 'mine']);
    expect(predictor.predict(networks).every((p) => p.provenance === 'adapted' && p.unit === 's')).toBe(true);
    const energy = await predictorFor({ adapter: path('energy.json'), target: 'energy' });
    expect(energy.target).toBe('energy');
    expect(energy.predictor.predict(networks)[0]).toMatchObject({ unit: 'J', provenance: 'adapted' });
  });

  it('a device of the model: surrogate, without a warning', async () => {
    const [p] = await predict([networks[0]], { model: path('model'), device: 'gpu_a' });
    expect(p).toMatchObject({ provenance: 'surrogate', unit: 's', warnings: [] });
    expect(p.value / lawValue('gpu_a', 'latency', networks[0])).toBeCloseTo(1, 0);
    expect((await predict([networks[0]], { model, device: 'gpu_a', target: 'energy' }))[0]).toMatchObject({
      provenance: 'surrogate',
      unit: 'J',
    });
  });

  it('a device of the catalogue: analytical, with its warning, also beside a model that does not know it', async () => {
    for (const options of [{ device: 'RTX-2080Ti' }, { device: 'RTX-2080Ti', model: path('model') }]) {
      const [p] = await predict([networks[0]], options);
      expect(p).toMatchObject({ provenance: 'analytical', unit: 's' });
      expect(p.warnings[0]).toMatch(/^no measurement of this device/);
    }
  });

  it('an adapter goes before a device', async () => {
    const { device } = await predictorFor({ adapter: path('mine.json'), device: 'RTX-2080Ti' });
    expect(device).toBe('mine');
  });
});

describe('predict', () => {
  it('takes text and objects, in order', async () => {
    const p = await predict(['nasbench201:#9', networks[0], networks[1].id], { model, device: 'cpu_a' });
    expect(p).toHaveLength(3);
    expect(p[1]).toEqual(model.trained('cpu_a', 'latency').predict([networks[0]])[0]);
    expect(p[2]).toEqual(model.trained('cpu_a', 'latency').predict([networks[1]])[0]);
  });

  it('batch and type reach the roofline', async () => {
    const at = async (options: object) => (await predict([networks[0]], { device: 'T4', ...options }))[0].value;
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
