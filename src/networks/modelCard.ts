import { mean, quantile } from '../core/statistics.js';
import type { ModelInfo, ModelMetrics } from './model.js';

/** Rows beyond which the card has a line a target; metrics.json has them all. */
const MOST_ROWS = 60;
const HEAD = '| device left out | target | measurements | Spearman | median error | within 10 % | interval coverage |';

/** Model card (README.md of a model folder), from its metrics alone. */
export function modelCard(info: ModelInfo, metrics: ModelMetrics): string {
  const devices = [...new Set(info.tasks.map((t) => t.device))],
    isLong = metrics.rows.length > MOST_ROWS;
  const named = isLong ? '' : ` (${devices.join(', ')})`;
  return `---
license: ${[...new Set(info.datasets.map((d) => d.licence))].join(', ')}
tags: [hwcast, ${info.domain}, ${info.method}]
---
# Predictor of ${[...new Set(info.tasks.map((t) => t.target))].join(' and ')} for ${info.domain}

Method \`${info.method}\`, seed ${info.seed}, trained on ${info.tasks.length} tasks of ${devices.length} devices${named} from ${info.datasets.map((d) => d.name).join(', ')}${info.excludedDevices.length ? `; without ${info.excludedDevices.join(', ')}` : ''}.
${(info.attribution ?? []).map((line) => `\n${line}\n`).join('')}
Use: \`hwcast sample --model FOLDER --n 10\`, measure these networks on the new device, \`hwcast adapt\`, \`hwcast predict\`. Limits: networks of ${info.domain} only; a device unlike all training devices needs more measurements, which the intervals show.

Scores (${metrics.protocol}):

${(isLong ? summary : table)(metrics.rows)}
`;
}

const percent = (share: number, digits: number): string => `${(100 * share).toFixed(digits)} %`;

function table(rows: ModelMetrics['rows']): string {
  const lines = rows.map(
    (r) =>
      `| ${r.device} | ${r.target} | ${r.measurements} | ${r.spearman?.toFixed(3) ?? ''} | ${percent(r.medianApe, 1)} | ${percent(r.within10, 0)} | ${percent(r.coverage90, 0)} |`,
  );
  return `${HEAD}\n|---|---|---|---|---|---|---|\n${lines.join('\n')}`;
}

/** A line a target and number of measurements: the median over its tasks, and the task that a tenth are worse than. */
function summary(rows: ModelMetrics['rows']): string {
  const keyOf = (r: ModelMetrics['rows'][number]) => `${r.target} ${r.measurements}`;
  const lines = [...new Set(rows.map(keyOf))].sort().map((key) => {
    const of = rows.filter((r) => keyOf(r) === key),
      ranks = of.flatMap((r) => (r.spearman === null ? [] : [r.spearman])),
      errors = of.map((r) => r.medianApe);
    return `| ${of[0].target} | ${of.length} | ${of[0].measurements} | ${quantile(ranks, 0.5).toFixed(3)}, ${quantile(ranks, 0.1).toFixed(3)} | ${percent(quantile(errors, 0.5), 1)}, ${percent(quantile(errors, 0.9), 1)} | ${percent(mean(of.map((r) => r.coverage90)), 0)} |`;
  });
  return `| target | tasks | measurements | Spearman: median, tenth worst | median error: median, tenth worst | interval coverage, mean |
|---|---|---|---|---|---|
${lines.join('\n')}

metrics.json has every task.`;
}
