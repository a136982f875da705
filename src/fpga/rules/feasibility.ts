import type { FpgaPart } from '../../device/fpgaParts.js';
import type { Strategy } from '../design/hlsDesign.js';
import { RESOURCES } from '../designTargets.js';
import type { BeyondDsps } from './beyondDsps.js';
import { type KeptCounts, laterCounts } from './laterCounts.js';

export const VERDICTS = [
  'fits',
  'likely-fits',
  'does-not-fit',
  'likely-does-not-fit',
  'will-not-synthesise',
  'likely-will-not-synthesise',
  'unknown',
] as const;
/**
 * fits: on the part; does-not-fit: needs more than it has; will-not-synthesise: the tool refuses by rule; unknown: no part is named, or a layer is opaque. `likely-`: hangs on an
 * assumption, an interval or experience with other designs, which the reasons name.
 */
export type Verdict = (typeof VERDICTS)[number];

/** Multiplications that Vivado HLS unrolls in one layer: a design of this many or more fails. */
const UNROLL_LIMIT = 4096;
/** Inputs and weights of a latency layer that failed in all 21 runs of Vivado HLS 2020.1 (96 x 32; 64 x 32 and 32 x 96 passed, 144 x 16 with 2019.2 too). */
const LATENCY_INPUTS = 96,
  LATENCY_WEIGHTS = 3072;

/** Why a run of the HLS tool may not end. */
export interface SynthesisLimit {
  reason: string;
  /** refused: by a rule of the tool; failed: every run of such a layer did, for memory or time; risk: such layers did in another kind of design */
  how: 'refused' | 'failed' | 'risk';
}

/**
 * Why a Vivado HLS run of a matrix product will not end, or undefined. Vitis HLS has neither limit (10976 and 11220 weights synthesised).
 * RF above 1 has no limit of its own: 4608 multipliers in one layer synthesised (Vivado HLS 2018.2).
 *
 * @param seenKind a dense layer with io_parallel, which all failed runs are; a streaming layer of 96 x 42 of the hls4ml tutorial's CNN synthesised, so others are a risk only
 *
 * On all wa-hls4ml rows: precision 1.000 (1417 of 1417 flagged rows failed), recall 0.981 (27 of 1444 failures missed: 24 of resource with RF > 1, whole runs
 * of one shape, and 3 of 14-bit latency; nothing about them differs from rows that passed).
 */
export function synthesisLimit(
  nIn: number,
  nOut: number,
  reuse: number,
  strategy: Strategy,
  seenKind = true,
): SynthesisLimit | undefined {
  const n = nIn * nOut;
  if (strategy === 'distributed_arithmetic') return undefined;
  if (strategy === 'latency' || reuse === 1) {
    if (n >= UNROLL_LIMIT)
      return {
        how: 'refused',
        reason: `${nIn} x ${nOut} = ${n} multiplications are unrolled${strategy === 'latency' ? ' (the latency strategy ignores the reuse factor here)' : ''}; Vivado HLS gives up from ${UNROLL_LIMIT}: use strategy resource${strategy === 'latency' ? '' : ' with a reuse factor above 1'}`,
      };
    if (strategy === 'latency' && nIn >= LATENCY_INPUTS && n >= LATENCY_WEIGHTS)
      return {
        how: seenKind ? 'failed' : 'risk',
        reason: `the latency strategy sums ${nIn} terms for each of ${nOut} outputs; Vivado HLS failed in every run of ${LATENCY_INPUTS} inputs and ${LATENCY_WEIGHTS} weights (memory or time)${seenKind ? '' : '; other kinds of layers did synthesise'}: use strategy resource`,
      };
  }
  return undefined;
}

/** Elements of an array that Vivado HLS cuts into registers as hls4ml calls it (`config_array_partition -maximum_size` of its build_prj.tcl), and bits of one that it reshapes into a single word. */
const PARTITION_LIMIT = 4096,
  RESHAPE_LIMIT = 65_536;

/**
 * Why Vivado HLS refuses a tensor with io_parallel, all of whose elements hls4ml asks for at once: one between layers has more than it partitions (XFORM 203-103, "partitioned elements number", as hls4ml
 * issues 79, 134 and 1157 report it), or the network's input is wider than it reshapes (XFORM 203-133, hls4ml issue 506). No collected design that synthesised has either.
 */
