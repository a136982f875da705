import { join } from 'node:path';
import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';
import { writeFileAtomic } from '../../core/files.js';
import type { ResultRow } from '../resultRow.js';
import { type FigureData, figureData } from './figureData.js';
import { escapeText, FONT, placed, renderPng, type Svg, svgDocument } from './figureStyle.js';

/** One colour a method, the same in every figure (Okabe and Ito's palette, distinct for the colour blind); others take the free ones in order. */
const COLOURS: Readonly<Record<string, string>> = {
  hwcast: '#d55e00',
  'closed-form': '#0072b2',
  help: '#009e73',
  'additive-mixture': '#cc79a7',
  'nearest-device': '#e69f00',
  'device-ridge': '#56b4e9',
  roofline: '#8c6d31',
  flops: '#777777',
  learned: '#332288',
  'learned-gnn': '#44aa99',
  'hwcast-gnn': '#aa4499',
};
const FREE = ['#117733', '#661100', '#ddcc77', '#882255'];
/** pixels: one column of panels, and a figure of one column */
const PANEL = 300,
  SINGLE = 460,
  LEFT = 62,
  RIGHT = 16,
  HEIGHT = 235;

/** Writes `results.svg` and `results.png` beside `results.json`; nothing where no method was measured. */
export function writeFigure(folder: string, rows: readonly ResultRow[]): void {
  const svg = renderFigure(rows);
  if (!svg) return;
  writeFileAtomic(join(folder, 'results.svg'), svg);
  writeFileAtomic(join(folder, 'results.png'), renderPng(svg));
}

/**
 * Median error (log scale) and Spearman against the number of measurements, one line a method and selection, one column a space and target, means
 * over devices; the ceiling dashed in grey. The same rows give the same bytes.
 */
export function renderFigure(rows: readonly ResultRow[]): string | undefined {
  const data = figureData(rows);
  if (!data.points.length) return undefined;
  const width = LEFT + RIGHT + (data.groups.length > 1 ? PANEL * data.groups.length : SINGLE),
    colour = colours(data.methods);
  const legend = legendOf(data, colour, width);
  const { document } = parseHTML('<!doctype html><html><body></body></html>');
  const top = panels(document, data, colour, width, {
    value: 'medianError',
    ceiling: 'ceilingError',
    label: 'median error, %',
    log: true,
    titles: true,
  });
  const bottom = panels(document, data, colour, width, {
    value: 'spearman',
    ceiling: 'ceilingSpearman',
    label: 'Spearman',
    log: false,
    titles: false,
  });
  return svgDocument(width, legend.height + 2 * HEIGHT + 34, [
    legend.svg,
    placed(top, legend.height),
    placed(bottom, legend.height + HEIGHT + 24),
  ]);
}

interface Panels {
  value: 'medianError' | 'spearman';
  ceiling: 'ceilingError' | 'ceilingSpearman';
  label: string;
  log: boolean;
  titles: boolean;
}

