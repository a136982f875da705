import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { workloadRows } from '../../src/graph/workloadRows.js';
import { writeSupport } from '../../src/measure/writeSupport.js';

const folder = mkdtempSync(join(tmpdir(), 'hwcast-support-'));
afterAll(() => rmSync(folder, { recursive: true }));
const CELL = 'nasbench201:|none~0|+|none~0|nor_conv_1x1~1|+|skip_connect~0|nor_conv_3x3~1|none~2|';
const OFA = `ofa:224,22222,${'3'.repeat(20)},${'4'.repeat(20)}`;
const ROWS = [
  { workload: CELL, latency: 0.0123456789, spread: 0.01, repeats: 5 },
  { workload: OFA, latency: 1, spread: 0, repeats: 5 },
];
const idsIn = async (path: string) => (await workloadRows(readFileSync(path, 'utf8'), path)).map((r) => r.workload.id);

describe('writeSupport', () => {
  it('writes CSV, quoting codes with commas, and leaves no temporary file', async () => {
    const path = join(folder, 'support.csv');
    writeSupport(path, ROWS);
    expect(readFileSync(path, 'utf8')).toBe(`workload,latency_ms,spread,repeats\n${CELL},12.34568,0.01,5\n"${OFA}",1000,0,5\n`);
    expect(readdirSync(folder).filter((f) => f.endsWith('.tmp'))).toEqual([]);
    expect(await idsIn(path)).toEqual([CELL, OFA]);
  });

  it('writes JSON lines by extension', async () => {
    const path = join(folder, 'support.jsonl');
    writeSupport(path, ROWS);
    expect(JSON.parse(readFileSync(path, 'utf8').split('\n')[0])).toEqual({
      workload: CELL,
      latency_ms: 12.34568,
      spread: 0.01,
      repeats: 5,
    });
    expect(await idsIn(path)).toEqual([CELL, OFA]);
  });
});
