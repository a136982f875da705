import { mean } from '../../core/statistics.js';
import type { ResultRow } from '../resultRow.js';
import { markdownTable, numberCell as number, percentCell as percent } from './markdownTable.js';
import { PUBLISHED } from './published.js';

const distinct = <T>(values: T[]): T[] => [...new Set(values)];

/** Rows of one protocol, space, task and target. */
interface RowsOfTask {
  protocol: string;
  space: string;
  task: string;
  target: string;
  rows: ResultRow[];
}

/** `results.md` from the rows of `results.json`: per case a table of means over devices, then every device. */
export function renderResults(rows: readonly ResultRow[]): string {
  const tasks = tasksOf(rows);
  const out = [
    '# Results',
    '',
    'Mean over draws of the support set. Spearman (mean ± spread over draws), errors and shares in percent, coverage of 90 % intervals in percent. k counts every measurement of the device. The ceiling is the same features fitted to up to 900 measurements of the device.',
  ];
  for (const command of distinct(rows.map((r) => r.command)))
    out.push('', `Command: \`${command}\`, ${rows.find((r) => r.command === command)!.measuredAt}.`);
  out.push('', '## Means over devices', '', meansTable(tasks));
  for (const task of tasks) out.push('', `## ${task.protocol} ${task.space} ${task.task} ${task.target}`, '', deviceTable(task));
  return `${out.join('\n')}\n`;
}

function tasksOf(rows: readonly ResultRow[]): RowsOfTask[] {
  const tasks = new Map<string, RowsOfTask>();
  for (const row of rows) {
    const { protocol, space, task, target } = row,
      key = JSON.stringify([protocol, space, task, target]);
    if (!tasks.has(key)) tasks.set(key, { protocol, space, task, target, rows: [] });
    tasks.get(key)!.rows.push(row);
  }
  return [...tasks.values()];
}

const MEANS = ['protocol', 'space', 'task', 'target', 'method', 'k'];
const SCORES = ['Spearman', 'median error', 'within 10', 'coverage'];

/** A line a task, method and number of measurements: means over devices, drawn at random beside chosen, and the mean ceiling. */
function meansTable(tasks: readonly RowsOfTask[]): string {
  const body = tasks.flatMap(({ protocol, space, task, target, rows }) => {
    const ceiling = mean(rows.filter((r) => r.method === 'ceiling').map((r) => r.spearman ?? Number.NaN));
    return distinct(rows.map((r) => r.method))
      .filter((method) => method !== 'ceiling')
      .flatMap((method) => {
        const ofMethod = rows.filter((r) => r.method === method);
        return distinct(ofMethod.map((r) => r.k))
          .sort((a, b) => a - b)
          .map((k) => {
            const measured = ofMethod.filter((r) => r.k === k);
            const cells = (['random', 'chosen'] as const).flatMap((s) => meanCells(measured.filter((r) => r.selection === s)));
            return [protocol, space, task, target, method, String(k), ...cells, number(ceiling)];
          });
      });
  });
  const [first, ...others] = SCORES;
  return markdownTable([...MEANS, `random: ${first}`, ...others, `chosen: ${first}`, ...others, 'ceiling'], body);
}

/** Means over devices, of what is known. */
function meanCells(rows: readonly ResultRow[]): string[] {
  const known = (value: (r: ResultRow) => number | null) => {
    const values = rows.map(value).filter((v): v is number => v !== null);
    return values.length ? mean(values) : null;
  };
  return [
    number(known((r) => r.spearman)),
    percent(known((r) => r.medianApe)),
    ...[known((r) => r.within10), known((r) => r.coverage90)].map((share) => percent(share, 0)),
  ];
}

const DEVICES = [
  ...['device', 'method', 'k', 'selection', 'Spearman', 'Kendall', 'MAPE', 'median error'],
  ...['within 5', 'within 10', 'coverage', 'ceiling'],
];

/** A line a row, published scores of the same devices among them. */
function deviceTable({ protocol, space, rows }: RowsOfTask): string {
  const ours = rows.map((r) => [
    r.device,
    r.method,
    String(r.k),
    r.selection,
    `${number(r.spearman)}${r.spearmanSd === null ? '' : ` ± ${number(r.spearmanSd)}`}`,
    number(r.kendall),
    percent(r.mape),
    percent(r.medianApe),
    ...[r.within5, r.within10, r.coverage90].map((share) => percent(share, 0)),
    number(r.ceiling),
  ]);
  const published = PUBLISHED.filter(
    (p) => p.protocol === protocol && p.space === space && rows.some((r) => r.device === p.device),
  ).map((p) => {
    const known = [p.device, `${p.method} (published: ${p.source})`, String(p.k), 'random', number(p.spearman)];
    return [...known, ...DEVICES.slice(known.length).map(() => '')];
  });
  return markdownTable(
    DEVICES,
    [...ours, ...published].sort((a, b) => a[0].localeCompare(b[0])),
  );
}
