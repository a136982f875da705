import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { sha256 } from '../../src/core/files.js';
import { VERSION } from '../../src/core/version.js';
import {
  ADAPTER_VERSION,
  type AdapterKind,
  namesKind,
  parseAdapter,
  readAdapter,
  sealAdapter,
  writeAdapter,
} from '../../src/surrogate/adapterFile.js';
import { temporaryFolder } from '../networks/smallModel.js';

interface Fields {
  device: string;
  values: number[];
  note?: string;
}
const DEVICE: AdapterKind<Fields> = {
  kind: 'test-device',
  what: 'adapter of a device',
  command: 'hwcast adapt',
  first: (raw) => 'device' in raw,
  fields: z.object({ device: z.string(), values: z.array(z.number()), note: z.string().optional() }),
};
const FAMILY: AdapterKind<{ family: string }> = {
  kind: 'test-family',
  what: 'adapter of a family',
  command: 'hwcast fpga adapt',
  fields: z.object({ family: z.string() }),
};
const fields: Fields = { device: 'phone', values: [0.1, 1e-9, 12345.678] };
const sealed = sealAdapter(DEVICE, fields, '2026-01-02');
const read = (text: string) => parseAdapter(text, 'a.json', [DEVICE]);
const refusal = (expected: Record<string, unknown>) =>
  expect.objectContaining({ name: 'HwcastError', where: 'a.json', hint: 'run `hwcast adapt` again', ...expected });
/** The text with another content and the checksum that fits it. */
const resealed = (change: object): string => {
  const { sha256: _, ...content } = { ...sealed, ...change };
  return JSON.stringify({ ...content, sha256: sha256(JSON.stringify(content)) });
};

const { path, remove } = temporaryFolder();
afterAll(remove);

describe('sealAdapter', () => {
  it('adds version, kind, program, day and a checksum over everything else', () => {
    const { sha256: checksum, ...content } = sealed;
    expect(content).toEqual({
      formatVersion: ADAPTER_VERSION,
      kind: 'test-device',
      hwcast: VERSION,
      date: '2026-01-02',
      ...fields,
    });
    expect(checksum).toBe(sha256(JSON.stringify(content)));
  });

  it('is of today unless told', () => {
    const [before, { date }, after] = [new Date().toISOString(), sealAdapter(DEVICE, fields), new Date().toISOString()];
    expect([before.slice(0, 10), after.slice(0, 10)]).toContain(date);
  });

  it('does not count what is undefined, as that is not written', () => {
    expect(sealAdapter(DEVICE, { ...fields, note: undefined }, '2026-01-02')).toEqual(sealed);
  });
});

describe('an adapter file', () => {
  it('comes back as it was sealed, and its bytes are the same again', () => {
    writeAdapter(path('a.json'), sealed);
    expect(readAdapter<object>(path('a.json'), [FAMILY, DEVICE])).toEqual(sealed);
    writeAdapter(path('b.json'), sealAdapter(DEVICE, fields, '2026-01-02'));
    expect(readFileSync(path('b.json'))).toEqual(readFileSync(path('a.json')));
    expect(readFileSync(path('a.json'), 'utf8')).toBe(`${JSON.stringify(sealed, null, 1)}\n`);
  });

  it('that is not there is named', () => {
    expect(() => readAdapter(path('absent.json'), [DEVICE])).toThrow(
      expect.objectContaining({ code: 'not-found', message: expect.stringContaining('no such adapter') }),
    );
  });

  it('that is damaged is named with its place', () => {
    writeFileSync(path('cut.json'), JSON.stringify(sealed).slice(0, -5));
    expect(() => readAdapter(path('cut.json'), [DEVICE])).toThrow(
      expect.objectContaining({ code: 'corrupt', where: path('cut.json') }),
    );
  });
});

