import { describe, expect, it } from 'vitest';
import { TARGETS, VALUE_COLUMNS } from '../../src/graph/targets.js';
import { parseSupport } from '../../src/networks/supportFile.js';

const A = 'nasbench201:#0',
  B = 'nasbench201:#1',
  OFA = `ofa:224,22222,${'3'.repeat(20)},${'4'.repeat(20)}`;
const refused = (text: string, expected: Record<string, unknown>, target?: (typeof TARGETS)[number]) =>
  expect(parseSupport(text, 'support.csv', target)).rejects.toMatchObject({ code: 'bad-input', ...expected });

describe('parseSupport', () => {
  it.each([
    ['latency_s', 'latency', 2],
    ['latency_ms', 'latency', 2e-3],
    ['latency_us', 'latency', 2e-6],
    ['energy_j', 'energy', 2],
    ['energy_mj', 'energy', 2e-3],
    ['power_w', 'power', 2],
    ['peak_memory_bytes', 'peak_memory', 2],
    ['peak_memory_mb', 'peak_memory', 2e6],
    ['lut', 'lut', 2],
    ['cycles', 'cycles', 2],
  ])('column %s is %s in SI', async (column, target, value) => {
    const support = await parseSupport(`workload,${column}\n${A},2\n`, 'support.csv');
    expect(support.target).toBe(target);
    expect(support.rows[0].value).toBeCloseTo(value, 15);
  });

  it('has a column for every target', () => {
    expect(new Set(Object.values(VALUE_COLUMNS).map((c) => c.target))).toEqual(new Set(TARGETS));
  });

  it('reads CSV with spread and repeats, other columns left alone', async () => {
    const text = `note,workload,latency_ms,spread,repeats\nx,${A},1.5,0.02,8\ny,"${OFA}",2.5,,\n`;
    const { rows } = await parseSupport(text, 'support.csv');
    expect(rows).toMatchObject([
      { workload: { id: expect.stringContaining('nasbench201:|') }, value: 1.5e-3, spread: 0.02, repeats: 8 },
      { workload: { id: OFA }, value: 2.5e-3 },
    ]);
    expect(rows[1].spread).toBeUndefined();
    expect(rows[1].repeats).toBeUndefined();
  });

  it('reads what ingest reads: semicolons, tabs, nanoseconds, deviations in the unit of the value', async () => {
    const semicolons = await parseSupport(`workload;latency_ns;spread_ns\n${A};2000;100\n`, 'support.csv'),
      tabs = await parseSupport(`\uFEFFworkload\tpeak_memory_mib\n${A}\t1.5\n`, 'support.tsv');
    expect(semicolons.rows[0].value).toBeCloseTo(2e-6, 15);
    expect(semicolons.rows[0].spread).toBeCloseTo(0.05, 12);
    expect(tabs).toMatchObject({ target: 'peak_memory', rows: [{ value: 1.5 * 1024 ** 2 }] });
  });

  it('refuses a spread in a unit of another quantity', async () => {
    await refused(`workload,latency_ms,spread_mj\n${A},2,1\n`, {
      message: 'spread_mj is no unit of latency',
      where: 'support.csv:2',
    });
  });

  it('reads JSON lines, numbers as numbers or text', async () => {
    const { rows, target } = await parseSupport(
      `{"workload":"${A}","energy_mj":3}\n\n{"workload":"${B}","energy_mj":"4"}\n`,
      's.jsonl',
    );
    expect(target).toBe('energy');
    expect(rows.map((r) => r.value)).toEqual([3e-3, 4e-3]);
  });

  it('takes the wanted target where there are several', async () => {
    const text = `workload,latency_ms,energy_mj\n${A},1,2\n`;
    expect(await parseSupport(text, 's', 'energy')).toMatchObject({ target: 'energy', rows: [{ value: 2e-3 }] });
    await refused(text, { message: 'columns latency_ms and energy_mj in the support file', hint: 'choose one with --target' });
  });

  it.each<[string, string, Record<string, unknown>]>([
    ['an empty file', ' \n', { message: 'the support file is empty', where: 'support.csv' }],
    ['a header alone', 'workload,latency_ms\n', { message: 'holds no workload', where: 'support.csv' }],
    [
      'no value column',
      `workload,latency\n${A},1\n`,
      { message: expect.stringContaining('no column of measured values'), hint: expect.stringContaining('latency_ms') },
    ],
    ['no workload column', `network,latency_ms\n${A},1\n`, { message: expect.stringContaining("no column 'workload'") }],
    [
      'two units of one target',
      `workload,latency_ms,latency_us\n${A},1,1000\n`,
      { message: expect.stringContaining('latency_ms and latency_us') },
    ],
    [
      'a negative value',
      `workload,latency_ms\n${A},1\n${B},-2\n`,
      { where: 'support.csv:3', message: "latency_ms is '-2', not a positive number" },
    ],
    ['zero', `workload,latency_ms\n${A},0\n`, { where: 'support.csv:2', message: "latency_ms is '0', not a positive number" }],
    [
      'an empty value',
      `workload,latency_ms\n${A},\n`,
      { where: 'support.csv:2', message: "latency_ms is '', not a positive number" },
    ],
    ['a missing value', `workload,latency_ms\n${A}\n`, { where: 'support.csv:2' }],
    ['text as value', `workload,latency_ms\n${A},fast\n`, { where: 'support.csv:2', message: expect.stringContaining("'fast'") }],
    ['infinity', `workload,latency_ms\n${A},Infinity\n`, { where: 'support.csv:2' }],
    ['true as value', `{"workload":"${A}","latency_ms":true}\n`, { where: 'support.csv:1' }],
    [
      'the same network twice, in other words',
      `workload,latency_ms\n${A},1\n${B},2\n\nnasbench201:0,3\n`,
      {
        where: 'support.csv:5',
        message: expect.stringMatching(/was measured in line 2 already$/),
        hint: expect.stringContaining('averaged'),
      },
    ],
    [
      'a wrong network',
      `workload,latency_ms\n${A},1\nnasbench201:|x~0|,2\n`,
      { where: 'support.csv:3', message: expect.stringContaining('not a NAS-Bench-201 cell') },
    ],
    [
      'text as repeats',
      `workload,latency_ms,repeats\n${A},1,x\n`,
      { where: 'support.csv:2', message: "repeats is 'x', not a number" },
    ],
  ])('refuses %s', async (_, text, expected) => {
    await refused(text, expected);
  });

  it('names the target that is missing', async () => {
    await refused(`workload,latency_ms\n${A},1\n`, { message: 'no column of measured energy in the support file' }, 'energy');
  });
});
