import { HwcastError } from '../../core/errors.js';
import { createRandom } from '../../core/random.js';
import { type FpgaPart, fpgaPartNamed } from '../../device/fpgaParts.js';
import { EINSUM_DENSE, type HlsDesign, type HlsLayer, strategyOf, weightMatrix, weightPrecisionOf } from '../design/hlsDesign.js';
import { closestReuseFactor, validReuseFactors } from '../design/validReuseFactor.js';
import { COUNTS, RESOURCES } from '../designTargets.js';
import { fits } from '../fits.js';
import { type DesignPrediction, type DesignPredictor, utilisation } from '../fpgaPredictor.js';
import type { Verdict } from '../rules/feasibility.js';
import type { Budget } from './budget.js';

export interface ExploreOptions {
  part: FpgaPart;
  budget?: Budget;
  /** widths of the weights to try in each layer; those of the design unless told */
  bits?: readonly number[];
  /** reuse factors to try in each layer; a ladder over all valid ones unless told */
  reuse?: readonly number[];
  /** at most that many settings are evaluated */
  limit?: number;
  seed?: number;
  stage?: 'csynth' | 'vsynth';
}

/** One setting: reuse factor and weight width of every layer with weights, and what it costs. */
export interface Setting {
  reuse: number[];
  bits: number[];
  prediction: DesignPrediction;
  /** whether it fits the part */
  verdict: Verdict;
  /** percent of the part that the tightest resource takes */
  tightest: number;
  /** mean weight width over the weights of the network, a stand-in for accuracy */
  meanBits: number;
  fits: boolean;
  /** on the Pareto front of the settings within the budget */
  front: boolean;
}

/** A step of one layer's reuse factor at which a resource grows although fewer multipliers work. */
export interface ReuseStep {
  layer: string;
  bits: number;
  from: number;
  to: number;
  resource: 'lut' | 'ff' | 'dsp' | 'bram18';
  before: number;
  after: number;
  why: string;
}

export interface Exploration {
  layers: string[];
  settings: Setting[];
  front: Setting[];
  /** settings of the whole grid; more than were evaluated where it exceeds `limit` */
  grid: number;
  steps: ReuseStep[];
  warnings: string[];
}

/** Layers whose reuse factor and weights can be set: their matrix [n_in, n_out]. */
interface Tunable {
  at: number;
  layer: HlsLayer;
  nIn: number;
  nOut: number;
  reuse: number[];
}

const LADDER = 12;

/**
 * Sweeps reuse factor and weight width of every layer: first the same ladder step for all layers, then one layer at a time around those up to half of
 * `limit`, then seeded random settings; the whole grid where it is no larger. The front is Pareto optimal in latency, II, tightest resource (all lower) and weight
 * width (higher), among the settings within budget that fit the part.
 */
export function explore(design: HlsDesign, predictor: DesignPredictor, options: ExploreOptions): Exploration {
  const { part, budget = {}, limit = 10_000, seed = 0, stage = 'csynth' } = options;
  const warnings: string[] = [];
  const tunable = design.layers.flatMap((layer, at): Tunable[] => {
    const m = weightMatrix(layer);
    if (!m) return [];
    const valid = validReuseFactors(m.nIn, m.nOut);
    // hls4ml builds it with strategy latency only, which has nothing to share
    const reuse =
      layer.source === EINSUM_DENSE
        ? [1]
        : options.reuse
          ? [...new Set(options.reuse.map((r) => closestReuseFactor(m.nIn, m.nOut, r)))].sort((a, b) => a - b)
          : ladder(valid);
    return [{ at, layer: ofAnyWidth(design, layer, options.bits), nIn: m.nIn, nOut: m.nOut, reuse }];
  });
  const expected = tunable.filter((t) => t.layer !== design.layers[t.at]).map((t) => `'${t.layer.name}'`);
  if (expected.length)
    warnings.push(
      `constants and zeros counted in ${expected.join(', ')} hold for one width: expected ones are taken, so that widths compare`,
    );
  if (!tunable.length)
    throw new HwcastError('bad-input', `design '${design.id}' has no layer with weights: nothing to explore`, {
      hint: 'dense and convolution layers have a reuse factor',
    });
  const bitsOf = tunable.map((t) => (options.bits ? [...options.bits] : [weightPrecisionOf(design, t.layer).bits]));
  const choices = tunable.map((t, i) => t.reuse.flatMap((r) => bitsOf[i].map((b): [number, number] => [r, b])));
  const grid = choices.reduce((a, c) => a * c.length, 1);
  const picked = grid <= limit ? wholeGrid(choices) : sampled(choices, bitsOf, limit, seed);
  if (grid > limit)
    warnings.push(
      `${picked.length} of ${grid} settings evaluated; --max-settings evaluates more, --reuse and --bits narrow the grid`,
    );

  const designs = picked.map((p) => withSetting(design, tunable, p));
  const predictions = predictor.predict(designs, { stage, part });
  const weights = tunable.map((t) => t.nIn * t.nOut),
    allWeights = weights.reduce((a, b) => a + b, 0);
  const settings = picked.map((p, i): Setting => {
    const prediction = predictions[i],
      { targets } = prediction,
      share = utilisation(targets, part),
      { verdict } = fits(prediction, part);
    const within =
      RESOURCES.every((r) => budget[r] === undefined || targets[r].value <= budget[r]) &&
      (budget.latency === undefined || targets.cycles.value <= budget.latency) &&
      (budget.ii === undefined || targets.ii.value <= budget.ii);
    return {
      reuse: p.map(([r]) => r),
      bits: p.map(([, b]) => b),
      prediction,
      tightest: Math.max(...RESOURCES.map((r) => share[r])),
      meanBits: p.reduce((a, [, b], l) => a + b * weights[l], 0) / allWeights,
      verdict,
      fits: within && (verdict === 'fits' || verdict === 'likely-fits'),
      front: false,
    };
  });
  const front = paretoFront(settings.filter((s) => s.fits));
  for (const s of front) s.front = true;
  if (!front.length) warnings.push(noneFits(design, settings, part));
  return {
    layers: tunable.map((t) => t.layer.name),
    settings,
    front,
    grid,
    steps: steps(design, tunable, bitsOf, predictor, part, stage),
    warnings,
  };
}

