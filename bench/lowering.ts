/**
 * How well graphs are lowered to kernels, against the profiler: `npx tsx bench/lowering.ts h100 ../shared/data/zoo`, or `h200` and a folder of
 * datasets/collect/zoo/collect.py. Each kernel of a graph takes what operators of its very sizes took in the profiles, those of all models; the sums are
 * compared with the profile of each model. So errors are of the lowering alone. Then what captured graphs take more than the kernels of the profiles, a kernel.
 */
import '../src/index.js';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { buildZoo, buildZooOperators, MACHINES, type ZooMachineName } from '../datasets/collect/zoo.js';
import { eagerKernels } from '../src/analytical/eagerKernels.js';
import type { KernelWork } from '../src/analytical/kernelWork.js';
import { readCsv } from '../src/core/csv.js';
import { readTextChecked } from '../src/core/files.js';
import { kept } from '../src/core/kept.js';
import { median } from '../src/core/statistics.js';
import { modelId } from '../src/graph/namedModel.js';
import { measuredOperators } from '../src/networks/measuredOperators.js';
import { sizesOf } from '../src/surrogate/operatorSum/nearOperators.js';

/** Share of the kernels of a graph that must have been measured, for its sum to be compared. */
const MEASURED = 0.9;
/** Octaves within which sizes are the same. */
const SAME = 0.01;
const STEPS = 2;

const [name, folder] = process.argv.slice(2);
if (!folder || !existsSync(folder) || !Object.hasOwn(MACHINES, name))
  throw new Error('npx tsx bench/lowering.ts h100|h200 FOLDER');
const zoo = await buildZoo(folder, name as ZooMachineName),
  measured = measuredOperators(await buildZooOperators(folder, name as ZooMachineName));

/** Seconds and number of the kernels of one step, by configuration and model. */
const profiles = new Map<string, Map<string, { seconds: number; kernels: number }>>();
for (const { fields: f } of readCsv(readTextChecked(join(folder, 'kernels.csv.gz')), 'kernels.csv.gz')) {
  const configuration = (f.configuration ?? 'eager_fp16_b8').replace(/^(graph|eager)_/, '');
  const of = kept(
    kept(profiles, configuration, () => new Map()),
    modelId('zoo', f.model),
    () => ({ seconds: 0, kernels: 0 }),
  );
  of.seconds += (Number(f.microseconds) * 1e-6) / STEPS;
  of.kernels += Number(f.calls) / STEPS;
}

for (const { setting, kernels } of measured) {
  const { dtype, batch = 1 } = setting,
    profile = profiles.get(`${dtype}_b${batch}`)!;
  const known = new Map<string, { sizes: number[]; seconds: number }[]>();
  for (const { kernel, seconds } of kernels) kept(known, kernel.kind, () => []).push({ sizes: sizesOf(kernel, 1), seconds });
  const timeOf = (kernel: KernelWork): number | undefined => {
    const at = sizesOf(kernel, batch);
    const same = (known.get(kernel.kind) ?? []).filter(({ sizes }) => sizes.every((s, j) => Math.abs(s - at[j]) < SAME));
    return same.length ? median(same.map((k) => k.seconds)) : undefined;
  };
  const off: number[] = [];
  for (const { id, graph } of zoo.workloads) {
    const truth = profile.get(id);
    if (!graph || !truth) continue;
    const times = eagerKernels(graph)
      .filter((k) => !k.isOfHalf || dtype !== 'fp32')
      .map(timeOf);
    const found = times.filter((t) => t !== undefined);
    if (found.length >= MEASURED * times.length) off.push(Math.abs(found.reduce((sum, t) => sum + t, 0) / truth.seconds - 1));
  }
  const gaps = zoo.tasks
    .filter((t) => t.target === 'latency' && t.device.endsWith(`graph_${dtype}_b${batch}`))
    .flatMap((t) =>
      Array.from(t.rows, (row, i) => ({ id: zoo.workloads[row].id, value: t.values[i] })).flatMap(({ id, value }) => {
        const of = profile.get(id);
        return of ? [(value - of.seconds) / of.kernels] : [];
      }),
    );
  console.log(
    `${dtype} batch ${batch}: ${off.length} models, sums of kernels off by ${(100 * median(off)).toFixed(1)} % (median); between kernels of ${gaps.length} captured graphs ${(1e6 * median(gaps)).toFixed(2)} us`,
  );
}
