import type { FpgaPart } from '../../device/fpgaParts.js';
import type { Strategy } from '../design/hlsDesign.js';
import { RESOURCES } from '../designTargets.js';
import { type KeptCounts, laterCounts } from './laterCounts.js';

export const VERDICTS = ['fits', 'does-not-fit', 'will-not-synthesise', 'unknown'] as const;
/** fits: on the part; does-not-fit: needs more than it has; will-not-synthesise: the tool gives up; unknown: no part is named, or a layer is opaque */
export type Verdict = (typeof VERDICTS)[number];

/** Multiplications that Vivado HLS unrolls in one layer: a design of this many or more fails. */
const UNROLL_LIMIT = 4096;
/** Inputs and weights of a latency layer that failed in all 21 runs of Vivado HLS 2020.1 (96 x 32; 64 x 32 and 32 x 96 passed, 144 x 16 with 2019.2 too). */
const LATENCY_INPUTS = 96,
  LATENCY_WEIGHTS = 3072;

/**
 * Why a Vivado HLS run of a matrix product will not end, or undefined. Vitis HLS has neither limit (10976 and 11220 weights synthesised).
 * RF above 1 has no limit of its own: 4608 multipliers in one layer synthesised (Vivado HLS 2018.2).
 *
 * On all wa-hls4ml rows: precision 1.000 (1417 of 1417 flagged rows failed), recall 0.981 (27 of 1444 failures missed: 24 of resource with RF > 1, whole runs
 * of one shape, and 3 of 14-bit latency; nothing about them differs from rows that passed).
 */
export function synthesisLimit(nIn: number, nOut: number, reuse: number, strategy: Strategy): string | undefined {
  const n = nIn * nOut;
  if (strategy === 'distributed_arithmetic') return undefined;
  if (strategy === 'latency' || reuse === 1) {
    if (n >= UNROLL_LIMIT)
      return `${nIn} x ${nOut} = ${n} multiplications are unrolled${strategy === 'latency' ? ' (the latency strategy ignores the reuse factor here)' : ''}; Vivado HLS gives up from ${UNROLL_LIMIT}: use strategy resource${strategy === 'latency' ? '' : ' with a reuse factor above 1'}`;
    if (strategy === 'latency' && nIn >= LATENCY_INPUTS && n >= LATENCY_WEIGHTS)
      return `the latency strategy sums ${nIn} terms for each of ${nOut} outputs; Vivado HLS failed in every run of ${LATENCY_INPUTS} inputs and ${LATENCY_WEIGHTS} weights (memory or time): use strategy resource`;
  }
  return undefined;
}

export interface Totals {
  lut: number;
  ff: number;
  dsp: number;
  bram18: number;
  uram: number;
}

/** What a design needs more of than the part has, one line each, largest share first. */
export function overflow(total: Totals, part: Pick<FpgaPart, 'name' | 'lut' | 'ff' | 'dsp' | 'bram18' | 'uram'>): string[] {
  const over: { share: number; line: string }[] = [];
  for (const key of RESOURCES)
    if (total[key] > part[key])
      over.push({
        share: total[key] / Math.max(1, part[key]),
        line: `${NAMES[key]}: ${Math.round(total[key])} needed, ${part[key]} on ${part.name} (${Math.round((100 * total[key]) / Math.max(1, part[key]))} %)`,
      });
  return over.sort((a, b) => b.share - a.share).map((o) => o.line);
}

const NAMES = { lut: 'LUT', ff: 'FF', dsp: 'DSP', bram18: 'BRAM18', uram: 'URAM' } as const;

/**
 * Whether a design of these totals fits: `limits` are what the tool will not synthesise. Compared is what logic synthesis is expected to leave of csynth's
 * LUT, FF and BRAM (`laterCounts`).
 */
export function designVerdict(
  total: Totals,
  kept: KeptCounts,
  part: FpgaPart | undefined,
  limits: string[],
  opaque: boolean,
): { verdict: Verdict; reasons: string[] } {
  if (limits.length) return { verdict: 'will-not-synthesise', reasons: limits };
  if (!part) return { verdict: 'unknown', reasons: ['no part is named'] };
  const over = overflow(total, part);
  if (over.length) {
    const still = overflow({ ...laterCounts(total, kept, 'vsynth'), uram: total.uram }, part);
    if (still.length) return { verdict: 'does-not-fit', reasons: still };
    return {
      verdict: 'unknown',
      reasons: over.map(
        (line) => `${line} by the estimate of the HLS tool; logic synthesis usually leaves far less, which would fit`,
      ),
    };
  }
  if (opaque) return { verdict: 'unknown', reasons: ['a layer is opaque: its cost is not counted'] };
  return { verdict: 'fits', reasons: [] };
}
