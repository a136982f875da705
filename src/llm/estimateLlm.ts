import { contextSwitch } from '../analytical/rules/offload.js';
import type { Provenance } from '../surrogate/predictor.js';
import type { LlmArchitecture } from './architecture/llmArchitecture.js';
import { bytesOf } from './architecture/weightFormat.js';
import { SERVING } from './fittedServing.js';
import { type GenerationCost, generationCost } from './generationCost.js';
import { cacheValues } from './kvCache.js';
import { checkSetup, hostTier, type LlmSetup } from './llmSetup.js';
import { cacheBytes, type MemoryUse, memoryUse } from './memory.js';
import type { TimedOperator } from './passTime.js';
import { decode, mixingLayers, type Phase, prefill } from './phases.js';
import { servingBands } from './servingBands.js';
import type { Band, ServingConstants } from './servingConstants.js';
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
  /** that a token meets */
  activeParams: number;
  weightBytes: number;
  kvBytesPerToken: number;
  kvBytesPerTokenBeyondWindows: number;
  stateBytes: number;
  /** until every request of the batch has its first token */
  ttft: LlmValue;
  /** of a request that comes while the rest of the batch is served; null where nothing is known of the framework's queue */
  steadyTtft: LlmValue | null;
  /** between tokens after the first (vLLM's definition); null where none is made */
  tpot: LlmValue | null;
  /** request time over tokens, the first included (llm-perf's, `--inclusive-tpot` of aiconfigurator) */
  tpotInclusive: LlmValue | null;
  /** from arrival to the last token */
  requestTime: LlmValue;
  /** tokens made a second, of the whole batch on all devices, prompts included in the time */
  tokensPerSecond: LlmValue | null;
  joulesPerToken: LlmValue | null;
  /** the cache of a request goes to the host and another's comes back; null where nothing is cached or the port's rate is not known */
  contextSwitch: LlmValue | null;
  /** how much longer prompts and tokens take under the power cap; null where there is none */
  capSlowdown: { prefill: number; decode: number | null } | null;
  /** equivalent FLOPs of a request's tokens (Kinetics); null where none are made */
  generation: GenerationCost | null;
  operators: PhaseOperator[];
  assumptions: string[];
}

/** Operators with their share of the phase, most time first, and what the framework adds to them; of all kernels where it runs them faster than lone ones. */
function phaseOperators(phase: PhaseOperator['phase'], { operators, time, passes }: Phase, total: number): PhaseOperator[] {
  const rest = total - time;
  const framework: TimedOperator = {
    name: 'framework',
    family: 'framework',
    count: passes,
    flops: 0,
    bytes: 0,
    time: rest,
    low: null,
    high: null,
    bound: 'host',
    energy: null,
  };
  return [...operators, ...(rest > 0 ? [framework] : [])]
    .map((o) => ({ ...o, phase, share: o.time / Math.max(total, time), provenance: 'analytical' as const }))
    .sort((a, b) => b.time - a.time);
}

/**
 * Time to the first token in steady state, as a closed form: the own prompt, some steps of those that run, and a share of the prompts that came at the
 * same time.
 */
function steadyTtft(architecture: LlmArchitecture, setup: LlmSetup, step: number): LlmValue | null {
  const { queue } = SERVING[setup.framework];
  if (!queue) return null;
  const prompt = prefill(architecture, { ...setup, batch: 1 }, true).time;
  const { queue: band } = servingBands(setup.framework, setup.device.vendor);
  return estimated(queue.prompt * prompt + queue.step * step + queue.share * setup.batch * prompt, band);
}

/** The cache of one request at its end out over the host's port, and another's in. Nothing was measured: no interval. */
function switchTime(architecture: LlmArchitecture, setup: LlmSetup): LlmValue | null {
  const tier = hostTier(setup),
    bytes = cacheBytes(architecture, setup, 1, setup.isl + setup.osl);
  return tier && bytes ? { value: contextSwitch(bytes, tier), low: null, high: null, provenance: 'analytical' } : null;
}

/** Times under the power cap over those without, by phase (POLCA, Patel et al., ASPLOS 2024: prompts slow down, tokens hardly). */
function capSlowdownOf(
  architecture: LlmArchitecture,
  setup: LlmSetup,
  capped: { prefill: number; decode: number | null },
): LlmEstimate['capSlowdown'] {
  if (setup.powerCap === undefined) return null;
  const free = { ...setup, powerCap: undefined };
  const timeOf = (phase: Phase) => phaseTime(phase, mixingLayers(architecture), setup.batch, SERVING[setup.framework]);
  return {
    prefill: capped.prefill / timeOf(prefill(architecture, free)),
    decode: capped.decode && capped.decode / timeOf(decode(architecture, free)),
  };
}

