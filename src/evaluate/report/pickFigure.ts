import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';
import { shortName } from '../../graph/shortName.js';
import { DISPLAY } from '../../graph/targets.js';
import type { Judged, Picked, Verdict } from '../../networks/pick.js';
import { type Merit, pickFront } from '../../networks/pickFront.js';
import { escapeText, FONT, placed, type Svg, svgDocument } from './figureStyle.js';

const WIDTH = 640,
  HEIGHT = 420,
  HEAD = 66,
  /** a logarithmic axis where the values span more than this factor */
  WIDE = 15,
  /** workloads of the front that are numbered, and named below the plot */
  MOST_NAMES = 12,
  NAME_LINE = 15,
  /** characters of a name that fit a line */
  NAME_LENGTH = 88;
/** Colours of Okabe and Ito's palette, distinct for the colour blind. */
const COLOUR: Readonly<Record<Verdict, string>> = { yes: '#0072b2', maybe: '#e69f00', no: '#999999' };

/**
 * The value of each workload with its 90 % interval against a second quantity, coloured by verdict; the budget as a line, the Pareto front of those that
 * meet it as steps, its members numbered and named below. Workloads without that quantity are left out and counted. The same input gives the same bytes.
 */
export function renderPick(picked: Picked, merit: Merit): string {
  const { unit, scale } = DISPLAY[picked.task.target],
    drawn = picked.judged.filter((j) => merit.of.has(j.workload.id)),
    budget = picked.budget * scale;
  const point = (j: Judged) => ({
    name: shortName(j.workload),
    value: j.estimate.value * scale,
    low: j.estimate.low === null ? null : j.estimate.low * scale,
    high: j.estimate.high === null ? null : j.estimate.high * scale,
    merit: merit.of.get(j.workload.id)!,
    verdict: j.verdict,
    isMeasured: j.estimate.provenance === 'measured',
  });
  const points = drawn.map(point),
    front = pickFront(drawn, merit).map(point);
  const { document } = parseHTML('<!doctype html><html><body></body></html>');
  const dots = (verdict: Verdict, isMeasured: boolean) =>
    Plot.dot(
      points.filter((p) => p.verdict === verdict && p.isMeasured === isMeasured),
      isMeasured
        ? { x: 'value', y: 'merit', r: 4, symbol: 'times', stroke: COLOUR[verdict], strokeWidth: 2 }
        : { x: 'value', y: 'merit', r: points.length > 200 ? 1.6 : 3, fill: COLOUR[verdict] },
    );
  const plot = Plot.plot({
    document,
    width: WIDTH,
    height: HEIGHT,
    marginLeft: 62,
    marginRight: 18,
    marginTop: 20,
    marginBottom: 42,
    style: { fontFamily: FONT, fontSize: '11px', background: 'none' },
    x: { ...axisOf([budget, ...points.map((p) => p.value)]), label: null, grid: true },
    y: { label: null, grid: true, nice: true, reverse: merit.lessIsBetter ?? false },
    marks: [
      Plot.frame({ stroke: '#ccc' }),
      Plot.ruleX([budget], { stroke: '#b00', strokeDasharray: '5 3' }),
      Plot.ruleY(
        points.filter((p) => p.low !== null),
        {
          y: 'merit',
          x1: 'low',
          x2: 'high',
          clip: true,
          stroke: (p: { verdict: Verdict }) => COLOUR[p.verdict],
          strokeOpacity: points.length > 200 ? 0.15 : 0.45,
        },
      ),
      Plot.line(front, { x: 'value', y: 'merit', stroke: COLOUR.yes, curve: 'step-after', strokeWidth: 1.5 }),
      ...(['no', 'maybe', 'yes'] as const).flatMap((verdict) => [dots(verdict, false), dots(verdict, true)]),
      Plot.text(front.slice(0, MOST_NAMES), {
        x: 'value',
        y: 'merit',
        text: (_, i) => String(i + 1),
        dx: -8,
        dy: -8,
        fontWeight: 'bold',
        fill: COLOUR.yes,
      }),
      Plot.text([`${picked.task.target}, ${unit}`], { text: (d: string) => d, frameAnchor: 'bottom', dy: 33 }),
      Plot.text([merit.name], { text: (d: string) => d, frameAnchor: 'left', dx: -48, rotate: -90 }),
    ],
  }) as unknown as Svg;
  const below = namesOf(front, unit);
  return svgDocument(WIDTH, HEIGHT + HEAD + NAME_LINE * below.length + 14, [
    ...legend(picked, merit, drawn),
    placed(plot, HEAD),
    ...below.map((line, i) => `<text x="14" y="${HEAD + HEIGHT + 12 + NAME_LINE * i}" font-size="10">${escapeText(line)}</text>`),
  ]);
}

