import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sha256 } from '../../src/core/files.js';
import { loadModel, saveModel, sourceOf } from '../../src/networks/modelFolder.js';
import { train } from '../../src/networks/train.js';
import { smallDataset } from './smallDataset.js';
import { measurements, type SmallModel, temporaryFolder, trainSmall, unseenNetworks } from './smallModel.js';

const FILES = ['README.md', 'config.json', 'metrics.json', 'scaler.json', 'weights.safetensors'];
const SMALL = { dataset: smallDataset(24), excludeDevices: ['phone'] };
const { path, remove } = temporaryFolder();
let model: SmallModel;
beforeAll(async () => {
  model = await trainSmall({ ...SMALL, out: path('model') });
});
afterAll(remove);

/** A copy of the model with one file changed; `sign`: the checksum in config.json follows. */
function damaged(name: string, change: (text: string) => string | Buffer, sign = false): string {
  const folder = path(`damaged ${Math.random()}`);
  cpSync(path('model'), folder, { recursive: true });
  const file = join(folder, name),
    data = change(readFileSync(file, 'latin1'));
  writeFileSync(file, data, 'latin1');
  if (sign) {
    const config = JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8'));
    config.files[name] = sha256(readFileSync(file));
    writeFileSync(join(folder, 'config.json'), JSON.stringify(config));
  }
  return folder;
}
// biome-ignore lint/suspicious/noExplicitAny: the tests damage JSON of any form
const edited = (change: (config: any) => void) =>
  damaged('config.json', (text) => {
    const config = JSON.parse(text);
    change(config);
    return JSON.stringify(config);
  });

describe('saveModel', () => {
  it('writes five files and nothing beside them', () => {
    expect(readdirSync(path('model')).sort()).toEqual(FILES);
    expect(readdirSync(path()).filter((f) => f.endsWith('.tmp'))).toEqual([]);
  });

  it('training again with the same seed gives the same bytes', async () => {
    await trainSmall({ ...SMALL, out: path('again') });
    for (const file of FILES)
      expect(readFileSync(path('again', file)).equals(readFileSync(path('model', file))), file).toBe(true);
  });

  it('the card tells method, data, licence, devices left out, and the scores', () => {
    const card = readFileSync(path('model/README.md'), 'utf8');
    expect(card).toMatch('license: CC0-1.0');
    expect(card).toMatch(
      'Method `closed-form`, seed 5, trained on 5 tasks of 3 devices (gpu_a, gpu_graph, cpu_a) from small; without phone.',
    );
    expect(card.match(/^\| \w+ \| (latency|energy) \| 10 \| [01]\.\d{3} \| \d+\.\d % \| \d+ % \| \d+ % \|$/gm)).toHaveLength(5);
  });

  it('config.json says what it was made from', () => {
    const config = JSON.parse(readFileSync(path('model/config.json'), 'utf8'));
    expect(config).toMatchObject({
      formatVersion: 1,
      info: { method: 'closed-form', domain: 'nasbench201', seed: 5, excludedDevices: ['phone'], datasets: [{ name: 'small' }] },
    });
    expect(config.info.tasks).toContainEqual({ device: 'gpu_a', condition: '', target: 'energy', networks: 24 });
    expect(Object.keys(config.files).sort()).toEqual(FILES.filter((f) => f !== 'config.json'));
    for (const [file, hash] of Object.entries(config.files)) expect(sha256(readFileSync(path('model', file)))).toBe(hash);
  });
});

