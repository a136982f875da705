import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { sha256 } from '../../src/core/files.js';
import { VERSION } from '../../src/core/version.js';
import type { Dataset } from '../../src/dataset/dataset.js';
import { anyWorkload } from '../../src/graph/anyWorkload.js';
import { operatorGraph, parseOperatorText } from '../../src/graph/operatorText.js';
import { workloadGraph } from '../../src/graph/workload.js';
import { type Adapter, adapt, loadAdapter } from '../../src/networks/adapter.js';
import { loadModel, saveModel } from '../../src/networks/modelFolder.js';
import { train } from '../../src/networks/train.js';
import { intervalsOf } from '../../src/surrogate/predictor.js';
import { lawValue, smallDataset, twoConditions } from './smallDataset.js';
import { measurements, type SmallModel, temporaryFolder, trainSmall, unseenNetworks } from './smallModel.js';

const networks = unseenNetworks(30),
  support = measurements(networks.slice(0, 6)),
  query = networks.slice(6);
const { folder, path, remove } = temporaryFolder();
const home = process.cwd();
const adapted = (out?: string, model = path('models/small')) =>
  adapt({ model, device: 'my phone', target: 'latency', support, out });
const stored = (file: string): Adapter => JSON.parse(readFileSync(file, 'utf8'));
const task = { device: 'my phone', condition: '', target: 'latency' } as const;
/** What the checksum of an adapter file is over: everything else in it. */
const checksum = ({ sha256: _, ...content }: { sha256?: string }): string => sha256(JSON.stringify(content));

let model: SmallModel;
beforeAll(async () => {
  model = await trainSmall();
  saveModel(path('models/small'), model);
  await adapted(path('adapters/phone.json'));
});
afterEach(() => process.chdir(home));
afterAll(remove);

