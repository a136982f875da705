import { PUBLISHED_FPGA } from '../src/evaluate/report/publishedFpga.js';
import type { ResultRow } from '../src/evaluate/resultRow.js';
import { commandList, distinct, fixed, markdownTable, meanOfKnown, percent } from './markdown.js';

const COUNTS = ['lut', 'ff', 'dsp', 'bram18'] as const;
const TARGETS = [...COUNTS, 'cycles', 'ii'] as const;
const HEADS: Record<string, string> = { lut: 'LUT', ff: 'FF', dsp: 'DSP', bram18: 'BRAM', cycles: 'cycles', ii: 'II' };
const LEARNED = 'mlp';
const SIMPLE_DESIGN = ['ridge', 'nearest'];

/** An earlier error of one of our methods. */
export type EarlierError = Pick<
  ResultRow,
  'task' | 'space' | 'device' | 'target' | 'method' | 'k' | 'selection' | 'smape' | 'measuredAt'
>;

const RULES = 'analytical';
const OURS: readonly string[] = [LEARNED, RULES, 'family model', 'stage model', 'hierarchical'];

/** What the page shows of earlier rows. */
export const earlierErrors = (rows: readonly ResultRow[]): EarlierError[] =>
  rows
    .filter((r) => OURS.includes(r.method) && typeof r.smape === 'number' && !/, (latency|resource)$/.test(r.task))
    .map(({ task, space, device, target, method, k, selection, smape, measuredAt }) => ({
      ...{ task, space, device, target, method, k, selection, measuredAt },
      smape: Number(smape!.toPrecision(6)),
    }));

interface Filter {
  task: string;
  space?: string;
  device?: string;
  k?: number;
  selection?: ResultRow['selection'];
}

const select = (rows: readonly ResultRow[], { task, space, device, k, selection }: Filter): ResultRow[] =>
  rows.filter(
    (r) =>
      r.task === task &&
      (space === undefined || r.space === space) &&
      (device === undefined || r.device === device) &&
      (k === undefined || r.k === k) &&
      (selection === undefined || r.selection === selection),
  );

const smapeOf = (rows: readonly ResultRow[], method: string, target: string): number | null =>
  rows.find((r) => r.method === method && r.target === target)?.smape ?? null;

/** Least SMAPE of several methods. */
function leastOf(rows: readonly ResultRow[], methods: readonly string[], target: string): number | null {
  const found = methods.map((m) => smapeOf(rows, m, target)).filter((v): v is number => v !== null);
  return found.length ? Math.min(...found) : null;
}

/** SMAPE of our method, then of the best simple one; the smaller is bold. */
function cell(ours: number | null, simple: number | null): string {
  const [a, b] = [fixed(ours, 1), fixed(simple, 1)];
  if (a === b || ours === null || simple === null) return `${a} / ${b}`;
  return ours < simple ? `**${a}** / ${b}` : `${a} / **${b}**`;
}

const earlierOf = (earlier: readonly EarlierError[], row: ResultRow | undefined): EarlierError | undefined =>
  row && earlier.find((e) => KEYS.every((key) => e[key] === row[key]));

/** The earlier error of a cell, where it prints otherwise. */
function was(earlier: readonly EarlierError[], row: ResultRow | undefined): string {
  const before = earlierOf(earlier, row);
  return !row || !before || fixed(before.smape ?? null, 1) === fixed(row.smape ?? null, 1)
    ? ''
    : `, was ${fixed(before.smape ?? null, 1)}`;
}
const KEYS = ['task', 'space', 'device', 'target', 'method', 'k', 'selection'] as const;

const rowOf = (rows: readonly ResultRow[], method: string, target: string): ResultRow | undefined =>
  rows.find((r) => r.method === method && r.target === target);

const coverageOf = (rows: readonly ResultRow[], method: string): string =>
  percent(meanOfKnown(rows.filter((r) => r.method === method).map((r) => r.coverage90)), 0);

