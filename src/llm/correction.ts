import type { LlmArchitecture } from './architecture/llmArchitecture.js';
import type { LlmEstimate, LlmValue } from './estimateLlm.js';
import { estimateLlm, rateOf } from './estimateLlm.js';
import { SERVING } from './fittedServing.js';
import { chooseFormats, type LlmSetup } from './llmSetup.js';
import { architectureOfRun, type MeasuredRun } from './measuredRuns.js';

/** Factor of a phase on a device, learned from runs of any model. */
export interface PhaseFactor {
  factor: number;
  /** of the logarithm of what a further run takes over its estimate */
  deviation: number;
  runs: number;
}

/** Factors of prompts and tokens. */
export interface Correction {
  ttft: PhaseFactor;
  tpot: PhaseFactor;
}

/** Standard deviation of a normal distribution between its 5 % and 95 % quantiles. */
const Z90 = 1.645;
/** That of an estimate without an interval, in logs: a factor of five either way. */
const UNKNOWN = 1;
/**
 * Posterior of the log factor of a phase: normal prior around 1 as wide as the band of estimates without measurements, runs as wide as they
 * differ on one device (`ServingConstants.spread`). @param logs log(measured / estimated)
 */
export function phaseFactor(
  logs: readonly number[],
  band: { low: number | null; high: number | null },
  spread: number,
): PhaseFactor {
  const prior = band.low === null || band.high === null ? UNKNOWN : Math.log(band.high / band.low) / (2 * Z90);
  const precision = 1 / prior ** 2 + logs.length / spread ** 2;
  const mean = logs.reduce((a, b) => a + b, 0) / spread ** 2 / precision;
  return { factor: Math.exp(mean), deviation: Math.hypot(Math.sqrt(1 / precision), spread), runs: logs.length };
}

/** @throws HwcastError as `architectureOfRun`, `estimateLlm` */
export function correctionOf(
  runs: readonly MeasuredRun[],
  base: Omit<LlmSetup, 'formats' | 'kv'>,
  given: LlmArchitecture | undefined,
): Correction {
  const logs = { ttft: [] as number[], tpot: [] as number[] };
  let bands: LlmEstimate | undefined;
  for (const run of runs) {
    const architecture = architectureOfRun(run, given);
    const { formats, kv } = chooseFormats(architecture, base.device, { dtype: run.dtype });
    const { isl, osl, batch, tp } = run;
    const estimate = estimateLlm(
      { ...architecture, maxContext: undefined },
      { ...base, isl, osl: Math.max(2, osl), batch, tp, pp: 1, ep: 1, formats, kv },
    );
    bands ??= estimate;
    if (run.ttft !== undefined) logs.ttft.push(Math.log(run.ttft / estimate.ttft.value));
    if (run.tpot !== undefined && estimate.tpot) logs.tpot.push(Math.log(run.tpot / estimate.tpot.value));
    if (run.request !== undefined) {
      // which phase was off is not known: both, by the same factor
      const both = Math.log(run.request / estimate.requestTime.value);
      logs.ttft.push(both);
      logs.tpot.push(both);
    }
  }
  const { spread } = SERVING[base.framework];
  return {
    ttft: phaseFactor(logs.ttft, bands!.ttft, spread),
    tpot: phaseFactor(logs.tpot, bands!.tpot ?? bands!.ttft, spread),
  };
}

/** An estimate after the runs: `adapted` where a phase was measured; sums of both phases follow. */
export function corrected(e: LlmEstimate, c: Correction): LlmEstimate {
  const scaled = (v: LlmValue, f: PhaseFactor): LlmValue => {
    if (!f.runs) return v;
    const value = v.value * f.factor,
      width = Math.exp(Z90 * f.deviation);
    return { value, low: value / width, high: value * width, provenance: 'adapted' };
  };
  const ttft = scaled(e.ttft, c.ttft),
    tpot = e.tpot && scaled(e.tpot, c.tpot);
  const { osl, batch } = e.setup,
    steps = Math.max(0, osl - 1);
  const sum = (pick: (v: LlmValue) => number | null): number | null => {
    const [a, b] = [pick(ttft), tpot ? pick(tpot) : 0];
    return a === null || b === null ? null : a + steps * b;
  };
  const total = sum((v) => v.value)!,
    [low, high] = [sum((v) => v.low), sum((v) => v.high)];
  const provenance = c.ttft.runs && (!tpot || c.tpot.runs) ? ('adapted' as const) : ('analytical' as const);
  const of = (scale: number): LlmValue => ({
    value: total * scale,
    low: low && low * scale,
    high: high && high * scale,
    provenance,
  });
  const ratio = total / e.requestTime.value;
  return {
    ...e,
    ttft,
    tpot,
    requestTime: of(1),
    tpotInclusive: e.tpotInclusive && of(1 / osl),
    tokensPerSecond: e.tokensPerSecond && rateOf(batch * osl, of(1)),
    joulesPerToken: e.joulesPerToken && {
      ...e.joulesPerToken,
      value: e.joulesPerToken.value * ratio,
      low: e.joulesPerToken.low && e.joulesPerToken.low * ratio,
      high: e.joulesPerToken.high && e.joulesPerToken.high * ratio,
    },
    assumptions: [...e.assumptions, ...moved(c)],
  };
}

/** By how much the measured runs moved the answer. */
const moved = (c: Correction): string[] =>
  (['ttft', 'tpot'] as const).flatMap((phase) => {
    const { runs, factor } = c[phase];
    const change = `${factor >= 1 ? '+' : ''}${(100 * (factor - 1)).toFixed(1)} %`;
    return runs
      ? [`${phase.toUpperCase()} moved by ${change}: ${runs} measured ${runs === 1 ? 'run' : 'runs'} on this device`]
      : [];
  });