describe('adapt', () => {
  it('predicts as the adapted model, and the file too', async () => {
    const { predictor, adapter, ...rest } = await adapted(path('one.json'));
    expect(rest).toEqual({ task, support, metrics: adapter!.metrics, model: await loadModel(path('models/small')) });
    const expected = model.learner.adapt(support, task).predict(query);
    expect(predictor.predict(query)).toEqual(expected);
    const loaded = await loadAdapter(path('one.json'));
    expect(loaded.predictor.predict(query)).toEqual(expected);
    expect(loaded.adapter).toEqual(adapter);
    expect(loaded.task).toEqual(task);
    expect(loaded.support.map((s) => [s.workload.id, s.value])).toEqual(support.map((s) => [s.workload.id, s.value]));
    expect(loaded.metrics).toEqual(adapter!.metrics);
    expect(loaded.model.info).toEqual(model.info);
  });

  it('goes on from an adapter: old measurements times the ratio of those measured again, in the file too', async () => {
    const from = path('adapters/phone.json'),
      fresh = support.slice(0, 3).map((row) => ({ ...row, value: row.value * 1.1 }));
    const renewed = await adapt({ from, support: fresh, runtimeVersion: 'rt 2', out: path('renewed.json') });
    expect(renewed.task).toEqual(task);
    expect(renewed.drift).toMatchObject({ measured: 3, from: { measurements: 6 } });
    const { ratio } = renewed.drift!;
    expect(ratio).toBeGreaterThan(1.05);
    expect(renewed.support.map((row) => row.value / support.find((s) => s.workload.id === row.workload.id)!.value)).toEqual(
      [1.1, 1.1, 1.1, ratio, ratio, ratio].map((factor) => expect.closeTo(factor, 9)),
    );
    expect(renewed.support.map((row) => row.carried ?? false)).toEqual([false, false, false, true, true, true]);
    const loaded = await loadAdapter(path('renewed.json'));
    expect(loaded.predictor.predict(query)).toEqual(renewed.predictor.predict(query));
    expect(stored(path('renewed.json'))).toMatchObject({ runtimeVersion: 'rt 2', drift: { measured: 3 } });
    const was = intervalsOf((await loadAdapter(from)).predictor.predict(query), 'latency'),
      now = intervalsOf(renewed.predictor.predict(query), 'latency');
    expect(now.every(({ value }, i) => value > was[i].value)).toBe(true);
  });

  it('goes on without new measurements as it was, less sure', async () => {
    const from = await loadAdapter(path('adapters/phone.json')),
      renewed = await adapt({ from });
    const was = intervalsOf(from.predictor.predict(query), 'latency'),
      now = intervalsOf(renewed.predictor.predict(query), 'latency');
    const width = (estimates: typeof was) => estimates.reduce((sum, { low, high }) => sum + Math.log(high / low), 0);
    expect(width(now)).toBeGreaterThan(width(was));
    expect(renewed.drift).toMatchObject({ ratio: 1, measured: 0 });
    await expect(adapt({ from, support, target: 'energy' })).rejects.toMatchObject({
      code: 'bad-input',
      message: 'the adapter to go on from is of latency, the measurements are of energy',
    });
    await expect(adapt({ model, device: 'd' })).rejects.toThrow('adapt needs measurements of the device');
    await expect(adapt({ device: 'd', support })).rejects.toThrow('adapt needs a model');
  });

  it('keeps what was measured, in SI, and how well each is predicted from the others', async () => {
    const file = stored(path('adapters/phone.json'));
    expect(file).toMatchObject({
      formatVersion: 2,
      kind: 'network-device',
      hwcast: VERSION,
      ...task,
      metrics: { measurements: 6 },
    });
    expect(file.date).toMatch(/^\d{4}-\d{2}-\d{2}$/);
    expect(file.sha256).toBe(checksum(file));
    expect(file.model).toEqual({ path: '../models/small', sha256: sha256(readFileSync(path('models/small/config.json'))) });
    expect(file.support).toEqual(support.map((s) => ({ workload: s.workload.id, value: s.value })));
    expect(file.metrics.leaveOneOutMedianApe).toBeGreaterThan(0);
    expect(file.metrics.leaveOneOutMedianApe).toBeLessThan(0.5);
    expect(file.metrics.leaveOneOutSpearman).toBeGreaterThan(0.5);
  });

  it('the scores are those of each measurement predicted from the rest', async () => {
    const { metrics } = await adapted();
    const errors = support.map((s, i) => {
      const rest = model.learner.adapt(
        support.filter((_, j) => j !== i),
        { ...task, device: 'x' },
      );
      return Math.abs(intervalsOf(rest.predict([s.workload]), 'latency')[0].value / s.value - 1);
    });
    errors.sort((a, b) => a - b);
    expect(metrics.leaveOneOutMedianApe).toBeCloseTo((errors[2] + errors[3]) / 2, 12);
  });

  it('does not claim a score from fewer than five', async () => {
    const { adapter } = await adapt({ model: path('models/small'), device: 'd', support: support.slice(0, 4) });
    expect(adapter!.metrics).toEqual({ measurements: 4, leaveOneOutMedianApe: null, leaveOneOutSpearman: null });
    expect(adapter!.target).toBe('latency');
  });

  it('is the same again, byte for byte', async () => {
    await adapted(path('adapters/again.json'));
    expect(readFileSync(path('adapters/again.json'))).toEqual(readFileSync(path('adapters/phone.json')));
  });

  it('keeps repeats and spread', async () => {
    const rows = support.slice(0, 3).map((s) => ({ ...s, repeats: 7, spread: 0.01 }));
    const { adapter } = await adapt({ model: path('models/small'), device: 'd', support: rows, out: path('spread.json') });
    expect(stored(path('spread.json')).support[0]).toMatchObject({ repeats: 7, spread: 0.01 });
    expect(adapter!.support[2]).toMatchObject({ repeats: 7, spread: 0.01 });
  });

  it.each<[string, () => Partial<Parameters<typeof adapt>[0]>, Record<string, unknown>]>([
    ['no measurement', () => ({ support: [] }), { code: 'bad-input', message: 'the support set is empty' }],
    ['a negative one', () => ({ support: [{ ...support[0], value: -1 }] }), { code: 'bad-input', where: 'support set, row 1' }],
    [
      'one twice',
      () => ({ support: [support[0], support[1], support[0]] }),
      { code: 'bad-input', message: expect.stringContaining('rows 1 and 3') },
    ],
    ['no model', () => ({ model: path('nowhere') }), { code: 'not-found' }],
  ])('refuses %s and writes nothing', async (_, change, expected) => {
    const out = path('refused/adapter.json');
    await expect(adapt({ model: path('models/small'), device: 'd', support, out, ...change() })).rejects.toMatchObject(expected);
    expect(() => readFileSync(out)).toThrow();
  });
});

