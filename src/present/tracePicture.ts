import type { TraceAnalysis, TracePicture } from '../trace/traceAnalysis.js';

const WIDTH = 1200,
  LEFT = 130,
  LANE = 26,
  TOP = 46,
  GAP = 6;
const COLOURS: Readonly<Record<string, string>> = {
  operator: '#b8b8b8',
  kernel: '#2f6fb0',
  collective: '#c2571a',
  copy: '#3a8f5c',
  fill: '#9b7fc0',
};
/** narrower pieces of one kind and lane that touch are drawn as one */
const NARROW = 0.5;

/** Milliseconds with at least `digits` digits, never with an exponent. */
const milliseconds = (seconds: number, digits: number): string => {
  const ms = seconds * 1e3;
  return ms >= 10 ** digits ? ms.toFixed(0) : ms.toPrecision(digits);
};
const escaped = (text: string): string =>
  text.replace(/[<>&"]/g, (c) => ({ '<': '&lt;', '>': '&gt;', '&': '&amp;', '"': '&quot;' })[c]!);

/** One step of each trace as lanes of host threads and device streams, SVG. */
export function traceSvg(analyses: readonly TraceAnalysis[]): string {
  const parts: string[] = [];
  let y = 0;
  for (const a of analyses) {
    if (!a.picture) continue;
    const { text, height } = onePicture(a, a.picture, y);
    parts.push(text);
    y += height;
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${y}" viewBox="0 0 ${WIDTH} ${y}" font-family="DejaVu Sans, sans-serif" font-size="11">
<rect width="100%" height="100%" fill="#ffffff"/>
${parts.join('\n')}
</svg>
`;
}

function onePicture(a: TraceAnalysis, { length, lanes }: TracePicture, top: number): { text: string; height: number } {
  const scale = (WIDTH - LEFT - 20) / length,
    height = TOP + lanes.length * (LANE + GAP) + 30;
  const title = [a.format, a.device, `one step, ${milliseconds(length, 4)} ms`].filter(Boolean).join(', ');
  const out = [`<g transform="translate(0 ${top})"><text x="10" y="22" font-size="14">${escaped(title)}</text>`, legend()];
  lanes.forEach((lane, i) => {
    const y = TOP + i * (LANE + GAP);
    out.push(`<text x="10" y="${y + 17}">${escaped(lane.name.slice(0, 18))}</text>`);
    for (const item of drawn(lane.items, scale)) {
      const width = Math.max(0.4, (item.end - item.start) * scale),
        x = LEFT + item.start * scale;
      out.push(
        `<rect x="${x.toFixed(2)}" y="${y}" width="${width.toFixed(2)}" height="${LANE}" fill="${COLOURS[item.kind] ?? COLOURS.kernel}"><title>${escaped(`${item.name} ${((item.end - item.start) * 1e6).toPrecision(4)} us`)}</title></rect>`,
      );
    }
  });
  const axis = TOP + lanes.length * (LANE + GAP) + 12;
  for (let k = 0; k <= 4; k++)
    out.push(
      `<text x="${(LEFT + (k / 4) * length * scale).toFixed(1)}" y="${axis}" text-anchor="${k === 4 ? 'end' : 'middle'}">${milliseconds((k / 4) * length, 3)} ms</text>`,
    );
  out.push('</g>');
  return { text: out.join('\n'), height };
}

function legend(): string {
  return Object.entries(COLOURS)
    .map(
      ([kind, colour], i) =>
        `<rect x="${700 + i * 95}" y="12" width="10" height="10" fill="${colour}"/><text x="${714 + i * 95}" y="21">${kind}</text>`,
    )
    .join('');
}

type Item = TracePicture['lanes'][number]['items'][number];

function drawn(items: readonly Item[], scale: number): Item[] {
  const out: Item[] = [];
  for (const item of [...items].sort((a, b) => a.start - b.start)) {
    const last = out[out.length - 1];
    const isNarrow = (x: Item) => (x.end - x.start) * scale < NARROW;
    if (last && last.kind === item.kind && (isNarrow(item) || isNarrow(last)) && (item.start - last.end) * scale < NARROW)
      out[out.length - 1] = { ...last, name: 'several', end: Math.max(last.end, item.end) };
    else out.push(item);
  }
  return out;
}
