import { describe, expect, it } from 'vitest';
import { readerFor } from '../../../../src/trace/registry.js';
import type { ReadIssue, TraceRecord } from '../../../../src/trace/traceReader.js';
import { sourceOf } from '../sourceOf.js';
import { collect, failure, tinyTrace, twoSteps } from './tinyTrace.js';

const WHOLE = tinyTrace(twoSteps());
const replaced = (from: string | RegExp, to: string): string => {
  expect(WHOLE.search(from)).toBeGreaterThan(-1);
  return WHOLE.replace(from, to);
};
const read = (content: string | Buffer): Promise<(TraceRecord | ReadIssue)[]> =>
  collect(readerFor(sourceOf(content)).read(sourceOf(content), {}));
/** Operators with their microseconds, steps of the network, and what was lost. */
async function what(content: string | Buffer) {
  const records = await read(content);
  return {
    operators: records.flatMap((r) => (r.kind === 'operator' ? [Math.round(r.latency * 1e6)] : [])),
    steps: records.flatMap((r) => (r.kind === 'network' ? r.latencies.map((l) => Math.round(l * 1e6)) : [])),
    lost: records.filter((r) => r.kind === 'issue' && r.what === 'event').length,
  };
}
const ALL = { operators: [5, 2, 5, 2], steps: [37, 37], lost: 0 };
const KERNEL = '"cat":"kernel"';

describe('the twelve ways in which profilers write what is no sound trace', () => {
  it.each<[string, string | Buffer, object]>([
    ['bare inf and nan', replaced(KERNEL, `"occupancy":nan,"warps":-inf,${KERNEL}`), ALL],
    [
      'a quote in a name that is not escaped',
      replaced('"name":"k"', '"name":"a "b" c"'),
      { operators: [2, 5, 2], steps: [37], lost: 1 },
    ],
    ['a backslash that is not escaped', replaced('"name":"k"', '"name":"C:\\Users\\k"'), ALL],
    ['bytes that are no text', Buffer.from(WHOLE.replace('"name":"k"', '"name":"k\x01\xff"'), 'latin1'), ALL],
    ['a comma in a decimal', replaced(KERNEL, `"blocks per SM":7,757576,${KERNEL}`), ALL],
    ['whole numbers beyond 2^53', replaced(/"correlation":100/g, '"correlation":18446744073709551615'), ALL],
    ['times as text since 1970', WHOLE.replace(/"ts":(\d+)/g, (_, t) => `"ts":"${1_695_835_535_123_000 + Number(t)}.25"`), ALL],
    ['a file that is cut', WHOLE.slice(0, WHOLE.lastIndexOf('{"ph"')), { operators: [5, 2, 5], steps: [37], lost: 1 }],
    ['no rank and no device', tinyTrace(twoSteps(), {}), ALL],
    ['a launch without correlation', replaced('"External id":1,"correlation":100', '"External id":1'), ALL],
    [
      'kernels that are missing',
      replaced(/\{[^{}]*"cat":"kernel"[^{}]*\{[^{}]*\}\},?/, ''),
      { operators: [2, 5, 2], steps: [37], lost: 0 },
    ],
  ])('%s', async (_, content, expected) => expect(await what(content)).toEqual(expected));

  it('an empty profile', async () =>
    expect(await failure((async () => read(''))())).toMatchObject({
      code: 'corrupt',
      message: 'the file is empty',
      where: 'a.file',
    }));
});
