import { join } from 'node:path';
import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';
import { writeFileAtomic } from '../../core/files.js';
import type { Exploration, Setting } from '../../fpga/explore/explore.js';
import { escapeText, FONT, placed, renderPng, type Svg, svgDocument } from './figureStyle.js';

const WIDTH = 640,
  HEIGHT = 400,
  /** settings that do not lie on the front: drawn at most */
  DOTS = 2000;

/** Latency against the tightest resource of all settings, the front joined, coloured by weight width: `front.svg` and `front.png`. */
export function writeExplorationFigure(folder: string, found: Exploration, title: string): void {
  const svg = renderExploration(found, title);
  writeFileAtomic(join(folder, 'front.svg'), svg);
  writeFileAtomic(join(folder, 'front.png'), renderPng(svg));
}

export function renderExploration(found: Exploration, title: string): string {
  const { document } = parseHTML('<!doctype html><html><body></body></html>');
  const point = (s: Setting) => ({
    latency: Math.max(1, s.prediction.targets.cycles.value),
    area: Math.max(0.01, s.tightest),
    bits: s.meanBits,
  });
  const every = Math.max(1, Math.ceil(found.settings.length / DOTS));
  const rest = found.settings.filter((s, i) => !s.front && Number.isFinite(s.tightest) && i % every === 0);
  // the lower envelope: the least area at each latency
  const front = found.front.map(point).sort((a, b) => a.latency - b.latency || a.area - b.area);
  let least = Number.POSITIVE_INFINITY;
  const envelope = front.filter((p) => {
    if (p.area >= least) return false;
    least = p.area;
    return true;
  });
  const plot = Plot.plot({
    document,
    width: WIDTH,
    height: HEIGHT,
    marginLeft: 62,
    marginBottom: 42,
    style: { fontFamily: FONT, fontSize: '11px' },
    x: { type: 'log', label: 'latency, clock cycles', grid: true },
    y: { type: 'log', label: 'tightest resource, % of the part', grid: true },
    color: { type: 'linear', scheme: 'viridis', label: 'mean weight bits', legend: false },
    marks: [
      Plot.ruleY([100], { stroke: '#b00', strokeDasharray: '4 3' }),
      Plot.dot(rest.map(point), { x: 'latency', y: 'area', r: 1.4, fill: '#bbb' }),
      Plot.line(envelope, { x: 'latency', y: 'area', stroke: '#0072b2', curve: 'step-after' }),
      Plot.dot(front, { x: 'latency', y: 'area', r: 3, fill: 'bits', stroke: 'white', strokeWidth: 0.5 }),
    ],
  }) as unknown as Svg;
  const widths = [...new Set(front.map((p) => p.bits))];
  const legend = `${found.settings.length} settings (grey), Pareto front (dots, darker is narrower: ${widths.length ? `${Math.min(...widths).toPrecision(3)} to ${Math.max(...widths).toPrecision(3)} mean weight bits` : 'empty'}), red: the part is full`;
  return svgDocument(WIDTH, HEIGHT + 56, [
    `<text x="14" y="20" font-size="13" font-weight="bold">${escapeText(title)}</text>`,
    `<text x="14" y="38">${escapeText(legend)}</text>`,
    placed(plot, 50),
  ]);
}
