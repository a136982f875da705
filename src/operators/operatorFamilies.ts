import { PLAIN_START, REPEATED_START, SERIAL_START, TILED_START } from '../analytical/fit/fitEfficiency.js';
import { attentionTime } from '../analytical/rules/attentionTime.js';
import { attentionWork } from '../analytical/rules/attentionWork.js';
import type { Efficiency } from '../analytical/rules/efficiencies.js';
import { distinctExperts, expertLoad, expertWork } from '../analytical/rules/experts.js';
import { gemmTime } from '../analytical/rules/gemm.js';
import { type DeviceRates, kernelTime } from '../analytical/rules/kernelTime.js';
import { DELTA_CHUNK, gatedDeltaWork } from '../analytical/rules/recurrences.js';
import { scanTime } from '../analytical/rules/scanTime.js';
import { readCsv } from '../core/csv.js';
import { HwcastError } from '../core/errors.js';
import { readTextChecked } from '../core/files.js';
import { kept } from '../core/kept.js';
import { deviceNamed } from '../device/deviceNamed.js';
import { peakFor } from '../device/peakFor.js';
import { benchmarkDispatch } from './benchmarkDispatch.js';
import { keepsAllRows } from './keepsAllRows.js';
import type { OperatorRow, OperatorTask } from './operatorTask.js';

/** A family of operators: how rows of its table become numbers. */
export interface OperatorFamily {
  name: string;
  file: string;
  /** rows that are used: one element type, so that devices compare */
  keep(row: Record<string, string>): boolean;
  /** constants of its rule from which those of the training tasks are searched */
  start: Efficiency;
  /** work of a row by its numbers and kernels, further numbers of its shape, seconds of the corrected roofline that are no work, and its rule */
  work(row: Record<string, number>, rates: DeviceRates & { units: number }, source: string): RowWork;
}

interface RowWork {
  sizes: readonly number[];
  flops: number;
  bytes: number;
  numbers: number[];
  steps: number[];
  overhead: number;
  rule: OperatorRow['rule'];
}

/** What tables of kernels show of their benchmarks, which repeat a kernel: weights that stay in the cache, launches behind the kernel before, the host's calls. */
const REPEATED = { held: REPEATED_START.held, cacheRate: REPEATED_START.cacheRate, overlap: 1.1, host: 1 };

/** Last-level cache where the catalogue has none, bytes: that of an A100. */
const USUAL_CACHE = 40 * 2 ** 20;

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
  start: { ...TILED_START, writing: REPEATED_START.writing, ...REPEATED },
  work({ m, n, k }, rates) {
    const waves = TILES.flatMap(([a, b]) => {
      const w = (Math.ceil(m / a) * Math.ceil(n / b)) / rates.units;
      return [log2(within(w, 1 / 256, 64)), 2 * log2(within(Math.ceil(w) / w, 1, 64))];
    });
    const flops = 2 * m * n * k,
      bytes = 2 * (m * k + n * k + m * n);
    return {
      sizes: [m, n, k],
      flops,
      bytes,
      overhead: 4e-6,
      rule: (e) => gemmTime({ m, n, k, outputBytes: 2 }, { flops, bytes }, rates, e).time,
      numbers: [...[m, n, k].map(log2), ...waves],
      steps: [...[m, n, k].map(powerOfTwo), 2 * log2((Math.ceil(m / 64) * 64) / m)],
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
  start: { ...PLAIN_START, ...REPEATED },
  work({ batch_size: batch, isl, num_heads: heads, num_key_value_heads: own, head_dim: dim, step }, rates) {
    const kvHeads = own || heads,
      queries = isDecode ? 1 : isl,
      length = isl + step,
      seen = isDecode ? length : step + (isl + 1) / 2,
      tiles = (batch * heads * Math.ceil(queries / 128)) / rates.units;
    const sizes = { batch, heads, kvHeads, headDim: dim, length: queries, before: length - queries, bytes: 2, kvBytes: 2 },
      work = attentionWork(sizes);
    return {
      sizes: [batch, queries, length, heads, kvHeads, dim],
      steps: [],
      flops: 4 * batch * heads * dim * queries * seen,
      bytes: 2 * batch * dim * (2 * heads * queries + 2 * kvHeads * length),
      overhead: 6e-6,
      rule: (e) => attentionTime(sizes, work, rates, e).time,
      numbers: [
        ...[batch, queries, length, heads, kvHeads, dim].map(log2),
        log2(heads / kvHeads),
        log2(within(tiles, 1 / 256, 256)),
        2 * log2(within(Math.ceil(tiles) / tiles, 1, 64)),
      ],
    };
  },
});

