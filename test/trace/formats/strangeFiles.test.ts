import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { registerTrace } from '../../../src/cli/trace.js';
import { HwcastError } from '../../../src/core/errors.js';
import { SourceCache } from '../../../src/dataset/ingest/sourceCache.js';
import { READERS, readerFor } from '../../../src/trace/registry.js';
import { sourceUnits, walkSources, walkUnit } from '../../../src/trace/source/walkSources.js';
import { runCommand } from '../../cli/runCommand.js';
import { hasShared, SHARED } from '../../shared.js';
import { tinyDatabase } from '../sqlite/tinyDatabase.js';
import { collect, failure, tinyTrace, twoSteps } from './kineto/tinyTrace.js';
import { FIXTURES, MORE } from './profiles/fixtures.js';
import { analysed, sourceOf } from './sourceOf.js';

const NN_METER =
  '{"id":"a","cpu_tflite21":12.5,"graph":{"x":{"inbounds":[],"attr":{"type":"Placeholder","output_shape":[[1,8]],"attr":{}}}}}';
const TABLE = 'workload,device,latency_ms,repeats\nop:relu/fp32/4x4/,d,2,3\n#1,d,3,1\n';
/** The beginning of real files, to which the small ones owe what they lack. */
const REAL = hasShared
  ? [
      'kineto-chrome/hta_mi250_minitoy_train_rocm62.json.gz',
      'rocprof/gunrock_results.csv',
      'tvm-autotvm-log/tophub_llvm_v0.04.log',
      'tflite-benchmark/yolov5s_qti_gpu_fp16_nnapi.txt',
    ]
  : [];
const SEEDS: readonly Buffer[] = [
  ...Object.values({ ...FIXTURES, ...MORE, nnMeter: NN_METER, table: TABLE }).map((content) => Buffer.from(content as string)),
  ...REAL.map((name) => {
    const bytes = readFileSync(join(SHARED, 'data/traces', name));
    return (name.endsWith('.gz') ? gunzipSync(bytes) : bytes).subarray(0, 8000);
  }),
];

const VALUES = [
  '1e308',
  '-1',
  '1e999',
  '99999999999999999999',
  'NaN',
  'null',
  '"x"',
  '[]',
  '{}',
  '[null]',
  'true',
  '-5e300',
  '18446744073709551615',
];
const part = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true });
/** Ways in which a file is spoilt; places are shares of it. */
const change = fc.oneof(
  fc.record({ kind: fc.constant('flip'), at: part, bit: fc.nat(7) }),
  fc.record({ kind: fc.constant('cut'), at: part }),
  fc.record({ kind: fc.constant('zeros'), at: part }),
  fc.record({ kind: fc.constant('value'), at: part, value: fc.constantFrom(...VALUES) }),
  fc.record({ kind: fc.constant('word'), at: part, value: fc.constantFrom('__proto__', 'constructor', '', 'a'.repeat(3000)) }),
  fc.record({ kind: fc.constant('repeat'), at: part, length: fc.nat(300) }),
  fc.record({ kind: fc.constant('deep'), at: part, value: fc.constantFrom('[', '{"a":') }),
  fc.record({ kind: fc.constantFrom('crlf', 'utf16', 'mark') }),
);
type Change = { kind: string; at?: number; bit?: number; value?: string; length?: number };

function spoilt(bytes: Buffer, { kind, at = 0, bit = 0, value = '', length = 0 }: Change): Buffer {
  const place = Math.floor(at * bytes.length),
    text = bytes.toString('latin1');
  const replaced = (pattern: RegExp, by: string): Buffer => {
    const found = [...text.matchAll(pattern)],
      match = found[Math.floor(at * found.length)];
    return match ? Buffer.from(text.slice(0, match.index) + by + text.slice(match.index + match[0].length), 'latin1') : bytes;
  };
  if (kind === 'flip' && bytes.length) {
    const flipped = Buffer.from(bytes);
    flipped[place] ^= 1 << bit;
    return flipped;
  }
  if (kind === 'cut') return bytes.subarray(0, place);
  if (kind === 'zeros') return Buffer.concat([bytes.subarray(0, place), Buffer.alloc(9), bytes.subarray(place)]);
  if (kind === 'value') return replaced(/\{[^{}]*\}|\[[^[\]]*\]|"[^"\\]*"|-?\d+(\.\d+)?/g, value);
  if (kind === 'word') return replaced(/(?<=")[^"\\]{1,60}(?=")/g, value);
  if (kind === 'repeat') return Buffer.concat([bytes.subarray(0, place + length), bytes.subarray(place)]);
  if (kind === 'deep') return replaced(/(?<=:)/g, value.repeat(20_000));
  if (kind === 'crlf') return Buffer.from(text.replaceAll('\n', '\r\n'), 'latin1');
  if (kind === 'utf16') return Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text, 'utf16le')]);
  return kind === 'mark' ? Buffer.concat([Buffer.from('\ufeff'), bytes]) : bytes;
}

