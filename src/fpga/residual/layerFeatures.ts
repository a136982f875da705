import { type FpgaPart, findFpgaPart } from '../../device/fpgaParts.js';
import {
  type HlsDesign,
  type HlsLayer,
  LABEL_STAGES,
  LAYER_KINDS,
  type LabelStage,
  type Precision,
  STRATEGIES,
  strategyOf,
  weightMatrix,
  weightPrecisionOf,
} from '../design/hlsDesign.js';
import type { DesignAnalysis } from '../rules/analyseDesign.js';
import { DEFAULT_CLOCK_NS } from '../rules/clockModel.js';
import { wiredConstants } from '../rules/constantWeights.js';
import { laterCounts } from '../rules/laterCounts.js';
import { isUnrolled } from '../rules/matrixProduct.js';

/** Targets with a learned residual; `lat` stands for latMin and latMax. */
export const RESIDUAL_TARGETS = ['lut', 'ff', 'dsp', 'bram18', 'lat'] as const;
export type ResidualTarget = (typeof RESIDUAL_TARGETS)[number];
const T = RESIDUAL_TARGETS.length;

/** Continuous columns of a layer: log1p of costs and sizes; bits in units of 16. */
export const LAYER_NUMBERS = [
  'lut',
  'ff',
  'dsp',
  'bram18',
  'latency',
  'ii',
  'multipliers',
  'inputs',
  'outputs',
  'weights',
  'times',
  'reuse',
  'turns',
  'dspShare',
  'inputBits',
  'weightBits',
  'weightFraction',
  'accumBits',
  'resultBits',
  'inputFraction',
  'accumFraction',
  'resultFraction',
  'zeroShare',
  'tableSize',
  'nonZero',
  'shiftAdd',
  'constantProducts',
] as const;
const ACTIVATIONS = ['relu', 'softmax', 'sigmoid', 'tanh', 'linear'] as const;
const LAYER_FLAGS = ['hasWeights', 'accumKnown', 'zerosKnown', 'resultSigned', 'loops', 'first', 'last', 'top'] as const;
/** Names of the columns of a layer: numbers, then ones and zeros. `top` is the node of the ports around the layers. */
export const LAYER_COLUMNS: readonly string[] = [
  ...LAYER_NUMBERS,
  ...LAYER_FLAGS,
  ...LAYER_KINDS.map((k) => `kind:${k}`),
  ...STRATEGIES.map((s) => `strategy:${s}`),
  ...ACTIVATIONS.map((a) => `activation:${a}`),
];

const GENERATIONS = ['DSP48E1', 'DSP48E2', 'DSP58', 'other', 'none'] as const;
const TOOLS = ['vivado_hls', 'vitis_hls', 'other'] as const;
const VERSIONS = ['2018', '2019', '2020', '2021', '2023', 'unknown'] as const;
export const CONTEXT_NUMBERS = ['clockNs'] as const;
/** Names of the columns of a design, the same for all its layers. The version is that of the newest listed year not after it. */
export const CONTEXT_COLUMNS: readonly string[] = [
  ...CONTEXT_NUMBERS,
  ...LABEL_STAGES.map((s) => `stage:${s}`),
  ...TOOLS.map((t) => `tool:${t}`),
  ...VERSIONS.map((v) => `version:${v}`),
  ...GENERATIONS.map((g) => `dsp:${g}`),
  'io_stream',
  'multipliers:dsp',
  'multipliers:lut',
];

/** A design as the residual network reads it: `nodes` = layers and, where the project has ports of its own, one node for them (the last). */
export interface DesignFeatures {
  nodes: number;
  /** [nodes, LAYER_COLUMNS] */
  layers: Float32Array;
  /** [CONTEXT_COLUMNS] */
  context: Float32Array;
  /** [nodes, RESIDUAL_TARGETS]: the analytical value of the stage, split over the nodes; sums to `totals` (0 where that is 0) */
  base: Float32Array;
  /** [nodes, RESIDUAL_TARGETS]: how much of a resource a layer could need that the rules give none of */
  scale: Float32Array;
  /** [RESIDUAL_TARGETS] */
  totals: Float32Array;
  /** from, to: positions of nodes */
  edges: Int32Array;
  /** one a node: its kind, `top` for the ports */
  kinds: string[];
}

export interface FeatureContext {
  stage: LabelStage;
  /** instead of the part that the design names */
  part?: FpgaPart;
}

const column = new Map(LAYER_COLUMNS.map((name, i) => [name, i]));
const contextColumn = new Map(CONTEXT_COLUMNS.map((name, i) => [name, i]));
const at = (name: string): number => column.get(name)!;
const FLAG = Object.fromEntries(LAYER_FLAGS.map((f) => [f, at(f)])) as Record<(typeof LAYER_FLAGS)[number], number>;
const KIND = Object.fromEntries(LAYER_KINDS.map((k) => [k, at(`kind:${k}`)]));
const STRATEGY = Object.fromEntries(STRATEGIES.map((s) => [s, at(`strategy:${s}`)]));
const F = LAYER_COLUMNS.length;

