/**
 * How well a traced step is rescaled: `npx tsx bench/what-if.ts [TRACES.tar.gz [KERNELS.csv.gz]]`. Measured operators are those of the zoo
 * on an H100 and an H200 but of models of the traced one's family. Of every model that was traced under two conditions on the H100, the
 * device's work under one is predicted from the trace of the other, anchored (`hwcast trace --batch --dtype`: measured x ratio) and not (the roofline of
 * the other's operators alone), and compared with its own trace. Then all of them at batch 8 in fp16, as the zoo's table of kernels has it; forms of the
 * rule were compared on both.
 */
import { resolve } from 'node:path';
import { rooflineTimes } from '../src/analytical/roofline.js';
import { readCsv } from '../src/core/csv.js';
import { readTextChecked } from '../src/core/files.js';
import { kept } from '../src/core/kept.js';
import { median } from '../src/core/statistics.js';
import { readDataset } from '../src/dataset/store.js';
import { findDevice } from '../src/device/deviceNamed.js';
import type { Dtype } from '../src/graph/tensorType.js';
import { measuredOperators, operatorsWithout } from '../src/networks/measuredOperators.js';
import { type OperatorTimes, operatorTimes } from '../src/networks/operatorTimes.js';
import { familyOf } from '../src/networks/tableSums.js';
import { traceWhatIf } from '../src/networks/traceWhatIf.js';
import '../src/networks/networkKinds.js';
import '../src/operators/operatorKind.js';
import { machineOf } from '../src/surrogate/operatorSum/machine.js';
import { nearOperators } from '../src/surrogate/operatorSum/nearOperators.js';
import { measuredPrior } from '../src/surrogate/operatorSum/utilisationPrior.js';
import { analyseSources } from '../src/trace/analyseSources.js';
import { readerFor } from '../src/trace/registry.js';
import { walkSources } from '../src/trace/source/walkSources.js';
import type { TraceAnalysis } from '../src/trace/traceAnalysis.js';
import type { OperatorRecord } from '../src/trace/traceReader.js';

const shared = resolve(process.env.HWCAST_SHARED ?? '../shared', 'data');
const [path = `${shared}/measured/h100/traces.tar.gz`, kernels = `${shared}/zoo/kernels.csv.gz`] = process.argv.slice(2);

interface Case {
  model: string;
  batch: number;
  /** what else the file's name says, e.g. the length of sequences */
  sizes: string;
  dtype: Dtype;
  analysis: TraceAnalysis;
  records: OperatorRecord[];
}

const cases: Case[] = [];
const { analyses } = await analyseSources([path]);
for await (const source of walkSources([path])) {
  const analysis = 'kind' in source ? undefined : analyses.find((a) => a.source === source.name);
  if ('kind' in source || !analysis) continue;
  const [, model, batch, sizes, dtype] = /([\w.]+)-b(\d+)(s\d+)?-(\w+)\.json/.exec(source.name.split('!').at(-1)!) ?? [];
  const records: OperatorRecord[] = [];
  for await (const record of readerFor(source).read(source, {})) if (record.kind === 'operator') records.push(record);
  cases.push({
    model,
    batch: Number(batch),
    sizes: sizes ?? '',
    dtype: dtype as Dtype,
    analysis: { ...analysis, batch: Number(batch) },
    records,
  });
}

const sets = ['zoo-h100-operators', 'zoo-h200-operators'].map((name) => resolve(import.meta.dirname, '../datasets', name)),
  measured = await Promise.all(sets.map((folder) => readDataset(folder))),
  known = new Map<string, OperatorTimes>();
/** Times of measured operators that no model of a family alone has. */
function timesWithout(model: string): OperatorTimes {
  return kept(known, familyOf(model), () => {
    const all = measured.flatMap((d) =>
      measuredOperators(
        d,
        operatorsWithout(d, (m) => familyOf(m) === familyOf(model)),
      ),
    );
    return operatorTimes(
      ['fp16', 'fp32'].flatMap((dtype) => {
        const kernels = all.flatMap((o) => {
          const machine = o.setting.dtype === dtype ? machineOf({ ...o.setting, batch: 1 }) : undefined;
          return machine ? o.kernels.map((k) => ({ ...k, machine })) : [];
        });
        const prior = measuredPrior(kernels),
          near = nearOperators(kernels, prior.mean);
        // what was measured on one of the two tells of the other
        return [...new Set(all.map((o) => o.setting.hardware))].flatMap((hardware) => {
          const machine = machineOf({ hardware, dtype, batch: 1, execution: 'graph' });
          return machine ? [{ machine, level: 0, weights: prior.mean, near }] : [];
        });
      }),
    );
  });
}