/** Designs whose model, or whose source, was left out of training. */
function designTable(rows: readonly ResultRow[], task: string, earlier: readonly EarlierError[]): string {
  const sets = distinct(rows.filter((r) => r.task === task).map((r) => `${r.space}\t${r.device}`)).map((set) => {
    const [space, device] = set.split('\t');
    return { space, device, of: select(rows, { task, space, device }) };
  });
  return markdownTable(
    ['designs of', 'stage', 'designs', ...TARGETS.map((t) => HEADS[t]), 'in interval'],
    sets.map(({ space, device, of }) => [
      space,
      device,
      String(Math.max(...of.map((r) => r.n ?? 0))),
      ...TARGETS.map((t) => {
        const ours = smapeOf(of, LEARNED, t);
        return ours === null ? '-' : `${cell(ours, leastOf(of, SIMPLE_DESIGN, t))}${was(earlier, rowOf(of, LEARNED, t))}`;
      }),
      coverageOf(of, LEARNED),
    ]),
  );
}

/** From which rise of an error it is listed. */
const RISEN = 0.1;

/** An error of designs then and now, that of the rules and that with the residual. */
interface Changed {
  row: ResultRow;
  learned: readonly [then: number, now: number];
  rules: readonly [then: number | null, now: number | null];
}

/** Errors of left-out designs that are known then and now, a set of designs, stage and target each. */
const changedErrors = (rows: readonly ResultRow[], earlier: readonly EarlierError[]): Changed[] =>
  rows.flatMap((row) => {
    const before = earlierOf(earlier, row)?.smape;
    if (!/^(models|source)-left-out$/.test(row.task) || row.method !== LEARNED) return [];
    if (typeof row.smape !== 'number' || typeof before !== 'number') return [];
    const rules = rowOf(select(rows, row), RULES, row.target);
    return [{ row, learned: [before, row.smape], rules: [earlierOf(earlier, rules)?.smape ?? null, rules?.smape ?? null] }];
  });

/** Whether an error rose, or fell, by so much that it is listed. */
const rose = ([then, now]: readonly [number | null, number | null]): boolean =>
  now !== null && then !== null && now - then >= RISEN;
const fell = ([then, now]: readonly [number | null, number | null]): boolean => rose([now, then]);

/** Errors of designs that rose since, those of the rules beside those with the residual. */
function risenTable(changed: readonly Changed[]): string {
  const change = ([then, now]: readonly [number | null, number | null]) => `${fixed(then, 2)} to ${fixed(now, 2)}`;
  return markdownTable(
    ['designs of', 'left out', 'stage', 'target', 'rules', 'with the residual'],
    changed
      .filter(({ learned }) => rose(learned))
      .map(({ row, learned, rules }) => [
        row.space,
        row.task.replace('-left-out', ''),
        row.device,
        HEADS[row.target],
        change(rules),
        change(learned),
      ]),
  );
}

/** Whether rules or residual made them rise, and what the same rules did to the others. */
function risenText(changed: readonly Changed[]): string {
  const risen = changed.filter(({ learned }) => rose(learned));
  if (!risen.length) return 'None rose.';
  const named = (of: readonly Changed[]): string =>
    distinct(of.map(({ row }) => `${HEADS[row.target]} of ${row.space}`)).join(', ') || 'none';
  const fallen = changed.filter(({ learned }) => fell(learned)),
    sets = (of: readonly Changed[]) => `${of.length} of ${changed.length}`;
  const change = (of: readonly Changed[]) => fixed(meanOfKnown(of.map(({ learned: [then, now] }) => now - then)), 2);
  return `By the rules: ${named(risen.filter(({ rules }) => rose(rules)))}. By the residual alone, which learns from all rows that are left: ${named(risen.filter(({ rules }) => !rose(rules)))}. Of the sets of designs by target, ${sets(fallen)} fell by ${RISEN} or more and ${sets(risen)} rose; the mean change over all is ${change(changed)}, over those that rose ${change(risen)}.`;
}

