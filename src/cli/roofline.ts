import { type Command, Option } from 'commander';
import { HYPOTHESES, type Hypothesis, type Roofline, roofline } from '../analytical/roofline.js';
import { HwcastError } from '../core/errors.js';
import { deviceNamed } from '../device/deviceNamed.js';
import type { DeviceSpec } from '../device/deviceSpec.js';
import { hardwareOfDevice } from '../device/hardwareOfDevice.js';
import { anyWorkload } from '../graph/anyWorkload.js';
import { DTYPE_BYTES, type Dtype } from '../graph/opGraph.js';
import { workloadGraph } from '../graph/workload.js';
import { whole } from './options.js';
import { plainTable } from './plainTable.js';
import { note } from './progress.js';

interface Options {
  device: string;
  dtype?: string;
  batch?: string;
  hypothesis: Hypothesis | 'both';
  json?: boolean;
  csv?: boolean;
  explain?: boolean;
}

/** `hwcast roofline WORKLOAD... --device NAME`: the analytical latency, energy bound and memory, eager and compiled. */
export function registerRoofline(program: Command): void {
  program
    .command('roofline')
    .description('analytical latency, energy bound and peak memory of workloads on a device of the catalogue')
    .argument('<workload...>', 'space:code, or the path of an operator graph in JSON')
    .requiredOption('--device <name>', 'a device of the catalogue (hwcast devices), or a dataset id such as titan_rtx_256')
    .option('--dtype <type>', 'element type of all floating-point tensors; fp32, or what a graph file says')
    .option('--batch <n>', 'images per batch of networks of a space; 1 unless the device id says otherwise')
    .addOption(new Option('--hypothesis <h>', 'how it runs').choices([...HYPOTHESES, 'both']).default('both'))
    .addOption(new Option('--json', 'print JSON').conflicts('csv'))
    .option('--csv', 'print CSV')
    .option('--explain', 'show every operator')
    .action((texts: string[], options: Options) => {
      const hardware = hardwareOfDevice(options.device) ?? { spec: deviceNamed(options.device) };
      const dtype = options.dtype === undefined ? (hardware.dtype as Dtype | undefined) : checkDtype(options.dtype);
      const batch = options.batch === undefined ? hardware.batch : whole('--batch', options.batch, 1);
      const hypotheses = options.hypothesis === 'both' ? HYPOTHESES : [options.hypothesis];
      const results = texts.flatMap((text) => {
        const workload = anyWorkload(text);
        if (workload.graph && options.batch !== undefined)
          throw new HwcastError('usage', `--batch cannot change the shapes of the graph '${text}'`, {
            hint: 'leave --batch out, or write the graph with that batch',
          });
        const graph = workloadGraph(workload, { batch });
        return hypotheses.map((hypothesis) => ({
          workload: workload.id,
          result: roofline(graph, hardware.spec, { hypothesis, dtype }),
        }));
      });
      for (const warning of new Set(results.flatMap(({ workload, result }) => result.warnings.map((w) => `${workload}: ${w}`))))
        note(`warning: ${warning}`);
      const print = options.json ? json : options.csv ? csv : tables;
      process.stdout.write(`${print(results, hardware.spec, Boolean(options.explain))}\n`);
    });
}

type Results = readonly { workload: string; result: Roofline }[];

function checkDtype(text: string): Dtype {
  if (!(text in DTYPE_BYTES))
    throw new HwcastError('usage', `no element type '${text}'`, { hint: `one of ${Object.keys(DTYPE_BYTES).join(', ')}` });
  return text as Dtype;
}

const ms = (seconds: number) => Number((seconds * 1e3).toPrecision(6));
const us = (seconds: number) => Number((seconds * 1e6).toPrecision(4));

function summary({ workload, result }: Results[number]) {
  return {
    workload,
    device: result.device,
    hypothesis: result.hypothesis,
    latency_ms: ms(result.latency),
    energy_high_mj: result.energy && ms(result.energy.high),
    energy_low_mj: result.energy?.low === undefined ? undefined : ms(result.energy.low),
    peak_memory_bytes: result.peakMemory,
    kernels: result.launches,
  };
}

function operatorRows(result: Roofline) {
  return result.operators.map((o) => ({
    id: o.id,
    op: o.op,
    flops: o.flops,
    bytes: o.bytes,
    compute_us: us(o.computeTime),
    memory_us: us(o.memoryTime),
    time_us: us(o.time),
    bound: o.time > 0 ? o.bound : null,
    live: o.live,
    fused_into: o.fusedInto ?? null,
  }));
}

function json(results: Results, _device: DeviceSpec, explain: boolean): string {
  const rows = results.map((r) => ({
    ...summary(r),
    provenance: 'analytical',
    warnings: r.result.warnings,
    ...(explain ? { operators: operatorRows(r.result) } : {}),
  }));
  return JSON.stringify(rows, null, 2);
}

function csv(results: Results, _device: DeviceSpec, explain: boolean): string {
  const rows = results.flatMap((r): Record<string, unknown>[] => {
    if (!explain) return [{ ...summary(r), provenance: 'analytical' }];
    return operatorRows(r.result).map((o) => ({ workload: r.workload, hypothesis: r.result.hypothesis, ...o }));
  });
  const field = (value: unknown) => {
    const text = value === undefined || value === null ? '' : String(value);
    return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  return [Object.keys(rows[0]).join(','), ...rows.map((row) => Object.values(row).map(field).join(','))].join('\n');
}

function tables(results: Results, device: DeviceSpec, explain: boolean): string {
  const numbers = ['latency ms', 'energy mJ at most', 'peak MiB', 'kernels'];
  const rows = results.map(({ workload, result }) => [
    workload,
    result.hypothesis,
    ms(result.latency).toPrecision(4),
    result.energy ? ms(result.energy.high).toPrecision(4) : 'TDP not known',
    (result.peakMemory / 2 ** 20).toFixed(2),
    result.launches,
  ]);
  const parts = [`${device.name}: analytical roofline`, plainTable(['workload', 'hypothesis', ...numbers], rows, numbers)];
  return (explain ? [...parts, ...results.flatMap(operatorTable)] : parts).join('\n');
}

function operatorTable({ workload, result }: Results[number]): string[] {
  const numbers = ['MFLOP', 'KiB', 'compute us', 'memory us', 'time us'];
  const gone = result.hypothesis === 'compiled' ? 'removed' : 'dead';
  const rows = operatorRows(result).map((o) => [
    o.id,
    o.op,
    (o.flops / 1e6).toPrecision(4),
    (o.bytes / 2 ** 10).toPrecision(4),
    o.compute_us,
    o.memory_us,
    o.time_us,
    o.bound ?? '',
    !o.live ? gone : o.fused_into ? `in ${o.fused_into}` : '',
  ]);
  return [`\n${workload}, ${result.hypothesis}`, plainTable(['operator', 'op', ...numbers, 'bound', 'note'], rows, numbers)];
}
