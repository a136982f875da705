import type { FpgaPart } from '../../device/fpgaParts.js';
import {
  type HlsDesign,
  type HlsLayer,
  type LabelStage,
  type Precision,
  strategyOf,
  weightMatrix,
  weightPrecisionOf,
} from '../design/hlsDesign.js';
import type { DesignAnalysis } from '../rules/analyseDesign.js';
import { wiredConstants } from '../rules/constantWeights.js';
import { laterCounts } from '../rules/laterCounts.js';
import { elements } from '../rules/layerWork.js';
import { isUnrolled } from '../rules/matrixProduct.js';
import { contextColumns } from './contextColumns.js';
import { LAYER_COLUMNS, type LayerNumber, type NodeColumns, writeColumns } from './layerColumns.js';

/** Targets with a learned residual; `lat` stands for latMin and latMax. */
export const RESIDUAL_TARGETS = ['lut', 'ff', 'dsp', 'bram18', 'lat'] as const;
export type ResidualTarget = (typeof RESIDUAL_TARGETS)[number];
const T = RESIDUAL_TARGETS.length;

/** A design as the residual network reads it: `nodes` = layers and, where the project has ports of its own, one node for them (the last). */
export interface DesignFeatures {
  nodes: number;
  /** [nodes, LAYER_COLUMNS] */
  layers: Float32Array;
  /** [CONTEXT_COLUMNS] (`contextColumns`) */
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

const F = LAYER_COLUMNS.length;

/** Which layers feed which. */
interface Wiring {
  /** positions: producer, consumer, producer, .. */
  edges: number[];
  /** whether another layer reads the result */
  isRead: boolean[];
  /** position of the first producer; undefined: the input of the network */
  firstProducer: (number | undefined)[];
}

function wiringOf({ layers }: HlsDesign): Wiring {
  const position = new Map<string, number>(),
    edges: number[] = [],
    isRead = layers.map(() => false);
  const firstProducer = layers.map((layer, i) => {
    position.set(layer.name, i);
    for (const name of layer.inputs) {
      const producer = position.get(name);
      if (producer === undefined) continue;
      isRead[producer] = true;
      edges.push(producer, i);
    }
    return layer.inputs.length ? position.get(layer.inputs[0]) : undefined;
  });
  return { edges, isRead, firstProducer };
}

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
  // what the layers do not sum to beyond rounding
  const portLut = total.lut - sum(analysis.layers, 'lut'),
    portFf = total.ff - sum(analysis.layers, 'ff'),
    hasPorts = portLut > n || portFf > n;
  const nodes = hasPorts ? n + 1 : n;
  const layers = new Float32Array(nodes * F),
    base = new Float32Array(nodes * T),
    scale = new Float32Array(nodes * T);
  const { edges, isRead, firstProducer } = wiringOf(design);
  design.layers.forEach((layer, i) => {
    const producer = firstProducer[i],
      cost = analysis.layers[i];
    const data = producer === undefined ? design.precision : resultOf(design, design.layers[producer]);
    const { columns, scales } = layerColumns(design, layer, cost, data);
    columns.flags.first = layer.inputs.length === 0;
    columns.flags.last = !isRead[i];
    writeColumns(layers, i, columns);
    base.set([cost.lut, cost.ff, cost.dsp, cost.bram18, cost.latencyMax], i * T);
    scale.set(scales, i * T);
  });
  const kinds: string[] = design.layers.map((layer) => layer.kind);
  if (hasPorts) {
    const lut = Math.max(0, portLut),
      ff = Math.max(0, portFf);
    base.set([lut, ff, 0, 0, 0], n * T);
    writeColumns(layers, n, portColumns(design, lut, ff));
    kinds.push('top');
  }
  const later = laterCounts(total, analysis.kept, stage);
  const totals = new Float32Array([later.lut, later.ff, later.dsp, later.bram18, total.latencyMax]);
  shareOut(base, totals, nodes);
  return {
    nodes,
    layers,
    context: contextColumns(design, stage, given),
    base,
    scale,
    totals,
    edges: Int32Array.from(edges),
    kinds,
  };
}

/** Turns `base` into shares of the totals: latency of a stream and rounding do not add up by themselves. */
function shareOut(base: Float32Array, totals: Float32Array, nodes: number): void {
  for (let t = 0; t < T; t++) {
    let all = 0;
    for (let i = 0; i < nodes; i++) all += base[i * T + t];
    for (let i = 0; i < nodes; i++) base[i * T + t] = all > 0 ? (base[i * T + t] / all) * totals[t] : 0;
  }
}

