import type { Provenance } from '../surrogate/predictor.js';
import type { LlmArchitecture } from './architecture/llmArchitecture.js';
import { bytesOf } from './architecture/weightFormat.js';
import { cacheValues } from './kvCache.js';
import { checkSetup, type LlmSetup } from './llmSetup.js';
import { type MemoryUse, memoryUse } from './memory.js';
import type { Pass } from './operatorForms.js';
import { passOperators } from './passOperators.js';
import { type PassTime, passCost, type TimedOperator } from './passTime.js';
import { SERVING } from './servingConstants.js';
import { modelParams, weightBytes } from './weights.js';

/** A number with its 90 % interval; null where nothing is known of the error. */
export interface LlmValue {
  value: number;
  low: number | null;
  high: number | null;
  provenance: Provenance;
}

/** An operator of prompt or token with its share of that phase. */
export interface PhaseOperator extends TimedOperator {
  phase: 'prefill' | 'decode';
  share: number;
  provenance: Provenance;
}

/** Everything that is said of one setup. Seconds, joules, bytes. */
export interface LlmEstimate {
  setup: LlmSetup;
  memory: MemoryUse;
  params: number;
  weightBytes: number;
  kvBytesPerToken: number;
  kvBytesPerTokenBeyondWindows: number;
  stateBytes: number;
  /** until every request of the batch has its first token */
  ttft: LlmValue;
  /** between tokens after the first (vLLM's definition); null where none is made */
  tpot: LlmValue | null;
  /** request time over tokens, the first included (llm-perf's, `--inclusive-tpot` of aiconfigurator) */
  tpotInclusive: LlmValue | null;
  /** from arrival to the last token */
  requestTime: LlmValue;
  /** tokens made a second, of the whole batch on all devices, prompts included in the time */
  tokensPerSecond: LlmValue | null;
  joulesPerToken: LlmValue | null;
  operators: PhaseOperator[];
  assumptions: string[];
}

/** Passes that read the prompts: as many requests at a time as the chunk holds, longer prompts in parts. */
function promptPasses(
  { encoder, encoderOnly }: LlmArchitecture,
  { batch, isl, chunk }: LlmSetup,
): { pass: Pass; times: number }[] {
  const length = encoder && encoder.length === undefined ? 1 : isl; // the prompt goes to the encoder
  const cross = encoder ? { encoderTokens: encoder.length ?? isl, projectsEncoder: true } : {};
  const whole = encoderOnly ? { bidirectional: true } : {};
  if (length > chunk && !encoderOnly) {
    const parts = Math.ceil(length / chunk);
    return Array.from({ length: parts }, (_, i) => {
      const part = i < parts - 1 ? chunk : length - (parts - 1) * chunk;
      return { pass: { batch: 1, length: part, before: i * chunk, outputs: i < parts - 1 ? 0 : 1, ...cross }, times: batch };
    });
  }
  const together = Math.max(1, Math.min(batch, Math.floor(chunk / length)));
  const full = Math.floor(batch / together),
    rest = batch % together;
  const passOf = (requests: number): Pass => ({ batch: requests, length, before: 0, outputs: requests, ...cross, ...whole });
  return [{ pass: passOf(together), times: full }, ...(rest ? [{ pass: passOf(rest), times: 1 }] : [])];
}

/** Weights of Simpson's rule over a phase: the step at its start, middle and end. */
const SIMPSON = [1 / 6, 4 / 6, 1 / 6] as const;

interface Phase {
  time: number;
  energy: number | null;
  operators: TimedOperator[];
}

const scaled = (operators: readonly TimedOperator[], factor: number): TimedOperator[] =>
  operators.map((o) => ({
    ...o,
    count: o.count * factor,
    flops: o.flops * factor,
    bytes: o.bytes * factor,
    time: o.time * factor,
    low: o.low * factor,
    high: o.high * factor,
    energy: o.energy === null ? null : o.energy * factor,
  }));

/** Sums phases; operators of one name and bound are one. */
function together(passes: readonly { result: PassTime; times: number; overhead: number }[]): Phase {
  const byName = new Map<string, TimedOperator>();
  let time = 0,
    energy: number | null = 0;
  for (const { result, times, overhead } of passes) {
    time += (result.time + overhead) * times;
    energy = energy === null || result.energy === null ? null : energy + result.energy * times;
    for (const o of scaled(result.operators, times)) {
      const same = byName.get(o.name);
      if (!same) byName.set(o.name, o);
      else
        byName.set(o.name, {
          ...same,
          count: same.count + o.count,
          flops: same.flops + o.flops,
          bytes: same.bytes + o.bytes,
          time: same.time + o.time,
          low: same.low + o.low,
          high: same.high + o.high,
          energy: same.energy === null || o.energy === null ? null : same.energy + o.energy,
          bound: o.time > same.time ? o.bound : same.bound,
        });
    }
  }
  return { time, energy, operators: [...byName.values()] };
}

