// Measured latency / roofline by kind of runtime, and measured power / thermal design power -> src/networks/measuredRatios.ts, from zoo-h100, zoo-h200,
// timm, nb201-h100 and ncnn, and the folder of the ONNX files of the zoo (their graphs at batch 8); the same data give the same bytes:
//   npx tsx datasets/collect/rooflineRatios.ts ../shared/data/zoo
import { join, resolve } from 'node:path';
import { writeFileAtomic } from '../../src/core/files.js';
import { type KernelRatioRow, kernelRatioRows } from './kernelRatioRows.js';
import { type RatioRow, ratioRows } from './ratioRows.js';
import { powerShare, summariseRatios } from './summariseRatios.js';

const shown = (value: unknown): string =>
  JSON.stringify(value, (_, v) => (typeof v === 'number' ? Number(v.toPrecision(4)) : v), 1)
    .replace(/"([a-z]\w*)":/g, '$1:')
    .replace(/"/g, "'")
    .replace(/\s*\n\s*/g, ' ');

/** The text of the module. */
export function ratioModule(rows: readonly RatioRow[], kernelRows: readonly KernelRatioRow[]): string {
  return `// Made by \`npx tsx datasets/collect/rooflineRatios.ts FOLDER\` (FOLDER: the ONNX files of zoo-h100) from datasets/zoo-h100, zoo-h200, timm, nb201-h100 and ncnn.
import type { PowerShare, RuntimeRatio } from './ratioInterval.js';

/** Measured latency / roofline, one kind of runtime a line. */
// biome-ignore format: a table, one kind of runtime a line
export const RUNTIME_RATIOS: readonly RuntimeRatio[] = [
${summariseRatios(rows, kernelRows)
  .map((r) => `  ${shown(r)},\n`)
  .join('')}];

/** Measured power / thermal design power of GPUs under load. */
// biome-ignore format: one line
export const GPU_POWER_SHARE: PowerShare = ${shown(powerShare(rows))};
`;
}

if (process.argv[1] === resolve(import.meta.filename)) {
  const [folder] = process.argv.slice(2);
  if (!folder) throw new Error('which folder? npx tsx datasets/collect/rooflineRatios.ts FOLDER');
  const rows = await ratioRows(folder),
    kernelRows = await kernelRatioRows();
  writeFileAtomic(join(import.meta.dirname, '..', '..', 'src', 'networks', 'measuredRatios.ts'), ratioModule(rows, kernelRows));
  for (const { kind, hypothesis, kernels, ...plain } of summariseRatios(rows, kernelRows))
    for (const [basis, of] of [
      [`${hypothesis} roofline`, plain] as const,
      ...(kernels ? [['roofline of kernels', kernels] as const] : []),
    ])
      console.log(
        `${kind}: measured / ${basis} ${of.median.toFixed(2)} (${of.low.toFixed(2)} to ${of.high.toFixed(2)} on another device), ${of.n} values of ${Object.keys(of.devices).length} devices`,
      );
}
