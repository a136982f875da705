import type { ResultRow } from '../resultRow.js';
import { markdownTable, numberCell as number, percentCell } from './markdownTable.js';
import { PUBLISHED_FPGA } from './publishedFpga.js';

const percent = (fraction: number | null | undefined, digits = 0) => percentCell(fraction, digits);
const distinct = <T>(values: T[]): T[] => [...new Set(values)];

/** `results.md` of the protocol fpga: one table a task and source, SMAPE beside R2, shares and coverage. */
export function renderFpgaResults(rows: readonly ResultRow[]): string {
  const out = [
    '# FPGA designs',
    '',
    'SMAPE = 200 mean(|y - p| / (|y| + |p|)) in percent, after rounding to whole units, and in the form of rule4ml (+1 in the denominator); R2; RMSE; shares within 10 % and exact; coverage of 90 % intervals. k counts the measured designs of the device that is left out. `analytical`: the rules; `unscaled`: their csynth value, whatever the stage; `siblings`: for reference, the rules corrected by the measured other variants of the same network, which a prediction of a new network does not have.',
  ];
  for (const command of distinct(rows.map((r) => r.command)))
    out.push('', `Command: \`${command}\`, ${rows.find((r) => r.command === command)!.measuredAt}.`);
  for (const key of distinct(rows.map((r) => `${r.task}\t${r.space}`))) {
    const [task, space] = key.split('\t'),
      taskRows = rows.filter((r) => r.task === task && r.space === space);
    out.push('', `## ${space}: ${task}`, '');
    const columns: [string, (r: ResultRow) => string][] = [
      ['device', (r) => r.device],
      ['target', (r) => r.target],
      ['method', (r) => r.method],
      ['k', (r) => String(r.k)],
      ['selection', (r) => (r.k === 0 ? '' : r.selection)],
      ['designs', (r) => number(r.n, 0)],
      ['SMAPE', (r) => `${number(r.smape, 1)}${r.smapeSd ? ` ± ${number(r.smapeSd, 1)}` : ''}`],
      ['rounded', (r) => number(r.smapeRounded, 1)],
      ['+1', (r) => number(r.smapePlusOne, 1)],
      ['R2', (r) => number(r.r2, 3)],
      ['RMSE', (r) => r.rmse?.toPrecision(3) ?? ''],
      ['Spearman', (r) => number(r.spearman, 3)],
      ['median error %', (r) => percent(r.medianApe, 1)],
      ['MAPE %', (r) => percent(r.mape, 1)],
      ['within 10 %', (r) => percent(r.within10)],
      ['exact %', (r) => percent(r.exact)],
      ['coverage %', (r) => percent(r.coverage90)],
    ];
    const used = columns.filter(([, value]) => taskRows.some((r) => value(r) !== ''));
    out.push(
      markdownTable(
        used.map(([name]) => name),
        taskRows.map((r) => used.map(([, value]) => value(r))),
      ),
    );
  }
  out.push(
    '',
    '## Published, on other data',
    '',
    'SMAPE in percent as their authors report it on their own test sets (wa-hls4ml: arXiv 2511.05615 and the comparison in ben-hawks/wa_hls4ml_models; rule4ml: its abstract): not the rows above.',
    '',
    markdownTable(['predictor', 'LUT', 'FF', 'DSP', 'BRAM', 'cycles', 'II'], PUBLISHED_FPGA),
    '',
  );
  return out.join('\n');
}
