import type { LlmArchitecture } from './architecture/llmArchitecture.js';
import type { LlmSetup } from './llmSetup.js';
import type { Pass } from './operatorForms.js';
import { passOperators } from './passOperators.js';
import { type PassTime, passCost, type TimedOperator } from './passTime.js';

/** Passes that read the prompts: as many requests at a time as the chunk holds, longer prompts in parts; what all share is read first, once. */
function promptPasses(architecture: LlmArchitecture, setup: LlmSetup, isPrefixRead: boolean): { pass: Pass; times: number }[] {
  const { encoder } = architecture,
    { batch, isl, prefix = 0 } = setup;
  const length = encoder && encoder.length === undefined ? 1 : isl; // the prompt goes to the encoder
  const own = readingPasses(architecture, setup, { requests: batch, length: length - prefix, before: prefix, isLast: true });
  if (!prefix || isPrefixRead) return own;
  return [...readingPasses(architecture, setup, { requests: 1, length: prefix, before: 0, isLast: false }), ...own];
}

/** `requests` read `length` tokens each after `before`; `isLast`: their prompts end there, and a token is made. */
function readingPasses(
  { encoder, encoderOnly }: LlmArchitecture,
  { isl, chunk }: LlmSetup,
  { requests, length, before, isLast }: { requests: number; length: number; before: number; isLast: boolean },
): { pass: Pass; times: number }[] {
  const cross = encoder ? { encoderTokens: encoder.length ?? isl, projectsEncoder: true } : {};
  const whole = encoderOnly ? { bidirectional: true } : {};
  if (length > chunk && !encoderOnly) {
    const parts = Math.ceil(length / chunk);
    return Array.from({ length: parts }, (_, i) => {
      const isEnd = i === parts - 1,
        part = isEnd ? length - (parts - 1) * chunk : chunk;
      const pass = { batch: 1, length: part, before: before + i * chunk, outputs: isEnd && isLast ? 1 : 0, ...cross };
      return { pass, times: requests };
    });
  }
  const together = Math.max(1, Math.min(requests, Math.floor(chunk / length)));
  const full = Math.floor(requests / together),
    rest = requests % together;
  const passOf = (n: number): Pass => ({ batch: n, length, before, outputs: isLast ? n : 0, ...cross, ...whole });
  return [{ pass: passOf(together), times: full }, ...(rest ? [{ pass: passOf(rest), times: 1 }] : [])];
}

/** Layers that a framework runs through: those that mix tokens; one that is a feed-forward only belongs to the one before it (Nemotron-H). */
export const mixingLayers = ({ layers }: Pick<LlmArchitecture, 'layers'>): number =>
  layers.filter(({ mixers }) => mixers.length).length;

/** Weights of Simpson's rule over a phase: the step at its start, middle and end. */
const SIMPSON = [1 / 6, 4 / 6, 1 / 6] as const;

/** Kernels of a phase, all of its passes together. */
export interface Phase {
  /** seconds */
  time: number;
  /** seconds that no framework goes below: as `PassTime.least` */
  least: number;
  passes: number;
  /** part of the time in which kernels wait for weights from the host */
  transfer: number;
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
    low: o.low === null ? null : o.low * factor,
    high: o.high === null ? null : o.high * factor,
    energy: o.energy === null ? null : o.energy * factor,
  }));

const sum = (a: number | null, b: number | null): number | null => (a === null || b === null ? null : a + b);

/** Sums passes; operators of one name and bound are one. */
function together(passes: readonly { result: PassTime; times: number }[]): Phase {
  const byName = new Map<string, TimedOperator>();
  let time = 0,
    least = 0,
    count = 0,
    energy: number | null = 0;
  for (const { result, times } of passes) {
    time += result.time * times;
    least += result.least * times;
    count += times;
    energy = sum(energy, result.energy === null ? null : result.energy * times);
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
          low: sum(same.low, o.low),
          high: sum(same.high, o.high),
          energy: sum(same.energy, o.energy),
          bound: o.time > same.time ? o.bound : same.bound,
        });
    }
  }
  const operators = [...byName.values()],
    transfer = operators.reduce((t, o) => t + (o.family === 'host-transfer' ? o.time : 0), 0);
  return { time, least, energy, passes: count, transfer, operators };
}

/** Reading the prompts. @param isPrefixRead what requests share was read before. @throws HwcastError as `passCost` */
export function prefill(architecture: LlmArchitecture, setup: LlmSetup, isPrefixRead = false): Phase {
  const cost = passCost(setup);
  const passes = promptPasses(architecture, setup, isPrefixRead).map(({ pass, times }) => ({
    result: cost(passOperators(architecture, pass, setup), setup.pp),
    times,
  }));
  const { encoder } = architecture;
  if (encoder) {
    const length = encoder.length ?? setup.isl;
    const pass: Pass = { batch: setup.batch, length, before: 0, outputs: 0, bidirectional: true };
    const of = { layers: encoder.layers, hidden: encoder.hidden, vocabulary: 0, norm: architecture.norm };
    passes.unshift({ result: cost(passOperators(of, pass, setup), setup.pp), times: 1 });
  }
  return together(passes);
}

/** All steps after the first token. @throws HwcastError as `passCost` */
export function decode(architecture: LlmArchitecture, setup: LlmSetup): Phase {
  const { batch, isl, osl, pp } = setup,
    { encoder } = architecture;
  const cost = passCost(setup);
  const start = encoder && encoder.length === undefined ? 1 : isl;
  const steps = osl - 1;
  const passes = SIMPSON.map((weight, i) => {
    const before = Math.round(start + ((steps - 1) * i) / 2);
    const pass: Pass = { batch, length: 1, before, outputs: batch, encoderTokens: encoder ? (encoder.length ?? isl) : undefined };
    return { result: cost(passOperators(architecture, pass, setup), pp), times: weight * steps };
  });
  return together(passes);
}
