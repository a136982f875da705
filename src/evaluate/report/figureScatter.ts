import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';
import type { Target } from '../../graph/targets.js';
import { DISPLAY } from '../../graph/targets.js';
import type { IntervalEstimate, SupportRow } from '../../surrogate/predictor.js';
import { escapeText, FONT, placed, type Svg, svgDocument } from './figureStyle.js';

const SIZE = 420,
  HEAD = 46;

export interface ScatterOptions {
  title: string;
  target: Target;
  /** the measured networks that the predictor was adapted to */
  support?: readonly SupportRow[];
}

/**
 * Predicted against measured, each network with its 90 % interval; the diagonal, a band of 10 % around it, and the support set as crosses. The same
 * input gives the same bytes.
 */
export function renderScatter(
  predictions: readonly IntervalEstimate[],
  truth: ArrayLike<number>,
  { title, target, support = [] }: ScatterOptions,
): string {
  const { unit, scale } = DISPLAY[target];
  const points = predictions.map((p, i) => ({
    measured: truth[i] * scale,
    predicted: p.value * scale,
    low: p.low * scale,
    high: p.high * scale,
  }));
  const own = support.map((s) => s.value * scale);
  const most = 1.04 * Math.max(...own, ...points.map((p) => Math.max(p.measured, p.predicted)));
  const { document } = parseHTML('<!doctype html><html><body></body></html>');
  const axis = { domain: [0, most], label: null, ticks: 6, grid: true };
  const plot = Plot.plot({
    document,
    width: SIZE,
    height: SIZE,
    marginLeft: 56,
    marginRight: 14,
    marginTop: 6,
    marginBottom: 40,
    style: { fontFamily: FONT, fontSize: '11px', background: 'none' },
    x: axis,
    y: axis,
    marks: [
      Plot.frame({ stroke: '#ccc' }),
      Plot.areaY([0, most], {
        x: (v) => v,
        y1: (v) => 0.9 * v,
        y2: (v) => 1.1 * v,
        fill: '#0072b2',
        fillOpacity: 0.1,
        clip: true,
      }),
      Plot.line([0, most], { x: (v) => v, y: (v) => v, stroke: '#444' }),
      Plot.ruleX(points, {
        x: 'measured',
        y1: 'low',
        y2: 'high',
        clip: true,
        stroke: '#0072b2',
        strokeOpacity: points.length > 200 ? 0.08 : 0.4,
      }),
      Plot.dot(points, { x: 'measured', y: 'predicted', r: points.length > 200 ? 1.3 : 2.6, fill: '#0072b2', clip: true }),
      Plot.dot(own, { x: (v) => v, y: (v) => v, r: 4.5, symbol: 'times', stroke: '#d55e00', strokeWidth: 2 }),
      Plot.text([`measured, ${unit}`], { text: (d: string) => d, frameAnchor: 'bottom', dy: 32 }),
      Plot.text([`predicted, ${unit}`], { text: (d: string) => d, frameAnchor: 'left', dx: -44, rotate: -90 }),
    ],
  }) as unknown as Svg;
  const legend = [
    `<text x="56" y="16" font-weight="bold">${escapeText(title)}</text>`,
    '<circle cx="61" cy="32" r="2.6" fill="#0072b2"/><path d="M61,26v12" stroke="#0072b2" stroke-opacity="0.5"/>',
    '<text x="70" y="36">predicted, 90 % interval</text>',
    '<rect x="221" y="27" width="14" height="10" fill="#0072b2" fill-opacity="0.15"/><text x="241" y="36">within 10 %</text>',
    ...(own.length
      ? [
          '<path d="M322,29l6,6m0,-6l-6,6" stroke="#d55e00" stroke-width="2"/>',
          `<text x="333" y="36">${own.length} measured</text>`,
        ]
      : []),
  ];
  return svgDocument(SIZE, SIZE + HEAD, [...legend, placed(plot, HEAD)]);
}