/** One row of panels. */
function panels(
  document: ReturnType<typeof parseHTML>['document'],
  data: FigureData,
  colour: ReadonlyMap<string, string>,
  width: number,
  { value, ceiling, label, log, titles }: Panels,
): Svg {
  const points = data.points.filter((p) => Number.isFinite(p[value]) && (p[value] > 0 || !log)),
    tops = data.groups.filter((g) => Number.isFinite(g[ceiling]) && (g[ceiling] > 0 || !log));
  const all = [...points.map((p) => p[value]), ...tops.map((g) => g[ceiling])],
    range: [number, number] = all.length ? [Math.min(...all), Math.max(...all)] : [0.5, 1],
    errors = errorScale(range);
  const line = (selection: 'random' | 'chosen') => {
    const own = points.filter((p) => p.selection === selection);
    const place = { x: 'k', y: value, fx: 'group', stroke: (p: { method: string }) => colour.get(p.method) } as const;
    return [
      Plot.line(own, { ...place, z: 'method', strokeWidth: 1.8, strokeDasharray: selection === 'random' ? '2 3' : undefined }),
      Plot.dot(own, { ...place, r: 2.6, fill: selection === 'chosen' ? place.stroke : 'white' }),
    ];
  };
  return Plot.plot({
    document,
    width,
    height: titles ? HEIGHT + 24 : HEIGHT,
    marginLeft: LEFT,
    marginRight: RIGHT,
    marginTop: titles ? 30 : 8,
    marginBottom: 38,
    style: { fontFamily: FONT, fontSize: '11px', background: 'none' },
    fx: { domain: data.groups.map((g) => g.name), padding: 0.08, axis: null },
    x: { type: 'log', domain: domainOfK(data.k), axis: null },
    y: log
      ? { type: 'log', domain: errors.domain, axis: null }
      : { domain: [range[0] - 0.02, 1], ticks: 6, label: null, grid: true },
    marks: [
      Plot.frame({ stroke: '#ccc' }),
      // text given, since the format of a logarithmic axis leaves some ticks without
      Plot.axisX(data.k, { text: (k) => String(k), label: null }),
      ...(log ? [Plot.gridY(errors.ticks), Plot.axisY(errors.ticks, { text: (t) => String(t), label: null })] : []),
      ...(titles ? [Plot.text(data.groups, { fx: 'name', text: 'name', frameAnchor: 'top', dy: -20, fontWeight: 'bold' })] : []),
      Plot.ruleY(tops, { fx: 'name', y: ceiling, stroke: '#444', strokeDasharray: '6 3' }),
      ...line('random'),
      ...line('chosen'),
      Plot.text([label], { text: (d: string) => d, frameAnchor: 'left', fx: () => data.groups[0].name, dx: -48, rotate: -90 }),
      Plot.text(data.groups, { fx: 'name', text: () => 'measurements of the device', frameAnchor: 'bottom', dy: 30 }),
    ],
  }) as unknown as Svg;
}

/** A little air beside the first and the last number of measurements. */
const domainOfK = (k: readonly number[]): [number, number] => [k[0] / 1.15, k[k.length - 1] * 1.15];

/** Ticks at 1, 2, 5 times powers of ten, and a little air above and below. */
function errorScale([least, most]: [number, number]): { domain: [number, number]; ticks: number[] } {
  const low = least / 1.2,
    high = most * 1.2;
  const ticks = [-2, -1, 0, 1, 2, 3].flatMap((e) => [1, 2, 5].map((m) => Number((m * 10 ** e).toPrecision(1))));
  return { domain: [low, high], ticks: ticks.filter((t) => t >= low && t <= high) };
}

function colours(methods: readonly string[]): Map<string, string> {
  const free = [...FREE];
  return new Map(methods.map((m) => [m, COLOURS[m] ?? free.shift() ?? '#000000']));
}

/** Lines of the legend above the panels: methods, then what the strokes mean. */
function legendOf(data: FigureData, colour: ReadonlyMap<string, string>, width: number): { svg: string; height: number } {
  const CHARACTER = 6.6,
    LINE = 18;
  const entries = data.methods.map((m) => ({ text: m, mark: `<path d="M0,0h22" stroke="${colour.get(m)}" stroke-width="3"/>` }));
  const strokes: typeof entries = [];
  if (data.points.some((p) => p.selection === 'chosen'))
    strokes.push({
      text: 'chosen networks measured',
      mark: '<path d="M0,0h22" stroke="#444" stroke-width="1.8"/><circle cx="11" r="2.6" fill="#444"/>',
    });
  if (data.points.some((p) => p.selection === 'random'))
    strokes.push({
      text: 'random networks measured',
      mark: '<path d="M0,0h22" stroke="#444" stroke-width="1.8" stroke-dasharray="2 3"/><circle cx="11" r="2.6" fill="white" stroke="#444"/>',
    });
  if (data.groups.some((g) => Number.isFinite(g.ceilingError)))
    strokes.push({
      text: 'ceiling: up to 900 measured',
      mark: '<path d="M0,0h22" stroke="#444" stroke-dasharray="6 3"/>',
    });
  const out: string[] = [];
  let y = 16;
  for (const row of [entries, strokes]) {
    let x = 12;
    for (const { text, mark } of row) {
      const size = 26 + CHARACTER * text.length + 14;
      if (x > 12 && x + size > width) {
        x = 12;
        y += LINE;
      }
      out.push(`<g transform="translate(${x},${y})">${mark}<text x="26" y="4">${escapeText(text)}</text></g>`);
      x += size;
    }
    y += LINE;
  }
  return { svg: out.join('\n'), height: y };
}
