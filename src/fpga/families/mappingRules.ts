import type { DatapathParts, MemoryPart } from '../synth/datapathParts.js';
import { type DesignMapping, PACKINGS } from './designFeatures.js';

/**
 * How multipliers become DSP blocks. `none`: never. Otherwise a product of x by w bits takes a block where min(x, w) >= `least` and x + w >= `leastSum`; where
 * `wideFrom` is not 0, operands below it go to a block of nine by nine, several of them for the longer operand, whose last slice is logic where it is shorter
 * than `least`.
 */
export interface DspRule {
  none: boolean;
  least: number;
  leastSum: number;
  wideFrom: number;
}

/** How memories become blocks: a memory takes n blocks of `shape` where n x `romCost` (`linesCost` for a memory that is written) is below its bits; 0: never. */
export interface BramRule {
  shape: number;
  romCost: number;
  linesCost: number;
}

/** Capacities of a block by word width, [bits a word, words]. */
const SHAPES: readonly { bits: number; words: readonly (readonly [number, number])[] }[] = [
  { bits: 4096, words: [16, 8, 4, 2, 1].map((w) => [w, 4096 / w] as const) },
  {
    bits: 5120,
    words: [
      [20, 256],
      [10, 512],
      [5, 1024],
      [2, 2048],
      [1, 4096],
    ],
  },
  {
    bits: 9216,
    words: [
      [18, 512],
      [9, 1024],
      [4, 2048],
      [2, 4096],
      [1, 8192],
    ],
  },
  {
    bits: 10240,
    words: [
      [40, 256],
      [20, 512],
      [10, 1024],
      [5, 2048],
      [2, 4096],
      [1, 8192],
    ],
  },
  { bits: 16384, words: [32, 16, 8, 4, 2, 1].map((w) => [w, 16384 / w] as const) },
  {
    bits: 18432,
    words: [
      [36, 512],
      [18, 1024],
      [9, 2048],
      [4, 4096],
      [2, 8192],
      [1, 16384],
    ],
  },
  {
    bits: 20480,
    words: [
      [40, 512],
      [20, 1024],
      [10, 2048],
      [5, 4096],
      [2, 8192],
      [1, 16384],
    ],
  },
  {
    bits: 36864,
    words: [
      [72, 512],
      [36, 1024],
      [18, 2048],
      [9, 4096],
      [4, 8192],
      [2, 16384],
      [1, 32768],
    ],
  },
];
const ROM_COSTS = [0, 256, 512, 768, 1024, 1536, 2048, 2064, 3072, 4096, 6144, 8192, 12288];
const LINES_COSTS = [0, 16, 32, 64, 96, 128, 129, 192, 256, 384, 512, 768, 1024, 2048];
const LEAST = [2, 3, 4, 5, 6, 8];
const LEAST_SUM = [0, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 16, 18];
const WIDE_FROM = [0, 8, 9, 10, 11, 12];

export const DSP_RULES: readonly DspRule[] = [
  { none: true, least: 0, leastSum: 0, wideFrom: 0 },
  ...LEAST.flatMap((least) =>
    LEAST_SUM.filter((s) => s === 0 || s > 2 * least).flatMap((leastSum) =>
      WIDE_FROM.map((wideFrom): DspRule => ({ none: false, least, leastSum, wideFrom })),
    ),
  ),
];
export const BRAM_RULES: readonly BramRule[] = SHAPES.flatMap((_, shape) =>
  ROM_COSTS.flatMap((romCost) => LINES_COSTS.map((linesCost): BramRule => ({ shape, romCost, linesCost }))),
);

const SMALL = 9;

/** Blocks that one multiplier takes under a rule, and the bits of partial products left to logic. */
export function multiplierBlocks(rule: DspRule, x: number, w: number): { dsp: number; soft: number } {
  const least = Math.min(x, w),
    most = Math.max(x, w);
  if (rule.none || least < rule.least || x + w < rule.leastSum) return { dsp: 0, soft: 0 };
  if (!rule.wideFrom || x >= rule.wideFrom || most <= SMALL) return { dsp: 1, soft: 0 };
  const slices = Math.ceil((most - SMALL) / SMALL),
    last = most - SMALL * slices;
  return last >= rule.least ? { dsp: slices + 1, soft: 0 } : { dsp: slices, soft: least * last };
}