describe('a model in memory', () => {
  it('is adapted without a file, as from its folder', async () => {
    const memory = await trainSmall();
    const result = await adapt({ model: memory, device: 'my phone', support });
    const { predictor, metrics } = await adapted();
    expect(result.adapter).toBeUndefined();
    expect(result.model).toBe(memory);
    expect([result.task, result.metrics]).toEqual([task, metrics]);
    expect(result.predictor.predict(query)).toEqual(predictor.predict(query));
  });

  it('has no adapter file, which would point nowhere, until it is saved', async () => {
    const memory = await trainSmall({ dataset: smallDataset(16, ['gpu_a', 'cpu_a']) }),
      out = path('memory/phone.json');
    const run = () => adapt({ model: memory, device: 'd', support, out });
    await expect(run()).rejects.toMatchObject({
      name: 'HwcastError',
      code: 'bad-input',
      message: 'the model is in memory only, an adapter file would point nowhere',
      where: out,
      hint: 'train with `out`, or saveModel(FOLDER, model) first',
    });
    expect(existsSync(out)).toBe(false);
    saveModel(path('memory/model'), memory);
    const { predictor, adapter } = await run();
    expect(adapter!.model.path).toBe('model');
    expect((await loadAdapter(out)).predictor.predict(query)).toEqual(predictor.predict(query));
  });
});

describe('a support file', () => {
  it('is read with its unit and its target', async () => {
    const lines = (unit: string, toUnit: number) =>
      support
        .map((s) => `${s.workload.id},${s.value * toUnit}`)
        .join('\n')
        .concat('\n')
        .replace(/^/, `workload,${unit}\n`);
    writeFileSync(path('seconds.csv'), lines('latency_s', 1));
    const { predictor, metrics } = await adapted(),
      fromFile = await adapt({ model: path('models/small'), device: 'my phone', support: path('seconds.csv') });
    expect(fromFile.task).toEqual(task);
    expect(fromFile.metrics).toEqual(metrics);
    expect(fromFile.predictor.predict(query)).toEqual(predictor.predict(query));
    writeFileSync(path('energy.csv'), lines('energy_mj', 1e3));
    const energy = await adapt({ model, device: 'd', support: path('energy.csv') });
    expect(energy.task.target).toBe('energy');
    expect(intervalsOf(energy.predictor.predict(query), 'energy').map((e) => e.unit)).toEqual(query.map(() => 'J'));
  });

  it('is refused where it lacks the target, or is not there', async () => {
    writeFileSync(path('joules.csv'), `workload,energy_j\n${support[0].workload.id},1\n`);
    await expect(adapt({ model, device: 'd', support: path('joules.csv'), target: 'latency' })).rejects.toMatchObject({
      code: 'bad-input',
      message: 'no column of measured latency in the support file',
    });
    await expect(adapt({ model, device: 'd', support: path('absent.csv') })).rejects.toMatchObject({
      code: 'not-found',
      message: expect.stringContaining('support file'),
    });
  });
});

describe('the condition', () => {
  it('is part of the task, and the file keeps it', async () => {
    const both = await train({ dataset: twoConditions(), method: 'closed-form', out: path('conditions/model') });
    const result = await adapt({ model: both, device: 'd', condition: 'graph', support, out: path('conditions/d.json') });
    expect(result.task).toEqual({ device: 'd', condition: 'graph', target: 'latency' });
    expect(stored(path('conditions/d.json')).condition).toBe('graph');
    const loaded = await loadAdapter(path('conditions/d.json'));
    expect(loaded.task).toEqual(result.task);
    expect(loaded.predictor.predict(query)).toEqual(result.predictor.predict(query));
  });
});