/** Gated experts in bf16 under an even load: the rows that an expert gets, how many experts are met, waves of its tiles. */
const experts: OperatorFamily = {
  name: 'experts',
  file: 'aic_moe.csv.gz',
  keep: (row) => row.moe_dtype === 'bfloat16' && row.distribution === 'balanced' && !/nongated/.test(row.kernel_source),
  start: { ...PLAIN_START, ...REPEATED },
  work({ num_tokens: tokens, hidden_size: hidden, inter_size, topk, num_experts, moe_tp_size, moe_ep_size }, rates, source) {
    const share = 1 / moe_ep_size,
      width = inter_size / moe_tp_size,
      met = Math.max(1, share * distinctExperts(tokens, num_experts, topk)),
      rows = (share * tokens * topk) / met,
      tiles = (met * Math.ceil(rows / 64) * Math.ceil((2 * width) / 128)) / rates.units;
    const of = { tokens, experts: num_experts, perToken: topk, hidden, width, gated: true, weightBytes: 2, bytes: 2 };
    const work = expertWork(of, expertLoad(of, moe_ep_size), keepsAllRows(source));
    return {
      sizes: [tokens, hidden, width, topk, num_experts, moe_ep_size],
      steps: [powerOfTwo(width)],
      ...work,
      overhead: 6e-6,
      rule: (e) => kernelTime(work, rates, e).time,
      numbers: [
        ...[tokens, hidden, width, topk, num_experts, moe_ep_size, rows, met].map(log2),
        log2(within(tiles, 1 / 256, 256)),
        2 * log2(within(Math.ceil(tiles) / tiles, 1, 64)),
      ],
    };
  },
};

/** Scans of prompts by the gated delta rule: chunks in a row, heads and requests beside one another. */
const deltaScan: OperatorFamily = {
  name: 'delta-rule scan',
  file: 'aic_gdn.csv.gz',
  keep: (row) => row.phase === 'context' && !/conv/.test(row.kernel_source),
  start: { ...SERIAL_START, ...REPEATED },
  work(row, rates) {
    const { batch_size: batch, seq_len: length, num_k_heads: keyHeads, num_v_heads: valueHeads } = row,
      { head_k_dim: keyDim, head_v_dim: valueDim } = row,
      chunks = Math.ceil(length / DELTA_CHUNK),
      heads = (batch * valueHeads) / rates.units;
    const work = gatedDeltaWork({ batch, length, bytes: 2, stateBytes: 4, keyHeads, valueHeads, keyDim, valueDim });
    return {
      sizes: [batch, length, keyHeads, valueHeads, keyDim, valueDim],
      steps: [],
      ...work,
      overhead: 6e-6,
      rule: (e) => scanTime({ length, chunk: DELTA_CHUNK }, work, rates, e).time,
      numbers: [
        ...[batch, length, keyHeads, valueHeads, chunks].map(log2),
        log2(within(heads, 1 / 256, 256)),
        2 * log2(within(Math.ceil(heads) / heads, 1, 64)),
        log2(within(heads * chunks, 1 / 256, 4096)),
      ],
    };
  },
};

export const OPERATOR_FAMILIES: readonly OperatorFamily[] = [
  gemm,
  attention('context attention', 'aic_context_attention.csv.gz', false),
  attention('generation attention', 'aic_generation_attention.csv.gz', true),
  experts,
  deltaScan,
];

/**
 * Rows of a family by device, back end and kernels, from the table of a folder such as ../shared/data/llm-ops.
 * @throws HwcastError `bad-input` for a value that is no positive number, `not-found` for a device that is not in the catalogue
 */
export function readOperatorTasks(folder: string, family: OperatorFamily): OperatorTask[] {
  const where = `${folder}/${family.file}`,
    tasks = new Map<string, Omit<OperatorTask, 'rows' | 'seconds'> & { rows: OperatorRow[]; seconds: number[] }>();
  for (const { fields, line } of readCsv(readTextChecked(where), where)) {
    if (!family.keep(fields)) continue;
    const { device, backend, kernel_source: source } = fields,
      seconds = Number(fields.latency_ms) / 1000,
      spec = deviceNamed(device);
    if (!(seconds > 0) || spec.units === undefined || spec.bandwidth === undefined)
      throw new HwcastError(
        'bad-input',
        seconds > 0
          ? `the catalogue has no ${spec.units === undefined ? 'number of multiprocessors' : 'bandwidth'} of '${device}'`
          : `latency_ms is '${fields.latency_ms}', it must be positive`,
        { where: `${where}, line ${line}`, hint: seconds > 0 ? 'add the device with hwcast devices add' : 'leave the row out' },
      );
    const task = kept(tasks, `${device} ${backend} ${source}`, () => ({ device, backend, source, rows: [], seconds: [] }));
    const { units, bandwidth, cache } = spec,
      rates = { peak: peakFor(spec, 'bf16').rate, bandwidth, units, cache, dispatch: benchmarkDispatch(spec) };
    task.rows.push(rowOf(family.work(numbersIn(fields), rates, source), rates));
    task.seconds.push(seconds);
  }
  return [...tasks.values()].map((t) => ({ ...t, seconds: Float64Array.from(t.seconds) }));
}

const numbersIn = (fields: Record<string, string>): Record<string, number> =>
  Object.fromEntries(Object.entries(fields).map(([name, text]) => [name, Number(text)]));

/** A row with its corrected roofline, the terms of it, and the numbers of its shape. */
function rowOf({ sizes, flops, bytes, numbers, steps, overhead, rule }: RowWork, rates: DeviceRates): OperatorRow {
  const compute = flops / (0.75 * rates.peak),
    memory = bytes / (0.8 * rates.bandwidth),
    roofline = Math.max(compute, memory) + overhead;
  const us = (s: number) => log2(Math.max(s, 1e-9) * 1e6);
  const cached = log2(within(bytes / (rates.cache ?? USUAL_CACHE), 2 ** -12, 2 ** 6));
  return {
    sizes,
    roofline,
    rule,
    numbers: Float64Array.from([...numbers, log2(compute / memory), us(roofline), us(compute), us(memory), cached]),
    steps,
  };
}
