import { readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { sha256 } from '../../src/core/files.js';
import { VERSION } from '../../src/core/version.js';
import { type FolderKind, folderCache, openModelFolder, writeModelFolder } from '../../src/surrogate/modelFolder.js';
import { temporaryFolder } from '../networks/smallModel.js';

const FIELDS = { name: z.string(), sizes: z.array(z.int()) };
const KIND: FolderKind<typeof FIELDS> = {
  kind: 'test',
  what: 'test model',
  version: 3,
  fields: z.object(FIELDS),
  hint: 'made by the test',
};
const NAMELESS: FolderKind<typeof FIELDS> = { ...KIND, kind: undefined };
const fields = { name: 'm', sizes: [1, 2] };
const files = { 'weights.bin': Uint8Array.of(1, 2, 3), 'scaler.json': { mean: [0.5] }, 'README.md': '# model\n' };

const { path, remove } = temporaryFolder();
const folder = path('model');
const config = (): Record<string, unknown> => JSON.parse(readFileSync(path('model/config.json'), 'utf8'));
const rewrite = (change: object) => writeFileSync(path('model/config.json'), JSON.stringify({ ...config(), ...change }));
beforeEach(() => writeModelFolder(folder, KIND, fields, files));
afterAll(remove);

describe('writeModelFolder', () => {
  it('writes each file as it is, JSON of what is no bytes, and config.json with all checksums', () => {
    expect(readdirSync(folder).sort()).toEqual(['README.md', 'config.json', 'scaler.json', 'weights.bin']);
    expect([...readFileSync(path('model/weights.bin'))]).toEqual([1, 2, 3]);
    expect(readFileSync(path('model/README.md'), 'utf8')).toBe('# model\n');
    expect(JSON.parse(readFileSync(path('model/scaler.json'), 'utf8'))).toEqual({ mean: [0.5] });
    expect(config()).toEqual({
      formatVersion: 3,
      kind: 'test',
      hwcast: VERSION,
      ...fields,
      files: Object.fromEntries(Object.keys(files).map((name) => [name, sha256(readFileSync(path('model', name)))])),
    });
  });

  it('the same model gives the same bytes', () => {
    writeModelFolder(path('again'), KIND, fields, files);
    const bytes = (name: string) => readdirSync(path(name)).map((file) => [file, readFileSync(path(name, file), 'latin1')]);
    expect(bytes('again')).toEqual(bytes('model'));
    expect(openModelFolder(path('again'), KIND).sha256).toBe(openModelFolder(folder, KIND).sha256);
  });

  it('puts the new folder in the place of the old one, with nothing left of that', () => {
    writeModelFolder(folder, KIND, fields, { 'other.json': {} });
    expect(readdirSync(folder).sort()).toEqual(['config.json', 'other.json']);
  });
});

describe('openModelFolder', () => {
  it('gives the fields, the hash of config.json, and the files', () => {
    const open = openModelFolder(folder, KIND);
    expect(open.fields).toEqual(fields);
    expect(open.sha256).toBe(sha256(readFileSync(path('model/config.json'))));
    expect([...open.bytes('weights.bin')]).toEqual([1, 2, 3]);
    expect(open.json('scaler.json')).toEqual({ mean: [0.5] });
  });

  it('reads folders that name no kind as those of a kind without name, and no others', () => {
    expect(() => openModelFolder(folder, NAMELESS)).toThrow(expect.objectContaining({ code: 'corrupt' }));
    writeModelFolder(folder, NAMELESS, fields, files);
    expect('kind' in config()).toBe(false);
    expect(openModelFolder(folder, NAMELESS).fields).toEqual(fields);
    expect(() => openModelFolder(folder, KIND)).toThrow(
      expect.objectContaining({
        code: 'corrupt',
        message: expect.stringMatching(/^config\.json is not that of a test model: .*kind/s),
      }),
    );
  });

  it('reads older versions', () => {
    rewrite({ formatVersion: 2 });
    expect(openModelFolder(folder, KIND).fields).toEqual(fields);
  });

  it('refuses a folder without a model, and says how to get one', () => {
    expect(() => openModelFolder(path('absent'), KIND)).toThrow(
      expect.objectContaining({ code: 'not-found', message: `no test model in '${path('absent')}'`, hint: 'made by the test' }),
    );
  });

  it.each<[string, string | object, Record<string, unknown>]>([
    ['what is no JSON', '{"formatVersion":', { code: 'corrupt', message: 'config.json is no JSON' }],
    ['null', 'null', { code: 'corrupt' }],
    ['a missing field', { sizes: undefined }, { code: 'corrupt', message: expect.stringContaining('sizes') }],
    ['a field of another type', { name: 7 }, { code: 'corrupt', message: expect.stringContaining('name') }],
    ['no checksums', { files: undefined }, { code: 'corrupt', message: expect.stringContaining('files') }],
    ['another kind', { kind: 'other' }, { code: 'corrupt', message: expect.stringContaining('kind') }],
    [
      'a newer version, whatever its fields',
      { formatVersion: 4, sizes: 'elsewhere' },
      {
        code: 'newer-format',
        message: `test model format 4 is newer than 3, which hwcast ${VERSION} reads`,
        hint: 'update hwcast',
      },
    ],
  ])('refuses %s', (_, change, expected) => {
    if (typeof change === 'string') writeFileSync(path('model/config.json'), change);
    else rewrite(change);
    expect(() => openModelFolder(folder, KIND)).toThrow(
      expect.objectContaining({ name: 'HwcastError', where: path('model/config.json'), ...expected }),
    );
  });
});

describe('a file of a model folder', () => {
  it('is refused where it changed, is gone, or was never listed', () => {
    const open = openModelFolder(folder, KIND);
    writeFileSync(path('model/weights.bin'), Uint8Array.of(1, 2, 4));
    expect(() => open.bytes('weights.bin')).toThrow(
      expect.objectContaining({
        code: 'corrupt',
        message: 'weights.bin is not the file that was written (sha256 differs)',
        where: path('model/weights.bin'),
        hint: 'train the model again, or restore the folder',
      }),
    );
    rmSync(path('model/weights.bin'));
    expect(() => open.bytes('weights.bin')).toThrow(expect.objectContaining({ code: 'not-found' }));
    writeFileSync(path('model/stray.json'), '{}');
    expect(() => open.json('stray.json')).toThrow(expect.objectContaining({ code: 'corrupt' }));
    expect(open.json('scaler.json')).toEqual({ mean: [0.5] });
  });

  it('that is no JSON is refused as such', () => {
    expect(() => openModelFolder(folder, KIND).json('README.md')).toThrow(
      expect.objectContaining({ code: 'corrupt', message: 'README.md is no JSON', where: path('model/README.md') }),
    );
  });

  it('that does not fit has an error with its place', () => {
    expect(openModelFolder(folder, KIND).corrupt('scaler.json', 'too short')).toMatchObject({
      name: 'HwcastError',
      code: 'corrupt',
      message: 'too short',
      where: path('model/scaler.json'),
    });
  });
});

it('says so where the folder holds a model of another kind', () => {
  expect(() => openModelFolder(folder, { ...KIND, kind: 'another' })).toThrow(
    expect.objectContaining({ code: 'corrupt', message: expect.stringMatching(/^holds a model of kind '/) }),
  );
});

describe('state', () => {
  const state = () => openModelFolder(folder, KIND).state;

  it('is the same while nothing changes', () => {
    expect(state()).toBe(state());
  });

  it('changes with the size, the time or the absence of any file, and with config.json', () => {
    const states = [state()];
    utimesSync(path('model/README.md'), new Date(0), new Date(1e12));
    states.push(state());
    writeFileSync(path('model/weights.bin'), Uint8Array.of(1, 2));
    states.push(state());
    rmSync(path('model/scaler.json'));
    states.push(state());
    rewrite({ name: 'n' });
    states.push(state());
    expect(new Set(states).size).toBe(5);
  });
});

describe('folderCache', () => {
  it('reads a folder once while its state stays, and again in place of what it was when it changes', () => {
    const cache = folderCache<{ n: number }>();
    let reads = 0;
    const read = () => ({ n: ++reads });
    const first = cache('model', 'a', read);
    expect(cache('./model', 'a', read)).toBe(first);
    expect(cache('other', 'a', read)).toEqual({ n: 2 });
    expect(cache('model', 'b', read)).toEqual({ n: 3 });
    expect(cache('model', 'a', read)).toEqual({ n: 4 });
  });

  it('does not keep what was refused', async () => {
    const cache = folderCache<Promise<string>>();
    await expect(cache('model', 'a', () => Promise.reject(new Error('damaged')))).rejects.toThrow('damaged');
    await expect(cache('model', 'a', () => Promise.resolve('whole'))).resolves.toBe('whole');
  });
});
