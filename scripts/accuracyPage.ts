import { PUBLISHED } from '../src/evaluate/report/published.js';
import type { ResultRow } from '../src/evaluate/resultRow.js';
import { commandList, distinct, fixed, markdownTable, meanOfKnown, percent } from './markdown.js';
import { type PairedDifference, pairedDifference } from './pairedDifference.js';

const OURS = 'closed-form';
const WITH_LEARNED = 'hwcast';
const SIMPLE = ['additive-mixture', 'nearest-device', 'device-ridge', 'roofline', 'flops'];
/** Measurements of the main table, chosen by the model. */
const MEASUREMENTS = 10;

/** Coverage of 90 % intervals below which the page says that they are too narrow. */
const LEAST_COVERAGE = 0.88;

type Selection = ResultRow['selection'];

/** Rows of one protocol, space and target. */
interface Case {
  protocol: string;
  space: string;
  target: string;
  rows: ResultRow[];
}

function casesOf(rows: readonly ResultRow[]): Case[] {
  const nameOf = (r: ResultRow) => [r.protocol, r.space, r.target].join('\t');
  return distinct(rows.map(nameOf))
    .map((name) => {
      const [protocol, space, target] = name.split('\t');
      return { protocol, space, target, rows: rows.filter((r) => nameOf(r) === name) };
    })
    .sort((a, b) => a.target.localeCompare(b.target) * -1);
}

const titleOf = ({ protocol, space, target }: Case): string => `${protocol}, ${space}, ${target}`;

const rowsOf = (c: Case, method: string, k: number, selection: Selection): ResultRow[] =>
  c.rows.filter((r) => r.method === method && r.k === k && r.selection === selection);

const devicesOf = (rows: readonly ResultRow[]): string[] => distinct(rows.map((r) => r.device));

/** Score of each device, tasks of a protocol averaged. */
function byDevice(rows: readonly ResultRow[], score: (r: ResultRow) => number | null): Map<string, number> {
  const scores = devicesOf(rows).map((device): [string, number | null] => [
    device,
    meanOfKnown(rows.filter((r) => r.device === device).map(score)),
  ]);
  return new Map(scores.filter((s): s is [string, number] => s[1] !== null));
}

/** Mean over devices. */
const overDevices = (rows: readonly ResultRow[], score: (r: ResultRow) => number | null): number | null =>
  meanOfKnown([...byDevice(rows, score).values()]);

const errorAndRank = (rows: readonly ResultRow[]): string =>
  `${percent(overDevices(rows, (r) => r.medianApe))}, ${fixed(
    overDevices(rows, (r) => r.spearman),
    3,
  )}`;

/** The simple method with the least median error. */
function bestSimple(c: Case, k: number, selection: Selection): { method: string; rows: ResultRow[] } | undefined {
  return SIMPLE.map((method) => ({ method, rows: rowsOf(c, method, k, selection) }))
    .filter(({ rows }) => rows.length)
    .sort((a, b) => (overDevices(a.rows, (r) => r.medianApe) ?? 1) - (overDevices(b.rows, (r) => r.medianApe) ?? 1))[0];
}

function mainTable(cases: readonly Case[]): string {
  return markdownTable(
    ['protocol, space, target', 'devices', 'hwcast', 'worst device', 'best simple method', 'published', 'ceiling', 'in interval'],
    cases.map((c) => {
      const ours = rowsOf(c, OURS, MEASUREMENTS, 'chosen');
      const errors = byDevice(ours, (r) => r.medianApe);
      const [worst] = [...errors].sort((a, b) => b[1] - a[1]);
      const simple = bestSimple(c, MEASUREMENTS, 'chosen');
      const [published] = publishedOf(c);
      return [
        titleOf(c),
        String(errors.size),
        errorAndRank(ours),
        `${worst[0]} ${percent(worst[1])}`,
        simple ? `${simple.method}: ${errorAndRank(simple.rows)}` : '-',
        published
          ? `${published.method}, ${published.k} random: ${fixed(meanOfKnown([...published.spearman.values()]), 3)}`
          : '-',
        fixed(
          overDevices(c.rows, (r) => r.ceiling),
          3,
        ),
        percent(
          overDevices(ours, (r) => r.coverage90),
          0,
        ),
      ];
    }),
  );
}

interface PublishedScores {
  method: string;
  k: number;
  source: string;
  spearman: Map<string, number>;
}

/** Published methods of a case, on the devices that were run here too. */
function publishedOf(c: Case): PublishedScores[] {
  if (c.target !== 'latency') return [];
  const here = new Set(devicesOf(c.rows));
  const rows = PUBLISHED.filter((p) => p.protocol === c.protocol && p.space === c.space && here.has(p.device));
  return distinct(rows.map((p) => p.method)).map((method) => {
    const own = rows.filter((p) => p.method === method);
    return { method, k: own[0].k, source: own[0].source, spearman: new Map(own.map((p) => [p.device, p.spearman])) };
  });
}

