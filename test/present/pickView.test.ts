import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import { parseWorkload } from '../../src/graph/workload.js';
import type { Judged, Picked } from '../../src/networks/pick.js';
import { nextNames, pickCsv, pickJson, pickSummary, pickText } from '../../src/present/pickView.js';

const judged = (id: string, rest: Partial<Judged>, ms: [number, number | null, number | null]): Judged => {
  const [value, low, high] = ms.map((v) => (v === null ? null : v / 1e3));
  return {
    workload: parseWorkload(id),
    estimate: { value: value!, low, high, unit: 's', provenance: 'adapted' },
    meets: 0.5,
    verdict: 'maybe',
    next: null,
    warnings: [],
    assumptions: [],
    ...rest,
  };
};
const measured = judged('timm:b', { meets: 1, verdict: 'yes' }, [2, 2, 2]);
measured.estimate.provenance = 'measured';
const PICKED: Picked = {
  task: { device: 'phone', condition: '', target: 'latency' },
  budget: 0.01,
  risk: 0.05,
  judged: [
    judged('timm:a', { meets: 0.42123456789, next: 2, warnings: ['careful'] }, [10.23456789, 8, 13]),
    measured,
    judged('timm:c', { meets: null, next: 1 }, [7, null, null]),
    judged('timm:d', { meets: 1e-9, verdict: 'no' }, [30, 28, 32]),
    judged('timm:e', { meets: 0.9999, verdict: 'yes' }, [3, 2, 4]),
  ],
};
const MERIT = {
  name: 'accuracy',
  of: new Map([
    ['timm:a', 80],
    ['timm:b', 71.5],
    ['timm:e', 70],
  ]),
};

describe('pickCsv', () => {
  it('has the published columns in the order of the candidates, empty what is not known', () => {
    expect(pickCsv(PICKED)).toBe(
      [
        'workload,latency_ms,low_ms,high_ms,p_meets,verdict,next',
        'timm:a,10.23457,8,13,0.421235,maybe,2',
        'timm:b,2,2,2,1,yes,',
        'timm:c,7,,,,maybe,1',
        'timm:d,30,28,32,0,no,',
        'timm:e,3,2,4,0.9999,yes,',
      ].join('\n'),
    );
  });

  it('names the columns after target and unit', () => {
    const energy: Picked = { ...PICKED, task: { ...PICKED.task, target: 'energy' } };
    expect(pickCsv(energy)).toMatch(/^workload,energy_mj,low_mj,high_mj,p_meets,verdict,next\n/);
    expect(parse(pickCsv(energy), { columns: true })).toHaveLength(5);
  });
});

describe('pickJson', () => {
  it('holds the same with provenance, device and warnings', () => {
    const list = JSON.parse(pickJson(PICKED));
    expect(list[0]).toEqual({
      workload: 'timm:a',
      latency_ms: 10.23457,
      low_ms: 8,
      high_ms: 13,
      p_meets: 0.421235,
      verdict: 'maybe',
      next: 2,
      provenance: 'adapted',
      device: 'phone',
      warnings: ['careful'],
    });
    expect(list[2]).toMatchObject({ low_ms: null, high_ms: null, p_meets: null, next: 1 });
    expect(list).toHaveLength(5);
  });

  it('and the other quantity and the front, where one is given', () => {
    const list = JSON.parse(pickJson(PICKED, MERIT)) as { against: number | null; front: boolean }[];
    expect(list.map((r) => [r.against, r.front])).toEqual([
      [80, false],
      [71.5, true],
      [null, false],
      [null, false],
      [70, false],
    ]);
  });
});

describe('pickText', () => {
  it('is sorted by value, tells what is not known, and counts', () => {
    expect(pickText(PICKED).replaceAll(/ {2,}/g, '  ').split('\n')).toEqual([
      'workload  latency ms  90 % interval  from  meets  verdict  next',
      'timm:b  2.000  exact  measured  100 %  yes',
      'timm:e  3.000  2.000 to 4.000  adapted  >99 %  yes',
      'timm:c  7.000  not known  adapted  not known  maybe  1',
      'timm:a  10.23  8.000 to 13.00  adapted  42 %  maybe  2',
      'timm:d  30.00  28.00 to 32.00  adapted  <1 %  no',
      '',
      "budget 10 ms on 'phone', risk 5 %: 2 yes, 2 maybe, 1 no",
    ]);
  });

  it('shows the other quantity and the front', () => {
    const lines = pickText(PICKED, MERIT).replaceAll(/ {2,}/g, '  ').split('\n');
    expect(lines[0]).toMatch(/ next {2}accuracy$/);
    expect(lines[1]).toMatch(/ yes {2}71\.5 {2}front$/);
    expect(lines[2]).toMatch(/ yes {2}70$/);
  });
});

it('pickSummary shows budget and risk as they were asked for', () => {
  expect(pickSummary({ ...PICKED, budget: 2.5e-4, risk: 0.125 })).toMatch(/^budget 0\.25 ms on 'phone', risk 12\.5 %: /);
});

it('nextNames are at most five, most worth first', () => {
  expect(nextNames(PICKED)).toEqual(['timm:c', 'timm:a']);
  const many = Array.from({ length: 9 }, (_, i) => judged(`timm:${i}`, { next: 9 - i }, [1, 1, 1]));
  expect(nextNames({ ...PICKED, judged: many })).toEqual(['timm:8', 'timm:7', 'timm:6', 'timm:5', 'timm:4']);
});