export function tensorLimit(elements: number, bits: number, input: boolean): SynthesisLimit | undefined {
  if (input)
    return elements * bits > RESHAPE_LIMIT
      ? {
          how: 'refused',
          reason: `the input is ${elements * bits} bits at once with io_parallel, Vivado HLS takes ${RESHAPE_LIMIT}: use io_stream`,
        }
      : undefined;
  return elements > PARTITION_LIMIT
    ? {
        how: 'refused',
        reason: `${elements} results are registers of their own with io_parallel, Vivado HLS makes ${PARTITION_LIMIT} of an array: use io_stream`,
      }
    : undefined;
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

/** Share of zero weights beyond which pruning is rare: a design that does not fit with so many is not saved by them. */
export const MOST_ZEROS = 0.9;

/** What a verdict is found from. */
export interface VerdictFacts {
  /** what logic synthesis keeps of the totals */
  kept: KeptCounts;
  part: FpgaPart | undefined;
  limits: readonly SynthesisLimit[];
  opaque: boolean;
  /** where weights are taken as dense: the totals with `MOST_ZEROS` of them zero */
  sparse?: { total: Totals; kept: KeptCounts };
  /** what else the verdict hangs on, in words */
  assumed?: readonly string[];
}

/** What becomes of products without a DSP. */
const movedLine = ({ dsp, lut }: BeyondDsps, part: Pick<FpgaPart, 'name' | 'dsp'>): string =>
  `DSP: ${part.dsp + dsp} needed, ${part.dsp} on ${part.name} (${Math.round((100 * (part.dsp + dsp)) / part.dsp)} %): logic synthesis makes ${dsp} products of about ${lut} LUTs`;

/** What is said of a design whose products exceed the DSPs of a part, beside what it lacks then. */
export function beyondVerdict(
  beyond: BeyondDsps,
  part: Pick<FpgaPart, 'name' | 'dsp'>,
  { verdict, reasons }: VerdictSaid,
): VerdictSaid {
  const moved = movedLine(beyond, part);
  return verdict.endsWith('does-not-fit')
    ? { verdict, reasons: [moved, ...reasons] }
    : { verdict: 'likely-fits', reasons: [`${moved}, which it has; the clock may not be reached then`, ...reasons] };
}

const DENSE = 'weights are taken as dense, their zeros are not known';

/** A need that exceeds a part, where it hangs on assumptions. */
export function overVerdict(over: readonly string[], sparseFits: boolean, assumed: readonly string[] = []): VerdictSaid {
  const hangs = [...(sparseFits ? [`${DENSE}: with ${100 * MOST_ZEROS} % zeros it would fit; give --sparsity`] : []), ...assumed];
  return hangs.length
    ? { verdict: 'likely-does-not-fit', reasons: [...over, ...hangs] }
    : { verdict: 'does-not-fit', reasons: [...over] };
}

/** Nothing is said of a design of which a part is not counted. */
export const opaqueVerdict = (known: readonly string[] = []): VerdictSaid => ({
  verdict: 'unknown',
  reasons: [...known, 'a layer is opaque: its cost is not counted'],
});

/** A need that a part meets, on what is assumed. */
export const fitVerdict = (assumed: readonly string[]): VerdictSaid =>
  assumed.length ? { verdict: 'likely-fits', reasons: [...assumed] } : { verdict: 'fits', reasons: [] };

/** What a design needs at least and at most, as far as is known. */
export interface TotalEnds {
  low: Totals;
  high: Totals;
}

const UNSURE_OVER = 'it may fit, by how far these counts may be off',
  UNSURE_FIT = 'it may not fit, by how far its counts may be off:';

/** A verdict that other counts within their intervals would turn is likely only. */
export function uncertainVerdict({ verdict, reasons }: VerdictSaid, { low, high }: TotalEnds, part: FpgaPart): VerdictSaid {
  if (verdict.endsWith('does-not-fit') && !overflow(low, part).length)
    return { verdict: 'likely-does-not-fit', reasons: [...reasons, UNSURE_OVER] };
  const most = verdict.endsWith('fits') ? overflow(high, part) : [];
  return most.length
    ? { verdict: 'likely-fits', reasons: [...reasons, `${UNSURE_FIT} ${most.join('; ')}`] }
    : { verdict, reasons };
}

export interface VerdictSaid {
  verdict: Verdict;
  reasons: string[];
}

/** A design that the tool will not synthesise, or in experience does not. */
export function limitVerdict(limits: readonly SynthesisLimit[]): VerdictSaid | undefined {
  const hard = limits.filter((l) => l.how !== 'risk');
  if (!hard.length) return undefined;
  const verdict = hard.some((l) => l.how === 'refused') ? 'will-not-synthesise' : 'likely-will-not-synthesise';
  return { verdict, reasons: hard.map((l) => l.reason) };
}

/**
 * Whether a design of these totals fits. Compared is what logic synthesis is expected to leave of csynth's LUT, FF and BRAM (`laterCounts`).
 */
export function designVerdict(total: Totals, { kept, part, limits, opaque, sparse, assumed = [] }: VerdictFacts): VerdictSaid {
  const limited = limitVerdict(limits);
  if (limited) return limited;
  if (!part) return { verdict: 'unknown', reasons: ['no part is named'] };
  const left = (t: Totals, k: KeptCounts) => overflow({ ...laterCounts(t, k, 'vsynth'), uram: t.uram }, part);
  const over = overflow(total, part);
  if (over.length) {
    const still = left(total, kept),
      { beyond } = kept;
    if (still.length) {
      const said = overVerdict(still, sparse !== undefined && !left(sparse.total, sparse.kept).length, assumed);
      return beyond ? beyondVerdict(beyond, part, said) : said;
    }
    if (beyond && over.length === 1)
      return opaque ? opaqueVerdict([movedLine(beyond, part)]) : beyondVerdict(beyond, part, fitVerdict(assumed));
    return {
      verdict: 'unknown',
      reasons: over.map(
        (line) => `${line} by the estimate of the HLS tool; logic synthesis usually leaves far less, which would fit`,
      ),
    };
  }
  return opaque ? opaqueVerdict() : fitVerdict(assumed);
}