/** The node of the ports around the layers, which cost `lut` and `ff`. */
function portColumns(design: HlsDesign, lut: number, ff: number): NodeColumns {
  const first = design.layers[0],
    last = design.layers[design.layers.length - 1];
  return {
    numbers: {
      lut: Math.log1p(lut),
      ff: Math.log1p(ff),
      inputs: Math.log1p(elements(first.inShape)),
      outputs: Math.log1p(elements(last.outShape)),
      inputBits: design.precision.bits / 16,
      resultBits: resultOf(design, last).bits / 16,
    },
    flags: { top: true },
    oneOf: [`strategy:${design.strategy}`],
  };
}

/** Columns of a layer that reads numbers of type `data`, and its row of `DesignFeatures.scale`. */
function layerColumns(
  design: HlsDesign,
  layer: HlsLayer,
  cost: DesignAnalysis['layers'][number],
  data: Precision,
): { columns: NodeColumns; scales: number[] } {
  const matrix = weightMatrix(layer),
    nIn = matrix?.nIn ?? elements(layer.inShape),
    nOut = matrix?.nOut ?? elements(layer.outShape),
    weights = matrix ? nIn * nOut : 0;
  const reuse = cost.reuseFactor ?? 1,
    strategy = strategyOf(design, layer),
    weight = weightPrecisionOf(design, layer),
    result = resultOf(design, layer),
    constants = matrix && isUnrolled({ strategy, reuse }) ? constantsOf(layer, nIn, nOut, weight) : undefined;
  const numbers: Record<LayerNumber, number> = {
    lut: Math.log1p(cost.lut),
    ff: Math.log1p(cost.ff),
    dsp: Math.log1p(cost.dsp),
    bram18: Math.log1p(cost.bram18),
    latency: Math.log1p(cost.latencyMax),
    ii: Math.log1p(cost.ii),
    multipliers: Math.log1p(cost.multipliers),
    inputs: Math.log1p(nIn),
    outputs: Math.log1p(nOut),
    weights: Math.log1p(weights),
    times: Math.log1p(matrix?.times ?? 0),
    reuse: Math.log1p(reuse),
    turns: matrix ? Math.log(reuse / nIn) : 0,
    dspShare: cost.multipliers > 0 ? Math.min(2, cost.dsp / cost.multipliers) : 0,
    inputBits: data.bits / 16,
    weightBits: matrix || cost.multipliers ? weight.bits / 16 : 0,
    weightFraction: matrix ? fraction(weight) : 0,
    accumBits: layer.accum ? layer.accum.bits / 16 : 0,
    resultBits: result.bits / 16,
    inputFraction: fraction(data),
    accumFraction: layer.accum ? fraction(layer.accum) : 0,
    resultFraction: fraction(result),
    zeroShare: weights && layer.zeroWeights !== undefined ? layer.zeroWeights / weights : 0,
    tableSize: Math.log1p(layer.tableSize ?? 0),
    nonZero: constants ? Math.log1p(constants.nonZero) : 0,
    shiftAdd: constants ? Math.log1p(constants.shiftAdd) : 0,
    constantProducts: constants ? Math.log1p(Math.max(0, constants.full)) : 0,
  };
  const columns: NodeColumns = {
    numbers,
    flags: {
      hasWeights: matrix !== undefined,
      accumKnown: layer.accum !== undefined,
      zerosKnown: layer.zeroWeights !== undefined,
      resultSigned: result.signed,
      loops: matrix !== undefined && strategy === 'resource' && reuse > 1,
    },
    oneOf: [`kind:${layer.kind}`, `strategy:${strategy}`, `activation:${layer.activation}`],
  };
  const outputBits =
    (design.ioType === 'io_stream' ? (layer.outShape[layer.outShape.length - 1] ?? 1) : elements(layer.outShape)) * result.bits;
  const products = Math.max(cost.multipliers, matrix ? Math.ceil(weights / reuse) : 1);
  return {
    columns,
    scales: [outputBits, outputBits, products, Math.max(1, (weights * weight.bits) / 18432), Math.max(1, cost.latencyMax)],
  };
}

/** Weights that are wired in as constants. */
const constantsOf = (layer: HlsLayer, nIn: number, nOut: number, weight: Precision): ReturnType<typeof wiredConstants> =>
  wiredConstants({
    nIn,
    nOut,
    weightFraction: weight.intBits === null ? weight.bits : weight.bits - weight.intBits,
    zeroWeights: layer.zeroWeights,
    ownWidths: layer.ownWidths ?? false,
    constants: layer.constants,
  });

const resultOf = (design: HlsDesign, layer: HlsLayer): Precision => layer.result ?? design.precision;

/** Bits behind the binary point, in units of 16; 0 where unknown. */
const fraction = (p: Precision): number => (p.intBits === null ? 0 : (p.bits - p.intBits) / 16);

const sum = (layers: DesignAnalysis['layers'], key: 'lut' | 'ff'): number =>
  layers.reduce((total, layer) => total + layer[key], 0);
