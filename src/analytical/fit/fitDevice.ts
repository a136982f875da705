import { type CsvRow, readCsv } from '../../core/csv.js';
import { HwcastError } from '../../core/errors.js';
import { quantile } from '../../core/statistics.js';
import { PEAK_DTYPES, type PeakDtype } from '../../device/deviceSpec.js';
import { DTYPE_BYTES } from '../../graph/tensorType.js';
import { attentionWork } from '../rules/attentionWork.js';
import type { Efficiency } from '../rules/efficiencies.js';
import { type KernelWork, kernelTime } from '../rules/kernelTime.js';
import { errorOf, fitEfficiency } from './fitEfficiency.js';

/** A timed kernel of a microbenchmark. */
export interface TimedKernel {
  dtype: PeakDtype;
  work: KernelWork;
  /** seconds */
  seconds: number;
  watts?: number;
}

/** What the kernels of one type say of a device, SI units. */
export interface DeviceFit {
  dtype: PeakDtype;
  kernels: number;
  /** rates that large kernels reach; no peak where all only copy */
  peak?: number;
  bandwidth: number;
  /** seconds; absent where all kernels take so much longer that they do not tell it */
  launch?: number;
  /** mean absolute percentage error of every second kernel, by constants of the others */
  error: number;
  /** watts of the least and of the busiest kernels (5 % and 95 % quantiles); absent where no power was measured */
  power?: { low: number; high: number };
}

/** Sizes by operator, as microbenchmarks name them, in elements of the kernel's type. */
const WORKS: Readonly<Record<string, (p: Record<string, number>, bytes: number) => KernelWork>> = {
  linear: (p, bytes) => product(1, p.m, p.n, p.k, bytes),
  gemm: (p, bytes) => product(1, p.m, p.n, p.k, bytes),
  bmm: (p, bytes) => product(p.batch ?? 1, p.m, p.n, p.k, bytes),
  softmax: (p, bytes) => rows(p, bytes, 5, 2),
  layernorm: (p, bytes) => rows(p, bytes, 7, 2),
  add: (p, bytes) => rows(p, bytes, 1, 3),
  mul: (p, bytes) => rows(p, bytes, 1, 3),
  gelu: (p, bytes) => rows(p, bytes, 8, 2),
  silu: (p, bytes) => rows(p, bytes, 5, 2),
  attention: (p, bytes) =>
    attentionWork({
      batch: p.batch,
      heads: p.heads,
      kvHeads: p.kv_heads ?? p.heads,
      length: p.q_len,
      before: p.kv_len - p.q_len,
      headDim: p.head_dim,
      bidirectional: !p.causal,
      bytes,
      kvBytes: bytes,
    }),
};
const product = (batch: number, m: number, n: number, k: number, bytes: number): KernelWork => ({
  flops: 2 * batch * m * n * k,
  bytes: batch * (m * k + k * n + m * n) * bytes,
});
const rows = (p: Record<string, number>, bytes: number, flops: number, tensors: number): KernelWork => ({
  flops: flops * p.rows * p.cols,
  bytes: tensors * p.rows * p.cols * bytes,
});

/**
 * Rows of a microbenchmark: `dtype`, a time (`latency_graph_ms` before `latency_ms`), and `flops` and `bytes`, or `op` with `params_json`, or
 * `m,n,k`. Operators without a rule here are left out and told.
 * @throws HwcastError `bad-input` naming the row
 */
export function timedKernels(text: string, where: string): { kernels: TimedKernel[]; skipped: Map<string, number> } {
  const skipped = new Map<string, number>();
  const kernels = readCsv(text, where).flatMap((row) => {
    const seconds = Number(row.fields.latency_graph_ms || row.fields.latency_ms) / 1e3;
    if (!(seconds > 0))
      throw bad(row, `latency is '${row.fields.latency_ms}'`, 'a column latency_ms or latency_graph_ms, above 0');
    const dtype = (row.fields.dtype || row.fields.gemm_dtype || 'fp32')
      .replace('bfloat16', 'bf16')
      .replace('float', 'fp') as PeakDtype;
    if (!PEAK_DTYPES.includes(dtype)) throw bad(row, `no element type '${dtype}'`, `one of ${PEAK_DTYPES.join(', ')}`);
    const work = workOf(row, dtype === 'fp4' ? 1 / 2 : dtype === 'int1' ? 1 / 8 : DTYPE_BYTES[dtype]);
    if (!work) {
      const name = row.fields.op ?? '';
      skipped.set(name, (skipped.get(name) ?? 0) + 1);
      return [];
    }
    const { power_w: power } = row.fields,
      watts = Number(power);
    if (power && !(watts > 0)) throw bad(row, `power_w is '${power}'`, 'watts above 0; empty where it was not measured');
    return [{ dtype, work, seconds, ...(power ? { watts } : {}) }];
  });
  return { kernels, skipped };
}