/** How the residual changes the error of the rules, as counts of (set of designs, target). */
function learnedSection(rows: readonly ResultRow[]): string {
  const line = (task: string): string[] => {
    const pairs = rows
      .filter((r) => r.task === task && r.method === LEARNED && !r.space.startsWith('all ') && r.smape !== null)
      .map((r) => [smapeOf(select(rows, { task, space: r.space, device: r.device }), 'analytical', r.target), r.smape!] as const)
      .filter((pair): pair is readonly [number, number] => pair[0] !== null);
    const changed = pairs.map(([rule, learned]) => (Math.abs(learned - rule) < 0.05 ? 0 : Math.sign(learned - rule)));
    return [
      task,
      String(pairs.length),
      String(changed.filter((c) => c < 0).length),
      String(changed.filter((c) => c === 0).length),
      String(changed.filter((c) => c > 0).length),
      `${fixed(meanOfKnown(pairs.map((p) => p[0])), 1)} to ${fixed(meanOfKnown(pairs.map((p) => p[1])), 1)}`,
    ];
  };
  const tasks = ['models-left-out', 'source-left-out'];
  return markdownTable(
    ['left out', 'sets x targets', 'residual better', 'equal', 'worse', 'mean SMAPE, rules to residual'],
    tasks.map(line),
  );
}

/** Adaptation from k measured designs: our method against the best simple one. */
function adaptedTable(
  rows: readonly ResultRow[],
  tasks: readonly { title: string; task: string; space: string; device?: string }[],
  {
    ours,
    simple,
    targets,
    earlier,
  }: { ours: string; simple: readonly string[]; targets: readonly string[]; earlier: readonly EarlierError[] },
): string {
  return markdownTable(
    ['what is left out', 'measured', 'chosen', ...targets.map((t) => HEADS[t] ?? t), 'in interval'],
    tasks.flatMap(({ title, task, space, device }) =>
      distinct(select(rows, { task, space, device }).map((r) => `${r.k}\t${r.selection}`)).map((setting) => {
        const [k, selection] = setting.split('\t');
        const of = select(rows, { task, space, device, k: Number(k), selection: selection as ResultRow['selection'] });
        return [
          title,
          k,
          k === '0' ? '-' : selection === 'chosen' ? 'by the model' : 'at random',
          ...targets.map((t) =>
            smapeOf(of, ours, t) === null
              ? '-'
              : `${cell(smapeOf(of, ours, t), leastOf(of, simple, t))}${was(earlier, rowOf(of, ours, t))}`,
          ),
          coverageOf(of, ours),
        ];
      }),
    ),
  );
}

/** When the earlier errors were measured. */
const earlierDays = (earlier: readonly EarlierError[]): string =>
  earlier.length
    ? `; *was* is hwcast's error in [accuracy-fpga-earlier.json](accuracy-fpga-earlier.json), of ${distinct(earlier.map((e) => e.measuredAt.slice(0, 10))).join(', ')}, where it differs`
    : '';

/** Sets of kernels on which the median of the measured designs is at least as good as the head. */
function behindMedian(rows: readonly ResultRow[]): string {
  const behind = rows.filter(
    (r) =>
      r.task === 'kernel left out' &&
      r.method === 'hierarchical' &&
      typeof r.smape === 'number' &&
      (leastOf(select(rows, r), ['ridge', 'median'], r.target) ?? Number.POSITIVE_INFINITY) <= r.smape,
  );
  return distinct(behind.map((r) => `${r.space} ${r.target}`)).join(', ') || 'none';
}

function powerTable(rows: readonly ResultRow[]): string {
  const known = rows.filter((r) => r.method === 'analytical' && (r.target === 'power' || r.target === 'energy'));
  return markdownTable(
    ['designs of', 'what', 'designs', 'median error', 'within 10 %'],
    known.map((r) => [`${r.space}: ${r.task}`, r.target, fixed(r.n ?? null, 0), percent(r.medianApe), percent(r.within10, 0)]),
  );
}

