import { appendFileSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { registerDataset } from '../../src/cli/dataset.js';
import { ingest } from '../../src/dataset/ingest/ingest.js';
import { queryDatasets } from '../../src/dataset/queryDatasets.js';
import { writeDataset } from '../../src/dataset/store.js';
import { queryCsv, queryJson, queryTable } from '../../src/present/queryView.js';
import { runCommand } from '../cli/runCommand.js';
import { hasDuckdb } from '../duckdbHere.js';

const folder = mkdtempSync(join(tmpdir(), 'hwcast-query-'));
afterAll(() => rmSync(folder, { recursive: true }));
const A = join(folder, "it's a"),
  B = join(folder, 'b');
beforeAll(async () => {
  for (const [out, name, latency] of [
    [A, "it's a", 3],
    [B, 'b', 5],
  ] as const) {
    const table = join(folder, 'ops.csv');
    writeFileSync(table, `workload,device,latency_us\nop:relu/fp32/4x16/,d,${latency}\nop:gelu/fp32/4x16/,d,${2 * latency}\n`);
    await writeDataset(out, (await ingest([table], { name })).dataset);
  }
});

it('names the package and how to install it where it is missing', async () => {
  await expect(queryDatasets('select 1', [A], '@duckdb/missing')).rejects.toMatchObject({
    code: 'not-found',
    message: "querying datasets needs the package '@duckdb/missing', which is not installed",
    hint: expect.stringMatching(/^run `npm install @duckdb\/missing` in your project/),
  });
  await expect(queryDatasets('select 1', [])).rejects.toMatchObject({ code: 'usage', message: 'a query needs a dataset' });
});

describe('answers', () => {
  const answer = {
    columns: ['a', 'a', 'text'],
    rows: [
      [1, 2.5, 'x,y'],
      [10, null, null],
    ],
  };
  it('are a table, CSV or JSON', () => {
    expect(queryTable(answer)).toBe(' a    a  text\n 1  2.5  x,y\n10    -  -');
    expect(queryCsv(answer)).toBe('a,a,text\n1,2.5,"x,y"\n10,,');
    expect(JSON.parse(queryJson(answer))).toEqual([
      { a: 1, a_2: 2.5, text: 'x,y' },
      { a: 10, a_2: null, text: null },
    ]);
  });
});

describe.skipIf(!hasDuckdb)('queries (need the optional peer @duckdb/node-api)', () => {
  it('see the measurements and workloads of all datasets', async () => {
    const sql =
      'select m.dataset, count(*) as n, round(max(value) * 1e6) as most from measurements m join workloads w on workload = id and m.dataset = w.dataset group by m.dataset order by 1';
    expect(await queryDatasets(sql, [A, B])).toEqual({
      columns: ['dataset', 'n', 'most'],
      rows: [
        ['b', 2, 10],
        ["it's a", 2, 6],
      ],
    });
  });

  it('give values that are no plain numbers as text', async () => {
    const { rows } = await queryDatasets(
      "select 9007199254740993::bigint, 7::hugeint, date '2026-01-02', [1, 2], true, null, 0.1::double",
      [A],
    );
    expect(rows).toEqual([['9007199254740993', 7, '2026-01-02T00:00:00.000Z', '[1,2]', true, null, 0.1]]);
  });

  it('that are wrong say so, with the tables and columns there are', async () => {
    await expect(queryDatasets('select speed from measurements', [A])).rejects.toMatchObject({
      code: 'bad-input',
      where: 'query',
      message: expect.stringContaining('"speed" not found'),
      hint: expect.stringMatching(/measurements \(dataset VARCHAR, workload VARCHAR, .*workloads \(dataset VARCHAR, id VARCHAR/),
    });
    await expect(queryDatasets('selec', [A])).rejects.toMatchObject({ message: expect.stringContaining('syntax error') });
  });

  it('reach nothing else', async () => {
    const out = join(folder, 'out.csv');
    await expect(queryDatasets(`copy measurements to '${out}'`, [A])).rejects.toMatchObject({ code: 'bad-input' });
    await expect(queryDatasets(`select * from read_csv('${join(folder, 'ops.csv')}')`, [A])).rejects.toMatchObject({
      code: 'bad-input',
    });
    await expect(queryDatasets('set enable_external_access = true', [A])).rejects.toMatchObject({ code: 'bad-input' });
    expect(existsSync(out)).toBe(false);
  });

  it('are there on the command line, and refuse a damaged dataset', async () => {
    const { stdout } = await runCommand(registerDataset, [
      'dataset',
      'query',
      'select count(*) as n from workloads',
      '--dataset',
      A,
      '--csv',
    ]);
    expect(stdout).toBe('n\n2\n');
    appendFileSync(join(B, 'measurements.parquet'), 'x');
    expect((await runCommand(registerDataset, ['dataset', 'query', 'select 1', A, B])).error).toMatchObject({ code: 'corrupt' });
  });
});