/** At most LADDER valid reuse factors, evenly spread over their ranks with both ends. */
function ladder(valid: readonly number[]): number[] {
  if (valid.length <= LADDER) return [...valid];
  return [...new Set(Array.from({ length: LADDER }, (_, i) => valid[Math.round((i * (valid.length - 1)) / (LADDER - 1))]))];
}

type Choice = [number, number];

function wholeGrid(choices: readonly Choice[][]): Choice[][] {
  return choices.reduce<Choice[][]>((rows, layer) => rows.flatMap((row) => layer.map((c) => [...row, c])), [[]]);
}

function sampled(choices: readonly Choice[][], bitsOf: readonly number[][], limit: number, seed: number): Choice[][] {
  const seen = new Set<string>(),
    out: Choice[][] = [];
  const take = (setting: Choice[]) => {
    const key = setting.join(';');
    if (out.length >= limit || seen.has(key)) return;
    seen.add(key);
    out.push(setting);
  };
  const width = Math.max(...bitsOf.map((b) => b.length)),
    rungs = Math.max(...choices.map((c, l) => c.length / bitsOf[l].length));
  const uniform: Choice[][] = [];
  for (let rung = 0; rung < rungs; rung++)
    for (let b = 0; b < width; b++)
      uniform.push(
        choices.map((c, l) => {
          const own = bitsOf[l].length,
            n = c.length / own;
          return c[Math.round((rung * (n - 1)) / Math.max(1, rungs - 1)) * own + Math.min(b, own - 1)];
        }),
      );
  uniform.forEach(take);
  for (const base of uniform)
    for (let l = 0; l < choices.length && out.length < limit / 2; l++)
      for (const c of choices[l]) take(base.map((v, i) => (i === l ? c : v)));
  const { next } = createRandom(seed).fork('explore');
  for (let tries = 0; out.length < limit && tries < 50 * limit; tries++)
    take(choices.map((c) => c[Math.min(c.length - 1, Math.floor(next() * c.length))]));
  return out;
}

/** Why the front is empty. */
function noneFits({ layers }: HlsDesign, settings: readonly Setting[], { name }: FpgaPart): string {
  const opaque = layers.filter((l) => l.kind === 'opaque').map((l) => `'${l.name}'`);
  return opaque.length && settings.some((s) => s.verdict === 'unknown')
    ? `the cost of ${opaque.join(', ')} is not counted: whether a setting fits ${name} is not known`
    : `no setting fits ${name} within the budget`;
}

/** The layer without what was counted of its weights at one width, where others are tried. */
function ofAnyWidth(design: HlsDesign, layer: HlsLayer, tried: readonly number[] | undefined): HlsLayer {
  const { bits } = weightPrecisionOf(design, layer);
  if (!layer.constants || !tried?.some((b) => b !== bits)) return layer;
  const { constants, zeroWeights, ...rest } = layer;
  return rest;
}

