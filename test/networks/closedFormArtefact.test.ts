import { beforeAll, describe, expect, it } from 'vitest';
import { createRandom } from '../../src/core/random.js';
import type { ClosedForm } from '../../src/networks/closedForm.js';
import { closedFormFromParts, closedFormToParts } from '../../src/networks/closedFormArtefact.js';
import { fitFeatureMap, population } from '../../src/networks/featureMap.js';
import { trainClosedForm } from '../../src/networks/trainClosedForm.js';
import { readSafetensors, writeSafetensors } from '../../src/surrogate/safetensors.js';
import { smallDataset, trainingTasks } from './smallDataset.js';
import { measurements, unseenNetworks } from './smallModel.js';

type Parts = ReturnType<typeof closedFormToParts>;
// biome-ignore lint/suspicious/noExplicitAny: parts are unknown by design; the tests damage them
type Damage = (p: { head: any; scaler: any; tensors: Parts['tensors'] }) => void;

let model: ClosedForm, parts: Parts;
beforeAll(() => {
  const data = smallDataset(24);
  const map = fitFeatureMap('nasbench201', population('nasbench201', createRandom(2), 200));
  model = trainClosedForm(map, data.workloads, trainingTasks(data), { random: createRandom(1), trials: 1 });
  parts = closedFormToParts(model);
});
/** As it comes from files. */
const stored = (): Parts => ({
  ...(JSON.parse(JSON.stringify({ head: parts.head, scaler: parts.scaler })) as Pick<Parts, 'head' | 'scaler'>),
  tensors: readSafetensors(writeSafetensors(parts.tensors)),
});
const read = (p: Parts) => closedFormFromParts('nasbench201', p.head, p.scaler, p.tensors, undefined, 'folder');

describe('a closed-form model as parts', () => {
  it('comes back whole', () => {
    const back = read(stored());
    expect(back.state.tasks).toEqual(model.state.tasks);
    expect(back.state.tuning).toEqual(model.state.tuning);
    expect(back.name).toBe(model.name);
    expect(back.state.map.names).toEqual(model.state.map.names);
    const networks = unseenNetworks(12),
      support = measurements(networks.slice(0, 5)),
      task = { device: 'new', condition: '', target: 'latency' } as const;
    expect(back.adapt(support, task).predict(networks)).toEqual(model.adapt(support, task).predict(networks));
    expect(back.choose(networks, 4)).toEqual(model.choose(networks, 4));
  });

  it('is plain data', () => {
    expect(JSON.parse(JSON.stringify(parts.head))).toEqual(parts.head);
    expect(JSON.parse(JSON.stringify(parts.scaler))).toEqual(parts.scaler);
    expect(parts.tensors['head.weights'].shape).toEqual([6, model.state.map.width]);
  });

  it.each<[string, Damage, string]>([
    ['a missing tensor', (p) => delete p.tensors['head.weights'], 'do not fit the format'],
    ['no prior of the settings', (p) => delete p.tensors['head.logPrior'], 'do not fit the format'],
    ['one task too many', (p) => p.head.tasks.push(p.head.tasks[0]), 'for 7 tasks'],
    ['another number of features', (p) => p.scaler.columns.pop(), 'features'],
    [
      'the settings of another version',
      (p) => {
        const [sizes, settings] = p.tensors['head.logPrior'].shape;
        p.tensors['head.logPrior'] = { shape: [sizes, settings - 1], data: new Float64Array(sizes * (settings - 1)) };
      },
      'settings of this version',
    ],
    ['an unknown link', (p) => (p.head.link = 'probit'), 'link'],
    ['an unknown target', (p) => (p.head.tasks[0].target = 'beauty'), 'target'],
    ['text for a number', (p) => (p.scaler.mean[0] = '1'), 'mean'],
    ['a field that nobody knows', (p) => (p.head.code = 'process.exit()'), 'code'],
    ['no head', (p) => (p.head = null), 'do not fit the format'],
  ])('refuses %s', (_, damage, message) => {
    const bad = stored();
    damage(bad as Parameters<Damage>[0]);
    expect(() => read(bad)).toThrow(
      expect.objectContaining({
        code: 'corrupt',
        where: 'folder',
        message: expect.stringContaining(message),
        hint: 'train the model again',
      }),
    );
  });
});