/** Blocks of a shape that hold a memory: the best of its word widths. */
function blocksOfShape(shape: number, depth: number, width: number): number {
  let best = Number.POSITIVE_INFINITY;
  for (const [bits, words] of SHAPES[shape].words) best = Math.min(best, Math.ceil(width / bits) * Math.ceil(depth / words));
  return best;
}

/** Blocks that a memory takes under a rule. */
export function memoryBlocks(rule: BramRule, { kind, depth, width }: MemoryPart): number {
  const cost = kind === 'rom' ? rule.romCost : rule.linesCost;
  if (!cost) return 0;
  const blocks = blocksOfShape(rule.shape, depth, width);
  return blocks * cost < depth * width ? blocks : 0;
}

/** How logic is counted: what no count of blocks tells. */
export type LogicRule = Pick<DesignMapping, 'packing' | 'addersInLuts'>;
export const LOGIC_RULES: readonly LogicRule[] = PACKINGS.flatMap((packing) =>
  [true, false].map((addersInLuts) => ({ packing, addersInLuts })),
);

/** The mapping of a family from its rules. */
export const mappingOf = (dsp: DspRule, bram: BramRule, logic: LogicRule): DesignMapping => ({
  multiplier: (x, w) => multiplierBlocks(dsp, x, w),
  blocks: (memory) => memoryBlocks(bram, memory),
  ...logic,
});

/** Counts of a design under every rule, [DSP_RULES] or [BRAM_RULES]. */
export interface RuleCounts {
  dsp: Float64Array;
  bram: Float64Array;
}

export function ruleCounts({ multipliers, memories }: DatapathParts): RuleCounts {
  const dsp = new Float64Array(DSP_RULES.length);
  for (const { x, w, count } of multipliers)
    for (let r = 0; r < dsp.length; r++) dsp[r] += count * multiplierBlocks(DSP_RULES[r], x, w).dsp;
  const bram = new Float64Array(BRAM_RULES.length);
  const perShape = ROM_COSTS.length * LINES_COSTS.length;
  for (const { kind, depth, width } of memories) {
    const costs = kind === 'rom' ? ROM_COSTS : LINES_COSTS;
    for (let shape = 0; shape < SHAPES.length; shape++) {
      const blocks = blocksOfShape(shape, depth, width);
      for (const [c, cost] of costs.entries()) {
        if (!cost || blocks * cost >= depth * width) continue;
        if (kind === 'rom')
          for (let l = 0; l < LINES_COSTS.length; l++) bram[shape * perShape + c * LINES_COSTS.length + l] += blocks;
        else for (let r = 0; r < ROM_COSTS.length; r++) bram[shape * perShape + r * LINES_COSTS.length + c] += blocks;
      }
    }
  }
  return { dsp, bram };
}

export type RuleTarget = keyof RuleCounts;
export const RULE_TARGETS: readonly RuleTarget[] = ['dsp', 'bram'];
/** Probability that a row of a family does not follow its rule. */
const MISS = 0.02;
/** Shares of the prior: families like a training family, new combinations of their parameters, anything. */
const PRIOR_SHARES = { families: 0.8, combined: 0.12, anything: 0.08 };

/** Posterior over rules from a prior and measured counts: exact matches count 1 - MISS, others MISS. */
export function rulePosterior(prior: Float64Array, counts: readonly Float64Array[], measured: readonly number[]): Float64Array {
  const log = Float64Array.from(prior, (p) => Math.log(p));
  const step = Math.log(MISS / (1 - MISS));
  counts.forEach((of, i) => {
    for (let r = 0; r < log.length; r++) if (of[r] !== measured[i]) log[r] += step;
  });
  const top = log.reduce((a, b) => Math.max(a, b)),
    p = log.map((v) => Math.exp(v - top)),
    sum = p.reduce((a, b) => a + b, 0);
  return p.map((v) => v / sum);
}

/** Prior share of a new family that counts design by design as one training family does, whatever the rule: vendors' families share multipliers and memories. */
const TWIN_SHARE = 0.5;

/** Probabilities of what a new family counts by: a rule, or the very counts of a training family. They sum to one together. */
export interface CountBelief {
  rules: Float64Array;
  twins: Float64Array;
}

