import type { ResultRow } from '../src/evaluate/resultRow.js';
import { commandList, distinct, fixed, markdownTable, percent } from './markdown.js';

const OURS = 'multi-task';
const SIMPLE = ['nearest-task', 'gaussian', 'macs-scaled'];
/** Measurements of the main tables. */
const MEASUREMENTS = 10;
const MEAN = 'all',
  MEDIAN = 'median of all';

type Selection = ResultRow['selection'];

interface Case {
  space: string;
  task: string;
  target: string;
  rows: readonly ResultRow[];
}

const casesOf = (rows: readonly ResultRow[]): Case[] =>
  distinct(rows.map((r) => [r.task, r.target, r.space].join('\t')))
    .sort((a, b) => Number(b.startsWith('known')) - Number(a.startsWith('known')))
    .map((key) => {
      const [task, target, space] = key.split('\t');
      return { space, task, target, rows: rows.filter((r) => r.space === space && r.task === task && r.target === target) };
    });

const tasksOf = (c: Case): ResultRow[] =>
  c.rows.filter(
    (r) => r.method === OURS && r.k === MEASUREMENTS && r.selection === 'chosen' && r.device !== MEAN && r.device !== MEDIAN,
  );

const row = (c: Case, method: string, device: string, selection: Selection, k = MEASUREMENTS): ResultRow | undefined =>
  c.rows.find((r) => r.method === method && r.device === device && r.selection === selection && r.k === k);

/** Median over tasks, then mean. */
const errors = (c: Case, method: string, selection: Selection, k = MEASUREMENTS): string =>
  `${percent(row(c, method, MEDIAN, selection, k)?.medianApe ?? null)} (${percent(row(c, method, MEAN, selection, k)?.medianApe ?? null)})`;

const title = ({ space, target }: Case): string => `${space}, ${target}`;

function mainTable(cases: readonly Case[]): string {
  const head = [
    'table',
    'tasks',
    'chosen',
    'random',
    ...SIMPLE.map((m) => `${m}, random`),
    'Spearman, chosen',
    'below .80',
    'in interval',
  ];
  return markdownTable(
    head,
    cases.map((c) => {
      const tasks = tasksOf(c),
        low = tasks.filter((r) => (r.spearman ?? 1) < 0.8).length;
      return [
        title(c),
        String(tasks.length),
        `**${errors(c, OURS, 'chosen')}**`,
        errors(c, OURS, 'random'),
        ...SIMPLE.map((m) => errors(c, m, 'random')),
        fixed(row(c, OURS, MEDIAN, 'chosen')?.spearman ?? null, 3),
        percent(tasks.length ? low / tasks.length : null, 0),
        `${percent(row(c, OURS, MEAN, 'random')?.coverage90 ?? null, 0)}, ${percent(row(c, OURS, MEAN, 'chosen')?.coverage90 ?? null, 0)}`,
      ];
    }),
  );
}

function sizesTable(cases: readonly Case[]): string {
  const sizes = [5, 10, 20];
  return markdownTable(
    ['table', ...sizes.map((k) => `${k} random`), ...sizes.map((k) => `${k} chosen`)],
    cases.map((c) => [
      title(c),
      ...(['random', 'chosen'] as const).flatMap((selection) =>
        sizes.map((k) => percent(row(c, OURS, MEDIAN, selection, k)?.medianApe ?? null)),
      ),
    ]),
  );
}

/** What nothing is measured of, by configuration. */
function configurationTable(cases: readonly Case[]): string {
  const ways = ['new models, known configuration', 'new models of known families, known configuration'],
    rows = cases.flatMap((c) => c.rows).filter((r) => r.device !== MEAN && r.device !== MEDIAN);
  const cell = (device: string, target: string, way: string, method: string): string =>
    percent(
      rows.find((r) => r.device === device && r.target === target && r.task === way && r.method === method)?.medianApe ?? null,
    );
  const places = distinct(rows.map((r) => `${r.device}\t${r.target}`)).map((key) => key.split('\t'));
  return markdownTable(
    [
      'configuration',
      ...['families left out', 'models left out'].flatMap((w) => [`${w}: sums`, 'description', 'three neighbours']),
    ],
    places.map(([device, target]) => [
      `${device}, ${target}`,
      ...ways.flatMap((way) => [
        `**${cell(device, target, way, OURS)}**`,
        cell(device, target, way, 'description'),
        cell(device, target, way, 'three-neighbours'),
      ]),
    ]),
  );
}

/** New models on new configurations, one a row. */
function freshTable(rows: readonly ResultRow[]): string {
  const places = distinct(rows.map((r) => `${r.device}\t${r.target}`)).map((key) => key.split('\t'));
  return markdownTable(
    ['configuration', 'chosen', 'random', 'Spearman, chosen', 'in interval, chosen', 'random'],
    places.sort().map(([device, target]) => {
      const [chosen, random] = ['chosen', 'random'].map((selection) =>
        rows.find((r) => r.device === device && r.target === target && r.selection === selection),
      );
      return [
        `${device}, ${target}`,
        `**${percent(chosen?.medianApe ?? null)}**`,
        percent(random?.medianApe ?? null),
        fixed(chosen?.spearman ?? null, 3),
        percent(chosen?.coverage90 ?? null, 0),
        percent(random?.coverage90 ?? null, 0),
      ];
    }),
  );
}