function withSetting(design: HlsDesign, tunable: readonly Tunable[], setting: readonly Choice[]): HlsDesign {
  const layers = [...design.layers];
  tunable.forEach((t, i) => {
    const [reuseFactor, bits] = setting[i],
      now = weightPrecisionOf(design, t.layer);
    const weight = bits === now.bits ? now : { ...now, bits, intBits: now.intBits === null ? null : Math.min(now.intBits, bits) };
    // the latency strategy has no memory to share multipliers over: a reuse factor above 1 means resource
    const strategy =
      reuseFactor > 1 && strategyOf(design, t.layer) === 'latency' ? ('resource' as const) : strategyOf(design, t.layer);
    layers[t.at] = { ...t.layer, reuseFactor, weight, strategy };
  });
  return { ...design, layers };
}

/** Settings that no other beats in latency, II, tightest resource and mean weight width; of equal ones the first. By latency. */
export function paretoFront(settings: readonly Setting[]): Setting[] {
  const key = (s: Setting) => [s.prediction.targets.cycles.value, s.prediction.targets.ii.value, s.tightest, -s.meanBits];
  const sorted = settings.map((s) => ({ s, k: key(s) })).sort((a, b) => compare(a.k, b.k));
  const front: { s: Setting; k: number[] }[] = [];
  // sorted by the first objective, so whatever dominates an entry stands before it
  for (const e of sorted) if (!front.some((f) => f.k.every((v, j) => v <= e.k[j]))) front.push(e);
  return front.map((f) => f.s);
}

function compare(a: readonly number[], b: readonly number[]): number {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return a[i] - b[i];
  return 0;
}

/** Along each layer's ladder with the others at rest: where more reuse costs more of a resource, and why. */
function steps(
  design: HlsDesign,
  tunable: readonly Tunable[],
  bitsOf: readonly number[][],
  predictor: DesignPredictor,
  part: FpgaPart,
  stage: 'csynth' | 'vsynth',
): ReuseStep[] {
  const out: ReuseStep[] = [];
  tunable.forEach((t, l) => {
    for (const bits of bitsOf[l]) {
      const rest = tunable.map((o, i): Choice => [o.reuse[Math.floor(o.reuse.length / 2)], bitsOf[i][0]]);
      const along = t.reuse.map((r) =>
        withSetting(
          design,
          tunable,
          rest.map((c, i): Choice => (i === l ? [r, bits] : c)),
        ),
      );
      const predicted = predictor.predict(along, { stage, part });
      for (let i = 1; i < t.reuse.length; i++)
        for (const resource of COUNTS) {
          const before = predicted[i - 1].targets[resource].value,
            after = predicted[i].targets[resource].value;
          if (after <= before * 1.02 + 0.5) continue;
          out.push({
            layer: t.layer.name,
            bits,
            from: t.reuse[i - 1],
            to: t.reuse[i],
            resource,
            before,
            after,
            why: reason(resource, t, t.reuse[i - 1], t.reuse[i]),
          });
        }
    }
  });
  return out;
}

function reason(resource: ReuseStep['resource'], t: Tunable, from: number, to: number): string {
  const products = (r: number) => Math.ceil((t.nIn * t.nOut) / r);
  const change = `${products(from)} multipliers become ${products(to)}`;
  if (from === 1)
    return resource === 'bram18'
      ? `${change}; with reuse the ${t.nIn * t.nOut} weights leave the logic for block RAM, ${products(to)} words side by side and ${to} deep`
      : resource === 'dsp'
        ? `${change}; at reuse 1 weights are constants and their products are shifts and additions, from reuse 2 on they are real multiplications`
        : `${change}; from reuse 2 on inputs pass multiplexers and sums are kept in registers`;
  if (resource === 'bram18')
    return `${change}, but the memory of the weights grows from ${from} to ${to} words: a block RAM is 36 bits wide down to 512 words, 18 to 1024, 9 to 2048, so a deeper memory needs more blocks side by side`;
  if (resource === 'lut' || resource === 'ff')
    return `${change}, but each chooses among ${to} inputs and weights instead of ${from}: ${to > t.nIn ? 'beyond n_in every multiplier also needs to know which output it works for' : 'wider multiplexers'} and more control`;
  return `${change}; another multiplier width is used`;
}

/** `part` of `explore` by name. @throws HwcastError `not-found` */
export const explorePart = (design: HlsDesign, name?: string): FpgaPart => {
  const text = name ?? design.part;
  if (!text)
    throw new HwcastError('usage', 'which part? the design names none', { hint: '--part xc7z020, or "part" in the design' });
  return fpgaPartNamed(text);
};