describe('an adapter of version 1, without kind and checksum', () => {
  /** As hwcast wrote it before adapters named their kind. */
  const first = (change: object = {}) => ({
    formatVersion: 1,
    device: 'my phone',
    target: 'latency',
    model: { path: '../models/small', sha256: sha256(readFileSync(path('models/small/config.json'))) },
    support: support.map((s) => ({ workload: s.workload.id, value: s.value })),
    metrics: { measurements: 6, leaveOneOutMedianApe: 0.03, leaveOneOutSpearman: null },
    ...change,
  });
  const written = (name: string, content: object) => {
    const file = path(`adapters/${name}.json`);
    writeFileSync(file, `${JSON.stringify(content, null, 1)}\n`);
    return file;
  };

  it('is read, and predicts as it did', async () => {
    const { predictor, adapter, task: of, metrics } = await loadAdapter(written('first', first()));
    expect(of).toEqual(task);
    expect(metrics).toEqual({ measurements: 6, leaveOneOutMedianApe: 0.03, leaveOneOutSpearman: null });
    expect(adapter).toEqual({ ...first(), condition: '', kind: 'network-device' });
    expect(predictor.predict(query)).toEqual((await adapted()).predictor.predict(query));
  });

  it.each<[string, object, Record<string, unknown>]>([
    ['a field that nobody knows', { code: 'x' }, { code: 'corrupt', message: expect.stringContaining('code') }],
    ['no measurement', { support: [] }, { code: 'bad-input', message: 'the support set is empty' }],
    ['another model', { model: { path: '../models/small', sha256: 'f'.repeat(64) } }, { code: 'bad-input' }],
    [
      'a checksum that is not its own',
      { sha256: 'f'.repeat(64) },
      { code: 'corrupt', message: expect.stringContaining('sha256 differs') },
    ],
  ])('is refused with %s', async (name, change, expected) => {
    await expect(loadAdapter(written(`first, ${name}`, first(change)))).rejects.toMatchObject({
      name: 'HwcastError',
      ...expected,
    });
  });
});

describe('the path to the model', () => {
  it('is relative to the adapter: it works from another folder, and both may move together', async () => {
    mkdirSync(path('elsewhere'));
    process.chdir(path('elsewhere'));
    const before = (await loadAdapter('../adapters/phone.json')).predictor.predict(query);
    process.chdir('/');
    expect((await loadAdapter(path('adapters/phone.json'))).predictor.predict(query)).toEqual(before);
    cpSync(path('models'), path('moved/models'), { recursive: true });
    cpSync(path('adapters'), path('moved/adapters'), { recursive: true });
    renameSync(path('models'), path('models.away'));
    try {
      expect((await loadAdapter(path('moved/adapters/phone.json'))).predictor.predict(query)).toEqual(before);
      await expect(loadAdapter(path('adapters/phone.json'))).rejects.toMatchObject({
        code: 'not-found',
        message: expect.stringContaining('no model in'),
      });
      const elsewhere = await loadAdapter(path('adapters/phone.json'), path('moved/models/small'));
      expect(elsewhere.predictor.predict(query)).toEqual(before);
    } finally {
      renameSync(path('models.away'), path('models'));
    }
  });

  it('written from relative names is relative too', async () => {
    process.chdir(folder);
    await adapted('adapters/relative.json', 'models/small');
    expect(stored('adapters/relative.json').model.path).toBe('../models/small');
    await adapted('models/small.json', './models/small/');
    expect(stored('models/small.json').model.path).toBe('small');
    process.chdir('/');
    expect((await loadAdapter(path('models/small.json'))).predictor.predict(query)).toHaveLength(query.length);
  });

  it('inside the model folder is .', async () => {
    cpSync(path('models/small'), path('inside'), { recursive: true });
    await adapted(path('inside/phone.json'), path('inside'));
    expect(stored(path('inside/phone.json')).model.path).toBe('.');
    expect((await loadAdapter(path('inside/phone.json'))).predictor.predict(query)).toHaveLength(query.length);
  });
});

describe('an adapter measured on operator graphs', () => {
  /** A model of free graphs, and the networks of the support as files in `nets`. */
  async function graphs(): Promise<string> {
    const data = smallDataset(10, ['gpu_a', 'gpu_graph', 'cpu_a']);
    data.workloads = data.workloads.map((w) => ({ id: `graph of ${w.id}`, graph: workloadGraph(w) }));
    saveModel(path('graphs/model'), await train({ dataset: data, method: 'closed-form' }));
    mkdirSync(path('graphs/nets'));
    support.forEach((s, i) => {
      writeFileSync(path(`graphs/nets/${i}.json`), JSON.stringify(workloadGraph(s.workload)));
    });
    process.chdir(path('graphs'));
    const rows = support.map((s, i) => ({ ...s, workload: anyWorkload(`nets/${i}.json`) }));
    await adapt({ model: 'model', device: 'd', support: rows, out: 'd.json' });
    return path('graphs/d.json');
  }

  it('predicts the graphs again', async () => {
    const file = await graphs();
    const [p] = intervalsOf((await loadAdapter(file)).predictor.predict([anyWorkload('nets/0.json')]), 'latency');
    expect(p.value / support[0].value).toBeCloseTo(1, 0);
  });
  it('works from another folder', async () => {
    process.chdir('/');
    await expect(loadAdapter(path('graphs/d.json'))).resolves.toBeDefined();
  });
});

