// Builds the embedded dataset from its raw passes: `npx tsx datasets/collect/build.ts`. The same passes give the same bytes.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import type { Condition, Dataset, DeviceEntry } from '../../src/dataset/dataset.js';
import { aggregatePasses } from '../../src/dataset/ingest/aggregatePasses.js';
import { ingest } from '../../src/dataset/ingest/ingest.js';
import { type IngestReport, renderIngestReport } from '../../src/dataset/ingest/ingestReport.js';
import { writeDataset } from '../../src/dataset/store.js';

const here = dirname(fileURLToPath(import.meta.url));
const PASSES = ['nb201-h100.csv.gz', 'nb201-h100-second.csv.gz'].map((name) => join(here, 'passes', name));
/** CPU values from fewer passes are noisier */
const ENOUGH_PASSES = 6;

const gpu = (condition: Condition): DeviceEntry => ({
  hardware: 'H100-SXM5-80GB',
  conditions: {
    '': { framework: 'pytorch', frameworkVersion: '2.11', backend: 'CUDA 13, cuDNN', execution: 'graph', ...condition },
  },
});
const cpu = (condition: Condition): DeviceEntry => ({
  hardware: 'Xeon-16c',
  conditions: { '': { dtype: 'fp32', framework: 'onnxruntime', frameworkVersion: '1.30', backend: 'CPU', ...condition } },
});
const devices: Record<string, DeviceEntry> = {
  graph_fp32_b1: gpu({ batch: 1, dtype: 'fp32' }),
  graph_bf16_b1: gpu({ batch: 1, dtype: 'bf16' }),
  graph_fp32_b32: gpu({ batch: 32, dtype: 'fp32' }),
  graph_tf32_b256: gpu({ batch: 256, dtype: 'tf32' }),
  graph_bf16_b256_channels_last: gpu({ batch: 256, dtype: 'bf16', note: 'channels last' }),
  graph_fp32_b1_pruned: gpu({ batch: 1, dtype: 'fp32', note: 'exported without `none` and dead operators' }),
  graph_fp16_b64_channels_last: gpu({ batch: 64, dtype: 'fp16', note: 'channels last' }),
  graph_fp32_b256: gpu({ batch: 256, dtype: 'fp32' }),
  graph_tf32_b128_width64: gpu({ batch: 128, dtype: 'tf32', note: '64 channels in the first stage in place of 16' }),
  graph_tf32_b128_pruned: gpu({ batch: 128, dtype: 'tf32', note: 'exported without `none` and dead operators' }),
  ort_t1_b8: cpu({ batch: 8, threads: 1, execution: 'compiled', note: 'all graph optimisations' }),
  ort_t1_b1: cpu({ batch: 1, threads: 1, execution: 'compiled', note: 'all graph optimisations' }),
  ort_t1_b1_unoptimised: cpu({ batch: 1, threads: 1, execution: 'eager', note: 'graph optimisations off' }),
  ort_t1_b1_pruned: cpu({ batch: 1, threads: 1, execution: 'compiled', note: 'exported without `none` and dead operators' }),
  ort_t4_b16: cpu({ batch: 16, threads: 4, execution: 'compiled', note: 'all graph optimisations' }),
};

/** The embedded dataset, made from its raw passes. */
export async function buildEmbedded(): Promise<{ dataset: Dataset; report: IngestReport }> {
  const { dataset, report } = await ingest(PASSES, {
    map: { workload: 'arch_str', device: 'config', latency_ms: 'median_ms' },
    devices,
    minAgreement: 0.95,
    name: 'nb201-h100',
    source:
      'measured for hwcast, November 2026: one NVIDIA H100 80GB HBM3 and one Intel Xeon (virtual machine, 16 cores, groups of cores pinned); datasets/collect/collect_nb201.py',
    licence: 'Apache-2.0',
    notes: [
      'NAS-Bench-201 networks (CIFAR-10, 16 channels, 5 cells a stage) under fifteen execution configurations; each configuration counts as a device.',
      'Value = geometric mean over passes after taking one factor per run out (median polish); energy = mean over passes, NVML counter of the whole board, one batch. `repeats` = passes, `spread` = median absolute deviation of their logs.',
      'A machine shared with others drifts: passes minutes apart differ by 10 to 15 % on the CPU while repeats within a pass differ by 3 %. Repeats are therefore spread over time and averaged over passes.',
      `CPU values (ort_*) from fewer than ${ENOUGH_PASSES} passes are noisier; judge by the others (\`repeats >= ${ENOUGH_PASSES}\`, split \`well_measured\`).`,
      ...wellMeasuredNotes(),
      'Tried and dropped for noise: eager PyTorch on the GPU at batch 1 (halves agree .70: launch-bound by a noisy host), eager PyTorch on one core (.86), bf16 on one core, TorchScript frozen, four threads at batch 1; four threads at batch 64 (.936).',
      'Built by `npx tsx datasets/collect/build.ts` from datasets/collect/passes/*.csv.gz.',
    ],
  });
  dataset.splits = splits(dataset);
  return { dataset, report };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const out = process.argv[2] ?? join(here, '..', 'nb201-h100');
  const { dataset, report } = await buildEmbedded();
  await writeDataset(out, dataset);
  process.stderr.write(`${renderIngestReport(report)}\n${out} written\n`);
}

/** `gpu`, `cpu`: device ids; `well_measured`: positions of workloads that every configuration measured, the CPU ones in enough passes. */
function splits({ tasks, card }: Dataset): Record<string, string[]> {
  const ids = Object.keys(card.devices).sort(),
    counts = new Map<number, number>();
  for (const task of tasks)
    if (task.target === 'latency')
      task.rows.forEach((row, i) => {
        if (!task.device.startsWith('ort') || task.repeats[i] >= (task.device === 'ort_t1_b8' ? 4 : ENOUGH_PASSES))
          counts.set(row, (counts.get(row) ?? 0) + 1);
      });
  return {
    gpu: ids.filter((d) => d.startsWith('graph')),
    cpu: ids.filter((d) => d.startsWith('ort')),
    well_measured: [...counts]
      .filter(([, n]) => n === ids.length)
      .map(([row]) => row)
      .sort((a, b) => a - b)
      .map(String),
  };
}

/** Agreement of halves within the networks of enough passes; the card's table is over all networks. */
function wellMeasuredNotes(): string[] {
  const rows = PASSES.flatMap((path) =>
    gunzipSync(readFileSync(path))
      .toString()
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => line.split(',')),
  );
  const found = Object.keys(devices)
    .filter((d) => d.startsWith('ort') && d !== 'ort_t1_b8')
    .map((config) => {
      const own = rows.filter((r) => r[1] === config),
        index = new Map<string, number>();
      const passes = own.map((r) => {
        if (!index.has(r[0])) index.set(r[0], index.size);
        return { workload: index.get(r[0])!, run: r[2], value: Number(r[4]) };
      });
      const count = aggregatePasses(passes)
          .values.filter((v) => v.repeats >= ENOUGH_PASSES)
          .map((v) => v.workload),
        enough = new Set(count);
      const noise = aggregatePasses(passes.filter((p) => enough.has(p.workload))).noise!;
      return `${config} ${enough.size} networks, ${noise.passes} passes, halves ${noise.halves.toFixed(3)}, mean of all ${noise.ofMean.toFixed(3)}`;
    });
  return [`Agreement over the networks with at least ${ENOUGH_PASSES} passes: ${found.join('; ')}.`];
}
