import { DISPLAY } from '../graph/targets.js';
import { type Condition, type Dataset, taskId } from './dataset.js';
import { groupOf } from './inspect.js';

/** The dataset card (`README.md`): what it is, licence, devices, tasks, noise, notes; made from the data, never written by hand. */
export function renderCard({ card, workloads, tasks, splits }: Dataset): string {
  const spaces = new Map<string, number>();
  for (const w of workloads) spaces.set(groupOf(w), (spaces.get(groupOf(w)) ?? 0) + 1);
  const show = (x: number) => Number(x.toPrecision(4)).toString();
  const lines = [
    `# ${card.name}`,
    '',
    `Source: ${card.source}`,
    '',
    `Licence: ${card.licence}`,
    '',
    `${workloads.length} workloads (${[...spaces].map(([s, n]) => `${n} of ${s}`).join(', ')}), ${Object.keys(card.devices).length} devices, ${tasks.reduce((n, t) => n + t.rows.length, 0)} measurements. Values in \`measurements.parquet\` are SI (seconds, joules, watts, bytes).`,
    '',
    ...card.notes.map((n) => `- ${n}`),
    ...(card.notes.length ? [''] : []),
    '| task | measurements | least | most | unit | condition | noise: Spearman of halves |',
    '|---|---|---|---|---|---|---|',
    ...tasks.map((t) => {
      const { unit, scale } = DISPLAY[t.target],
        noise = card.noise[taskId(t)];
      const [least, most] = range(t.values);
      return `| ${taskId(t)} | ${t.rows.length} | ${show(least * scale)} | ${show(most * scale)} | ${unit} | ${describeCondition(card.devices[t.device].conditions[t.condition])} | ${noise ? `${noise.halves.toFixed(3)} (${noise.passes} passes)` : ''} |`;
    }),
    '',
    ...(Object.keys(splits).length
      ? ['Splits:', '', ...Object.entries(splits).map(([name, members]) => `- ${name}: ${members.length}`), '']
      : []),
    'Written by hwcast; read it with `readDataset` or `hwcast dataset inspect`.',
  ];
  return `${lines.join('\n')}\n`;
}

function range(values: Float64Array): [number, number] {
  let least = Infinity,
    most = -Infinity;
  for (const v of values) {
    if (v < least) least = v;
    if (v > most) most = v;
  }
  return [least, most];
}

/** A condition in one line, e.g. `batch 1, fp32, pytorch 2.11, eager`. */
function describeCondition(condition: Condition | undefined): string {
  if (!condition) return '';
  const { batch, dtype, framework, frameworkVersion, backend, threads, execution, clocks, toolVersion, stage, note } = condition;
  return [
    batch && `batch ${batch}`,
    dtype,
    framework && [framework, frameworkVersion].filter(Boolean).join(' '),
    backend,
    threads && `${threads} threads`,
    execution,
    clocks && `clocks ${clocks}`,
    toolVersion && `tool ${toolVersion}`,
    stage,
    note,
  ]
    .filter(Boolean)
    .join(', ');
}