describe('loadAdapter', () => {
  const CHANGED = 'the adapter is not what was written (sha256 differs)';
  const changed = (name: string, change: (text: string) => string) => {
    const file = path(`adapters/${name}.json`);
    writeFileSync(file, change(readFileSync(path('adapters/phone.json'), 'utf8')));
    return file;
  };
  /** Changed where its checksum follows, as if it had been written so. */
  // biome-ignore lint/suspicious/noExplicitAny: the tests damage JSON of any form
  const edited = (name: string, change: (adapter: any) => void) =>
    changed(name, (text) => {
      const adapter = JSON.parse(text);
      change(adapter);
      return JSON.stringify({ ...adapter, sha256: checksum(adapter) });
    });

  it.each<[string, () => string, Record<string, unknown>]>([
    ['no file', () => path('absent.json'), { code: 'not-found', message: expect.stringContaining('no such adapter') }],
    [
      'a file that is cut off',
      () => changed('cut', (t) => t.slice(0, t.length / 2)),
      { code: 'corrupt', message: 'the adapter is no whole JSON', hint: 'run `hwcast adapt` again' },
    ],
    ['an empty file', () => changed('empty', () => ''), { code: 'corrupt' }],
    ['null', () => changed('null', () => 'null'), { code: 'corrupt' }],
    ['something else', () => changed('list', () => '[1, 2]'), { code: 'corrupt', message: 'not an adapter of a device' }],
    [
      'a newer format',
      () => edited('newer', (a) => (a.formatVersion = 3)),
      { code: 'newer-format', message: 'adapter format 3 is newer than 2', hint: 'update hwcast' },
    ],
    [
      'an adapter of another kind',
      () => edited('kind', (a) => (a.kind = 'fpga-stage')),
      { code: 'corrupt', message: "not an adapter of a device but of kind 'fpga-stage'" },
    ],
    [
      'one without its kind',
      () => changed('nokind', (t) => t.replace(/ "kind": .*\n/, '')),
      { code: 'corrupt', message: CHANGED },
    ],
    [
      'one without its checksum',
      () => changed('nosum', (t) => t.replace(/,\n "sha256": "\w+"\n}\n$/, '\n}\n')),
      { code: 'corrupt', message: CHANGED },
    ],
    [
      'one changed digit of a measurement',
      () =>
        changed('digit', (t) => t.replace(/("value": [\d.e-]*)(\d)/, (_, kept, digit) => `${kept}${(Number(digit) + 1) % 10}`)),
      { code: 'corrupt', message: CHANGED, hint: 'run `hwcast adapt` again' },
    ],
    [
      'another device name',
      () => changed('name', (t) => t.replace('my phone', 'my phony')),
      { code: 'corrupt', message: CHANGED },
    ],
    ['no model', () => edited('nomodel', (a) => delete a.model), { code: 'corrupt', message: expect.stringContaining('model') }],
    [
      'an unknown field',
      () => edited('extra', (a) => (a.code = 'x')),
      { code: 'corrupt', message: expect.stringContaining('code') },
    ],
    ['an unknown target', () => edited('target', (a) => (a.target = 'beauty')), { code: 'corrupt' }],
    [
      'another model',
      () => edited('hash', (a) => (a.model.sha256 = 'f'.repeat(64))),
      {
        code: 'bad-input',
        message: expect.stringMatching(/is not the model that 'my phone' was adapted from$/),
        hint: 'run `hwcast adapt` with this model',
      },
    ],
    ['no measurement', () => edited('none', (a) => (a.support = [])), { code: 'bad-input', message: 'the support set is empty' }],
    [
      'a negative measurement',
      () => edited('negative', (a) => (a.support[3].value *= -1)),
      { code: 'bad-input', message: expect.stringContaining('is not a positive number') },
    ],
    [
      'a network twice',
      () => edited('twice', (a) => a.support.push(a.support[0])),
      { code: 'bad-input', message: expect.stringContaining('rows 1 and 7') },
    ],
    [
      'a wrong network',
      () => edited('wrong', (a) => (a.support[0].workload = 'nasbench201:x')),
      { code: 'bad-input', message: expect.stringContaining('not a NAS-Bench-201 cell') },
    ],
  ])('refuses %s', async (_, file, expected) => {
    const where = file();
    await expect(loadAdapter(where)).rejects.toMatchObject({ name: 'HwcastError', ...expected });
    expect(dirname(where).startsWith(folder)).toBe(true);
    if (existsSync(where)) expect(readFileSync(where, 'utf8')).not.toBe(readFileSync(path('adapters/phone.json'), 'utf8'));
  });

  it('reads the same content in other white space', async () => {
    const file = changed('compact', (text) => JSON.stringify(JSON.parse(text)));
    expect((await loadAdapter(file)).adapter).toEqual(stored(path('adapters/phone.json')));
  });

  it('another model in the place of its own is refused', async () => {
    cpSync(path('adapters/phone.json'), path('swapped.json'));
    await expect(loadAdapter(path('swapped.json'), path('inside'))).resolves.toBeDefined();
    saveModel(path('other'), { ...model, info: { ...model.info, seed: 99 } } as SmallModel);
    await expect(loadAdapter(path('swapped.json'), path('other'))).rejects.toMatchObject({
      code: 'bad-input',
      where: path('swapped.json'),
    });
  });
});

