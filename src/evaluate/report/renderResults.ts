import { mean as average } from '../../core/statistics.js';
import type { ResultRow } from '../resultRow.js';
import { PUBLISHED } from './published.js';

const number = (v: number | null, digits = 3) => (v === null || Number.isNaN(v) ? '' : v.toFixed(digits));
const percent = (v: number | null, digits = 1) => (v === null || Number.isNaN(v) ? '' : (100 * v).toFixed(digits));
const distinct = <T>(values: T[]): T[] => [...new Set(values)];
const table = (head: string[], body: string[][]) =>
  [`| ${head.join(' | ')} |`, `|${head.map(() => '---').join('|')}|`, ...body.map((r) => `| ${r.join(' | ')} |`)].join('\n');

/** `results.md` from the rows of `results.json`: per case a table of means over devices, then every device. */
export function renderResults(rows: readonly ResultRow[]): string {
  const out = [
    '# Results',
    '',
    'Mean over draws of the support set. Spearman (mean ± spread over draws), errors and shares in percent, coverage of 90 % intervals in percent. k counts every measurement of the device. The ceiling is the same features fitted to up to 900 measurements of the device.',
  ];
  for (const command of distinct(rows.map((r) => r.command)))
    out.push('', `Command: \`${command}\`, ${rows.find((r) => r.command === command)!.measuredAt}.`);
  const cases = distinct(rows.map((r) => [r.protocol, r.space, r.task, r.target].join('\t')));
  const summary: string[][] = [];
  for (const key of cases) {
    const [protocol, space, task, target] = key.split('\t'),
      of = rows.filter((r) => r.protocol === protocol && r.space === space && r.task === task && r.target === target);
    const top = of.filter((r) => r.method === 'ceiling');
    for (const method of distinct(of.map((r) => r.method)).filter((m) => m !== 'ceiling'))
      for (const k of distinct(of.filter((r) => r.method === method).map((r) => r.k)).sort((a, b) => a - b)) {
        const cell = (selection: string, value: (r: ResultRow) => number | null) => {
          const list = of
            .filter((r) => r.method === method && r.k === k && r.selection === selection)
            .map(value)
            .filter((v): v is number => v !== null);
          return list.length ? average(list) : null;
        };
        summary.push([
          protocol,
          space,
          task,
          target,
          method,
          String(k),
          ...['random', 'chosen'].flatMap((s) => [
            number(cell(s, (r) => r.spearman)),
            percent(cell(s, (r) => r.medianApe)),
            percent(
              cell(s, (r) => r.within10),
              0,
            ),
            percent(
              cell(s, (r) => r.coverage90),
              0,
            ),
          ]),
          number(average(top.map((r) => r.spearman ?? Number.NaN))),
        ]);
      }
  }
  out.push(
    '',
    '## Means over devices',
    '',
    table(
      [
        'protocol',
        'space',
        'task',
        'target',
        'method',
        'k',
        'random: Spearman',
        'median error',
        'within 10',
        'coverage',
        'chosen: Spearman',
        'median error',
        'within 10',
        'coverage',
        'ceiling',
      ],
      summary,
    ),
  );
  for (const key of cases) {
    const [protocol, space, task, target] = key.split('\t'),
      of = rows.filter((r) => r.protocol === protocol && r.space === space && r.task === task && r.target === target);
    const body = of.map((r) => [
      r.device,
      r.method,
      String(r.k),
      r.selection,
      `${number(r.spearman)}${r.spearmanSd === null ? '' : ` ± ${number(r.spearmanSd)}`}`,
      number(r.kendall),
      percent(r.mape),
      percent(r.medianApe),
      percent(r.within5, 0),
      percent(r.within10, 0),
      percent(r.coverage90, 0),
      number(r.ceiling),
    ]);
    for (const p of PUBLISHED.filter(
      (p) => p.protocol === protocol && p.space === space && of.some((r) => r.device === p.device),
    ))
      body.push([
        p.device,
        `${p.method} (published: ${p.source})`,
        String(p.k),
        'random',
        number(p.spearman),
        '',
        '',
        '',
        '',
        '',
        '',
        '',
      ]);
    body.sort((a, b) => a[0].localeCompare(b[0]));
    out.push(
      '',
      `## ${protocol} ${space} ${task} ${target}`,
      '',
      table(
        [
          'device',
          'method',
          'k',
          'selection',
          'Spearman',
          'Kendall',
          'MAPE',
          'median error',
          'within 5',
          'within 10',
          'coverage',
          'ceiling',
        ],
        body,
      ),
    );
  }
  return `${out.join('\n')}\n`;
}
