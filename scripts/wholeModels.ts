/**
 * Whole models of `measured/h100/models.csv` from their graphs, by rules that no whole model was fitted to: latency, energy, peak memory beside what was
 * measured. `npx tsx scripts/wholeModels.ts DATA [--page]`: DATA holds `measured`, `zoo`; `--page` writes the tables into docs/llm.md.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { eagerPass } from '../src/analytical/eagerPass.js';
import { readCsv } from '../src/core/csv.js';
import { median } from '../src/core/statistics.js';
import { deviceNamed } from '../src/device/deviceNamed.js';
import { anyWorkload } from '../src/graph/anyWorkload.js';
import type { Dtype } from '../src/graph/tensorType.js';
import { loadModel } from '../src/networks/modelFolder.js';
import { predictorFor } from '../src/networks/predict.js';
import { markdownTable, percent } from './markdown.js';
import { replaceBlock } from './replaceBlock.js';
import { measuredGraphs } from './wholeModels/measuredGraphs.js';

const { values: flags, positionals } = parseArgs({
  options: { page: { type: 'boolean', default: false } },
  allowPositionals: true,
});
const [data] = positionals;
if (!data) throw new Error('usage: npx tsx scripts/wholeModels.ts DATA [--page]');
const device = deviceNamed('H100-SXM5-80GB');

/** Power of operators that take less than a quarter of their launch, as a share of the limit. */
function waitingShare(): number {
  const path = join(data, 'measured/h100/ops.csv.gz');
  const shares = readCsv(gunzipSync(readFileSync(path)).toString(), path).flatMap(({ fields }) =>
    fields.power_w && Number(fields.latency_graph_ms) < Number(fields.latency_ms) / 4
      ? [Number(fields.power_w) / device.tdp!]
      : [],
  );
  return median(shares);
}

const errors = { latency: [] as number[], energy: [] as number[], memory: [] as number[], bundled: [] as number[] };
const signed = (predicted: number, measured: number, of: number[]): string => {
  const error = predicted / measured - 1;
  of.push(Math.abs(error));
  return `${error < 0 ? '' : '+'}${(100 * error).toFixed(0)} %`;
};

const rows: string[][] = [];
const graphs = await measuredGraphs(data);
for (const { fields, graph, keepsCache } of graphs) {
  const pass = eagerPass(graph, device, { dtype: fields.dtype as Dtype, keepsCache });
  const [ms, mj, bytes] = ['latency_ms', 'energy_mj', 'peak_memory_bytes'].map((c) => Number(fields[c]));
  rows.push([
    `${fields.model} ${fields.case} ${fields.dtype}`,
    String(pass.kernels),
    ms.toFixed(2),
    (pass.latency * 1e3).toFixed(2),
    signed(pass.latency * 1e3, ms, errors.latency),
    pass.isHostBound ? 'host' : 'device',
    mj.toFixed(0),
    (pass.energy! * 1e3).toFixed(0),
    signed(pass.energy! * 1e3, mj, errors.energy),
    (bytes / 1e6).toFixed(0),
    (pass.memory.total / 1e6).toFixed(0),
    signed(pass.memory.total, bytes, errors.memory),
  ]);
}
/** The same models as `models/real` knows them from zoo-h100: one image, eager, another process of the same kind of machine; fp16 in place of bf16. */
async function bundledRows(): Promise<string[][]> {
  const model = await loadModel('models/real'),
    asked = { fp32: 'zoo_eager_fp32_b1', bf16: 'zoo_eager_fp16_b1' };
  const bundled: string[][] = [];
  for (const { fields, zoo } of graphs) {
    if (!zoo || !/^b1(s128)?$/.test(fields.case)) continue;
    const { predictor } = await predictorFor({ model, device: asked[fields.dtype as keyof typeof asked] });
    const { value, provenance } = predictor.predict([anyWorkload(`zoo:${zoo}`)])[0].targets.latency!;
    const measured = Number(fields.latency_ms);
    bundled.push([
      `${fields.model} ${fields.case} ${fields.dtype}`,
      measured.toFixed(2),
      (value * 1e3).toFixed(2),
      signed(value * 1e3, measured, errors.bundled),
      provenance,
    ]);
  }
  return bundled;
}

const bundled = await bundledRows();
const text = `${markdownTable(['model', 'kernels', 'ms', 'predicted', 'error', 'bound', 'mJ', 'predicted', 'error', 'peak MB', 'predicted', 'error'], rows)}

Median error: latency ${percent(median(errors.latency))}, energy ${percent(median(errors.energy))}, peak memory ${percent(median(errors.memory))}; of ${rows.length} peaks ${errors.memory.filter((e) => e <= 0.15).length} within 15 %. A GPU that waits for its host draws ${percent(waitingShare())} of its limit.

The same by \`models/real\`, which was trained on zoo-h100 (the same kind of machine, one image, fp16 in place of bf16): median error ${percent(median(errors.bundled))}.

${markdownTable(['model', 'ms', 'models/real', 'error', 'from'], bundled)}
`;
process.stdout.write(text);
if (flags.page) replaceBlock('docs/llm.md', 'whole-models', text);
