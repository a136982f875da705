import { readCsv } from '../core/csv.js';
import { HwcastError } from '../core/errors.js';
import { readTextChecked } from '../core/files.js';
import { kept } from '../core/kept.js';
import { deviceNamed } from '../device/deviceNamed.js';
import type { DeviceSpec } from '../device/deviceSpec.js';
import { peakFor } from '../device/peakFor.js';

/** Operators of one family that one back end ran on one device. */
export interface OperatorTask {
  device: string;
  backend: string;
  /** log sizes, roofline terms and waves, in octaves, [rows, width] */
  numbers: Float64Array;
  width: number;
  /** seconds that the corrected roofline says: max(F / 0.75 peak, Q / 0.8 bandwidth) + overhead */
  roofline: Float64Array;
  /** measured seconds */
  seconds: Float64Array;
}

/** A family of operators: how rows of its table become numbers. */
export interface OperatorFamily {
  name: string;
  file: string;
  /** rows that are used: one element type, so that devices compare */
  keep(row: Record<string, string>): boolean;
  /** work of a row, and further numbers of its shape */
  work(
    row: Record<string, number>,
    multiprocessors: number,
  ): { flops: number; bytes: number; numbers: number[]; overhead: number };
}

/** Multiprocessors (Xe cores) of the devices, from their data sheets: tiles of products are dealt to them. */
const MULTIPROCESSORS: Readonly<Record<string, number>> = {
  a100_sxm: 108,
  h100_sxm: 132,
  h200_sxm: 132,
  b200_sxm: 148,
  b300_sxm: 148,
  gb300: 148,
  rtx_pro_6000_server: 188,
  b60: 20,
};
const TILES = [
  [128, 128],
  [128, 256],
  [64, 64],
] as const;
const { log2 } = Math;
const within = (v: number, low: number, high: number) => Math.min(high, Math.max(low, v));
const powerOfTwo = (v: number): number => {
  let shift = 0;
  while (shift < 6 && v % 2 ** (shift + 1) === 0) shift++;
  return shift;
};

/** Matrix products in bf16: waves of tiles of three sizes, what the last one wastes, alignment. */
const gemm: OperatorFamily = {
  name: 'gemm',
  file: 'aic_gemm.csv.gz',
  keep: (row) => row.gemm_dtype === 'bfloat16',
  work({ m, n, k }, multiprocessors) {
    const waves = TILES.flatMap(([a, b]) => {
      const w = (Math.ceil(m / a) * Math.ceil(n / b)) / multiprocessors;
      return [log2(within(w, 1 / 256, 64)), 2 * log2(within(Math.ceil(w) / w, 1, 64))];
    });
    return {
      flops: 2 * m * n * k,
      bytes: 2 * (m * k + n * k + m * n),
      overhead: 4e-6,
      numbers: [...[m, n, k].map(log2), ...waves, ...[m, n, k].map(powerOfTwo), 2 * log2((Math.ceil(m / 64) * 64) / m)],
    };
  },
};

const attention = (name: string, file: string, isDecode: boolean): OperatorFamily => ({
  name,
  file,
  keep: (row) =>
    row.attn_dtype === 'bfloat16' &&
    row.kv_cache_dtype === 'bfloat16' &&
    (row.window_size === '' || Number(row.window_size) === 0),
  work({ batch_size: batch, isl, num_heads: heads, num_key_value_heads: own, head_dim: dim, step }, multiprocessors) {
    const kvHeads = own || heads,
      queries = isDecode ? 1 : isl,
      length = isl + step,
      seen = isDecode ? length : step + (isl + 1) / 2,
      tiles = (batch * heads * Math.ceil(queries / 128)) / multiprocessors;
    return {
      flops: 4 * batch * heads * dim * queries * seen,
      bytes: 2 * batch * dim * (2 * heads * queries + 2 * kvHeads * length),
      overhead: 6e-6,
      numbers: [
        ...[batch, queries, length, heads, kvHeads, dim].map(log2),
        log2(heads / kvHeads),
        log2(within(tiles, 1 / 256, 256)),
        2 * log2(within(Math.ceil(tiles) / tiles, 1, 64)),
      ],
    };
  },
});

export const OPERATOR_FAMILIES: readonly OperatorFamily[] = [
  gemm,
  attention('context attention', 'aic_context_attention.csv.gz', false),
  attention('generation attention', 'aic_generation_attention.csv.gz', true),
];

/**
 * Rows of a family by device and back end, from the table of a folder such as ../shared/data/llm-ops.
 * @throws HwcastError `bad-input` for a value that is no positive number, `not-found` for a device that is not in the catalogue
 */
export function readOperatorTasks(folder: string, family: OperatorFamily): OperatorTask[] {
  const where = `${folder}/${family.file}`,
    tasks = new Map<
      string,
      { device: string; backend: string; numbers: number[]; roofline: number[]; seconds: number[]; width: number }
    >();
  for (const { fields, line } of readCsv(readTextChecked(where), where)) {
    if (!family.keep(fields)) continue;
    const { device, backend } = fields,
      seconds = Number(fields.latency_ms) / 1000,
      multiprocessors = MULTIPROCESSORS[device];
    if (!(seconds > 0) || multiprocessors === undefined)
      throw new HwcastError(
        'bad-input',
        seconds > 0
          ? `no number of multiprocessors is known of '${device}'`
          : `latency_ms is '${fields.latency_ms}', it must be positive`,
        { where: `${where}, line ${line}`, hint: seconds > 0 ? 'add it to MULTIPROCESSORS' : 'leave the row out' },
      );
    const { numbers, roofline } = numbersOf(family, numbersIn(fields), multiprocessors, deviceNamed(device));
    const task = kept(tasks, `${device} ${backend}`, () => ({
      ...{ device, backend, numbers: [], roofline: [], seconds: [] },
      width: numbers.length,
    }));
    task.numbers.push(...numbers);
    task.roofline.push(roofline);
    task.seconds.push(seconds);
  }
  return [...tasks.values()].map((t) => ({
    ...t,
    numbers: Float64Array.from(t.numbers),
    roofline: Float64Array.from(t.roofline),
    seconds: Float64Array.from(t.seconds),
  }));
}

const numbersIn = (fields: Record<string, string>): Record<string, number> =>
  Object.fromEntries(Object.entries(fields).map(([name, text]) => [name, Number(text)]));

/** The corrected roofline of a row, its terms and the numbers of its shape. */
function numbersOf(family: OperatorFamily, row: Record<string, number>, multiprocessors: number, device: DeviceSpec) {
  const { flops, bytes, numbers, overhead } = family.work(row, multiprocessors),
    compute = flops / (0.75 * peakFor(device, 'bf16').rate),
    memory = bytes / (0.8 * (device.bandwidth ?? Number.NaN)),
    roofline = Math.max(compute, memory) + overhead;
  const us = (s: number) => log2(Math.max(s, 1e-9) * 1e6);
  return { roofline, numbers: [...numbers, log2(compute / memory), us(roofline), us(compute), us(memory)] };
}
