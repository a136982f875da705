import type { Parameters } from '../../tensor/parameters.js';
import { CONTEXT_COLUMNS } from './contextColumns.js';
import { LAYER_COLUMNS } from './layerColumns.js';
import { type DesignFeatures, RESIDUAL_TARGETS } from './layerFeatures.js';
import { DIFFERS_START, FLOOR_START, type ResidualConfig, ROUNDS } from './residualNetwork.js';
import { scaledContext, scaledLayer } from './residualScaler.js';

const T = RESIDUAL_TARGETS.length,
  F = LAYER_COLUMNS.length,
  C = CONTEXT_COLUMNS.length;

const softplus = (v: number): number => (v > 20 ? v : Math.log1p(Math.exp(v)));
const sigmoid = (v: number): number => 1 / (1 + Math.exp(-v));

/** Weights [in, out] and biases [out] of a linear layer. */
interface Linear {
  weights: Float32Array;
  bias: Float32Array;
}

/** Row `index` of `to` [.., width] += factor * row `row` of weights [.., width]. */
function addRow(to: Float64Array, index: number, weights: Float32Array, row: number, factor: number, width: number): void {
  const start = index * width,
    from = row * width;
  for (let j = 0; j < width; j++) to[start + j] += factor * weights[from + j];
}

/** Rows of `to` [nodes, width] = bias + rows of `z` times the first `width` rows of weights. */
function applyLinear(to: Float64Array, z: Float64Array, { weights, bias }: Linear, nodes: number, width: number): void {
  for (let i = 0; i < nodes; i++) {
    to.set(bias, i * width);
    for (let k = 0; k < width; k++) addRow(to, i, weights, k, z[i * width + k], width);
  }
}

/** Adds what nodes hear along the edges: consumers from producers by the second `width` rows of weights, producers from consumers by the third. */
function addMessages(to: Float64Array, z: Float64Array, { weights }: Linear, edges: Int32Array, width: number): void {
  for (let e = 0; e < edges.length; e += 2) {
    const producer = edges[e],
      consumer = edges[e + 1];
    for (let k = 0; k < width; k++) {
      addRow(to, consumer, weights, width + k, z[producer * width + k], width);
      addRow(to, producer, weights, 2 * width + k, z[consumer * width + k], width);
    }
  }
}

/** Writes value and off [RESIDUAL_TARGETS] of a design. */
export type PlainForward = (design: DesignFeatures, value: Float64Array, off: Float64Array) => void;

/**
 * `residualForward` of one design at a time in plain typed arrays, in double precision: for prediction, where tensors of a few numbers cost more than what is
 * computed.
 */
export function createPlainForward(parameters: Parameters, config: ResidualConfig): PlainForward {
  const { width, scaler, encoder } = config;
  const linear = (name: string): Linear => ({
    weights: parameters.view(`${name}.weight`),
    bias: parameters.view(`${name}.bias`),
  });
  const input = linear('in'),
    hidden = encoder === 'mlp' ? [linear('hidden1')] : Array.from({ length: ROUNDS }, (_, i) => linear(`round${i + 1}`)),
    readOut = createReadOut(linear('out'), config);
  // designs of a batch share the array of their context
  let last: Float32Array | undefined;
  const context = new Float64Array(width);
  let z = new Float64Array(width),
    next = new Float64Array(width);
  return (design, value, off) => {
    const { nodes } = design,
      size = nodes * width;
    if (z.length < size) {
      z = new Float64Array(size);
      next = new Float64Array(size);
    }
    if (design.context !== last) {
      last = design.context;
      context.set(input.bias);
      for (let k = 0; k < C; k++) {
        const v = scaledContext(scaler, k, design.context[k]);
        if (v !== 0) addRow(context, 0, input.weights, F + k, v, width);
      }
    }
    for (let i = 0; i < nodes; i++) {
      z.set(context, i * width);
      for (let k = 0; k < F; k++) {
        const v = scaledLayer(scaler, k, design.layers[i * F + k]);
        if (v !== 0) addRow(z, i, input.weights, k, v, width);
      }
    }
    for (let j = 0; j < size; j++) z[j] *= sigmoid(z[j]);
    for (const layer of hidden) {
      applyLinear(next, z, layer, nodes, width);
      if (encoder === 'gnn') addMessages(next, z, layer, design.edges, width);
      for (let j = 0; j < size; j++) {
        const activated = next[j] * sigmoid(next[j]);
        z[j] = encoder === 'gnn' ? z[j] + activated : activated;
      }
    }
    readOut(design, z, value, off);
  };
}

/** Sums over the nodes of a design what the heads make of their encodings z [nodes, width]; kinds not seen in training keep the analytical value. */
function createReadOut(
  out: Linear,
  { width, cap, kinds }: ResidualConfig,
): (design: DesignFeatures, z: Float64Array, value: Float64Array, off: Float64Array) => void {
  const seen = new Set(kinds),
    heads = new Float64Array(3 * T);
  return (design, z, value, off) => {
    value.fill(0);
    off.fill(0);
    for (let i = 0; i < design.nodes; i++) {
      if (!seen.has(design.kinds[i])) {
        for (let t = 0; t < T; t++) value[t] += design.base[i * T + t];
        continue;
      }
      heads.set(out.bias);
      for (let k = 0; k < width; k++) addRow(heads, 0, out.weights, k, z[i * width + k], 3 * T);
      for (let t = 0; t < T; t++) {
        const base = design.base[i * T + t];
        if (base !== 0) value[t] += base * Math.exp(cap[t] * Math.tanh(heads[t] / cap[t]));
        value[t] += design.scale[i * T + t] * sigmoid(heads[T + t] + FLOOR_START);
        off[t] += softplus(heads[2 * T + t] + DIFFERS_START);
      }
    }
  };
}