/**
 * Features of each layer of a design from its analysis by the analytical core (csynth numbers), and the context it is synthesised in. `analysis` is that of
 * the same design (`analyseDesign`).
 */
export function fpgaLayerFeatures(
  design: HlsDesign,
  analysis: DesignAnalysis,
  { stage, part: given }: FeatureContext,
): DesignFeatures {
  const n = design.layers.length,
    { total } = analysis;
  let lut = 0,
    ff = 0;
  for (const layer of analysis.layers) {
    lut += layer.lut;
    ff += layer.ff;
  }
  // what the layers do not sum to beyond rounding
  const ports = total.lut - lut > n || total.ff - ff > n;
  const nodes = ports ? n + 1 : n;
  const layers = new Float32Array(nodes * F),
    base = new Float32Array(nodes * T),
    scale = new Float32Array(nodes * T);
  const position = new Map<string, number>(),
    edges: number[] = [],
    kinds: string[] = [];
  const read = new Uint8Array(n);
  for (let i = 0; i < n; i++) {
    const layer = design.layers[i];
    position.set(layer.name, i);
    for (const name of layer.inputs) {
      const from = position.get(name);
      if (from === undefined) continue;
      read[from] = 1;
      edges.push(from, i);
    }
    layerColumns(design, layer, analysis.layers[i], inputOf(design, layer, position), i, layers, scale);
    kinds.push(layer.kind);
    const { lut: l, ff: f, dsp, bram18, latencyMax } = analysis.layers[i];
    base.set([l, f, dsp, bram18, latencyMax], i * T);
  }
  for (let i = 0; i < n; i++) {
    if (design.layers[i].inputs.length === 0) layers[i * F + FLAG.first] = 1;
    if (!read[i]) layers[i * F + FLAG.last] = 1;
  }
  if (ports) {
    const first = design.layers[0],
      last = design.layers[n - 1],
      bits = (last.result ?? design.precision).bits;
    const row = n * F,
      more = [Math.max(0, total.lut - lut), Math.max(0, total.ff - ff), 0, 0, 0];
    base.set(more, n * T);
    layers[row] = Math.log1p(more[0]);
    layers[row + 1] = Math.log1p(more[1]);
    layers[row + at('inputs')] = Math.log1p(count(first.inShape));
    layers[row + at('outputs')] = Math.log1p(count(last.outShape));
    layers[row + at('inputBits')] = design.precision.bits / 16;
    layers[row + at('resultBits')] = bits / 16;
    layers[row + FLAG.top] = 1;
    layers[row + STRATEGY[design.strategy]] = 1;
    kinds.push('top');
  }
  const later = laterCounts(total, analysis.kept, stage);
  const totals = new Float32Array([later.lut, later.ff, later.dsp, later.bram18, total.latencyMax]);
  // shares of the total: latency of a stream and rounding do not add up by themselves
  for (let t = 0; t < T; t++) {
    let sum = 0;
    for (let i = 0; i < nodes; i++) sum += base[i * T + t];
    for (let i = 0; i < nodes; i++) base[i * T + t] = sum > 0 ? (base[i * T + t] / sum) * totals[t] : 0;
  }
  return {
    nodes,
    layers,
    context: contextOf(design, stage, given),
    base,
    scale,
    totals,
    edges: Int32Array.from(edges),
    kinds,
  };
}

