import { describe, expect, it } from 'vitest';
import { renderPng } from '../../../src/evaluate/report/figureStyle.js';
import { renderPick } from '../../../src/evaluate/report/pickFigure.js';
import { parseWorkload } from '../../../src/graph/workload.js';
import type { Judged, Picked, Verdict } from '../../../src/networks/pick.js';

const judged = (name: string, ms: number, verdict: Verdict, provenance: 'measured' | 'adapted' = 'adapted'): Judged => ({
  workload: parseWorkload(`timm:${name}`),
  estimate: { value: ms / 1e3, low: (0.9 * ms) / 1e3, high: (1.1 * ms) / 1e3, unit: 's', provenance },
  meets: 0.5,
  verdict,
  next: null,
  warnings: [],
  assumptions: [],
});
const PICKED: Picked = {
  task: { device: 'a <b>', condition: '', target: 'latency' },
  budget: 0.01,
  risk: 0.05,
  judged: [
    judged('small', 4, 'yes'),
    judged('worse', 5, 'yes', 'measured'),
    judged('good', 8, 'yes'),
    judged('near', 10, 'maybe'),
    judged('large', 20, 'no'),
    judged('untold', 6, 'yes'),
  ],
};
const merit = (lessIsBetter?: boolean) => ({
  name: 'top-1 & more',
  of: new Map([70, 69, 76, 78, 82].map((v, i) => [PICKED.judged[i].workload.id, v])),
  lessIsBetter,
});
const count = (svg: string, part: string | RegExp) => svg.split(part).length - 1;

describe('renderPick', () => {
  const svg = renderPick(PICKED, merit());

  it('draws each workload with its verdict and interval, counted in the legend', () => {
    expect(svg).toContain('yes (3)');
    expect(svg).toContain('maybe (1)');
    expect(svg).toContain('no (1)');
    // dots of the plot and one of the legend each
    expect(count(svg, /<circle[^>]*r="3"/)).toBe(4 + 3);
    expect(count(svg, /<line [^>]*stroke="#(?:0072b2|e69f00|999999)"/)).toBe(5);
  });

  it('names the front from the least value, and says what is left out', () => {
    expect(svg).toContain('1: 4.00 ms, 70: timm:small');
    expect(svg).toContain('2: 8.00 ms, 76: timm:good');
    expect(svg).not.toContain('3: ');
    expect(svg).toContain('more top-1 &amp; more is better; 1 without top-1 &amp; more not shown');
    expect(svg).toContain('Which meet 10 ms on a &lt;b>?');
    expect(svg).toContain('budget 10 ms');
  });

  it('turns around where less is better', () => {
    const less = renderPick(PICKED, merit(true));
    expect(less).toContain('less top-1 &amp; more is better');
    expect(less).toContain('2: 5.00 ms, 69: timm:worse');
  });

  it('is the same again, and a picture', () => {
    expect(renderPick(PICKED, merit())).toBe(svg);
    expect(renderPng(svg).subarray(1, 4).toString()).toBe('PNG');
  });

  it('takes workloads whose error is not known, values orders of magnitude apart, and an empty front', () => {
    const wide = PICKED.judged.map((j, i) => ({
      ...j,
      verdict: 'maybe' as const,
      estimate: { ...j.estimate, value: 10 ** (i - 4), low: null, high: null },
    }));
    const drawn = renderPick({ ...PICKED, judged: wide }, merit());
    expect(drawn).not.toMatch(/NaN|undefined/);
    expect(drawn).toContain('maybe (5)');
  });
});