describe('what an adapter file keeps', () => {
  it('can be read again where spread and repeats are not known, as datasets say it', async () => {
    const unknown = support.map((s) => ({ ...s, spread: Number.NaN, repeats: Number.NaN }));
    await adapt({ model: path('models/small'), device: 'd', support: unknown, out: path('unknown.json') });
    const { adapter, predictor } = await loadAdapter(path('unknown.json'));
    expect(adapter.support[0]).toEqual({ workload: support[0].workload.id, value: support[0].value });
    expect(predictor.predict(query)).toEqual(model.learner.adapt(support, { ...task, device: 'd' }).predict(query));
  });

  it('tells files of one name in two folders apart', async () => {
    const dense = (outFeatures: number) => operatorGraph(parseOperatorText(`op:linear/fp32/1x64/outFeatures=${outFeatures}`));
    const workloads = Array.from({ length: 12 }, (_, i) => ({ id: `graph${i}`, graph: dense(8 * (i + 1)) }));
    const devices = ['a', 'b'];
    const dataset: Dataset = {
      card: {
        name: 'graphs',
        source: 'a law',
        licence: 'none',
        devices: { a: { conditions: { '': {} } }, b: { conditions: { '': {} } } },
        noise: {},
        notes: [],
      },
      workloads,
      tasks: devices.map((device, d) => ({
        device,
        condition: '',
        target: 'latency',
        rows: Int32Array.from(workloads.keys()),
        values: Float64Array.from(workloads, (_, i) => 1e-3 * (d + 1) * (i + 2)),
        spread: new Float64Array(workloads.length).fill(Number.NaN),
        repeats: new Int32Array(workloads.length),
      })),
      splits: {},
    };
    await train({ dataset, out: path('twin-model') });
    const rows = ['p/net.json', 'q/net.json'].map((id, i) => ({ workload: { id, graph: dense(i + 1) }, value: 1e-3 * (i + 1) }));
    const { adapter } = await adapt({ model: path('twin-model'), device: 'd', support: rows, out: path('twins.json') });
    expect(adapter!.support.map((s) => s.workload)).toEqual(['net.json', 'net.json (2)']);
    expect((await loadAdapter(path('twins.json'))).metrics.measurements).toBe(2);
  });

  it('refuses a device without a name before anything is written', async () => {
    await expect(adapt({ model, device: '', support, out: path('nameless.json') })).rejects.toMatchObject({ code: 'usage' });
    expect(existsSync(path('nameless.json'))).toBe(false);
  });

  it('names the folder that was asked for, also after the model was saved elsewhere', async () => {
    saveModel(path('elsewhere'), await loadModel(path('models/small')));
    const { adapter } = await adapted(path('asked.json'));
    expect(adapter!.model.path).toBe('models/small');
  });
});

it('the law of the test device is what the adapter finds', async () => {
  const { predictor } = await loadAdapter(path('adapters/phone.json'));
  const errors = intervalsOf(predictor.predict(query), 'latency').map((p, i) =>
    Math.abs(p.value / lawValue('cpu_b', 'latency', query[i]) - 1),
  );
  expect(errors.sort((a, b) => a - b)[errors.length >> 1]).toBeLessThan(0.15);
});
