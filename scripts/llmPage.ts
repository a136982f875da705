/**
 * Writes the measured parts of docs/llm.md: errors of the rules and of served models by the scripts that fit their constants, and of the protocol `llm`
 * by docs/accuracy-llm.json.
 *
 *     npx tsx scripts/llmPage.ts DATA              all of it (five minutes)
 *     npx tsx scripts/llmPage.ts --rows FILE       only the rows of the protocol: results.json of `hwcast evaluate --protocol llm`
 *     npx tsx scripts/llmPage.ts --operators FILE,FILE   the same of `hwcast evaluate --protocol operators`, into docs/accuracy-operators.json
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { writeFileAtomic } from '../src/core/files.js';
import type { ResultRow } from '../src/evaluate/resultRow.js';
import { commandList, markdownTable, percent } from './markdown.js';
import { deviceRows, operatorTable } from './operatorTable.js';
import { replaceBlock } from './replaceBlock.js';

const { values: flags, positionals } = parseArgs({
  options: { rows: { type: 'string' }, operators: { type: 'string' } },
  allowPositionals: true,
});
const PAGE = 'docs/llm.md',
  ROWS = 'docs/accuracy-llm.json';

if (flags.rows) {
  const isKept = ({ device, method, k, selection }: ResultRow) =>
    device === 'all' || device === 'median of all' || (method === 'multi-task' && k === 10 && selection === 'chosen');
  const rows = (JSON.parse(readFileSync(flags.rows, 'utf8')) as ResultRow[]).filter(isKept);
  writeRows(ROWS, rows);
  replaceBlock(PAGE, 'left-out', leftOutTable(rows));
} else if (flags.operators) {
  const rows = flags.operators.split(',').flatMap((path) => deviceRows(JSON.parse(readFileSync(path, 'utf8')) as ResultRow[]));
  writeRows('docs/accuracy-operators.json', rows);
  replaceBlock(PAGE, 'operators', `\n${operatorTable(rows)}`);
} else if (positionals[0]) {
  for (const [block, script] of [
    ['roofline-errors', 'scripts/fitRoofline.ts'],
    ['serving-errors', 'scripts/fitServing.ts'],
    ['uneven-experts', 'scripts/unevenExperts.ts'],
    ['sparse-attention', 'scripts/sparseAttention.ts'],
    ['operator-power', 'scripts/operatorPower.ts'],
    ['operator-floor', 'scripts/operatorFloor.ts'],
  ]) {
    const { status, stdout } = spawnSync('npx', ['tsx', script, positionals[0]], { encoding: 'utf8' });
    if (status !== 0) throw new Error(`${script} ended with ${status}`);
    replaceBlock(PAGE, block, `\n${stdout.trim()}\n`);
  }
} else throw new Error('usage: npx tsx scripts/llmPage.ts DATA | --rows results.json');

function writeRows(path: string, rows: readonly ResultRow[]): void {
  const brief = (_: string, v: unknown) => (typeof v === 'number' ? Number(v.toPrecision(5)) : v);
  writeFileAtomic(path, `${JSON.stringify(rows, brief)}\n`);
}

function leftOutTable(rows: readonly ResultRow[]): string {
  const order = ['analytical', 'nearest-task', 'gaussian', 'multi-task without rules', 'multi-task'];
  const mean = rows.filter((r) => r.device === 'all');
  const ks = [...new Set(mean.map((r) => r.k))];
  const cell = (method: string, k: number, selection: string) => {
    const row = mean.find((r) => r.method === method && r.k === k && r.selection === selection);
    return row ? percent(row.medianApe) : '-';
  };
  const columns = ks.flatMap((k) => (k === 0 ? [[k, 'random'] as const] : [[k, 'random'] as const, [k, 'chosen'] as const]));
  const coverage = mean.find((r) => r.method === 'multi-task' && r.k === 10 && r.selection === 'chosen')!.coverage90;
  const table = markdownTable(
    ['method', ...columns.map(([k, s]) => (k === 0 ? 'none measured' : `${k} ${s}`))],
    order.map((method) => [method, ...columns.map(([k, s]) => cell(method, k, s))]),
  );
  const worst = rows
    .filter((r) => r.device !== 'all' && r.device !== 'median of all')
    .sort((a, b) => b.medianApe! - a.medianApe!)
    .slice(0, 5)
    .map((r) => [r.device, percent(r.medianApe), percent(r.coverage90, 0)]);
  return `\n${table}\n\nOf the values, ${percent(coverage, 0)} lie inside the 90 % interval (multi-task, ten chosen). Worst from ten chosen:\n\n${markdownTable(['accelerator and framework', 'median error', 'in interval'], worst)}\n\n${commandList(mean)}\n`;
}
