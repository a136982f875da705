// The synthesised dense layers that the FPGA rules are checked against -> datasets/fpga-rules; the same table gives the same bytes:
//   npx tsx datasets/collect/fpga/buildRules.ts ../shared/data/fpga
// reads wa_hls4ml_dense1_csynth.csv.gz of that folder, or the dataset itself: npx tsx datasets/collect/fpga/buildRules.ts datasets/fpga-rules
import { join, resolve } from 'node:path';
import { gzipSync } from 'fflate';
import { writeFolderAtomic } from '../../../src/core/files.js';
import { type FpgaSourceRow, readFpgaSources } from '../../../src/fpga/data/fpgaSources.js';

/** As `readFpgaSources` knows it. */
const TABLE = 'wa_hls4ml_dense1_csynth.csv';
const SOURCE = 'wa_hls4ml_dense1';

/** Columns of the table in order, with the value of a row; none where the tool gave none. */
const COLUMNS: Readonly<Record<string, (row: FpgaSourceRow) => string | number | null | undefined>> = {
  model_id: (r) => r.modelId,
  n_in: (r) => r.design.layers[0].inShape[0],
  n_out: (r) => r.design.layers[0].outShape[0],
  weight_bits: (r) => r.design.layers[0].weight?.bits,
  reuse_factor: (r) => r.design.reuseFactor,
  strategy: (r) => r.design.strategy,
  io_type: (r) => r.design.ioType,
  part: (r) => r.part,
  tool: (r) => r.tool,
  tool_version: (r) => r.toolVersion,
  synth_success: (r) => (r.success ? 1 : 0),
  clock_target_ns: (r) => r.clockNs,
  clock_est_ns: (r) => r.labels.clockEstNs,
  lat_min: (r) => r.labels.cycles_min,
  lat_max: (r) => r.labels.cycles,
  ii_min: (r) => r.labels.ii_min,
  ii_max: (r) => r.labels.ii,
  lut: (r) => r.labels.lut,
  ff: (r) => r.labels.ff,
  dsp: (r) => r.labels.dsp,
  bram18: (r) => r.labels.bram18,
  uram: (r) => r.labels.uram,
};

/**
 * The files of `datasets/fpga-rules` by name, from a folder with the table of single dense layers.
 * @throws HwcastError `not-found`, `bad-input` naming file and row.
 */
export function buildRules(folder: string): Record<string, Uint8Array | string> {
  const rows = readFpgaSources(folder)
    .filter((r) => r.source === SOURCE)
    .sort(byDesign);
  const lines = [Object.keys(COLUMNS), ...rows.map((row) => Object.values(COLUMNS).map((value) => value(row) ?? ''))];
  const csv = new TextEncoder().encode(`${lines.map((fields) => fields.join(',')).join('\n')}\n`);
  return { [`${TABLE}.gz`]: gzipSync(csv, { level: 9, mtime: 0 }), 'README.md': card(rows) };
}

function byDesign(a: FpgaSourceRow, b: FpgaSourceRow): number {
  for (const column of ['n_in', 'n_out', 'weight_bits', 'strategy', 'reuse_factor']) {
    const [x, y] = [COLUMNS[column](a)!, COLUMNS[column](b)!];
    if (x !== y) return x < y ? -1 : 1;
  }
  return 0;
}

function card(rows: readonly FpgaSourceRow[]): string {
  const synthesised = rows.filter((r) => r.success);
  const inMemory = synthesised.filter((r) => r.design.strategy === 'resource' && r.design.reuseFactor > 1).length;
  const unrolled = synthesised.filter((r) => r.design.reuseFactor === 1).length;
  return `# fpga-rules

Source: Dendendelen/wa-hls4ml-search, commit 8e70542108dbf8b6c3cdcc16418c0d14990ee955, \`results/results_latency.csv\` and \`results/results_resource.csv\`

Licence: Apache-2.0. Copyright of the rows: the authors of wa-hls4ml-search. Changed here: latency and resources of a run joined to one row, columns named, rows sorted, some models left out.

${rows.length} syntheses of one fully connected layer each by hls4ml and Vivado HLS, and what the tool estimated (csynth); ${synthesised.length} succeeded. The rules of \`src/fpga/rules\` are checked against these rows by \`npm test\` (\`test/fpga/rules\`), so that whoever has the repository can check what is said of them.

| rows | designs | checked |
|---|---|---|
| ${inMemory} | strategy resource, reuse factor above 1: weights in memory | interval, latency and DSP exact in every row, BRAM exact up to 1024 words, LUT within 1 %, FF |
| ${unrolled} | reuse factor 1: weights wired into logic | latency and interval within one cycle, DSP, LUT, FF |
| ${synthesised.length - inMemory - unrolled} | strategy latency, reuse factor above 1: multipliers shared | latency |
| ${rows.length - synthesised.length} | given up by the tool (unroll limit, memory, time) | which designs will not synthesise |

## Columns

\`${TABLE}.gz\`, read by \`readFpgaSources('datasets/fpga-rules')\`:

| column | what |
|---|---|
| \`model_id\` | sizes and bits; the two strategies and the reuse factors of one model share it |
| \`n_in\`, \`n_out\` | inputs and outputs of the layer, 32 to 256 in steps of 32 |
| \`weight_bits\` | 2 to 14; integer bits not recorded; activations and accumulators have the tool's default \`ap_fixed<16,6>\` |
| \`reuse_factor\` | as requested: products a multiplier computes one after the other |
| \`strategy\`, \`io_type\` | of hls4ml |
| \`part\`, \`tool\`, \`tool_version\` | \`part\` and \`tool_version\` inferred: the driver script's default part, whose capacities the reports have; the version of its container |
| \`synth_success\` | 1, or 0 where the tool gave up; then the columns behind are empty |
| \`clock_target_ns\`, \`clock_est_ns\` | nanoseconds |
| \`lat_min\`, \`lat_max\`, \`ii_min\`, \`ii_max\` | clock cycles |
| \`lut\`, \`ff\`, \`dsp\`, \`bram18\`, \`uram\` | as estimated by HLS, not after logic synthesis; \`bram18\` in blocks of 18 Kb |

## How it was made

\`npx tsx datasets/collect/fpga/buildRules.ts FOLDER\` from a folder that holds the joined table; with \`datasets/fpga-rules\` itself it gives the same bytes.

## What to know

- Rows of strategy latency with a reuse factor above 1 report intervals below it: a fully unrolled layer ignores the reuse factor.
- About 15 % of the models of the source are kept apart for evaluation and are not here.
- Rules are checked on further tables too, whose licences do not allow them here (hls4ml projects and their modules); those tests are skipped where the tables are absent.
`;
}

if (process.argv[1] === import.meta.filename) {
  const [folder] = process.argv.slice(2);
  if (!folder) {
    console.error('usage: npx tsx datasets/collect/fpga/buildRules.ts FOLDER');
    process.exit(2);
  }
  const files = buildRules(folder);
  writeFolderAtomic(resolve(join(import.meta.dirname, '../../fpga-rules')), files);
  for (const [name, data] of Object.entries(files)) console.error(`${name}: ${data.length} bytes`);
}