/** Joules of phases: kernels draw what the rules say, and as much while the framework holds them up; null where the power is not known. */
function energyOf(phases: readonly (Phase | undefined)[], times: readonly number[]): number | null {
  const joules = phases.map((phase, i) => (phase ? phase.energy && (phase.energy * times[i]) / phase.time : 0));
  return joules.includes(null) ? null : joules.reduce<number>((sum, j) => sum + j!, 0);
}

/** Band of a product of two: logarithms of the halves add as squares. */
function product(a: Band | null, b: Band | null): Band | null {
  if (!a || !b) return null;
  const [low, high] = [0, 1].map((i) => [Math.log(a[i]), Math.log(b[i])]);
  return [Math.exp(-Math.hypot(...low.map((v) => Math.min(0, v)))), Math.exp(Math.hypot(...high.map((v) => Math.max(0, v))))];
}

/**
 * Seconds of a phase: kernels as the framework slows them (or makes them faster than lone ones, as far as the device's rates go), what waits for the host's
 * memory, and what the framework adds to every pass.
 */
export function phaseTime(
  { time, passes, least = 0, transfer = 0 }: Pick<Phase, 'time' | 'passes'> & Partial<Pick<Phase, 'least' | 'transfer'>>,
  layers: number,
  batch: number,
  s: Pick<ServingConstants, 'kernels' | 'step' | 'layer' | 'request'>,
): number {
  return Math.max(least, s.kernels * (time - transfer)) + transfer + passes * (s.step + s.layer * layers + s.request * batch);
}

/** @param least what it is at least, so that the interval goes no lower */
const estimated = (value: number, band: readonly [number, number] | null, least = 0): LlmValue => ({
  value,
  low: band && Math.max(least, value * Math.min(1, band[0])),
  high: band && value * Math.max(1, band[1]),
  provenance: 'analytical',
});

/** So much of it a second, where it takes a time. */
export const rateOf = (amount: number, { value, low, high, provenance }: LlmValue): LlmValue => ({
  value: amount / value,
  low: high && amount / high,
  high: low && amount / low,
  provenance,
});

/**
 * Memory first, then prompt and tokens of a batch that arrives together and runs to the end. Speed is that of the passes one after another; a queue in
 * front is not part of it.
 * @throws HwcastError as `checkSetup` and `passCost`
 */
export function estimateLlm(architecture: LlmArchitecture, setup: LlmSetup): LlmEstimate {
  checkSetup(architecture, setup);
  const { batch, osl, kv, formats } = setup,
    serving = SERVING[setup.framework];
  const isEncoder = architecture.encoderOnly === true;
  const first = prefill(architecture, setup);
  const rest = isEncoder || osl < 2 ? undefined : decode(architecture, setup);
  const [firstTime, restTime] = [first, rest].map((phase) =>
    phase ? phaseTime(phase, mixingLayers(architecture), batch, serving) : 0,
  );
  const made = isEncoder ? 0 : osl;
  const total = firstTime + restTime;
  const energy = energyOf([first, rest], [firstTime, restTime]);
  const params = modelParams(architecture),
    cache = cacheValues(architecture, setup.isl + osl, { promptLength: setup.isl, valueBytes: bytesOf(kv) });
  const bands = servingBands(setup.framework, setup.device.vendor),
    requestBand = bands.request,
    least = first.least + (rest?.least ?? 0),
    request = estimated(total, requestBand, least);
  return {
    setup,
    memory: memoryUse(architecture, setup),
    params: params.total,
    activeParams: params.active,
    weightBytes: architecture.statedBytes ?? weightBytes(architecture, formats),
    kvBytesPerToken: cache.perToken * bytesOf(kv),
    kvBytesPerTokenBeyondWindows: cache.perTokenBeyondWindows * bytesOf(kv),
    stateBytes: cache.fixed * bytesOf(formats.wide),
    ttft: estimated(firstTime, bands.ttft, first.least),
    steadyTtft: rest ? steadyTtft(architecture, setup, restTime / (osl - 1) + firstTime / osl) : null,
    tpot: rest ? estimated(restTime / (osl - 1), bands.tpot, rest.least / (osl - 1)) : null,
    tpotInclusive: made ? estimated(total / made, requestBand, least / made) : null,
    requestTime: request,
    tokensPerSecond: made ? rateOf(batch * made, request) : null,
    joulesPerToken:
      made && energy !== null
        ? {
            ...estimated(energy / (batch * made), product(bands.energy, requestBand)),
            ...(setup.device.power ? { provenance: 'adapted' as const } : {}),
          }
        : null,
    contextSwitch: switchTime(architecture, setup),
    capSlowdown: capSlowdownOf(architecture, setup, { prefill: firstTime, decode: rest ? restTime : null }),
    generation: made ? generationCost(architecture, setup) : null,
    operators: [...phaseOperators('prefill', first, firstTime), ...(rest ? phaseOperators('decode', rest, restTime) : [])],
    assumptions: [...architecture.assumptions, ...bands.assumptions],
  };
}