describe('loadModel', () => {
  it('gives back the model', async () => {
    const back = await loadModel(path('model')),
      networks = unseenNetworks(12);
    expect(back.info).toEqual(model.info);
    expect(back.metrics).toEqual(model.metrics);
    expect(back.references).toEqual([]);
    const predict = (m: typeof back) =>
      m.learner
        .adapt(measurements(networks.slice(0, 6)), { device: 'cpu_b', condition: '', target: 'latency' })
        .predict(networks);
    expect(predict(back)).toEqual(predict(model));
    expect(back.learner.choose(networks, 3)).toEqual(model.learner.choose(networks, 3));
  });

  it('does not need the card', async () => {
    const folder = damaged('README.md', () => 'mine');
    expect((await loadModel(folder)).info.seed).toBe(5);
  });

  it.each<[string, () => string, Record<string, unknown>]>([
    ['a folder that is not there', () => path('absent'), { code: 'not-found', hint: expect.stringContaining('hwcast train') }],
    ['a file', () => path('model/config.json'), { code: 'not-found' }],
    [
      'a flipped byte in the weights',
      () =>
        damaged(
          'weights.safetensors',
          (t) => `${t.slice(0, -9)}${String.fromCharCode(t.charCodeAt(t.length - 9) ^ 1)}${t.slice(-8)}`,
        ),
      {
        code: 'corrupt',
        message: 'weights.safetensors is not the file that was written (sha256 differs)',
        where: expect.stringContaining('weights.safetensors'),
      },
    ],
    ['weights that are cut off', () => damaged('weights.safetensors', (t) => t.slice(0, t.length / 2)), { code: 'corrupt' }],
    [
      'a changed scaler',
      () => damaged('scaler.json', (t) => t.replace('1', '2')),
      { code: 'corrupt', message: expect.stringContaining('scaler.json') },
    ],
    [
      'changed metrics',
      () => damaged('metrics.json', (t) => t.replace('1', '2')),
      { code: 'corrupt', message: expect.stringContaining('metrics.json') },
    ],
    [
      'a config that is cut off',
      () => damaged('config.json', (t) => t.slice(0, t.length / 2)),
      {
        code: 'corrupt',
        message: 'config.json is no JSON',
        where: expect.stringContaining('config.json'),
        hint: expect.stringContaining('train the model again'),
      },
    ],
    ['an empty config', () => damaged('config.json', () => ''), { code: 'corrupt' }],
    [
      'a config of something else',
      () => damaged('config.json', () => '{"name":"app"}'),
      { code: 'corrupt', message: expect.stringContaining('formatVersion') },
    ],
    [
      'a newer format',
      () => edited((c) => (c.formatVersion = 2)),
      { code: 'newer-format', message: expect.stringMatching(/^model format 2 is newer than 1/), hint: 'update hwcast' },
    ],
    ['a newer format with other fields', () => damaged('config.json', () => '{"formatVersion":99}'), { code: 'newer-format' }],
    [
      'an unknown method',
      () => edited((c) => (c.info.method = 'oracle')),
      { code: 'unsupported', message: "model of unknown method 'oracle'" },
    ],
    [
      'an unknown target',
      () => edited((c) => (c.info.tasks[0].target = 'beauty')),
      { code: 'corrupt', message: expect.stringContaining('target') },
    ],
    ['no checksums', () => edited((c) => (c.files = {})), { code: 'corrupt' }],
    ['a head that does not fit the weights', () => edited((c) => c.parts.tasks.pop()), { code: 'corrupt' }],
  ])('refuses %s', async (_, folder, expected) => {
    await expect(loadModel(folder())).rejects.toMatchObject({ name: 'HwcastError', ...expected });
  });

  it('a missing file is named', async () => {
    const folder = damaged('scaler.json', (t) => t);
    rmSync(join(folder, 'scaler.json'));
    await expect(loadModel(folder)).rejects.toMatchObject({ code: 'not-found', message: expect.stringContaining('scaler.json') });
  });
  it('refuses a method named like a property of every object', async () => {
    await expect(loadModel(edited((c) => (c.info.method = 'constructor')))).rejects.toMatchObject({ code: 'unsupported' });
  });
  it.each<[string, string]>([
    ['scaler.json', 'no JSON'],
    ['metrics.json', '{"protocol":1}'],
  ])('refuses a signed %s that does not fit', async (file, text) => {
    await expect(loadModel(damaged(file, () => text, true))).rejects.toMatchObject({ code: 'corrupt' });
  });

  it('reads data and runs no code: a folder full of scripts does nothing', async () => {
    const folder = damaged('README.md', (t) => t);
    const trap = `import { writeFileSync } from 'node:fs'; writeFileSync(${JSON.stringify(path('ran'))}, '');`;
    for (const name of ['index.js', 'config.js', 'model.mjs', 'package.json', 'weights.js'])
      writeFileSync(join(folder, name), trap);
    await loadModel(folder);
    expect(existsSync(path('ran'))).toBe(false);
  });
});

describe('a device whose values are all the same', () => {
  it('does not make the model unreadable', async () => {
    const data = smallDataset(20, ['gpu_a', 'phone']);
    data.tasks.find((t) => t.device === 'phone')!.values.fill(0.04);
    await train({ dataset: data, out: path('constant'), method: 'closed-form' });
    expect((await loadModel(path('constant'))).info.domain).toBe('nasbench201');
  });
});

