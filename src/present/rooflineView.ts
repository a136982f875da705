import type { Roofline } from '../analytical/roofline.js';
import type { PatchPlan } from '../analytical/rules/patchInference.js';
import { csvText } from '../core/csv.js';
import type { DeviceSpec } from '../device/deviceSpec.js';
import { plainTable } from './plainTable.js';

/** Rooflines of workloads, one entry a workload and hypothesis. */
export type Results = readonly { workload: string; result: Roofline; patches?: PatchPlan }[];

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

/** One record a workload and hypothesis; with `explain`, its operators in it. */
export function rooflineJson(results: Results, _device: DeviceSpec, explain: boolean): string {
  const rows = results.map((r) => ({
    ...summary(r),
    provenance: 'analytical',
    warnings: r.result.warnings,
    ...(r.patches ? { patches: patchRecord(r.patches) } : {}),
    ...(explain ? { operators: operatorRows(r.result) } : {}),
  }));
  return JSON.stringify(rows, null, 2);
}

/** One row a workload and hypothesis, or with `explain` one an operator. */
export function rooflineCsv(results: Results, _device: DeviceSpec, explain: boolean): string {
  const rows = results.flatMap((r): Record<string, unknown>[] => {
    if (!explain) return [{ ...summary(r), provenance: 'analytical', ...(r.patches ? patchRecord(r.patches) : {}) }];
    return operatorRows(r.result).map((o) => ({ workload: r.workload, hypothesis: r.result.hypothesis, ...o }));
  });
  return csvText(
    Object.keys(rows[0]),
    rows.map((row) => Object.values(row)),
  );
}

const patchRecord = ({ patches, last, whole, peak, overhead }: PatchPlan) => ({
  patches,
  parts_end: last,
  activation_bytes: whole,
  activation_bytes_in_parts: peak,
  repeated_macs: Number(overhead.toPrecision(4)),
});

/** What running the first layers in parts saves, costs, and whether it fits the memory of the device then. */
function patchLine(workload: string, { patches, last, whole, peak, overhead }: PatchPlan, { memory, name }: DeviceSpec): string {
  const kib = (bytes: number) => `${(bytes / 2 ** 10).toFixed(0)} KiB`;
  const fits = memory === undefined ? '' : `; ${peak <= memory ? 'fits' : 'does not fit'} the ${kib(memory)} of ${name}`;
  const parts = `${workload} in ${patches} x ${patches} parts up to ${last}`;
  if (peak >= whole) return `${parts}: saves nothing, activations ${kib(whole)}${fits}`;
  return `${parts}: activations ${kib(whole)} -> ${kib(peak)}, ${(whole / peak).toPrecision(2)} times less, for ${(100 * overhead).toPrecision(2)} % more multiply-accumulates${fits}`;
}

/** For people: one table, then with `explain` one of operators for each. */
export function rooflineTables(results: Results, device: DeviceSpec, explain: boolean): string {
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
  const plans = new Map(results.flatMap(({ workload, patches }) => (patches ? [[workload, patches] as const] : [])));
  for (const [workload, plan] of plans) parts.push(patchLine(workload, plan, device));
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
