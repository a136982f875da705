import { describe, expect, it } from 'vitest';
import { workloadRows } from '../../src/graph/workloadRows.js';

const A = '|avg_pool_3x3~0|+|none~0|none~1|+|skip_connect~0|none~1|nor_conv_3x3~2|',
  OFA = `224,22222,${'3'.repeat(20)},${'4'.repeat(20)}`,
  FBNET = '0123456780123456780123';
const read = async (text: string) => (await workloadRows(text, 'w.txt')).map((r) => [r.line, r.workload.id, r.fields]);

describe('workloadRows', () => {
  it('reads one workload a line, as `hwcast sample` prints them', async () => {
    expect(await read(`nasbench201:#9\n\n${FBNET}\nofa:${OFA}\n`)).toEqual([
      [1, `nasbench201:${A}`, {}],
      [3, `fbnet:${FBNET}`, {}],
      [4, `ofa:${OFA}`, {}],
    ]);
    expect(await read(A)).toEqual([[1, `nasbench201:${A}`, {}]]);
  });

  it('reads CSV with a column workload, wherever it stands', async () => {
    expect(await read(`latency_ms,workload\n1.5,nasbench201:#9\n2,"${OFA}"\n`)).toEqual([
      [2, `nasbench201:${A}`, { latency_ms: '1.5' }],
      [3, `ofa:${OFA}`, { latency_ms: '2' }],
    ]);
  });

  it('reads CSV from a spreadsheet: byte order mark, carriage returns, spaces, empty lines', async () => {
    expect(await read(`\uFEFFworkload, latency_ms\r\n nasbench201:#9 , 3 \r\n\r\n${FBNET},4\r\n`)).toEqual([
      [2, `nasbench201:${A}`, { latency_ms: '3' }],
      [4, `fbnet:${FBNET}`, { latency_ms: '4' }],
    ]);
  });

  it('reads JSON lines with values as they are', async () => {
    expect(await read(`{"workload":"nasbench201:#9","latency_ms":1.5,"tags":["a"]}\n\n{"workload":"${FBNET}"}\n`)).toEqual([
      [1, `nasbench201:${A}`, { latency_ms: 1.5, tags: ['a'] }],
      [3, `fbnet:${FBNET}`, {}],
    ]);
  });

  it.each<[string, string, Record<string, unknown>]>([
    ['an empty file', '', { where: 'w.txt', message: 'holds no workload' }],
    [
      'a list whose first workload is misspelt',
      'nasbench201:#99999\nnasbench201:#9\n',
      { where: 'w.txt:1', message: expect.stringContaining('not #99999') },
    ],
    [
      'a list of an unknown space',
      'nasbench:#9\n',
      { code: 'not-found', where: 'w.txt:1', message: expect.stringContaining("no space 'nasbench'") },
    ],
    ['a header alone', 'workload\n', { where: 'w.txt', message: 'holds no workload' }],
    [
      'CSV without the column',
      'network,latency_ms\nx,1\n',
      {
        where: 'w.txt',
        message: "no column 'workload' in the header 'network,latency_ms'",
        hint: expect.stringContaining('CSV or JSONL'),
      },
    ],
    [
      'an unquoted OFA code',
      `workload,latency_ms\nofa:${OFA},3\n`,
      { where: 'w.txt:2', message: '5 cells for 2 columns', hint: expect.stringContaining('double quotes') },
    ],
    ['an open quote', 'workload\n"nasbench201:#9\n', { message: expect.stringContaining('not a table') }],
    ['an empty workload', 'workload,latency_ms\n,3\n', { where: 'w.txt:2', message: 'no workload in this row' }],
    ['a number as workload', '{"workload":4711}\n', { where: 'w.txt:1', message: 'no workload in this row' }],
    [
      'JSON cut off',
      '{"workload":"nasbench201:#9"}\n{"worklo',
      { where: 'w.txt:2', message: expect.stringContaining('not whole JSON') },
    ],
    ['a JSON list', '{"workload":"nasbench201:#9"}\n[1]\n', { where: 'w.txt:2', message: "not a JSON object: '[1]'" }],
    [
      'a wrong cell among good ones',
      'nasbench201:#9\nnasbench201:|a~0|\n',
      { where: 'w.txt:2', message: expect.stringContaining('not a NAS-Bench-201 cell'), hint: expect.stringContaining('#index') },
    ],
    ['a wrong index', 'workload\nnasbench201:#15625\n', { where: 'w.txt:2', message: expect.stringContaining('#15624') }],
  ])('refuses %s', async (_, text, expected) => {
    await expect(workloadRows(text, 'w.txt')).rejects.toMatchObject({ code: 'bad-input', ...expected });
  });

  it('keeps the code of an unknown space', async () => {
    await expect(workloadRows('workload\nnasbench9:x\n', 'w.txt')).rejects.toMatchObject({
      code: 'not-found',
      where: 'w.txt:2',
      message: expect.stringContaining('nasbench201'),
    });
  });
});