/** Numbers of records that can be none or below zero. */
function wrongNumbers(value: unknown, path = ''): string[] {
  if (typeof value === 'number')
    return Number.isFinite(value) && (value >= 0 || /launchDelay|offset/.test(path)) ? [] : [`${path} ${value}`];
  if (typeof value !== 'object' || value === null || path.endsWith('graph')) return [];
  return Object.entries(value).flatMap(([key, part]) => wrongNumbers(part, `${path}.${key}`));
}

/** How a file ends: what is wrong with its result, or its error where that is not typed. */
async function outcome(bytes: Buffer): Promise<string[]> {
  try {
    const reader = readerFor(sourceOf(bytes)),
      wrong: string[] = [];
    for (const run of [
      async () => reader.analyse?.(sourceOf(bytes), {}),
      async () => {
        wrong.push(...wrongNumbers(await collect(reader.read(sourceOf(bytes), {}))));
      },
    ])
      await run().catch((error) => {
        if (!(error instanceof HwcastError)) wrong.push(`${reader.format}: ${error.stack}`);
      });
    return wrong;
  } catch (error) {
    return error instanceof HwcastError ? [] : [String((error as Error).stack)];
  }
}

describe('a file that anything happened to', () => {
  it('is read with its losses, or ends with an error of a code, in time', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...SEEDS), fc.array(change, { minLength: 1, maxLength: 3 }), async (seed, changes) => {
        expect(await outcome((changes as Change[]).reduce(spoilt, seed))).toEqual([]);
      }),
      { numRuns: 1500, seed: 21, endOnFailure: true },
    );
  }, 120_000);

  it('a table of a database that leads to itself has no end, and is refused', async () => {
    const database = tinyDatabase({ KERN: { columns: 'KernelName TEXT, BeginNs INTEGER', rows: [['k', 1]] } });
    const page = database.readUInt16BE(16);
    // the table's page becomes one that lists itself
    database[page] = 5;
    database.writeUInt16BE(1, page + 3);
    database.writeUInt32BE(2, page + 8);
    database.writeUInt16BE(page - 8, page + 12);
    database.writeUInt32BE(2, 2 * page - 8);
    expect(await failure(analysed(database))).toMatchObject({
      code: 'corrupt',
      message: expect.stringMatching(/page 2 stands twice in a table/),
    });
  });

  it('what a reader trips over names its format', async () => {
    const reader = READERS.find((r) => r.format === 'rocprofv3')!,
      source = sourceOf(
        '{"rocprofiler-sdk-tool": [{"agents": 5, "buffer_records": {"kernel_dispatch": [{"start_timestamp": 1, "end_timestamp": 2}]}}]}',
      );
    expect(await failure(reader.analyse!(source))).toMatchObject({
      code: 'corrupt',
      where: 'a.file',
      message: expect.stringContaining('this file of format rocprofv3 is damaged, or of a form that is not read'),
    });
  });
});

describe('paths that are no plain files', () => {
  const folder = mkdtempSync(join(tmpdir(), 'hwcast-strange-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const pipe = join(folder, 'pipe');
  execFileSync('mkfifo', [pipe]);

  it('pipes in folders are passed over, and read once only', async () => {
    expect(await failure(collect(walkSources([join(folder, 'nowhere')])))).toMatchObject({ code: 'not-found' });
    expect(sourceUnits([folder])).toEqual([]);
    expect(await new SourceCache(folder, {}).placeOf({ path: pipe, named: true })).toBeUndefined();
    const { error } = await runCommand(registerTrace, ['trace', pipe, '--batch', '2']);
    expect(error).toMatchObject({ code: 'usage', message: `a what-if reads its profile twice, which '${pipe}' cannot` });
  });

  it('a folder in the place of a file is an error, or an issue where it was found', async () => {
    const inside = join(folder, 'inside');
    mkdirSync(inside);
    const reads = (named: boolean) => collect(walkUnit({ path: inside, named }));
    expect(await failure(reads(true))).toMatchObject({ code: 'not-found', message: expect.stringContaining('EISDIR') });
    expect(await reads(false)).toMatchObject([{ kind: 'issue', what: 'file' }]);
  });

  it('a file that grew while it was read is not kept in the cache', async () => {
    const file = join(folder, 'grows.json'),
      cache = new SourceCache(join(folder, 'cache'), {}),
      unit = { path: file, named: true };
    writeFileSync(file, tinyTrace(twoSteps()));
    const found = [{ name: file, format: 'kineto', sha256: '', named: true, records: [] }],
      place = await cache.placeOf(unit);
    writeFileSync(file, tinyTrace(twoSteps(150)));
    cache.put(place, unit, found);
    expect(cache.get(place, unit)).toBeUndefined();
    const again = await cache.placeOf(unit);
    cache.put(again, unit, found);
    expect(cache.get(again, unit)).toHaveLength(1);
  });
});
