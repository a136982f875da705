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
import type { DesignAnalysis, LayerAnalysis } from '../rules/analyseDesign.js';
import { wiredConstants } from '../rules/constantWeights.js';
import { laterCounts } from '../rules/laterCounts.js';
import { elements } from '../rules/layerWork.js';
import { isUnrolled } from '../rules/matrixProduct.js';
import { contextColumns } from './contextColumns.js';
import { ACTIVATION_COLUMN, COLUMN, KIND_COLUMN, LAYER_COLUMNS, STRATEGY_COLUMN } from './layerColumns.js';

/** Targets with a learned residual; `lat`, as stored models call it, stands for `cycles_min` and `cycles`. */
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
  const kinds: string[] = [];
  for (let i = 0; i < n; i++) {
    const layer = design.layers[i],
      cost = analysis.layers[i],
      producer = firstProducer[i];
    const data = producer === undefined ? design.precision : resultOf(design, design.layers[producer]);
    writeLayer({ layers, scale }, i, design, layer, cost, data);
    layers[i * F + COLUMN.first] = layer.inputs.length === 0 ? 1 : 0;
    layers[i * F + COLUMN.last] = isRead[i] ? 0 : 1;
    base.set([cost.lut, cost.ff, cost.dsp, cost.bram18, cost.latencyMax], i * T);
    kinds.push(layer.kind);
  }
  if (hasPorts) {
    const lut = Math.max(0, portLut),
      ff = Math.max(0, portFf);
    base.set([lut, ff, 0, 0, 0], n * T);
    writePorts(layers, n, design, lut, ff);
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

/** Writes the node of the ports around the layers, which cost `lut` and `ff`. */
function writePorts(layers: Float32Array, node: number, design: HlsDesign, lut: number, ff: number): void {
  const first = design.layers[0],
    last = design.layers[design.layers.length - 1],
    row = node * F;
  layers[row + COLUMN.lut] = Math.log1p(lut);
  layers[row + COLUMN.ff] = Math.log1p(ff);
  layers[row + COLUMN.inputs] = Math.log1p(elements(first.inShape));
  layers[row + COLUMN.outputs] = Math.log1p(elements(last.outShape));
  layers[row + COLUMN.inputBits] = design.precision.bits / 16;
  layers[row + COLUMN.resultBits] = resultOf(design, last).bits / 16;
  layers[row + COLUMN.top] = 1;
  setOne(layers, row, STRATEGY_COLUMN[design.strategy]);
}

/** Writes node `i` of a layer that reads numbers of type `data`: its columns, and its row of `DesignFeatures.scale`. */
function writeLayer(
  { layers, scale }: Pick<DesignFeatures, 'layers' | 'scale'>,
  i: number,
  design: HlsDesign,
  layer: HlsLayer,
  cost: LayerAnalysis,
  data: Precision,
): void {
  const matrix = weightMatrix(layer),
    nIn = matrix?.nIn ?? elements(layer.inShape),
    nOut = matrix?.nOut ?? elements(layer.outShape),
    weights = matrix ? nIn * nOut : 0;
  const reuse = cost.reuseFactor ?? 1,
    strategy = strategyOf(design, layer),
    weight = weightPrecisionOf(design, layer),
    result = resultOf(design, layer),
    row = i * F;
  layers[row + COLUMN.lut] = Math.log1p(cost.lut);
  layers[row + COLUMN.ff] = Math.log1p(cost.ff);
  layers[row + COLUMN.dsp] = Math.log1p(cost.dsp);
  layers[row + COLUMN.bram18] = Math.log1p(cost.bram18);
  layers[row + COLUMN.latency] = Math.log1p(cost.latencyMax);
  layers[row + COLUMN.ii] = Math.log1p(cost.ii);
  layers[row + COLUMN.multipliers] = Math.log1p(cost.multipliers);
  layers[row + COLUMN.inputs] = Math.log1p(nIn);
  layers[row + COLUMN.outputs] = Math.log1p(nOut);
  layers[row + COLUMN.weights] = Math.log1p(weights);
  layers[row + COLUMN.reuse] = Math.log1p(reuse);
  if (cost.multipliers > 0) layers[row + COLUMN.dspShare] = Math.min(2, cost.dsp / cost.multipliers);
  if (matrix || cost.multipliers) layers[row + COLUMN.weightBits] = weight.bits / 16;
  if (matrix) {
    layers[row + COLUMN.hasWeights] = 1;
    layers[row + COLUMN.times] = Math.log1p(matrix.times);
    layers[row + COLUMN.turns] = Math.log(reuse / nIn);
    layers[row + COLUMN.weightFraction] = fraction(weight);
    if (strategy === 'resource' && reuse > 1) layers[row + COLUMN.loops] = 1;
    if (isUnrolled({ strategy, reuse })) writeConstants(layers, row, constantsOf(layer, nIn, nOut, weight));
  }
  layers[row + COLUMN.inputBits] = data.bits / 16;
  layers[row + COLUMN.inputFraction] = fraction(data);
  layers[row + COLUMN.resultBits] = result.bits / 16;
  layers[row + COLUMN.resultFraction] = fraction(result);
  if (result.signed) layers[row + COLUMN.resultSigned] = 1;
  if (layer.accum) {
    layers[row + COLUMN.accumKnown] = 1;
    layers[row + COLUMN.accumBits] = layer.accum.bits / 16;
    layers[row + COLUMN.accumFraction] = fraction(layer.accum);
  }
  if (layer.zeroWeights !== undefined) {
    layers[row + COLUMN.zerosKnown] = 1;
    if (weights) layers[row + COLUMN.zeroShare] = layer.zeroWeights / weights;
  }
  layers[row + COLUMN.tableSize] = Math.log1p(layer.tableSize ?? 0);
  setOne(layers, row, KIND_COLUMN[layer.kind]);
  setOne(layers, row, STRATEGY_COLUMN[strategy]);
  if (layer.activation !== undefined) setOne(layers, row, ACTIVATION_COLUMN[layer.activation]);

  const outputBits =
    (design.ioType === 'io_stream' ? (layer.outShape[layer.outShape.length - 1] ?? 1) : elements(layer.outShape)) * result.bits;
  const products = Math.max(cost.multipliers, matrix ? Math.ceil(weights / reuse) : 1);
  scale.set(
    [outputBits, outputBits, products, Math.max(1, (weights * weight.bits) / 18432), Math.max(1, cost.latencyMax)],
    i * T,
  );
}

function writeConstants(layers: Float32Array, row: number, constants: ReturnType<typeof wiredConstants>): void {
  layers[row + COLUMN.nonZero] = Math.log1p(constants.nonZero);
  layers[row + COLUMN.shiftAdd] = Math.log1p(constants.shiftAdd);
  layers[row + COLUMN.constantProducts] = Math.log1p(Math.max(0, constants.full));
}

/** A column that is 1; those that are no column count for nothing. */
function setOne(layers: Float32Array, row: number, column: number | undefined): void {
  if (column !== undefined) layers[row + column] = 1;
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