describe('a folder that is read again', () => {
  it('gives the same object while its files do not change, however it is named', async () => {
    const first = await loadModel(path('model'));
    expect(await loadModel(path('model'))).toBe(first);
    expect(await loadModel(`${path('model')}/`)).toBe(first);
    expect(await loadModel(relative(process.cwd(), path('model')))).toBe(first);
    const [a, b] = await Promise.all([loadModel(path('again')), loadModel(path('again'))]);
    expect(a).toBe(b);
    expect(a).not.toBe(first);
  });

  it('is read anew where another model was put in its place', async () => {
    cpSync(path('model'), path('renewed'), { recursive: true });
    const before = await loadModel(path('renewed'));
    saveModel(path('renewed'), { ...model, info: { ...model.info, seed: 78 } } as SmallModel);
    const after = await loadModel(path('renewed'));
    expect([before.info.seed, after.info.seed]).toEqual([5, 78]);
    expect(sourceOf(after)!.sha256).not.toBe(sourceOf(before)!.sha256);
  });

  it('a file that was damaged since then is noticed, and so is its repair', async () => {
    cpSync(path('model'), path('fragile'), { recursive: true });
    await loadModel(path('fragile'));
    const weights = readFileSync(path('fragile/weights.safetensors'));
    writeFileSync(path('fragile/weights.safetensors'), weights.subarray(0, -1));
    await expect(loadModel(path('fragile'))).rejects.toMatchObject({
      code: 'corrupt',
      message: 'weights.safetensors is not the file that was written (sha256 differs)',
    });
    rmSync(path('fragile/weights.safetensors'));
    await expect(loadModel(path('fragile'))).rejects.toMatchObject({ code: 'not-found' });
    writeFileSync(path('fragile/weights.safetensors'), weights);
    expect((await loadModel(path('fragile'))).info).toEqual(model.info);
  });
});

describe('sourceOf', () => {
  it('is the folder and the hash of config.json, of a model that was written and of one that was read', async () => {
    const hash = sha256(readFileSync(path('model/config.json')));
    expect(sourceOf(model)).toEqual({ folder: path('model'), sha256: hash });
    expect(sourceOf(await loadModel(path('model')))).toEqual({ folder: path('model'), sha256: hash });
  });

  it('is undefined for a model in memory', async () => {
    expect(sourceOf(await trainSmall({ dataset: smallDataset(12, ['gpu_a', 'cpu_a']) }))).toBeUndefined();
  });

  it('stays right where the working folder changes', async () => {
    const home = process.cwd();
    cpSync(path('model'), path('moving/model'), { recursive: true });
    try {
      process.chdir(path('moving'));
      const read = await loadModel('model');
      process.chdir(home);
      expect(resolve(sourceOf(read)!.folder)).toBe(path('moving/model'));
    } finally {
      process.chdir(home);
    }
  });
});

describe('an output folder that holds something else', () => {
  it('is left alone', async () => {
    mkdirSync(path('thesis'));
    writeFileSync(path('thesis/chapter.tex'), 'years of work');
    await expect(trainSmall({ out: path('thesis'), dataset: smallDataset(12, ['gpu_a', 'cpu_a']) })).rejects.toMatchObject({
      code: 'bad-input',
      message: expect.stringContaining('exists and is no model folder; it is left alone'),
    });
    expect(readdirSync(path('thesis'))).toEqual(['chapter.tex']);
  });
  it('also where it holds a config.json of its own', async () => {
    mkdirSync(path('app'));
    writeFileSync(path('app/config.json'), '{"name":"my app"}');
    writeFileSync(path('app/index.html'), 'years of work');
    await trainSmall({ out: path('app'), dataset: smallDataset(12, ['gpu_a', 'cpu_a']) }).catch(() => undefined);
    expect(readdirSync(path('app')).sort()).toEqual(['config.json', 'index.html']);
  });

  it('a model is replaced by the next one', async () => {
    cpSync(path('model'), path('replaced'), { recursive: true });
    writeFileSync(path('replaced/notes.txt'), 'old');
    saveModel(path('replaced'), { ...model, info: { ...model.info, seed: 77 } } as SmallModel);
    expect((await loadModel(path('replaced'))).info.seed).toBe(77);
    expect(readdirSync(path('replaced')).sort()).toEqual(FILES);
  });
});