function workOf(row: CsvRow, bytes: number): KernelWork | undefined {
  const { fields } = row;
  if (fields.flops !== undefined && fields.bytes !== undefined)
    return checked({ flops: Number(fields.flops), bytes: Number(fields.bytes) }, row);
  const op = fields.op ?? (fields.m && fields.n && fields.k ? 'gemm' : undefined);
  if (op === undefined) throw bad(row, 'neither flops and bytes, nor op and params_json, nor m, n, k', 'give the columns');
  const rule = WORKS[op];
  if (!rule) return undefined;
  let sizes: Record<string, number>;
  try {
    sizes = fields.params_json
      ? JSON.parse(fields.params_json)
      : Object.fromEntries(Object.entries(fields).map(([name, text]) => [name, Number(text)]));
  } catch {
    throw bad(row, `params_json is no JSON: ${fields.params_json}`, 'sizes by name, as {"m": 1, "n": 2, "k": 3}');
  }
  return checked(rule(sizes, bytes), row);
}

function checked(work: KernelWork, row: CsvRow): KernelWork {
  if (!(work.flops >= 0 && work.bytes > 0))
    throw bad(row, `FLOPs ${work.flops} and bytes ${work.bytes} cannot be`, 'correct the sizes');
  return work;
}

const bad = (row: CsvRow, message: string, hint: string) => new HwcastError('bad-input', message, { where: row.where, hint });

/** Fewest different kernels of a type that say something. */
const LEAST = 8;

/** Share of the shortest kernel that a launch takes at least, to be told from its work. */
const LEAST_SHARE = 0.2;

/** How many of them differ in their work. */
const different = (kernels: readonly TimedKernel[]): number =>
  new Set(kernels.map(({ work }) => `${work.flops} ${work.bytes}`)).size;

/**
 * Effective rates and launch of a device from timed kernels, by type: t = ((F / p)^s + (B / w)^s)^(1/s) + t0.
 * @throws HwcastError `bad-input` where no type has enough kernels
 */
export function fitDevice(kernels: readonly TimedKernel[], where: string): DeviceFit[] {
  const fits = PEAK_DTYPES.flatMap((dtype) => {
    const own = kernels.filter((k) => k.dtype === dtype);
    return different(own) < LEAST ? [] : [fitType(dtype, own)];
  });
  if (!fits.length)
    throw new HwcastError(
      'bad-input',
      `${kernels.length} kernels: no element type has ${LEAST} or more of different FLOPs and bytes`,
      {
        where,
        hint: 'time more kernels, small and large ones, of much arithmetic and of little',
      },
    );
  return fits;
}

function fitType(dtype: PeakDtype, kernels: readonly TimedKernel[]): DeviceFit {
  const rates = { peak: 1, bandwidth: 1 };
  const measured = kernels.map((k) => ({ predict: (e: Efficiency) => kernelTime(k.work, rates, e).time, measured: k.seconds }));
  const most = Math.max(...kernels.map((k) => k.work.flops / k.seconds)),
    isCopying = most === 0;
  const start: Efficiency = {
    compute: isCopying ? 1 : most,
    memory: Math.max(...kernels.map((k) => k.work.bytes / k.seconds)),
    sharpness: 2,
    launch: Math.min(...kernels.map((k) => k.seconds)),
  };
  const all = fitEfficiency([measured], start, { steps: 500 });
  const halves = [0, 1].map((h) => measured.filter((_, i) => i % 2 === h));
  const errors = halves.map((half, h) => errorOf(half, fitEfficiency([halves[1 - h]], start, { steps: 500 })));
  const watts = kernels.flatMap((k) => (k.watts === undefined ? [] : [k.watts]));
  return {
    dtype,
    kernels: kernels.length,
    ...(isCopying ? {} : { peak: all.compute }),
    bandwidth: all.memory,
    ...(all.launch >= LEAST_SHARE * Math.min(...kernels.map((k) => k.seconds)) ? { launch: all.launch } : {}),
    error: (errors[0] + errors[1]) / 2,
    ...(watts.length ? { power: { low: quantile(watts, 0.05), high: quantile(watts, 0.95) } } : {}),
  };
}
