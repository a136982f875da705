import { setImmediate as pause } from 'node:timers/promises';
import { HwcastError } from '../core/errors.js';
import { createRandom } from '../core/random.js';
import { median } from '../core/statistics.js';
import { type Workload, workloadGraph } from '../graph/workload.js';
import { aggregatePasses, halvesAgreement } from './aggregatePasses.js';
import type { Runtime } from './runtime.js';

const WARM_UP_WORKLOADS = 3;

export interface MeasureOptions {
  /** rounds over all workloads, each in a new order; 5 unless told */
  passes?: number;
  /** least timed runs of a workload within a pass, of which the median counts; 5 unless told */
  repeats?: number;
  /** seconds of timed runs a visit lasts at least, so that short networks get more repeats; 0.05 unless told */
  visitSeconds?: number;
  /** runs before those; 2 unless told */
  warmup?: number;
  /** images per batch of networks of a space; 1 unless told */
  batch?: number;
  /** of the orders, weights and inputs; 0 unless told */
  seed?: number;
  /** ends the measurement early: the result then holds what is complete */
  signal?: AbortSignal;
  onProgress?: (progress: MeasureProgress) => void;
}

export interface MeasureProgress {
  pass: number;
  passes: number;
  /** visits done and in total */
  done: number;
  total: number;
  workload: string;
  /** seconds, of this visit */
  latency: number;
}

export interface MeasuredRow {
  workload: string;
  /** seconds for one batch: geometric mean over passes */
  latency: number;
  /** median absolute deviation of the logs of the passes */
  spread: number;
  /** passes behind it */
  repeats: number;
  /** seconds, one a pass */
  passes: number[];
}

export interface MeasureResult {
  rows: MeasuredRow[];
  /** Spearman between the even and the odd passes; NaN below two passes or three workloads */
  noise: number;
  /** false where the signal ended it early */
  complete: boolean;
  /** what the runtime took for granted of which workload */
  assumptions: string[];
  /** workloads that the runtime cannot run, each with why */
  refused: { workload: string; error: HwcastError }[];
}

/**
 * Times workloads on this machine: every pass visits all of them in a new seeded order, so that a workload's passes are spread over time; the
 * factor of each pass is taken out (`aggregatePasses`). Interrupted, whole passes count; within the first pass, the workloads visited so far. What the
 * runtime refuses is left out and told; the others go on.
 * @throws HwcastError `bad-input` for no or repeated workloads; where all are refused, why the first one is (`unsupported` for an operator without kernel).
 */
export async function measureWorkloads(
  workloads: readonly Workload[],
  runtime: Runtime,
  options: MeasureOptions = {},
): Promise<MeasureResult> {
  const { passes = 5, repeats = 5, visitSeconds = 0.05, warmup = 2, seed = 0, signal, onProgress } = options;
  if (!workloads.length) throw new HwcastError('bad-input', 'no workload to measure');
  const twice = workloads.find((w, i) => workloads.findIndex((v) => v.id === w.id) !== i);
  if (twice) throw new HwcastError('bad-input', `workload '${twice.id}' is listed twice`);
  for (const [name, value, least] of [
    ['passes', passes, 1],
    ['repeats', repeats, 1],
    ['warmup', warmup, 0],
    ['batch', options.batch ?? 1, 1],
  ] as const)
    if (!Number.isInteger(value) || value < least)
      throw new HwcastError('usage', `${name} must be a whole number from ${least}, not ${value}`);

  const random = createRandom(seed).fork('order');
  const assumptions = new Set<string>();
  const each = { repeats, visitSeconds, warmup, seed, batch: options.batch, assumptions };
  const refused = new Map<number, HwcastError>();
  const timed = async (w: number): Promise<number | undefined> => {
    try {
      return await visit(workloads[w], runtime, each);
    } catch (error) {
      if (!(error instanceof HwcastError)) throw error;
      refused.set(w, error);
      return undefined;
    }
  };
  // the first networks of a process are slow (code is still being compiled): run a few for nothing
  for (let w = 0; w < workloads.length && w - refused.size < WARM_UP_WORKLOADS; w++) {
    await pause();
    if (warmup && !signal?.aborted) await timed(w);
  }
  const times: number[][] = []; // passes x workloads
  let done = 0;
  for (let pass = 0; pass < passes && !signal?.aborted; pass++) {
    const row: number[] = [];
    for (const w of random.shuffle(workloads.map((_, i) => i))) {
      // lets an interrupt through
      await pause();
      if (signal?.aborted) break;
      if (refused.has(w)) continue;
      const latency = await timed(w);
      if (latency === undefined) continue;
      row[w] = latency;
      onProgress?.({
        pass: pass + 1,
        passes,
        done: ++done,
        total: passes * (workloads.length - refused.size),
        workload: workloads[w].id,
        latency,
      });
    }
    const whole = workloads.every((_, w) => refused.has(w) || row[w] !== undefined);
    if (whole || !times.length) times.push(row);
  }
  if (refused.size === workloads.length) throw refused.get(0)!;
  const complete = times.length === passes && workloads.every((_, w) => refused.has(w) || times[0][w] !== undefined);
  // a first pass that was cut has holes
  const measured = workloads.map((_, i) => i).filter((i) => !refused.has(i) && times[0]?.[i] !== undefined);
  const table = times.map((row) => measured.map((i) => row[i]));
  const summaries = measured.length ? aggregatePasses(table) : [];
  return {
    rows: measured.map((i, k) => ({
      workload: workloads[i].id,
      latency: summaries[k].value,
      spread: summaries[k].spread,
      repeats: summaries[k].repeats,
      passes: table.map((row) => row[k]),
    })),
    noise: measured.length < 3 ? Number.NaN : halvesAgreement(table),
    complete,
    assumptions: [...assumptions],
    refused: [...refused].sort(([a], [b]) => a - b).map(([w, error]) => ({ workload: workloads[w].id, error })),
  };
}

interface VisitOptions {
  repeats: number;
  visitSeconds: number;
  warmup: number;
  seed: number;
  batch?: number;
  /** collects what the runtime takes for granted */
  assumptions: Set<string>;
}

/** Median seconds of one visit: made ready, warmed up, run, thrown away. @throws HwcastError naming the workload */
async function visit(workload: Workload, runtime: Runtime, options: VisitOptions): Promise<number> {
  try {
    return await timedVisit(workload, runtime, options);
  } catch (error) {
    if (!(error instanceof HwcastError) || error.where?.includes(workload.id)) throw error;
    const where = [workload.id, ...(error.where ? [error.where] : [])].join(', ');
    throw new HwcastError(error.code, error.message, { where, hint: error.hint, cause: error });
  }
}

async function timedVisit(workload: Workload, runtime: Runtime, options: VisitOptions): Promise<number> {
  const network = await runtime.prepare(workloadGraph(workload, { batch: options.batch }), options.seed, workload.file);
  for (const assumption of network.assumptions ?? []) options.assumptions.add(`${workload.id}: ${assumption}`);
  try {
    for (let i = 0; i < options.warmup; i++) await network.run();
    const seconds: number[] = [];
    for (let total = 0; seconds.length < options.repeats || total < options.visitSeconds; total += seconds[seconds.length - 1]) {
      const start = performance.now();
      await network.run();
      seconds.push((performance.now() - start) / 1000);
    }
    return median(seconds);
  } finally {
    await network.dispose();
  }
}