const busy = ({ analysis }: Case): number => analysis.latency! * (1 - analysis.idleShare!);
const rows: { name: string; measured: number; anchored: number; waves: number; low: number; high: number; alone: number }[] = [];
for (const from of cases)
  for (const to of cases) {
    if (from === to || from.model !== to.model || from.sizes !== to.sizes || !from.records.length || !to.records.length) continue;
    const change = { batch: to.batch, dtype: to.dtype };
    const w = traceWhatIf({ ...from.analysis, issue: 0 }, from.records, change, timesWithout(from.model)),
      waves = traceWhatIf({ ...from.analysis, issue: 0 }, from.records, change).deviceTime;
    const rest = from.analysis.latency! - busy(from),
      device = findDevice(to.analysis.device!)!;
    const alone =
      to.records.reduce((sum, r) => sum + rooflineTimes(r.graph, device, { hypothesis: 'compiled' }).latency, 0) /
      to.analysis.steps!;
    rows.push({
      name: `${from.model} b${from.batch}${from.sizes} ${from.dtype} -> b${to.batch}${to.sizes} ${to.dtype}`,
      measured: busy(to),
      anchored: w.deviceTime,
      waves,
      low: w.low - rest,
      high: w.high - rest,
      alone,
    });
  }
const ms = (seconds: number) => (seconds * 1e3).toFixed(3);
console.log(
  '| from -> to | device traced ms | anchored ms | bracket | without measured operators ms | roofline alone ms |\n|---|---:|---:|---:|---:|---:|',
);
for (const r of rows)
  console.log(
    `| ${r.name} | ${ms(r.measured)} | ${ms(r.anchored)} | ${ms(r.low)} to ${ms(r.high)} | ${ms(r.waves)} | ${ms(r.alone)} |`,
  );
const error = (of: (r: (typeof rows)[number]) => number) => median(rows.map((r) => Math.abs(of(r) / r.measured - 1)));
const inside = rows.filter((r) => r.measured >= r.low && r.measured <= r.high).length;
console.log(
  `\n${rows.length} pairs: median error anchored ${(100 * error((r) => r.anchored)).toFixed(1)} %, without measured operators ${(100 * error((r) => r.waves)).toFixed(1)} %, roofline alone ${(100 * error((r) => r.alone)).toFixed(1)} %; ${inside} of ${rows.length} inside the bracket`,
);

/** Steps of the zoo's table. */
const STEPS = 2;
const table = new Map<string, number>();
for (const { fields } of readCsv(readTextChecked(kernels), kernels))
  table.set(fields.model, (table.get(fields.model) ?? 0) + (Number(fields.microseconds) * 1e-6) / STEPS);
const others = cases.flatMap((from) => {
  const measured = table.get(`tv/${from.model}`);
  if (measured === undefined || !from.records.length) return [];
  const w = traceWhatIf({ ...from.analysis, issue: 0 }, from.records, { batch: 8, dtype: 'fp16' }, timesWithout(from.model)),
    rest = from.analysis.latency! - busy(from);
  return [
    {
      name: `${from.model} b${from.batch} ${from.dtype}`,
      measured,
      anchored: w.deviceTime,
      low: w.low - rest,
      high: w.high - rest,
    },
  ];
});
console.log('\n| from, at batch 8 in fp16 | kernels of the table ms | anchored ms | bracket |\n|---|---:|---:|---:|');
for (const r of others) console.log(`| ${r.name} | ${ms(r.measured)} | ${ms(r.anchored)} | ${ms(r.low)} to ${ms(r.high)} |`);
const off = median(others.map((r) => Math.abs(r.anchored / r.measured - 1))),
  within = others.filter((r) => r.measured >= r.low && r.measured <= r.high).length;
console.log(`\n${others.length} traces: median error ${(100 * off).toFixed(1)} %; ${within} inside the bracket`);