function layerColumns(
  design: HlsDesign,
  layer: HlsLayer,
  cost: DesignAnalysis['layers'][number],
  data: Precision,
  i: number,
  out: Float32Array,
  scale: Float32Array,
): void {
  const row = i * F,
    matrix = weightMatrix(layer);
  const nIn = matrix?.nIn ?? count(layer.inShape),
    nOut = matrix?.nOut ?? count(layer.outShape),
    weights = matrix ? nIn * nOut : 0;
  const reuse = cost.reuseFactor ?? 1,
    weight = weightPrecisionOf(design, layer),
    result = (layer.result ?? design.precision).bits;
  const zeroShare = weights && layer.zeroWeights !== undefined ? layer.zeroWeights / weights : 0;
  out[row] = Math.log1p(cost.lut);
  out[row + 1] = Math.log1p(cost.ff);
  out[row + 2] = Math.log1p(cost.dsp);
  out[row + 3] = Math.log1p(cost.bram18);
  out[row + 4] = Math.log1p(cost.latencyMax);
  out[row + 5] = Math.log1p(cost.ii);
  out[row + 6] = Math.log1p(cost.multipliers);
  out[row + 7] = Math.log1p(nIn);
  out[row + 8] = Math.log1p(nOut);
  out[row + 9] = Math.log1p(weights);
  out[row + 10] = Math.log1p(matrix?.times ?? 0);
  out[row + 11] = Math.log1p(reuse);
  out[row + 12] = matrix ? Math.log(reuse / nIn) : 0;
  out[row + 13] = cost.multipliers > 0 ? Math.min(2, cost.dsp / cost.multipliers) : 0;
  out[row + 14] = data.bits / 16;
  out[row + 15] = matrix || cost.multipliers ? weight.bits / 16 : 0;
  out[row + 16] = matrix ? fraction(weight) : 0;
  out[row + 17] = layer.accum ? layer.accum.bits / 16 : 0;
  out[row + 18] = result / 16;
  out[row + 19] = fraction(data);
  out[row + 20] = layer.accum ? fraction(layer.accum) : 0;
  out[row + 21] = fraction(layer.result ?? design.precision);
  out[row + 22] = zeroShare;
  out[row + 23] = Math.log1p(layer.tableSize ?? 0);
  const strategy = strategyOf(design, layer);
  if (matrix && isUnrolled({ strategy, reuse })) {
    const c = wiredConstants({
      nIn,
      nOut,
      weightFraction: weight.intBits === null ? weight.bits : weight.bits - weight.intBits,
      zeroWeights: layer.zeroWeights,
      ownWidths: layer.ownWidths ?? false,
      constants: layer.constants,
    });
    out[row + 24] = Math.log1p(c.nonZero);
    out[row + 25] = Math.log1p(c.shiftAdd);
    out[row + 26] = Math.log1p(Math.max(0, c.full));
  }
  if (matrix) out[row + FLAG.hasWeights] = 1;
  if (layer.accum) out[row + FLAG.accumKnown] = 1;
  if (layer.zeroWeights !== undefined) out[row + FLAG.zerosKnown] = 1;
  if ((layer.result ?? design.precision).signed) out[row + FLAG.resultSigned] = 1;
  if (matrix && strategy === 'resource' && reuse > 1) out[row + FLAG.loops] = 1;
  out[row + KIND[layer.kind]] = 1;
  out[row + STRATEGY[strategy]] = 1;
  const activation = layer.activation === undefined ? undefined : column.get(`activation:${layer.activation}`);
  if (activation !== undefined) out[row + activation] = 1;
  const bits =
    (design.ioType === 'io_stream' ? (layer.outShape[layer.outShape.length - 1] ?? 1) : count(layer.outShape)) * result;
  const products = Math.max(cost.multipliers, matrix ? Math.ceil(weights / reuse) : 1);
  scale.set([bits, bits, products, Math.max(1, (weights * weight.bits) / 18432), Math.max(1, cost.latencyMax)], i * T);
}

const contexts = new Map<string, Float32Array>();
/** A batch of designs shares few contexts. */
function contextOf(design: HlsDesign, stage: LabelStage, given: FpgaPart | undefined): Float32Array {
  const key = `${stage}|${given?.name ?? design.part}|${design.tool}|${design.toolVersion}|${design.clockS}|${design.ioType}|${design.multipliers}`;
  const known = contexts.get(key);
  if (known) return known;
  const out = new Float32Array(CONTEXT_COLUMNS.length);
  const set = (name: string) => {
    out[contextColumn.get(name)!] = 1;
  };
  out[0] = Math.log(design.clockS ? design.clockS * 1e9 : DEFAULT_CLOCK_NS);
  set(`stage:${stage}`);
  set(`tool:${(TOOLS as readonly string[]).includes(design.tool ?? '') ? design.tool : 'other'}`);
  const year = Number.parseInt(design.toolVersion ?? '', 10);
  const version = [...VERSIONS].reverse().find((v) => Number(v) <= year);
  set(`version:${Number.isFinite(year) ? (version ?? VERSIONS[0]) : 'unknown'}`);
  const part = given ?? (design.part === undefined ? undefined : findFpgaPart(design.part));
  // as the rules assume it
  const generation = part?.dspGeneration ?? 'DSP48E2';
  set(`dsp:${(GENERATIONS as readonly string[]).includes(generation) ? generation : 'other'}`);
  if (design.ioType === 'io_stream') set('io_stream');
  if (design.multipliers) set(`multipliers:${design.multipliers}`);
  if (contexts.size > 1000) contexts.clear();
  contexts.set(key, out);
  return out;
}

function inputOf(design: HlsDesign, layer: HlsLayer, position: Map<string, number>): Precision {
  const from = layer.inputs.length ? position.get(layer.inputs[0]) : undefined;
  return from === undefined ? design.precision : (design.layers[from].result ?? design.precision);
}

/** Bits behind the binary point, in units of 16; 0 where unknown. */
const fraction = (p: Precision): number => (p.intBits === null ? 0 : (p.bits - p.intBits) / 16);

const count = (shape: readonly number[]): number => {
  let n = 1;
  for (const d of shape) n *= d;
  return n;
};