describe('parseAdapter', () => {
  it('reads it in any white space', () => {
    expect(read(JSON.stringify(sealed))).toEqual(sealed);
    expect(read(JSON.stringify(sealed, null, 4))).toEqual(sealed);
  });

  it.each<[string, string, Record<string, unknown>]>([
    ['text that is cut', JSON.stringify(sealed).slice(0, 40), { code: 'corrupt', message: 'the adapter is no whole JSON' }],
    ['nothing', '', { code: 'corrupt', message: 'the adapter is no whole JSON' }],
    ['null', 'null', { code: 'corrupt', message: 'not an adapter of a device' }],
    ['a list', '[1]', { code: 'corrupt', message: 'not an adapter of a device' }],
    ['something else', '{"name":"app"}', { code: 'corrupt', message: 'not an adapter of a device' }],
    [
      'another kind',
      resealed({ kind: 'test-family' }),
      { code: 'corrupt', message: "not an adapter of a device but of kind 'test-family'" },
    ],
    [
      'a newer version, whatever else it holds',
      resealed({ formatVersion: ADAPTER_VERSION + 1, values: 'elsewhere' }),
      {
        code: 'newer-format',
        message: `adapter format ${ADAPTER_VERSION + 1} is newer than ${ADAPTER_VERSION}`,
        hint: 'update hwcast',
      },
    ],
    [
      'a missing field',
      resealed({ values: undefined }),
      { code: 'corrupt', message: expect.stringMatching(/^not a whole adapter: .*values/s) },
    ],
    ['a field of another type', resealed({ values: ['1'] }), { code: 'corrupt', message: expect.stringContaining('values') }],
    [
      'a field that nobody knows',
      resealed({ code: 'process.exit()' }),
      { code: 'corrupt', message: expect.stringContaining('code') },
    ],
  ])('refuses %s', (_, text, expected) => {
    expect(() => read(text)).toThrow(refusal(expected));
  });

  it.each<[string, object]>([
    ['a value', { values: [0.2, 1e-9, 12345.678] }],
    ['the last digit of a value', { values: [0.1, 1e-9, 12345.679] }],
    ['the device', { device: 'phony' }],
    ['the day', { date: '2026-01-03' }],
    ['the program', { hwcast: '0.0.0' }],
    ['a note that was added', { note: 'mine' }],
    ['the checksum', { sha256: 'f'.repeat(64) }],
    ['the checksum, taken away', { sha256: undefined }],
  ])('refuses a change of %s', (_, change) => {
    expect(() => read(JSON.stringify({ ...sealed, ...change }))).toThrow(
      refusal({ code: 'corrupt', message: 'the adapter is not what was written (sha256 differs)' }),
    );
  });

  it('names every kind and command that would do', () => {
    expect(() => parseAdapter<object>('{}', 'a.json', [DEVICE, FAMILY])).toThrow(
      refusal({
        message: 'not an adapter of a device or adapter of a family',
        hint: 'run `hwcast adapt or hwcast fpga adapt` again',
      }),
    );
  });

  it('reads a file of version 1, which has neither kind nor checksum, where the kind knows its fields', () => {
    const old = { formatVersion: 1, ...fields };
    expect(read(JSON.stringify(old))).toEqual({ ...old, kind: 'test-device' });
    expect(() => parseAdapter(JSON.stringify({ formatVersion: 1, family: 'ice40' }), 'a.json', [FAMILY])).toThrow(
      expect.objectContaining({ code: 'corrupt', message: 'not an adapter of a family' }),
    );
  });
});

describe('namesKind', () => {
  it('is true of an object of one of the kinds, and of nothing else', () => {
    expect([sealed, { kind: 'test-family' }].map((v) => namesKind(v, [DEVICE, FAMILY]))).toEqual([true, true]);
    const others = [{ kind: 'model' }, {}, null, undefined, 'test-device', [sealed], 3];
    expect(others.map((v) => namesKind(v, [DEVICE, FAMILY]))).toEqual(others.map(() => false));
  });
});