/** The same where nothing is measured, beside the roofline of the same kernels. */
function unmeasuredTable(rows: readonly ResultRow[]): string {
  return markdownTable(
    ['configuration', 'sums', 'roofline', 'Spearman: sums', 'roofline', 'in interval'],
    distinct(rows.map((r) => r.device))
      .sort()
      .map((device) => {
        const [ours, roofline] = [OURS, 'roofline'].map((method) => rows.find((r) => r.device === device && r.method === method));
        return [
          device,
          `**${percent(ours?.medianApe ?? null)}**`,
          percent(roofline?.medianApe ?? null),
          fixed(ours?.spearman ?? null, 3),
          fixed(roofline?.spearman ?? null, 3),
          percent(ours?.coverage90 ?? null, 0),
        ];
      }),
  );
}

/** The tasks with the greatest error. */
function worstTable(cases: readonly Case[]): string {
  const worst = cases
    .flatMap((c) => tasksOf(c).map((r) => ({ c, r })))
    .sort((a, b) => (b.r.medianApe ?? 0) - (a.r.medianApe ?? 0))
    .slice(0, 10);
  return markdownTable(
    ['table', 'device', 'median error', 'Spearman', 'in interval'],
    worst.map(({ c, r }) => [
      title(c),
      r.device,
      percent(r.medianApe ?? null),
      fixed(r.spearman ?? null, 3),
      percent(r.coverage90 ?? null, 0),
    ]),
  );
}

/** docs/accuracy-models.md, from the rows of the protocol `tables`. */
export function accuracyModelsPage(rows: readonly ResultRow[]): string {
  const cases = casesOf(rows),
    known = cases.filter((c) => c.task === 'known models'),
    fresh = rows.filter((r) => r.task === 'new models' && r.k > 0),
    unmeasured = rows.filter((r) => r.task === 'new models' && r.k === 0),
    configurations = cases.filter((c) => c.task.endsWith('known configuration'));
  return `# Accuracy on real models

Real models on hardware that was left out of training. Written by \`npx tsx scripts/accuracyModels.ts --page\` from [accuracy-models.json](accuracy-models.json), which has every method and number of measurements, and each task from ten chosen ones.

## Ten measurements on new hardware, models known on other hardware

Each hardware is left out with all it measured (every runtime, thread count and software version); of the zoo a configuration at a time, told as below, with measured operators of other element types. Cells: median error over models, its median over tasks, in brackets its mean over tasks; ten draws of the support. *Chosen*: \`hwcast sample\` says which ten. In interval: share of the values inside the 90 % interval, random and chosen.

${mainTable(known)}

- nearest-task: the other task that fits the ten best, times a factor. gaussian: mean and covariance over the other tasks, conditional on the ten. macs-scaled: MACs times a factor.
- Devices of one maker and generation resemble each other; each table has them, and the nearest of them stay among the training devices.
- How wide intervals are was set by leaving training devices out in turn, never by the tested device. The form of the method was developed on these tables; devices that were kept back from its developers are the stricter test.

## Fewer and more measurements

Median error, its median over tasks:

${sizesTable(known)}

## New models on a new configuration

A quarter of the models at a time, by family, is left out of training everywhere; the configuration is left out with its near copies (same runtime and precision). What a user knows is told: hardware, element type, batch, threads and kind of runtime (\`hwcast adapt --hardware ..\`). Ten of the left-out models are measured, the others predicted from their graphs (ten draws of the support):

${freshTable(fresh)}

The simple methods need values of the model on other devices, which there are none of.

The same with nothing measured at all, latency: sums over operators with the weights that a further task of the hardware may have, in an element type that no task of it was in, beside the roofline of the same kernels:

${unmeasuredTable(unmeasured)}

Where only the batch is new, \`predict --device\` takes the sums of the other batches: \`npx tsx bench/unmeasured-batch.ts\` ([figures](../bench/README.md#a-batch-that-was-not-measured)).

## New models on a known configuration

A quarter of the models at a time is left out of training everywhere, profiled operators that only they have included; nothing of them is measured. Each configuration is known from the other models, here and on an H200 that further 200 models were measured on (\`datasets/zoo-h200\`). *Sums over operators* is what \`multi-task\` does where a model has a graph ([method 12](method.md#12-models-as-sums-over-operators)); *description* is the same without them, from sizes, shares of work and words of names; *three neighbours* takes each operator at the utilisation of the three nearest profiled ones, times a factor. Left out are whole families (models whose names begin alike), or single models whose siblings stay. Eager latencies of two machines of one kind differ by 20 to 25 % ([zoo-h100](../datasets/zoo-h100/README.md)), so no method can be nearer; those of ONNX Runtime on two processors differ by 11 to 13 % beside a common factor (\`npx tsx bench/agreement.ts zoo_ort_t1 h200_ort_t1\`):

${configurationTable(configurations)}

The same on the GPUs of PyTorch Image Models' table, with graphs of [timm-h200](../datasets/timm-h200/README.md): \`npx tsx bench/new-models.ts\` ([figures](../bench/README.md#new-models-on-timms-gpus)).

## Where it is worst

From ten chosen measurements:

${worstTable(known)}

## Commands

${commandList(rows)}
`;
}