/** Scale and ends of the axis of values: logarithmic where they span orders of magnitude, with a little air on both sides. */
function axisOf(values: readonly number[]): { type: 'linear' | 'log'; domain: [number, number] } {
  const [least, most] = [Math.min(...values), Math.max(...values)],
    air = 0.08 * (most - least) || most;
  if (most > WIDE * least) return { type: 'log', domain: [least / 1.3, most * 1.3] };
  return { type: 'linear', domain: [Math.max(0, least - air), most + air] };
}

/** Lines below the plot: the numbered members of the front, and how many more there are. */
function namesOf(front: readonly { name: string; value: number; merit: number }[], unit: string): string[] {
  const lines = front.slice(0, MOST_NAMES).map(({ name, value, merit }, i) => {
    const short = name.length > NAME_LENGTH ? `${name.slice(0, NAME_LENGTH)}..` : name;
    return `${i + 1}: ${value.toPrecision(3)} ${unit}, ${merit}: ${short}`;
  });
  return front.length > MOST_NAMES ? [...lines, `and ${front.length - MOST_NAMES} more on the front`] : lines;
}

/** Title, and what colours and lines mean. */
function legend(picked: Picked, merit: Merit, drawn: readonly Judged[]): string[] {
  const { unit, scale } = DISPLAY[picked.task.target],
    budget = `${Number((picked.budget * scale).toPrecision(6))} ${unit}`,
    left = picked.judged.length - drawn.length;
  const entries = [
    ...(['yes', 'maybe', 'no'] as const).map((verdict) => ({
      text: `${verdict} (${drawn.filter((j) => j.verdict === verdict).length})`,
      mark: `<path d="M0,0h20" stroke="${COLOUR[verdict]}" stroke-opacity="0.5"/><circle cx="10" r="3" fill="${COLOUR[verdict]}"/>`,
    })),
    { text: 'measured', mark: '<path d="M6,-4l8,8m0,-8l-8,8" stroke="#444" stroke-width="2"/>' },
    { text: 'front of yes', mark: `<path d="M0,4h10v-8h10" fill="none" stroke="${COLOUR.yes}" stroke-width="1.5"/>` },
    { text: `budget ${budget}`, mark: '<path d="M0,0h20" stroke="#b00" stroke-dasharray="5 3"/>' },
  ];
  const out = [
    `<text x="14" y="20" font-size="13" font-weight="bold">${escapeText(`Which meet ${budget} on ${picked.task.device}?`)}</text>`,
    `<text x="14" y="37" fill="#555">bars: 90 % intervals; ${merit.lessIsBetter ? 'less' : 'more'} ${escapeText(merit.name)} is better${left ? `; ${left} without ${escapeText(merit.name)} not shown` : ''}</text>`,
  ];
  let at = 14;
  for (const { text, mark } of entries) {
    out.push(`<g transform="translate(${at},54)">${mark}<text x="25" y="4">${escapeText(text)}</text></g>`);
    at += 25 + 6.6 * text.length + 14;
  }
  return out;
}
