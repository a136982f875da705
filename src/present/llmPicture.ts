import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';
import { escapeText, FONT, placed, type Svg, svgDocument } from '../evaluate/report/figureStyle.js';
import type { LlmEstimate, LlmValue } from '../llm/estimateLlm.js';
import type { Line, Sweep } from '../llm/sweep.js';
import { AMOUNTS, sweepNotes } from './sweepNotes.js';

/** Pixels of a panel. */
const WIDTH = 430,
  HEIGHT = 250,
  LINE = 17,
  HEAD = 30;
/** Okabe and Ito's palette, distinct for the colour blind; lines beyond it begin again. */
const COLOURS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#000000'];
/** An axis is logarithmic where its values span more than this factor. */
const WIDE = 8;

interface Panel {
  title: string;
  of: (e: LlmEstimate) => LlmValue | null;
  scale: number;
}

const bytes = ({ memory }: LlmEstimate): LlmValue => ({
  value: memory.total,
  low: null,
  high: null,
  provenance: 'analytical',
});
const PANELS: readonly Panel[] = [
  { title: 'time to the first token, s', of: (e) => e.ttft, scale: 1 },
  { title: 'time between tokens, ms', of: (e) => e.tpot, scale: 1e3 },
  { title: 'tokens a second, all requests', of: (e) => e.tokensPerSecond, scale: 1 },
  { title: 'memory of a device, GiB', of: bytes, scale: 2 ** -30 },
];

interface Point {
  x: number;
  value: number;
  low: number | null;
  high: number | null;
  colour: string;
  fits: boolean;
}

/** 200, 3k, 1.5M */
const brief = (v: number): string => (v >= 1e6 ? `${v / 1e6}M` : v >= 1e3 ? `${v / 1e3}k` : String(Number(v.toPrecision(6))));
const colourOf = (i: number): string => COLOURS[i % COLOURS.length];
const isWide = (values: readonly number[]): boolean => Math.max(...values) > WIDE * Math.min(...values);

/**
 * Latency, tokens a second and memory along what was swept, a line a model and device, 90 % intervals as bands; hollow dots do not fit the memory, whose
 * limit is dashed, as is the amount up to which each line fits. Below: where two lines cross. The same answers give the same bytes.
 */
export function renderSweep(sweep: Sweep): string {
  const below = sweepNotes(sweep),
    legend = sweep.lines.map((line, i) => legendLine(line, colourOf(i), HEAD + LINE * i));
  const top = HEAD + LINE * sweep.lines.length + 4,
    height = top + 2 * HEIGHT + LINE * below.length + 14;
  const panels = PANELS.map((panel, i) => {
    const drawn = placed(drawPanel(sweep, panel), 0);
    return `<g transform="translate(${(i % 2) * WIDTH} ${top + Math.floor(i / 2) * HEIGHT})">${drawn.replace(/plot-clip-0/g, `plot-clip-${i}`)}</g>`;
  });
  return svgDocument(2 * WIDTH, height, [
    `<text x="14" y="20" font-size="13" font-weight="bold">${escapeText(titleOf(sweep))}</text>`,
    ...legend,
    ...panels,
    ...below.map((text, i) => `<text x="14" y="${top + 2 * HEIGHT + 10 + LINE * i}">${escapeText(text)}</text>`),
  ]);
}

function titleOf({ axis, lines }: Sweep): string {
  const { isl, osl, batch, device } = lines[0].points[0].estimate.setup;
  const isOne = lines.every((l) => l.points[0].estimate.setup.device === device);
  const fixed = { isl: `${isl} tokens in`, osl: `${osl} out`, batch: `batch ${batch}` };
  const rest = Object.entries(fixed).filter(([name]) => name !== axis);
  return `${isOne ? `${device.name}: ` : ''}${rest.map(([, text]) => text).join(', ')}`;
}

const legendLine = ({ label }: Line, colour: string, y: number): string =>
  `<g transform="translate(14,${y})"><path d="M0,0h20" stroke="${colour}" stroke-width="2"/><circle cx="10" r="3" fill="${colour}"/><text x="27" y="4">${escapeText(label)}</text></g>`;

function pointsOf({ points }: Line, { of, scale }: Panel, colour: string): Point[] {
  return points.flatMap(({ x, estimate }) => {
    const v = of(estimate);
    if (!v) return [];
    const { value, low, high } = v;
    return [
      {
        x,
        value: value * scale,
        low: low === null ? null : low * scale,
        high: high === null ? null : high * scale,
        colour,
        fits: estimate.memory.verdict !== 'no',
      },
    ];
  });
}

function drawPanel({ axis, lines }: Sweep, panel: Panel): Svg {
  const { document } = parseHTML('<!doctype html><html><body></body></html>');
  const each = lines.map((line, i) => pointsOf(line, panel, colourOf(i))),
    all = each.flat(),
    xs = all.map((p) => p.x);
  const capacities =
    panel.of === bytes
      ? [...new Set(lines.flatMap((l) => l.points.flatMap((p) => p.estimate.memory.capacity ?? [])))].map((c) => c * panel.scale)
      : [];
  const limits = lines.flatMap(({ mostThatFits }, i) =>
    mostThatFits !== null && xs.length && mostThatFits >= Math.min(...xs) && mostThatFits <= Math.max(...xs)
      ? [{ x: mostThatFits, colour: colourOf(i) }]
      : [],
  );
  const values = [...all.flatMap((p) => [p.value, p.low ?? p.value, p.high ?? p.value]), ...capacities];
  const bands = each.map((own) =>
    Plot.areaY(
      own.filter((p) => p.low !== null),
      { x: 'x', y1: 'low', y2: 'high', fill: own[0]?.colour, fillOpacity: 0.12, clip: true },
    ),
  );
  return Plot.plot({
    document,
    width: WIDTH,
    height: HEIGHT,
    marginLeft: 58,
    marginRight: 14,
    marginTop: 26,
    marginBottom: 40,
    style: { fontFamily: FONT, fontSize: '11px', background: 'none' },
    x: { type: isWide(xs) ? 'log' : 'linear', label: null, grid: true, tickFormat: brief, ticks: 5 },
    y: {
      type: values.length && isWide(values) ? 'log' : 'linear',
      zero: !(values.length && isWide(values)),
      label: null,
      grid: true,
      nice: true,
      tickFormat: brief,
      ticks: 5,
    },
    marks: [
      Plot.frame({ stroke: '#ccc' }),
      ...bands,
      Plot.ruleY(capacities, { stroke: '#b00', strokeDasharray: '5 3' }),
      Plot.ruleX(limits, { x: 'x', stroke: 'colour', strokeDasharray: '2 3' }),
      ...each.map((own) => Plot.line(own, { x: 'x', y: 'value', stroke: own[0]?.colour, strokeWidth: 1.6 })),
      Plot.dot(all, { x: 'x', y: 'value', r: 2.8, stroke: 'colour', fill: (p: Point) => (p.fits ? p.colour : 'white') }),
      Plot.text([panel.title], { text: (d: string) => d, frameAnchor: 'top', dy: -14, fontWeight: 'bold' }),
      Plot.text([AMOUNTS[axis]], { text: (d: string) => d, frameAnchor: 'bottom', dy: 32 }),
    ],
  }) as unknown as Svg;
}
