import type { ModelInfo, ModelMetrics } from './model.js';

/** Model card (README.md of a model folder), from its metrics alone. */
export function modelCard(info: ModelInfo, metrics: ModelMetrics): string {
  const devices = [...new Set(info.tasks.map((t) => t.device))];
  const rows = metrics.rows.map(
    (r) =>
      `| ${r.device} | ${r.target} | ${r.measurements} | ${r.spearman?.toFixed(3) ?? ''} | ${(100 * r.medianApe).toFixed(1)} % | ${(100 * r.within10).toFixed(0)} % | ${(100 * r.coverage90).toFixed(0)} % |`,
  );
  return `---
license: ${[...new Set(info.datasets.map((d) => d.licence))].join(', ')}
tags: [hwcast, ${info.domain}, ${info.method}]
---
# Predictor of ${[...new Set(info.tasks.map((t) => t.target))].join(' and ')} for ${info.domain}

Method \`${info.method}\`, seed ${info.seed}, trained on ${info.tasks.length} tasks of ${devices.length} devices (${devices.join(', ')}) from ${info.datasets.map((d) => d.name).join(', ')}${info.excludedDevices.length ? `; without ${info.excludedDevices.join(', ')}` : ''}.

Use: \`hwcast sample --model FOLDER --n 10\`, measure these networks on the new device, \`hwcast adapt\`, \`hwcast predict\`. Limits: networks of ${info.domain} only; a device unlike all training devices needs more measurements, which the intervals show.

Scores (${metrics.protocol}):

| device left out | target | measurements | Spearman | median error | within 10 % | interval coverage |
|---|---|---|---|---|---|---|
${rows.join('\n')}
`;
}
