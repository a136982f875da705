import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { renderFigure, writeFigure } from '../../../src/evaluate/report/figure.js';
import { figureData } from '../../../src/evaluate/report/figureData.js';
import { renderScatter } from '../../../src/evaluate/report/figureScatter.js';
import { renderPng, svgDocument } from '../../../src/evaluate/report/figureStyle.js';
import type { ResultRow } from '../../../src/evaluate/resultRow.js';
import { parseWorkload } from '../../../src/graph/workload.js';

const folder = mkdtempSync(join(tmpdir(), 'hwcast-figure-'));
afterAll(() => rmSync(folder, { recursive: true }));

const row = (of: Partial<ResultRow>): ResultRow => ({
  protocol: 'leave-one-out',
  space: 'nasbench201',
  task: 'without a',
  device: 'a',
  target: 'latency',
  method: 'flops',
  k: 10,
  selection: 'random',
  draws: 2,
  spearman: 0.8,
  spearmanSd: 0.01,
  kendall: 0.6,
  mape: 0.5,
  medianApe: 0.4,
  within5: 0,
  within10: 0.1,
  coverage90: 0.9,
  ceiling: 0.99,
  measuredAt: '2026-11-24T00:00:00.000Z',
  command: 'hwcast evaluate',
  ...of,
});
const ROWS = [
  row({}),
  row({ device: 'b', medianApe: 0.2, spearman: 0.6 }),
  row({ k: 5, medianApe: null, spearman: null }),
  row({ method: 'closed-form', selection: 'chosen', medianApe: 0.02, spearman: 0.98 }),
  row({ method: 'closed-form', selection: 'chosen', k: 20, medianApe: 0.01, spearman: 0.99 }),
  row({ method: 'closed-form', target: 'energy', medianApe: 0.05 }),
  row({ method: 'ceiling', k: 877, medianApe: 0.008, spearman: 0.995 }),
];

describe('figureData', () => {
  it('averages over devices, in percent, and keeps the ceiling apart', () => {
    const data = figureData(ROWS);
    expect(data.methods).toEqual(['flops', 'closed-form']);
    expect(data.k).toEqual([5, 10, 20]);
    expect(data.groups.map((g) => g.name)).toEqual(['nasbench201 latency', 'nasbench201 energy']);
    expect(data.groups[0].ceilingError).toBeCloseTo(0.8);
    expect(data.groups[0].ceilingSpearman).toBeCloseTo(0.995);
    expect(data.groups[1].ceilingError).toBeNaN();
    const flops = data.points.find((p) => p.method === 'flops' && p.k === 10)!;
    expect(flops.medianError).toBeCloseTo(30);
    expect(flops.spearman).toBeCloseTo(0.7);
    expect(data.points.find((p) => p.k === 5)!.medianError).toBeNaN();
  });

  it('names the protocol where rows are of several', () => {
    const { groups } = figureData([...ROWS, row({ protocol: 'help', space: 'fbnet' })]);
    expect(groups.map((g) => g.name)).toEqual([
      'leave-one-out nasbench201 latency',
      'help fbnet latency',
      'leave-one-out nasbench201 energy',
    ]);
  });
});

describe('renderFigure', () => {
  it('draws every method, selection and group, the same bytes for the same rows', () => {
    const svg = renderFigure(ROWS)!;
    expect(renderFigure(ROWS)).toBe(svg);
    for (const text of [
      'flops',
      'closed-form',
      'nasbench201 latency',
      'nasbench201 energy',
      'median error, %',
      'Spearman',
      'ceiling',
      'chosen',
      'random',
    ])
      expect(svg).toContain(text);
    expect(svg).not.toContain('NaN');
  });

  it('takes one number of measurements, one method, and values that are all the same', () => {
    const svg = renderFigure([row({}), row({ device: 'b' })])!;
    expect(svg).toContain('flops');
    expect(svg).not.toContain('NaN');
  });

  it('takes an error of zero, which a logarithmic scale cannot show', () => {
    const svg = renderFigure([row({ medianApe: 0 }), row({ k: 20, medianApe: 0.1 })])!;
    expect(svg).not.toMatch(/NaN|Infinity/);
  });

  it('takes rows whose scores are all unknown', () => {
    expect(renderFigure([row({ medianApe: null, spearman: null })])).not.toMatch(/NaN|Infinity/);
  });

  it('leaves names of methods as text', () => {
    expect(renderFigure([row({ method: 'a<b' })])).toContain('a&lt;b');
  });
});

describe('writeFigure', () => {
  it('writes SVG and PNG, and nothing without a measured method', () => {
    writeFigure(folder, [row({ method: 'ceiling' })]);
    expect(existsSync(join(folder, 'results.svg'))).toBe(false);
    writeFigure(folder, ROWS);
    expect(readFileSync(join(folder, 'results.svg'), 'utf8')).toMatch(/^<svg xmlns/);
    expect(readFileSync(join(folder, 'results.png')).subarray(1, 4).toString()).toBe('PNG');
  });
});

describe('renderPng', () => {
  it('draws text with the font that comes with hwcast, whatever the machine has', () => {
    const blank = renderPng(svgDocument(80, 20, [])),
      text = renderPng(svgDocument(80, 20, ['<text x="4" y="14">0.95</text>']));
    expect(text.equals(blank)).toBe(false);
  });
});

describe('renderScatter', () => {
  const predictions = [1e-3, 2e-3, 3e-3].map((value) => ({
    value,
    unit: 's',
    low: 0.9 * value,
    high: 1.1 * value,
    provenance: 'adapted' as const,
    warnings: [],
  }));
  const support = [{ workload: parseWorkload('nasbench201:#1'), value: 2.5e-3 }];

  it('shows predictions, intervals, support and units', () => {
    const svg = renderScatter(predictions, [1.1e-3, 2e-3, 2.9e-3], { title: 'a & b', target: 'latency', support });
    for (const text of ['measured, ms', 'predicted, ms', 'a &amp; b', '1 measured', 'within 10 %']) expect(svg).toContain(text);
    expect(svg).not.toContain('NaN');
    expect(renderScatter(predictions, [1.1e-3, 2e-3, 2.9e-3], { title: 'a & b', target: 'latency', support })).toBe(svg);
  });

  it('needs no support', () => {
    const svg = renderScatter(predictions, [1.1e-3, 2e-3, 2.9e-3], { title: 'x', target: 'energy' });
    expect(svg).toContain('measured, mJ');
    expect(svg).not.toContain('0 measured');
  });
});