/** Belief from measured counts: `counts` [support][rules], `twins` [training families][support]. */
export function countBelief(
  prior: Float64Array,
  counts: readonly Float64Array[],
  measured: readonly number[],
  twins: readonly (readonly number[])[],
): CountBelief {
  const n = prior.length,
    columns = measured.map((_, i) => Float64Array.from([...counts[i], ...twins.map((of) => of[i])]));
  const shares = Float64Array.from([
    ...Array.from(prior, (p) => (twins.length ? 1 - TWIN_SHARE : 1) * p),
    ...twins.map(() => TWIN_SHARE / twins.length),
  ]);
  const p = rulePosterior(shares, columns, measured);
  return { rules: p.slice(0, n), twins: p.slice(n) };
}

const parameters: Record<RuleTarget, readonly (readonly number[])[]> = {
  dsp: DSP_RULES.map((r) => [r.none ? 1 : 0, r.least, r.leastSum, r.wideFrom]),
  bram: BRAM_RULES.map((r) => [r.shape, r.romCost, r.linesCost]),
};

/** Prior over rules from the posteriors of the training families (each under a uniform prior). Uniform without any. */
export function rulePrior(target: RuleTarget, families: readonly Float64Array[]): Float64Array {
  const of = parameters[target],
    n = of.length,
    uniform = 1 / n;
  if (!families.length) return new Float64Array(n).fill(uniform);
  const mean = Float64Array.from({ length: n }, (_, r) => families.reduce((s, f) => s + f[r], 0) / families.length);
  const marginals = of[0].map((_, j) => {
    const m = new Map<number, number>();
    of.forEach((values, r) => {
      m.set(values[j], (m.get(values[j]) ?? 0) + mean[r]);
    });
    return m;
  });
  const combined = Float64Array.from(of, (values) =>
      values.reduce((p, v, j) => p * (0.9 * marginals[j].get(v)! + 0.1 / marginals[j].size), 1),
    ),
    sum = combined.reduce((a, b) => a + b, 0);
  const { families: a, combined: b, anything: c } = PRIOR_SHARES;
  return mean.map((m, r) => a * m + (b * combined[r]) / sum + c * uniform);
}

/** Most probable count, and the smallest range of counts around it that holds 90 % of the posterior. */
export function predictCount(
  { rules, twins }: CountBelief,
  counts: Float64Array,
  ofTwins: readonly number[],
): { value: number; low: number; high: number } {
  const mass = new Map<number, number>();
  for (let r = 0; r < rules.length; r++) mass.set(counts[r], (mass.get(counts[r]) ?? 0) + rules[r]);
  ofTwins.forEach((count, g) => {
    mass.set(count, (mass.get(count) ?? 0) + twins[g]);
  });
  const order = [...mass].sort((a, b) => b[1] - a[1] || a[0] - b[0]);
  const value = order[0][0];
  let low = value,
    high = value,
    held = 0;
  for (const [count, p] of order) {
    if (held >= 0.9) break;
    held += p;
    low = Math.min(low, count);
    high = Math.max(high, count);
  }
  return { value, low, high };
}

/** Groups of rules that designs chosen so far cannot tell apart; what choosing another design would tell, in nats. */
export class RulePartition {
  private group: Int32Array;

  constructor(private readonly prior: Float64Array) {
    this.group = new Int32Array(prior.length);
  }

  /** Entropy of the design's count given the groups. */
  gain(counts: Float64Array): number {
    const mass = new Map<number, number>(),
      inGroup = new Map<number, number>();
    for (let r = 0; r < counts.length; r++) {
      const key = this.group[r] * 65536 + counts[r];
      mass.set(key, (mass.get(key) ?? 0) + this.prior[r]);
      inGroup.set(this.group[r], (inGroup.get(this.group[r]) ?? 0) + this.prior[r]);
    }
    let h = 0;
    for (const p of mass.values()) if (p > 0) h -= p * Math.log(p);
    for (const p of inGroup.values()) if (p > 0) h += p * Math.log(p);
    return h;
  }

  split(counts: Float64Array): void {
    const names = new Map<number, number>();
    this.group = this.group.map((g, r) => {
      const key = g * 65536 + counts[r];
      let name = names.get(key);
      if (name === undefined) {
        name = names.size;
        names.set(key, name);
      }
      return name;
    });
  }
}

/** Position of the most probable rule. */
export const mostProbable = (p: Float64Array): number => p.reduce((b, v, r) => (v > p[b] ? r : b), 0);

/** The most probable rule of each kind. */
export function bestRules(posterior: Record<RuleTarget, Float64Array>): { dsp: DspRule; bram: BramRule } {
  return { dsp: DSP_RULES[mostProbable(posterior.dsp)], bram: BRAM_RULES[mostProbable(posterior.bram)] };
}
