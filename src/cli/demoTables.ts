import { type Checked, spreadOver } from '../evaluate/checkAdapted.js';
import type { RealModelsResult } from '../evaluate/demoRealModels.js';
import { shortName } from '../graph/shortName.js';
import type { Target } from '../graph/targets.js';
import { DISPLAY } from '../graph/targets.js';
import { plainTable } from '../present/plainTable.js';

const percent = (v: number, digits = 0) => (Number.isNaN(v) ? '' : `${(100 * v).toFixed(digits)} %`);
const rank = (v: number) => (Number.isNaN(v) ? '' : v.toFixed(3));

/** A few networks, fastest to slowest: measured, predicted, interval, error. */
export function exampleTable(
  checked: Pick<Checked, 'predictions' | 'truth' | 'workloads'>,
  target: Target,
  { count = 8, what = 'network' } = {},
): string {
  const { unit, scale } = DISPLAY[target],
    show = (v: number) => (v * scale).toPrecision(4);
  const head = [what, `measured, ${unit}`, `predicted, ${unit}`, '90 % interval', 'error'];
  const rows = spreadOver(checked.truth, count).map((i) => {
    const { value, low, high } = checked.predictions[i],
      truth = checked.truth[i];
    return [
      shortName(checked.workloads[i]),
      show(truth),
      show(value),
      `${show(low)} to ${show(high)}`,
      `${value >= truth ? '+' : ''}${percent(value / truth - 1, 1)}`,
    ];
  });
  return plainTable(head, rows, head.slice(1));
}

const SCORE_HEAD = ['', 'measured', 'Spearman', 'median error', 'within 10 %', 'in 90 % interval'];
const scoreLine = (name: string, measurements: number, s: Checked['scores'], coverage: boolean): (string | number)[] => [
  name,
  measurements,
  rank(s.spearman),
  percent(s.medianApe, 1),
  percent(s.within10),
  coverage ? percent(s.coverage90) : '',
];

/** Scores over all networks that were not measured, beside FLOPs and (where known) the ceiling. */
export function scoreTable(
  checked: Checked,
  measurements: number,
  ceiling?: { spearman: number; medianApe: number; measurements: number },
): string {
  const rows = [scoreLine('model', measurements, checked.scores, true), scoreLine('FLOPs', measurements, checked.flops, false)];
  if (ceiling && !Number.isNaN(ceiling.spearman))
    rows.push(['ceiling', ceiling.measurements, rank(ceiling.spearman), percent(ceiling.medianApe, 1), '', '']);
  return plainTable(SCORE_HEAD, rows, SCORE_HEAD.slice(1));
}

/** Real models on a device that was left out: what was measured, eight of the others, and scores beside the nearest device. */
export function realModelsText(real: RealModelsResult): string {
  const { device, condition, hardware, chosen, workloads, scores, nearest } = real;
  const rows = [scoreLine('hwcast', chosen.length, scores, true), scoreLine('nearest device', chosen.length, nearest, false)];
  return `${[
    `${device}, ${condition}: left out; learned from ${hardware} other devices of the same table`,
    `${chosen.length} models measured, chosen by hwcast: ${chosen.map(shortName).join(', ')}`,
    '',
    `latency of ${workloads.length} other models, eight of them from least to most:`,
    exampleTable(real, 'latency', { what: 'model' }),
    '',
    plainTable(SCORE_HEAD, rows, SCORE_HEAD.slice(1)),
    'nearest device: the other device that fits the ten best, times a factor.',
  ].join('\n')}\n`;
}