function publishedTable(cases: readonly Case[]): string {
  return markdownTable(
    ['space', 'devices', 'published', 'measurements', 'its Spearman', 'hwcast, 10 / 20 at random', 'source'],
    cases.flatMap((c) =>
      publishedOf(c).map(({ method, k, source, spearman }) => {
        const ours = (count: number) =>
          fixed(
            overDevices(
              rowsOf(c, OURS, count, 'random').filter((r) => spearman.has(r.device)),
              (r) => r.spearman,
            ),
            3,
          );
        return [
          c.space,
          [...spearman.keys()].join(', '),
          method,
          String(k),
          fixed(meanOfKnown([...spearman.values()]), 3),
          `${ours(10)} / ${ours(20)}`,
          source,
        ];
      }),
    ),
  );
}

/** Published methods with a higher mean Spearman than ours from 20 measurements drawn at random. */
function publishedAhead(cases: readonly Case[]): string {
  const ahead = cases.flatMap((c) =>
    publishedOf(c)
      .filter(({ spearman }) => {
        const ours = rowsOf(c, OURS, 20, 'random').filter((r) => spearman.has(r.device));
        return (meanOfKnown([...spearman.values()]) ?? 0) > (overDevices(ours, (r) => r.spearman) ?? 0);
      })
      .map(({ method }) => `${method} on ${c.space}`),
  );
  return ahead.join('; ') || 'none of them';
}

/** Median error of the closed form with learned features against the closed form alone, device by device. */
function learnedAgainstClosed(c: Case, k: number, selection: Selection): PairedDifference | undefined {
  const [alone, learned] = [OURS, WITH_LEARNED].map((m) => byDevice(rowsOf(c, m, k, selection), (r) => r.medianApe));
  const pairs = [...alone].flatMap(([device, error]): [number, number][] =>
    learned.has(device) ? [[error, learned.get(device)!]] : [],
  );
  return pairs.length ? pairedDifference(pairs) : undefined;
}

const VERDICTS: Record<PairedDifference['verdict'], string> = {
  less: 'better beyond noise',
  more: 'worse beyond noise',
  same: 'no difference beyond noise',
  unknown: 'one device: cannot tell',
};

/** Percentage points with their sign, and the half width of the 95 % interval. */
const points = ({ mean, half }: PairedDifference): string =>
  `${mean < 0 ? '' : '+'}${(100 * mean).toFixed(2)}${half === null ? '' : ` ± ${(100 * half).toFixed(2)}`}`;

function learnedSection(cases: readonly Case[]): string {
  const ten = cases.flatMap((c) => {
    const d = learnedAgainstClosed(c, MEASUREMENTS, 'chosen');
    return d ? [{ c, d }] : [];
  });
  const latency = ten.filter(({ c }) => c.target === 'latency');
  const improved = latency.filter(({ d }) => d.verdict === 'less');
  const unknown = latency.filter(({ d }) => d.verdict === 'unknown').length;
  const worse = latency.filter(({ d }) => d.verdict === 'more');
  const everywhere = cases.flatMap((c) =>
    distinct(c.rows.filter((r) => r.method === WITH_LEARNED).map((r) => `${r.k} ${r.selection}`)).flatMap((setting) => {
      const [k, selection] = setting.split(' ');
      const d = learnedAgainstClosed(c, Number(k), selection as Selection);
      return d?.verdict === 'less' ? [`${titleOf(c)}, ${k} ${selection} (${points(d)} points)`] : [];
    }),
  );
  return [
    `Learned features are those of a network trained over all devices (\`--method hwcast\`), averaged with the physical features by the evidence of the measurements. **In latency from ten chosen measurements they improve ${improved.length || 'none'} of the ${latency.length} rows beyond noise and worsen ${worse.length || 'none'}.**${unknown ? ` (${unknown} of the rows ${unknown === 1 ? 'is' : 'are'} of a single device, which tells nothing.)` : ''} Change of the median error in percentage points, with the 95 % interval of Student's t over devices:`,
    '',
    markdownTable(
      ['protocol, space, target', 'devices', 'change by learned features', 'better on', ''],
      ten.map(({ c, d }) => [titleOf(c), String(d.pairs), points(d), `${d.smaller} of ${d.pairs}`, VERDICTS[d.verdict]]),
    ),
    '',
    `Over all numbers of measurements and both ways to choose them they are better beyond noise in: ${everywhere.join('; ') || 'no row'}. Among so many comparisons about one in forty looks better by chance. The default method is the closed form.${everywhere.length ? ' `--method hwcast` is there for the rows named here.' : ''}`,
  ].join('\n');
}

