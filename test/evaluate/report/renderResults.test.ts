import { describe, expect, it } from 'vitest';
import { PUBLISHED } from '../../../src/evaluate/report/published.js';
import { renderResults } from '../../../src/evaluate/report/renderResults.js';
import { resultRow } from '../resultRows.js';

const unknown = {
  spearman: null,
  spearmanSd: null,
  kendall: null,
  mape: null,
  medianApe: null,
  within5: null,
  within10: null,
  coverage90: null,
};
/** Cells of the lines that hold all of the given texts. */
const cells = (text: string, ...parts: string[]) =>
  text
    .split('\n')
    .filter((line) => parts.every((p) => line.includes(p)))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((c) => c.trim()),
    );

describe('renderResults', () => {
  it('is the page it was', () => {
    const rows = [
      resultRow(),
      resultRow({ selection: 'chosen', spearman: 0.99, medianApe: 0.015 }),
      resultRow({ device: 'eyeriss', spearman: 0.96, coverage90: 0.9 }),
      resultRow({ method: 'flops', ...unknown, spearman: 0.7, ceiling: null }),
      resultRow({ method: 'ceiling', k: 540, ...unknown, spearman: 0.995 }),
    ];
    expect(renderResults(rows)).toMatchSnapshot();
  });

  it('means over devices, and nothing where nothing is known', () => {
    const text = renderResults([
      resultRow({ spearman: 0.9, medianApe: 0.02 }),
      resultRow({ device: 'b', spearman: 0.8, medianApe: 0.04 }),
      resultRow({ device: 'c', ...unknown }),
      resultRow({ device: 'b', method: 'flops', ...unknown }),
    ]);
    const [mean] = cells(text, '| help |', 'closed-form');
    expect(mean.slice(0, 6)).toEqual(['help', 'nasbench201', 'HELP', 'latency', 'closed-form', '20']);
    expect(mean.slice(6, 10)).toEqual(['0.850', '3.0', '97', '89']);
    expect(mean.slice(10, 14)).toEqual(['', '', '', '']);
    const [empty] = cells(text, '| help |', 'flops');
    expect(empty.slice(6, 10)).toEqual(['', '', '', '']);
    expect(text).not.toMatch(/NaN|null|undefined/);
  });

  it('puts published numbers beside ours, with their source', () => {
    const text = renderResults([resultRow(), resultRow({ device: 'pixel2' })]);
    const [ours, ...published] = cells(text, '| gold_6226 |');
    expect(ours.slice(0, 5)).toEqual(['gold_6226', 'closed-form', '20', 'random', '0.988 ± 0.004']);
    expect(published.map((c) => [c[1].split(' (')[0], c[2], c[4]])).toEqual([
      ['HELP', '20', '0.989'],
      ['BRP-NAS', '900', '0.796'],
      ['HELP re-run, tuned', '20', '0.985'],
    ]);
    expect(text).toMatch('HELP (published: HELP, README table 3 of its repository; 10 support + 10 reference networks)');
    expect(text).not.toMatch('eyeriss');
    expect(renderResults([resultRow({ protocol: 'leave-one-out' })])).not.toMatch('published');
  });

  it('keeps protocols, spaces, tasks and targets apart, and names every command', () => {
    const text = renderResults([
      resultRow(),
      resultRow({ target: 'energy', command: 'other' }),
      resultRow({ task: 'N1', protocol: 'nasflat' }),
    ]);
    expect(text.match(/^## .*$/gm)).toEqual([
      '## Means over devices',
      '## help nasbench201 HELP latency',
      '## help nasbench201 HELP energy',
      '## nasflat nasbench201 N1 latency',
    ]);
    expect(text.match(/^Command: .*$/gm)).toEqual([
      'Command: `hwcast evaluate --protocol help`, 2026-01-02T03:04:05.000Z.',
      'Command: `other`, 2026-01-02T03:04:05.000Z.',
    ]);
  });
});

describe('published numbers', () => {
  it('are correlations of the protocol with a source, no device of a method twice', () => {
    const keys = PUBLISHED.map((p) => [p.protocol, p.space, p.device, p.method].join());
    expect(new Set(keys).size).toBe(keys.length);
    for (const p of PUBLISHED) {
      expect(p.spearman).toBeGreaterThan(0.5);
      expect(p.spearman).toBeLessThan(1);
      expect(p.source).toMatch(/HELP|NASFLAT/);
    }
    const help = (device: string) =>
      PUBLISHED.find((p) => p.space === 'nasbench201' && p.method === 'HELP' && p.device === device)!.spearman;
    expect(['titan_rtx_256', 'gold_6226', 'pixel2', 'eyeriss'].map(help)).toEqual([0.987, 0.989, 0.802, 0.94]);
  });
});