/** docs/accuracy-fpga.md: one page from the rows of docs/accuracy-fpga.json, beside what it showed earlier (docs/accuracy-fpga-earlier.json). */
export function accuracyFpgaPage(rows: readonly ResultRow[], earlier: readonly EarlierError[] = []): string {
  const kernels = distinct(rows.filter((r) => r.task === 'kernel left out').map((r) => `${r.space}\t${r.device}`)).map((set) => {
    const [space, device] = set.split('\t');
    return { title: `${space}, ${device}`, task: 'kernel left out', space, device };
  });
  const changed = changedErrors(rows, earlier);
  return `# Accuracy on FPGA designs

How well hwcast predicts what HLS tools and logic synthesis report. Written by \`npx tsx scripts/accuracyFpga.ts --page\` from [accuracy-fpga.json](accuracy-fpga.json), which has every method, R2, RMSE and other forms of the error. Words: [glossary.md](glossary.md). Method: [method.md](method.md). Networks on processors: [accuracy.md](accuracy.md).

Errors are SMAPE in percent: 200 mean(abs(y - p) / (abs(y) + abs(p))), after rounding to whole units. A cell shows hwcast / the best simple method, the smaller error bold${earlierDays(earlier)}. A dash: not measured; how often intervals of projects hold is in [fpga.md](fpga.md#what-is-modelled-and-how-well), by kinds of layers.

## Networks of hls4ml, without any measurement

hwcast is the rules with the learned residual. Simple methods: ridge on the same columns, and the nearest training design. Each model is left out of training with all its variants.

${designTable(rows, 'models-left-out', earlier)}

Each source left out as a whole, so that nobody's way to build designs is known:

${designTable(rows, 'source-left-out', earlier)}

Errors that rose since by ${RISEN} or more, then and now:

${risenTable(changed)}

${risenText(changed)}

## What learning adds, and what it does not

The rules alone against the rules with the residual. The residual is trusted only where it proved itself on five left-out models or more of the same kind, tool and part; elsewhere the rules stand.

${learnedSection(rows)}

On a source that was never seen the residual is not trusted, so the values are those of the rules. The results have no spread over repetitions, so small differences say nothing.

## A family of FPGAs that was never seen

Eleven families of [datasets/yosys-fpga](../datasets/yosys-fpga/README.md), each left out in turn and adapted from a few synthesised designs. *Seen*: the training families synthesised the design that is asked about. Simple methods: nearest family, ridge, mean ratio.

${adaptedTable(
  rows,
  ['seen', 'unseen'].map((knowledge) => ({
    title: `family, design ${knowledge}`,
    task: `family left out, ${knowledge}`,
    space: 'yosys-fpga',
  })),
  { ours: 'family model', simple: ['nearest family', 'ridge', 'mean ratio'], targets: COUNTS, earlier },
)}

Without a measurement a family is not known: choose at least five.

## From csynth to logic synthesis

The ratio learned from pairs of counts of other designs. Simple methods: ridge, median ratio, csynth as it is.

${adaptedTable(
  rows,
  [
    { title: 'one design', task: 'csynth to vsynth, pair', space: 'hls4ml' },
    { title: 'one model with all its designs', task: 'csynth to vsynth, model', space: 'hls4ml' },
  ],
  { ours: 'stage model', simple: ['ridge', 'median ratio', 'csynth'], targets: COUNTS, earlier },
)}

Block RAM after synthesis is hardly predictable from these pairs, by any method.

## HLS kernels that are no networks

The same head on plain columns (pragmas, counts), each kernel left out. Simple methods: ridge on the kernel's own measurements, and their median. Not better than a simple method in at least one setting: ${behindMedian(rows)}.

${adaptedTable(rows, kernels, {
  ours: 'hierarchical',
  simple: ['ridge', 'median'],
  targets: [...COUNTS, 'cycles', 'power', 'latency'],
  earlier,
})}

## Power and energy, from resources that are known

${powerTable(rows)}

## Published, on other data

SMAPE in percent as their authors report it on their own test sets (wa-hls4ml: arXiv 2511.05615 and ben-hawks/wa_hls4ml_models; rule4ml: its abstract, with 1 added to the denominator). Not the rows above; there to see the order of size.

${markdownTable(['predictor', ...TARGETS.map((t) => HEADS[t])], PUBLISHED_FPGA)}

## Commands

\`npm run accuracy:fpga\` runs all tasks (about half an hour on two cores):

${commandList(rows)}
`;
}
