// Operators of ONNX models on a processor, from profiles of ONNX Runtime -> datasets/zoo-ort-operators; the same folder gives the same bytes:
//   npx tsx datasets/collect/ortOperators.ts FOLDER ONNX.tar
// FOLDER/ort has NAME.tTHREADS.json.gz, as datasets/collect/timm/collect.py writes them; ONNX.tar has the models that ran, NAME.onnx.gz
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { kept } from '../../src/core/kept.js';
import type { Dataset, DeviceEntry } from '../../src/dataset/dataset.js';
import { ingest } from '../../src/dataset/ingest/ingest.js';
import { writeDataset } from '../../src/dataset/store.js';
import { ingestTable } from './ingestTable.js';
import { modelFiles } from './modelFiles.js';
import { splitByModel } from './splitByModel.js';

/** What the calls of an operator take with so many threads. */
interface Measured {
  id: string;
  threads: number;
  calls: number;
  seconds: number;
  models: Set<string>;
}

const NAME = 'zoo-ort-operators',
  PROFILE = /^(.*)\.t(\d+)\.json\.gz$/;
const deviceOf = (threads: number) => `h200_ort_t${threads}`;

/** Operators of all profiles of a folder. */
async function operatorsOf(folder: string, models: string): Promise<{ operators: Measured[]; profiles: number }> {
  const work = mkdtempSync(join(tmpdir(), 'hwcast-ort-')),
    found = new Map<string, Measured>();
  let profiles = 0;
  try {
    for await (const { name, bytes } of modelFiles([models])) writeFileSync(join(work, name), bytes);
    for (const file of readdirSync(join(folder, 'ort')).sort()) {
      const [, name, threads] = PROFILE.exec(file) ?? [];
      if (!name) throw new Error(`${file}: not NAME.tTHREADS.json.gz`);
      const { dataset } = await ingest([join(folder, 'ort', file)], { model: join(work, `${name}.onnx`), device: 'host' });
      profiles++;
      for (const { rows, values, repeats } of dataset.tasks)
        rows.forEach((row, i) => {
          const { id } = dataset.workloads[row];
          if (!id.startsWith('op:')) return;
          const start = { id, threads: Number(threads), calls: 0, seconds: 0, models: new Set<string>() };
          const of = kept(found, `${threads} ${id}`, () => start);
          of.calls += repeats[i];
          of.seconds += repeats[i] * values[i];
          of.models.add(name.replaceAll('__', '/'));
        });
    }
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return { operators: [...found.values()], profiles };
}

/** The dataset of the operators. @throws HwcastError as its readers */
export async function buildOrtOperators(folder: string, models: string): Promise<Dataset> {
  const { operators, profiles } = await operatorsOf(folder, models),
    threads = [...new Set(operators.map((o) => o.threads))].sort((a, b) => a - b);
  const devices = threads.map((t): [string, DeviceEntry] => [
    deviceOf(t),
    {
      conditions: {
        nodes: {
          ...{
            batch: 1,
            dtype: 'fp32',
            framework: 'onnxruntime',
            frameworkVersion: '1.30',
            backend: 'CPU',
            execution: 'compiled',
          },
          threads: t,
          note: 'time of nodes',
        },
      },
    },
  ]);
  const dataset = await ingestTable(
    ['workload', 'device', 'condition', 'latency_us', 'repeats'],
    operators.map((o) => [o.id, deviceOf(o.threads), 'nodes', Number(((o.seconds / o.calls) * 1e6).toPrecision(6)), o.calls]),
    {
      name: NAME,
      source:
        'measured for hwcast with datasets/collect/timm/collect.py, November 2026: ONNX Runtime 1.30 on 16 cores of the Intel Xeon beside an NVIDIA H200 (virtual machine, its kind not named), groups of four side by side, random weights',
      licence: 'Apache-2.0',
      devices: Object.fromEntries(devices),
      notes: [
        `Operators of the ONNX models of zoo-h100 as ONNX Runtime runs them after its optimisations, from ${profiles} profiles; the value is the time of a node, the mean over the calls of up to five runs of all models, in whole microseconds each. Attributes are those of the model's node of the same name.`,
        'Splits name the operators of each model.',
        'Built by `npx tsx datasets/collect/ortOperators.ts FOLDER ONNX.tar`.',
      ],
    },
  );
  splitByModel(dataset, operators);
  return dataset;
}

if (process.argv[1] === resolve(import.meta.filename)) {
  const [folder, models] = process.argv.slice(2);
  if (!models) throw new Error('npx tsx datasets/collect/ortOperators.ts FOLDER ONNX.tar');
  const dataset = await buildOrtOperators(folder, models);
  await writeDataset(join(import.meta.dirname, '..', NAME), dataset);
  const measurements = dataset.tasks.reduce((n, t) => n + t.rows.length, 0);
  console.log(`datasets/${NAME}: ${dataset.workloads.length} operators, ${measurements} measurements`);
}
