import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HwcastError } from '../../../../src/core/errors.js';
import { jsonEvents } from '../../../../src/trace/formats/kineto/jsonEvents.js';
import { bytes, collect, failure, tinyTrace, twoSteps } from './tinyTrace.js';

const HEADERS = new Set(['deviceProperties']);
const scan = async (text: string | Uint8Array, size?: number) =>
  (await collect(jsonEvents(bytes(text, size), HEADERS, 'a.json'))).flat();

describe('jsonEvents', () => {
  it('yields events with their offsets and the headers asked for, nothing else', async () => {
    const text =
      '{"metadata":{"env":{"SECRET":"a}]\\"b"}},"deviceProperties":[{"name":"G"}],"n":1.5e3,"traceEvents":[{"ph":"X"}, {"args":{"a":[1,{"b":2}]}}],"host":"h","z":null}';
    expect(await scan(text)).toEqual([
      { kind: 'header', key: 'deviceProperties', text: '[{"name":"G"}]' },
      { kind: 'event', text: '{"ph":"X"}', offset: text.indexOf('{"ph"') },
      { kind: 'event', text: '{"args":{"a":[1,{"b":2}]}}', offset: text.indexOf('{"args"') },
    ]);
  });

  it('gives the same items however the bytes are cut into chunks', async () => {
    const text = tinyTrace(twoSteps(), { note: 'ü "quoted" \\ }', deviceProperties: [{ name: 'Größe' }] });
    const whole = await scan(text);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 97 }), async (size) => {
        expect(await scan(text, size)).toEqual(whole);
      }),
      { numRuns: 30 },
    );
  });

  it('reads a bare array, with or without its end', async () => {
    expect(await scan('[{"a":1},{"a":2}]')).toHaveLength(2);
    expect(await scan('[{"a":1},\n{"a":2},\n')).toHaveLength(2);
    expect(await scan('\ufeff {"traceEvents":[]}')).toEqual([]);
  });

  it('keeps all events before the end of a trace that is cut, and says where it ends', async () => {
    const text = tinyTrace(twoSteps()),
      whole = await scan(text),
      first = text.indexOf('}', text.indexOf('"args"')) + 2;
    const ends: number[] = [];
    for (let cut = first; cut < text.length; cut += 7) {
      const items = await scan(text.slice(0, cut));
      expect(items.at(-1)).toMatchObject({
        kind: 'cut',
        offset: cut,
        reason: expect.stringContaining(`ends in the middle, at byte ${cut}`),
      });
      expect(items.slice(0, -1)).toEqual(
        whole.filter((i) => i.kind === 'header' || i.offset! + ('text' in i ? i.text.length : 0) <= cut),
      );
      ends.push(cut);
    }
    expect(ends.length).toBeGreaterThan(100);
  });

  it('is corrupt where it ends before its first event', async () => {
    const text = tinyTrace(twoSteps()),
      cut = text.indexOf('"ph"');
    expect(await failure(scan(text.slice(0, cut)))).toMatchObject({
      code: 'corrupt',
      message: `the trace ends in the middle, at byte ${cut} (after 0 events)`,
    });
    expect((await failure(scan(''))).message).toBe('the file is empty');
  });

  it('keeps what was read before the source broke', async () => {
    async function* broken() {
      yield Buffer.from('{"traceEvents":[{"ph":"X"},');
      throw new HwcastError('corrupt', 'the gzip data ends in the middle');
    }
    const items = (await collect(jsonEvents(broken(), HEADERS, 'a.json.gz'))).flat();
    expect(items).toEqual([
      { kind: 'event', text: '{"ph":"X"}', offset: 16 },
      { kind: 'cut', reason: 'the gzip data ends in the middle', offset: 27 },
    ]);
  });

  it('finds the next event behind an unescaped quote, on one line too and however the bytes are cut', async () => {
    const text = '{"traceEvents":[{"ph":"X","name":"a"},{"ph":"X","name":"say "hi" there }{","ts":1}, { "ph":"X","name":"b"}]}';
    for (const size of [1, 2, 3, 5, 1000]) {
      const items = await scan(text, size);
      expect(items.map((i) => i.kind)).toEqual(['event', 'event', 'event']);
      expect(items.map((i) => (i.kind === 'event' ? /"name":"(\w)"/.exec(i.text)?.[1] : i))).toEqual(['a', undefined, 'b']);
      expect(items[2]).toMatchObject({ offset: text.indexOf('{ "ph"') });
    }
  });

  it('loses only the event with an unescaped quote', async () => {
    const event = (name: string) => `{\n "ph": "X",\n "name": "${name}",\n "dur": 1\n}`;
    const items = await scan(`{"traceEvents":[\n${[event('a'), event('say "hi'), event('b')].join(',\n')}\n]}`);
    expect(items.map((i) => i.kind === 'event' && /"name": "(\w)"/.exec(i.text)?.[1])).toEqual(['a', undefined, 'b']);
  });

  it('reports text between events and refuses what is no trace', async () => {
    expect((await scan('{"traceEvents":[{"a":1},oops,{"a":2}]}')).map((i) => i.kind)).toEqual(['event', 'bad', 'event']);
    expect((await failure(scan('{"a":1}'))).message).toBe("no 'traceEvents' in this JSON");
    expect((await failure(scan('hello'))).message).toBe('not a JSON trace: does not begin with { or [ at byte 0');
    expect((await failure(scan('{a:1}'))).message).toBe('not a JSON trace: a key is expected at byte 1');
    expect((await failure(scan('{"a"1}'))).message).toContain("':' is expected at byte 4");
  });
});