/** Seconds that a stage's host needs between passes. */
const overheadOf = (architecture: LlmArchitecture, { batch }: LlmSetup): number =>
  SERVING.step + SERVING.layer * architecture.layers.length + SERVING.request * batch;

function prefill(architecture: LlmArchitecture, setup: LlmSetup): Phase {
  const cost = passCost(setup),
    overhead = overheadOf(architecture, setup);
  const passes = promptPasses(architecture, setup).map(({ pass, times }) => ({
    result: cost(passOperators(architecture, pass, setup), setup.pp),
    times,
    overhead,
  }));
  const { encoder } = architecture;
  if (encoder) {
    const length = encoder.length ?? setup.isl;
    const pass: Pass = { batch: setup.batch, length, before: 0, outputs: 0, bidirectional: true };
    const of = { layers: encoder.layers, hidden: encoder.hidden, vocabulary: 0, norm: architecture.norm };
    passes.unshift({ result: cost(passOperators(of, pass, setup), setup.pp), times: 1, overhead: 0 });
  }
  return together(passes);
}

/** All steps after the first token. */
function decode(architecture: LlmArchitecture, setup: LlmSetup): Phase {
  const { batch, isl, osl, pp } = setup,
    { encoder } = architecture;
  const cost = passCost(setup),
    overhead = overheadOf(architecture, setup);
  const start = encoder && encoder.length === undefined ? 1 : isl;
  const steps = osl - 1;
  const passes = SIMPSON.map((weight, i) => {
    const before = Math.round(start + ((steps - 1) * i) / 2);
    const pass: Pass = { batch, length: 1, before, outputs: batch, encoderTokens: encoder ? (encoder.length ?? isl) : undefined };
    return { result: cost(passOperators(architecture, pass, setup), pp), times: weight * steps, overhead };
  });
  return together(passes);
}

const phaseOperators = (phase: PhaseOperator['phase'], { operators, time }: Phase): PhaseOperator[] =>
  operators
    .map((o) => ({ ...o, phase, share: o.time / time, provenance: 'analytical' as const }))
    .sort((a, b) => b.time - a.time);

const estimated = (value: number, band: readonly [number, number] | null): LlmValue => ({
  value,
  low: band && value * band[0],
  high: band && value * band[1],
  provenance: 'analytical',
});

/**
 * Memory first, then prompt and tokens of a batch that arrives together and runs to the end. Speed is that of the passes one after another; a queue in
 * front is not part of it.
 * @throws HwcastError as `checkSetup` and `passCost`
 */
export function estimateLlm(architecture: LlmArchitecture, setup: LlmSetup): LlmEstimate {
  checkSetup(architecture, setup);
  const { batch, osl, kv, formats } = setup;
  const isEncoder = architecture.encoderOnly === true;
  const first = prefill(architecture, setup);
  const rest = isEncoder || osl < 2 ? undefined : decode(architecture, setup);
  const made = isEncoder ? 0 : osl;
  const total = first.time + (rest?.time ?? 0);
  const energy = first.energy === null || rest?.energy === null ? null : first.energy + (rest?.energy ?? 0);
  const cache = cacheValues(architecture, setup.isl + osl, { promptLength: setup.isl });
  const ofBoth = mixedBand(first.time, rest?.time ?? 0);
  return {
    setup,
    memory: memoryUse(architecture, setup),
    params: modelParams(architecture).total,
    weightBytes: architecture.statedBytes ?? weightBytes(architecture, formats),
    kvBytesPerToken: cache.perToken * bytesOf(kv),
    kvBytesPerTokenBeyondWindows: cache.perTokenBeyondWindows * bytesOf(kv),
    stateBytes: cache.fixed * bytesOf(formats.wide),
    ttft: estimated(first.time, SERVING.ttftBand),
    tpot: rest ? estimated(rest.time / (osl - 1), SERVING.tpotBand) : null,
    tpotInclusive: made ? estimated(total / made, ofBoth) : null,
    requestTime: estimated(total, ofBoth),
    tokensPerSecond: made ? estimated((batch * made) / total, ofBoth && [1 / ofBoth[1], 1 / ofBoth[0]]) : null,
    joulesPerToken: made && energy !== null ? estimated(energy / (batch * made), SERVING.energyBand) : null,
    operators: [...phaseOperators('prefill', first), ...(rest ? phaseOperators('decode', rest) : [])],
    assumptions: [...architecture.assumptions],
  };
}

/** Band of a sum of both phases by their shares. */
function mixedBand(first: number, rest: number): [number, number] | null {
  const { ttftBand: a, tpotBand: b } = SERVING;
  if (!a || !b) return null;
  const share = first / (first + rest);
  return [share * a[0] + (1 - share) * b[0], share * a[1] + (1 - share) * b[1]];
}