function sizesTable(cases: readonly Case[]): string {
  const settings: [number, Selection][] = [5, 10, 20].flatMap((k) =>
    (['random', 'chosen'] as const).map((s): [number, Selection] => [k, s]),
  );
  return markdownTable(
    ['protocol, space, target', ...settings.map(([k, selection]) => `${k} ${selection}`)],
    cases.map((c) => [
      titleOf(c),
      ...settings.map(([k, selection]) =>
        percent(
          overDevices(rowsOf(c, OURS, k, selection), (r) => r.medianApe),
          1,
        ),
      ),
    ]),
  );
}

function deviceTable(cases: readonly Case[]): string {
  return markdownTable(
    ['protocol, space, target', 'median error of each device'],
    cases.map((c) => [
      titleOf(c),
      [...byDevice(rowsOf(c, OURS, MEASUREMENTS, 'chosen'), (r) => r.medianApe)]
        .sort((a, b) => a[1] - b[1])
        .map(([device, error]) => `${device} ${(100 * error).toFixed(1)}`)
        .join(', '),
    ]),
  );
}

/** docs/accuracy.md: one page from the rows of docs/accuracy.json. */
export function accuracyPage(rows: readonly ResultRow[]): string {
  const cases = casesOf(rows);
  return `# Accuracy

How well hwcast predicts networks on a device that was left out of training. Written by \`npx tsx scripts/accuracy.ts --page\` from [accuracy.json](accuracy.json), which has every device, method and number of measurements. Words: [glossary.md](glossary.md). Method: [method.md](method.md). FPGA designs: [accuracy-fpga.md](accuracy-fpga.md).

## Ten measurements, chosen by the model

Each cell: median error over networks, then Spearman correlation; means over devices. *hwcast* is the default method, the closed form on physical features. *Simple methods* are ${SIMPLE.join(', ')}; the table has the one with the least error among those that were run. *Ceiling*: Spearman of the same features fitted to up to 900 measurements of the device itself. *In interval*: networks whose value lies in the 90 % interval. *Published*: Spearman, see the next table.

${mainTable(cases)}

- leave-one-out: the embedded dataset, one GPU and one CPU under fifteen configurations, each left out in turn. The other configurations of the same hardware are among the training devices, which makes this easier than a new device.
- help: the devices that HELP (Lee et al., NeurIPS 2021) leaves out. nasflat: twelve tasks of NASFLAT (Akhauri and Abdelfattah, 2024) with training devices unlike the test devices.
${notAhead(cases)}
- A dash: not measured, or not known to us. For nasflat only the additive mixture was run as a simple method, and no published value for each task was found.

## Beside published numbers

Mean Spearman over the devices that both have; measurements drawn at random, as in the publications. HELP uses ten measurements and ten reference networks that are measured too, so 20 in all.

${publishedTable(cases)}

Better than hwcast from 20 measurements: ${publishedAhead(cases)}.

HELP trained and run here, with 16 gradient steps on a new device where the paper takes 2: ${helpHere(cases)}.

## What learning adds, and what it does not

${learnedSection(cases)}

## Fewer and more measurements

Median error of the default method, measurements drawn at random or chosen by the model:

${sizesTable(cases)}

## Every device

Ten chosen measurements, default method, median error in percent:

${deviceTable(cases)}

## Commands

\`npm run accuracy\` runs all protocols (about two hours on two cores). The rows of today's accuracy.json come from:

${commandList(rows)}
`;
}

/** Where a simple method is as good, and where intervals are too narrow. */
function notAhead(cases: readonly Case[]): string {
  const error = (rows: readonly ResultRow[]) => overDevices(rows, (r) => r.medianApe) ?? 1;
  const behind = cases.filter((c) => {
    const simple = bestSimple(c, MEASUREMENTS, 'chosen');
    return simple && error(simple.rows) <= error(rowsOf(c, OURS, MEASUREMENTS, 'chosen'));
  });
  const narrow = cases.filter(
    (c) => (overDevices(rowsOf(c, OURS, MEASUREMENTS, 'chosen'), (r) => r.coverage90) ?? 1) < LEAST_COVERAGE,
  );
  return [
    `- Where a simple method is at least as good: ${behind.map(titleOf).join('; ') || 'nowhere'}.`,
    `- Where fewer than ${percent(LEAST_COVERAGE, 0)} lie in the 90 % interval: ${narrow.map(titleOf).join('; ') || 'nowhere'}.`,
  ].join('\n');
}

function helpHere(cases: readonly Case[]): string {
  const each = cases.flatMap((c) => {
    const rows = rowsOf(c, 'help', 20, 'random');
    return rows.length ? [`${c.space}, ${devicesOf(rows).length} devices, 20 measurements: ${errorAndRank(rows)}`] : [];
  });
  return each.join('; ') || 'not measured';
}
