import { type PowerConstants, powerOf } from '../src/analytical/rules/power.js';
import { nelderMead } from '../src/core/nelderMead.js';
import { findDevice } from '../src/device/deviceNamed.js';
import { markdownTable, percent } from './markdown.js';
import { ratesOf, tableRows, thinned } from './rooflineRows.js';

interface MeasuredPower {
  compute: number;
  memory: number;
  limit: number;
  idle?: number;
  watts: number;
}

/**
 * Seconds a kernel takes at least: the benchmark repeats one for a second, but no more than 3000 times (aiconfigurator, collector/helper.py,
 * `benchmark_with_power`), and NVML's figure is a mean over a second, so that of shorter kernels holds what ran before them.
 */
export const LEAST_SECONDS = 1 / 3000;

/** Shares of the rates that measured kernels reached, and the power they drew. */
function measuredPower(data: string): Map<string, MeasuredPower[]> {
  const rows = new Map<string, MeasuredPower[]>();
  const add = (device: string, seconds: number, row: MeasuredPower) => {
    if (seconds < LEAST_SECONDS) return;
    if (!rows.has(device)) rows.set(device, []);
    rows.get(device)!.push(row);
  };
  for (const r of tableRows(data, 'aic_gemm').filter((r) => r.power_w && r.gemm_dtype === 'bfloat16')) {
    const [m, n, k] = [Number(r.m), Number(r.n), Number(r.k)],
      seconds = Number(r.latency_ms) / 1e3,
      { peak, bandwidth } = ratesOf(r.device, 'bf16');
    add(r.device, seconds, {
      compute: (2 * m * n * k) / seconds / peak,
      memory: (2 * (m * k + k * n + m * n)) / seconds / bandwidth,
      limit: Number(r.power_limit_w) || findDevice(r.device)!.tdp!,
      watts: Number(r.power_w),
    });
  }
  for (const r of tableRows(data, 'aic_generation_attention').filter((r) => r.power_w && r.kv_cache_dtype === 'bfloat16')) {
    const seconds = Number(r.latency_ms) / 1e3,
      { bandwidth } = ratesOf(r.device, 'bf16');
    const heads = Number(r.num_key_value_heads) || Number(r.num_heads);
    const bytes = 4 * Number(r.batch_size) * heads * Number(r.head_dim) * (Number(r.isl) + Number(r.step));
    add(r.device, seconds, {
      compute: 0,
      memory: bytes / seconds / bandwidth,
      limit: Number(r.power_limit_w) || findDevice(r.device)!.tdp!,
      watts: Number(r.power_w),
    });
  }
  return rows;
}

function fit(devices: readonly (readonly MeasuredPower[])[]): PowerConstants {
  const constants = ([base, compute, memory]: readonly number[]): PowerConstants => ({
    base: Math.exp(base),
    compute: Math.exp(compute),
    memory: Math.exp(memory),
  });
  const loss = (x: readonly number[]) => devices.reduce((sum, rows) => sum + errorOf(rows, constants(x)), 0);
  return constants(nelderMead(loss, [0.4, 2, 0.4].map(Math.log), { steps: 300 }));
}

const errorOf = (rows: readonly MeasuredPower[], constants: PowerConstants): number =>
  rows.reduce((sum, r) => sum + Math.abs(powerOf(r, r, constants) / r.watts - 1), 0) / rows.length;

/** Constants of the power of all devices with measured power; prints the error of each, predicted by the others. */
export function fitPower(data: string): PowerConstants & { band: [number, number] } {
  const rows = measuredPower(data),
    some = thinned(rows, 3000);
  const ratios: number[] = [];
  const table = [...rows].map(([device, own]) => {
    const others = [...some].filter(([d]) => d !== device).map(([, r]) => r);
    const without = fit(others);
    ratios.push(...some.get(device)!.map((r) => r.watts / powerOf(r, r, without)));
    return [device, String(own.length), percent(errorOf(own, without))];
  });
  process.stdout.write(
    `\npower of GEMM and of attention of a token, bf16, kernels of at least a third of a millisecond\n\n${markdownTable(['device', 'rows', 'fitted without it'], table)}\n`,
  );
  ratios.sort((a, b) => a - b);
  return {
    ...fit([...some.values()]),
    band: [ratios[Math.floor(0.05 * ratios.length)], ratios[Math.floor(0.95 * ratios.length)]],
  };
}
