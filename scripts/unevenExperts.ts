/**
 * Kernels of unevenly loaded experts over those of even loads, measured and by `expertLoad`: rows of `aic_moe` in bf16 that both were measured of.
 *
 *     npx tsx scripts/unevenExperts.ts DATA       scripts/llmPage.ts writes it into docs/llm.md
 */

import { expertLoad, expertWork } from '../src/analytical/rules/experts.js';
import { FITTED } from '../src/analytical/rules/fittedEfficiencies.js';
import { kernelTime } from '../src/analytical/rules/kernelTime.js';
import { median } from '../src/core/statistics.js';
import { keepsAllRows } from '../src/operators/keepsAllRows.js';
import { markdownTable, percent } from './markdown.js';
import { ratesOf, tableRows } from './rooflineRows.js';

const [data] = process.argv.slice(2);
if (!data) throw new Error('usage: npx tsx scripts/unevenExperts.ts DATA');

const rows = tableRows(data, 'aic_moe').filter((r) => r.moe_dtype === 'bfloat16');
const keyOf = ({ latency_ms: _, power_w: _w, power_limit_w: _l, distribution: _d, ...rest }: (typeof rows)[number]) =>
  Object.values(rest).join('|');
const even = new Map(rows.filter((r) => r.distribution === 'balanced').map((r) => [keyOf(r), Number(r.latency_ms)]));

interface Group {
  measured: number[];
  unchanged: number[];
  byRule: number[];
}
const groups = new Map<string, Group>();
for (const row of rows) {
  const balanced = even.get(keyOf(row)),
    alpha = Number(row.distribution.replace('power_law_', ''));
  if (balanced === undefined || Number.isNaN(alpha)) continue;
  const [tokens, devices] = [Number(row.num_tokens), Number(row.moe_ep_size)];
  const sizes = {
    tokens,
    experts: Number(row.num_experts),
    perToken: Number(row.topk),
    hidden: Number(row.hidden_size),
    width: Number(row.inter_size) / Number(row.moe_tp_size),
    gated: !/nongated/.test(row.kernel_source),
    weightBytes: 2,
    bytes: 2,
  };
  const rates = ratesOf(row.device, 'bf16');
  const time = (a: number) =>
    kernelTime(expertWork(sizes, expertLoad(sizes, devices, a), keepsAllRows(row.kernel_source)), rates, FITTED.experts).time;
  const ratio = Number(row.latency_ms) / balanced;
  const key = [
    alpha,
    devices === 1 ? '1' : devices <= 8 ? '2 to 8' : '16 and more',
    tokens <= 128 ? 'up to 128' : tokens <= 2048 ? 'up to 2048' : 'more',
  ].join('|');
  const group = groups.get(key) ?? { measured: [], unchanged: [], byRule: [] };
  groups.set(key, group);
  group.measured.push(ratio);
  group.unchanged.push(Math.abs(1 / ratio - 1));
  group.byRule.push(Math.abs(time(alpha) / time(0) / ratio - 1));
}

const cells = [...groups]
  .sort(([a], [b]) => a.localeCompare(b, 'en', { numeric: true }))
  .map(([key, g]) => [
    ...key.split('|'),
    String(g.measured.length),
    median(g.measured).toFixed(2),
    percent(median(g.unchanged)),
    percent(median(g.byRule)),
  ]);
process.stdout.write(
  `${markdownTable(['alpha', 'devices', 'tokens', 'rows', 'uneven over even, measured', 'error of 1', 'error of the rule'], cells)}\n`,
);
