import { type Hypothesis, roofline } from '../../analytical/roofline.js';
import type { DeviceSpec } from '../../device/deviceSpec.js';
import { escapeText, svgDocument } from '../../evaluate/report/figureStyle.js';
import type { OpGraph } from '../../graph/opGraph.js';
import type { Dtype } from '../../graph/tensorType.js';
import { percent } from '../graphView.js';
import { blocksOf } from './blocksOf.js';
import { type BoxText, boxText, duration } from './boxText.js';
import { fitted } from './fitted.js';
import { type Layout, layeredLayout, type Place } from './layeredLayout.js';

/** Boxes of a picture; a larger graph is drawn by blocks of nodes. */
export const MOST_BOXES = 120;

const HYPOTHESIS: Hypothesis = 'compiled';
const SIZES = { boxWidth: 206, boxHeight: 36, gap: 22, rise: 24, lane: 9 };
const MARGIN = 20,
  HEAD = 104,
  LEGEND_WIDTH = 560;

/** From no share to the largest; the text turns white where the fill gets dark. */
const SCALE = ['#fff7ec', '#fdd49e', '#fc8d59', '#d7301f', '#7f0000'];
const WHITE_TEXT_FROM = 0.62;

export interface PictureOptions {
  name: string;
  device: DeviceSpec;
  /** said of the device in the legend */
  note?: string;
  /** runs all floating-point tensors in this type; as the graph says unless told */
  dtype?: Dtype | undefined;
}

/** What is drawn, beside the text of the picture: what the roofline warns of. */
export interface GraphPicture {
  svg: string;
  warnings: string[];
}

/**
 * An operator graph from top to bottom as SVG, each box coloured by its share of the compiled roofline of a device. The same graph gives the same bytes.
 * @throws HwcastError as `roofline`
 */
export function graphPicture(graph: OpGraph, { name, device, note, dtype }: PictureOptions): GraphPicture {
  const result = roofline(graph, device, { hypothesis: HYPOTHESIS, ...(dtype ? { dtype } : {}) });
  const blocks = blocksOf(graph, MOST_BOXES);
  const times = blocks.map(({ nodes }) => nodes.reduce((sum, i) => sum + result.operators[i].time, 0));
  const most = Math.max(...times);
  const layout = layeredLayout(
    blocks.map((b) => b.feeds),
    SIZES,
  );
  const width = Math.ceil(Math.max(layout.width, LEGEND_WIDTH) + 2 * MARGIN);
  const shift = { x: (width - layout.width) / 2, y: HEAD + MARGIN };
  const boxes = blocks.map(({ nodes }, i) =>
    box(
      moved(layout.places[i], shift),
      boxText(graph, nodes, result.operators, times[i] / result.latency),
      most && times[i] / most,
    ),
  );
  const lines = [
    `${device.name}${note ? ` (${note})` : ''}: ${HYPOTHESIS} roofline, ${duration(result.latency)} in ${result.launches} kernels`,
    blocks.length === graph.nodes.length
      ? `${graph.nodes.length} nodes, a box each; grey: no time of its own (no kernel, or part of the kernel before it)`
      : `${graph.nodes.length} nodes in ${blocks.length} boxes, each says how many it stands for; grey: no time of its own`,
  ];
  const svg = svgDocument(width, Math.ceil(HEAD + layout.height + 2 * MARGIN), [
    MARKER,
    ...legend(name, lines, most / result.latency, width),
    ...edges(layout, shift),
    ...boxes,
  ]);
  return { svg, warnings: result.warnings };
}

const MARKER =
  '<defs><marker id="tip" viewBox="0 0 6 6" refX="5.5" refY="3" markerWidth="6" markerHeight="6" orient="auto"><path d="M0,0L6,3L0,6z" fill="#777"/></marker></defs>';

const moved = (p: Place, by: Place): Place => ({ x: p.x + by.x, y: p.y + by.y });
const round = (value: number): number => Number(value.toFixed(1));

/** Name, device, latency and scale. */
function legend(name: string, lines: readonly string[], largest: number, width: number): string[] {
  const room = width - 2 * MARGIN;
  const text = (content: string, y: number, style = '') =>
    `<text x="${MARGIN}" y="${y}"${style}>${escapeText(fitted(content, room, 11, style.includes('bold')))}</text>`;
  const stops = SCALE.map((colour, i) => `<stop offset="${i / (SCALE.length - 1)}" stop-color="${colour}"/>`).join('');
  const bar = { x: MARGIN + 110, y: 72 };
  return [
    text(name, 24, ' font-size="14" font-weight="bold"'),
    ...lines.map((line, i) => text(line, 43 + 16 * i)),
    `<defs><linearGradient id="scale">${stops}</linearGradient></defs>`,
    `<text x="${MARGIN}" y="${bar.y + 10}">share of latency</text>`,
    `<rect x="${bar.x}" y="${bar.y}" width="200" height="12" fill="url(#scale)" stroke="#999"/>`,
    `<text x="${bar.x}" y="${bar.y + 26}">0</text>`,
    `<text x="${bar.x + 200}" y="${bar.y + 26}" text-anchor="end">${percent(largest)} (largest box)</text>`,
  ];
}

function edges({ routes }: Layout, shift: Place): string[] {
  return routes.map(({ from, to, points }) => {
    const [start, ...rest] = points.map((p) => moved(p, shift));
    let last = start;
    const parts = rest.map((p) => {
      const middle = round((last.y + p.y) / 2);
      const isStraight = Math.abs(p.x - last.x) < 0.5;
      const part = isStraight
        ? `L${round(p.x)},${round(p.y)}`
        : `C${round(last.x)},${middle} ${round(p.x)},${middle} ${round(p.x)},${round(p.y)}`;
      last = p;
      return part;
    });
    return `<path data-edge="${from}-${to}" d="M${round(start.x)},${round(start.y)}${parts.join('')}" fill="none" stroke="#777" marker-end="url(#tip)"/>`;
  });
}

/** @param heat share of the largest box's time, 0 to 1 */
function box({ x, y }: Place, { title, detail, tooltip }: BoxText, heat: number): string {
  const fill = heat > 0 ? colourAt(heat) : '#f2f2f2';
  const ink = heat > WHITE_TEXT_FROM ? 'white' : heat > 0 ? '#111' : '#555';
  const room = SIZES.boxWidth - 12;
  const text = (content: string, down: number, style: string) =>
    `<text x="6" y="${down}" fill="${ink}"${style}>${escapeText(content)}</text>`;
  return [
    `<g class="box" transform="translate(${round(x)},${round(y)})"><title>${escapeText(tooltip)}</title>`,
    `<rect width="${SIZES.boxWidth}" height="${SIZES.boxHeight}" rx="4" fill="${fill}" stroke="#777"/>`,
    text(fitted(title, room, 11, true), 15, ' font-weight="bold"'),
    text(fitted(detail, room, 10, false), 29, ' font-size="10"'),
    '</g>',
  ].join('');
}

/** The colour of the scale at 0 to 1. */
function colourAt(heat: number): string {
  const at = Math.min(heat, 1) * (SCALE.length - 1),
    i = Math.min(Math.floor(at), SCALE.length - 2);
  const channel = (colour: string, k: number) => Number.parseInt(colour.slice(1 + 2 * k, 3 + 2 * k), 16);
  const mixed = [0, 1, 2].map((k) => Math.round(channel(SCALE[i], k) * (1 - (at - i)) + channel(SCALE[i + 1], k) * (at - i)));
  return `#${mixed.map((c) => c.toString(16).padStart(2, '0')).join('')}`;
}
