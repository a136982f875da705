import type { LlmEstimate, LlmValue } from './estimateLlm.js';

/** An answer and the model it is of. */
export interface Answer {
  model: string;
  /** tokens that the model can have */
  maxContext?: number;
  estimate: LlmEstimate;
}

/** What lists of numbers may sweep. */
export const SWEPT = ['isl', 'osl', 'batch', 'tp', 'pp', 'ep'] as const;
export type Swept = (typeof SWEPT)[number];

/** One model on one device along the swept amount. */
export interface Line {
  label: string;
  points: { x: number; estimate: LlmEstimate }[];
  /** the amount from which on memory does not suffice, where memory says so; null where it always does or is not known */
  mostThatFits: number | null;
}

export interface Sweep {
  axis: Swept;
  lines: Line[];
}

/** Everything a line may differ in from others, as text. */
const PARTS: Readonly<Record<string, (a: Answer) => string>> = {
  model: ({ model }) => model,
  device: ({ estimate }) => estimate.setup.device.name,
  dtype: ({ estimate }) => estimate.setup.formats.weights.name,
  kv: ({ estimate }) => `cache ${estimate.setup.kv.name}`,
  ...Object.fromEntries(SWEPT.map((axis) => [axis, ({ estimate }: Answer) => `${axis} ${estimate.setup[axis]}`])),
};

const distinct = <T>(values: readonly T[]): T[] => [...new Set(values)];

/** Answers as lines along the amount that has the most values; undefined where no amount has two. */
export function sweepOf(answers: readonly Answer[]): Sweep | undefined {
  const counts = SWEPT.map((axis) => ({ axis, count: distinct(answers.map((a) => a.estimate.setup[axis])).length }));
  const { axis, count } = counts.reduce((most, c) => (c.count > most.count ? c : most));
  if (count < 2) return undefined;
  const differing = Object.entries(PARTS).filter(([name, text]) => name !== axis && distinct(answers.map(text)).length > 1);
  const groups = new Map<string, Answer[]>();
  for (const a of answers) {
    const label = differing.map(([, text]) => text(a)).join(', ') || a.model;
    groups.set(label, [...(groups.get(label) ?? []), a]);
  }
  const lines = [...groups].map(([label, own]): Line => {
    const points = own.map(({ estimate }) => ({ x: estimate.setup[axis], estimate })).sort((a, b) => a.x - b.x);
    return { label, points, mostThatFits: mostThatFits(axis, points[0].estimate, own[0].maxContext) };
  });
  return { axis, lines };
}

function mostThatFits(axis: Swept, { memory, setup }: LlmEstimate, maxContext?: number): number | null {
  if (axis === 'batch') return memory.maxBatch;
  if ((axis !== 'isl' && axis !== 'osl') || memory.maxContext === null || memory.maxContext === maxContext) return null;
  return Math.max(0, memory.maxContext - (axis === 'isl' ? setup.osl : setup.isl));
}

/** Where two lines take the same. */
export interface Crossing {
  labels: [faster: string, slower: string];
  /** the amount beyond which the first is the better one */
  x: number;
}

/** Amounts at which a time of two lines is equal, between neighbouring amounts that both have: straight lines between logarithms. */
export function crossings({ lines }: Sweep, pick: (e: LlmEstimate) => LlmValue | null): Crossing[] {
  const found: Crossing[] = [];
  lines.forEach((a, i) => {
    for (const b of lines.slice(i + 1)) {
      const ratios = a.points.flatMap(({ x, estimate }) => {
        const other = b.points.find((p) => p.x === x),
          [own, its] = [pick(estimate), other ? pick(other.estimate) : null];
        return own && its ? [{ x, log: Math.log(own.value / its.value) }] : [];
      });
      ratios.slice(1).forEach((next, k) => {
        const last = ratios[k];
        if (last.log === 0 || last.log * next.log > 0) return;
        const share = last.log / (last.log - next.log),
          x = Math.exp(Math.log(last.x) + share * Math.log(next.x / last.x));
        found.push({ labels: next.log < 0 || last.log > 0 ? [a.label, b.label] : [b.label, a.label], x });
      });
    }
  });
  return found;
}
