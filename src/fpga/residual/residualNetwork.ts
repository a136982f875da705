import { linearSpec, type ParameterSpec, type Parameters } from '../../tensor/parameters.js';
import { tf } from '../../tensor/tf.js';
import {
  CONTEXT_COLUMNS,
  CONTEXT_NUMBERS,
  type DesignFeatures,
  LAYER_COLUMNS,
  LAYER_NUMBERS,
  RESIDUAL_TARGETS,
} from './layerFeatures.js';

export const RESIDUAL_ENCODERS = ['mlp', 'gnn'] as const;
/** mlp: each layer alone, with the context of its design; gnn: layers also hear of their neighbours along the edges */
export type ResidualEncoder = (typeof RESIDUAL_ENCODERS)[number];

/** Mean and spread of the number columns over the training layers, and the range they were seen in. */
export interface ResidualScaler {
  mean: number[];
  spread: number[];
  low: number[];
  high: number[];
}

export interface ResidualConfig {
  encoder: ResidualEncoder;
  width: number;
  scaler: ResidualScaler;
  /** [RESIDUAL_TARGETS] largest |log residual| of the training rows: a prediction leaves the rules by no more */
  cap: number[];
  /** kinds of nodes seen in training; the others keep the analytical value */
  kinds: string[];
}

const T = RESIDUAL_TARGETS.length,
  F = LAYER_COLUMNS.length,
  C = CONTEXT_COLUMNS.length,
  N = LAYER_NUMBERS.length,
  M = CONTEXT_NUMBERS.length;
/** Rounds of messages of the GNN. */
const ROUNDS = 2;
/** Where heads start: a floor of a quarter of a per cent of its scale, a layer in twenty off the rule. */
const FLOOR_START = -6,
  DIFFERS_START = -3;

/** Parameters of the network; the heads start at zero, which is the analytical core. */
export function residualSpecs({ encoder, width }: Pick<ResidualConfig, 'encoder' | 'width'>): ParameterSpec[] {
  const hidden =
    encoder === 'mlp'
      ? linearSpec('hidden1', width, width)
      : Array.from({ length: ROUNDS }, (_, i) => linearSpec(`round${i + 1}`, 3 * width, width)).flat();
  return [
    ...linearSpec('in', F + C, width),
    ...hidden,
    { name: 'out.weight', shape: [width, 3 * T], init: { constant: 0 } },
    { name: 'out.bias', shape: [3 * T], init: { constant: 0 } },
  ];
}

/** Fits the scaler to the layers and contexts of training designs; a column that does not vary is left at 0. */
export function fitScaler(designs: readonly DesignFeatures[]): ResidualScaler {
  const size = N + M,
    sum = new Float64Array(size),
    squares = new Float64Array(size),
    low = new Array<number>(size).fill(Number.POSITIVE_INFINITY),
    high = new Array<number>(size).fill(Number.NEGATIVE_INFINITY);
  let n = 0;
  for (const d of designs)
    for (let i = 0; i < d.nodes; i++, n++)
      for (let k = 0; k < size; k++) {
        const v = k < N ? d.layers[i * F + k] : d.context[k - N];
        sum[k] += v;
        squares[k] += v * v;
        low[k] = Math.min(low[k], v);
        high[k] = Math.max(high[k], v);
      }
  const mean = Array.from(sum, (s) => s / Math.max(1, n));
  const spread = mean.map((m, k) => {
    const variance = squares[k] / Math.max(1, n) - m * m;
    return variance > 1e-9 * (1 + m * m) ? Math.sqrt(variance) : 0;
  });
  return { mean, spread, low, high };
}

/** One number column: held within what training saw, centred, in units of its spread. */
function scaled({ mean, spread, low, high }: ResidualScaler, k: number, v: number): number {
  return spread[k] === 0 ? 0 : (Math.min(high[k], Math.max(low[k], v)) - mean[k]) / spread[k];
}

/** Designs as tensors: all their nodes in one list. */
export interface ResidualBatch {
  designs: number;
  nodes: number;
  /** [nodes, columns of layer and context] */
  x: Float32Array;
  /** [nodes, targets] */
  base: Float32Array;
  scale: Float32Array;
  /** [nodes, 1]: 1 where the kind was seen in training */
  known: Float32Array;
  /** [designs, nodes]: 1 where the node is of the design */
  member: Float32Array;
  /** [nodes, nodes]: 1 where the column feeds the row; gnn only */
  receive?: Float32Array;
}

export function residualBatch(designs: readonly DesignFeatures[], config: ResidualConfig): ResidualBatch {
  const nodes = designs.reduce((n, d) => n + d.nodes, 0),
    kinds = new Set(config.kinds);
  const batch: ResidualBatch = {
    designs: designs.length,
    nodes,
    x: new Float32Array(nodes * (F + C)),
    base: new Float32Array(nodes * T),
    scale: new Float32Array(nodes * T),
    known: new Float32Array(nodes),
    member: new Float32Array(designs.length * nodes),
    ...(config.encoder === 'gnn' ? { receive: new Float32Array(nodes * nodes) } : {}),
  };
  let from = 0;
  designs.forEach((d, b) => {
    batch.base.set(d.base, from * T);
    batch.scale.set(d.scale, from * T);
    for (let i = 0; i < d.nodes; i++) {
      const row = (from + i) * (F + C);
      for (let k = 0; k < F; k++) batch.x[row + k] = k < N ? scaled(config.scaler, k, d.layers[i * F + k]) : d.layers[i * F + k];
      for (let k = 0; k < C; k++) batch.x[row + F + k] = k < M ? scaled(config.scaler, N + k, d.context[k]) : d.context[k];
      batch.known[from + i] = kinds.has(d.kinds[i]) ? 1 : 0;
      batch.member[b * nodes + from + i] = 1;
    }
    if (batch.receive)
      for (let e = 0; e < d.edges.length; e += 2) batch.receive[(from + d.edges[e + 1]) * nodes + from + d.edges[e]] += 1;
    from += d.nodes;
  });
  return batch;
}

export interface ResidualOutput {
  /** [designs, targets] value by the residual */
  value: tf.Tensor2D;
  /** [designs, targets] -log P(the analytical value is exact) */
  off: tf.Tensor2D;
}

/**
 * The residual network. Each layer l of a design has its own encoding z_l, of its features and the context of the design (`gnn`: after two rounds
 * z <- z + SiLU([z, sum over producers, sum over consumers] W + b)); linear heads h, g, q of it give, per target,
 *
 *     y = sum_l base_l exp(cap tanh(h_l / cap)) + sum_l scale_l sigmoid(g_l),      P(y is not the rule's value) = 1 - prod_l (1 - p_l),
 *
 * -log(1 - p_l) = softplus(q_l). base_l is the analytical value of the layer, scale_l a size for layers the rules give nothing. Sums over layers extrapolate
 * in depth where pooled read-outs do not (the read-out of the wa-hls4ml ASIC models); the cap keeps a log from running away. Call inside tf.tidy.
 */
export function residualForward(p: Record<string, tf.Tensor>, b: ResidualBatch, config: ResidualConfig): ResidualOutput {
  const linear = (name: string, h: tf.Tensor2D): tf.Tensor2D =>
    tf.add(tf.matMul(h, p[`${name}.weight`] as tf.Tensor2D), p[`${name}.bias`]);
  const silu = (h: tf.Tensor2D): tf.Tensor2D => tf.mul(h, tf.sigmoid(h));
  let z = silu(linear('in', tf.tensor2d(b.x, [b.nodes, F + C]))); // [N, w]
  if (config.encoder === 'mlp') z = silu(linear('hidden1', z));
  else {
    const receive = tf.tensor2d(b.receive!, [b.nodes, b.nodes]),
      send = tf.transpose(receive) as tf.Tensor2D;
    for (let round = 1; round <= ROUNDS; round++)
      z = tf.add(z, silu(linear(`round${round}`, tf.concat([z, tf.matMul(receive, z), tf.matMul(send, z)] as tf.Tensor2D[], 1))));
  }
  const heads = linear('out', z); // [N, 3 T]
  const known = tf.tensor2d(b.known, [b.nodes, 1]),
    cap = tf.tensor2d(config.cap, [1, T]);
  const h = tf.mul(cap, tf.tanh(tf.div(tf.slice(heads, [0, 0], [-1, T]), cap)));
  const g = tf.sigmoid(tf.add(tf.slice(heads, [0, T], [-1, T]), FLOOR_START));
  const q = tf.softplus(tf.add(tf.slice(heads, [0, 2 * T], [-1, T]), DIFFERS_START));
  const contribution = tf.add(
    tf.mul(tf.tensor2d(b.base, [b.nodes, T]), tf.exp(tf.mul(known, h))),
    tf.mul(known, tf.mul(tf.tensor2d(b.scale, [b.nodes, T]), g)),
  ); // [N, T]
  const member = tf.tensor2d(b.member, [b.designs, b.nodes]);
  return {
    value: tf.matMul(member, contribution as tf.Tensor2D),
    off: tf.matMul(member, tf.mul(known, q) as tf.Tensor2D),
  };
}

const softplus = (v: number): number => (v > 20 ? v : Math.log1p(Math.exp(v)));
const sigmoid = (v: number): number => 1 / (1 + Math.exp(-v));

/**
 * `residualForward` of one design at a time in plain typed arrays, in double precision: for prediction, where tensors of a few numbers cost more than what is
 * computed. Writes value and off [targets] to `value` and `off`.
 */
export function createPlainForward(
  parameters: Parameters,
  config: ResidualConfig,
): (d: DesignFeatures, value: Float64Array, off: Float64Array) => void {
  const { width, scaler, cap, encoder } = config,
    kinds = new Set(config.kinds);
  const view = (name: string) => ({ w: parameters.view(`${name}.weight`), b: parameters.view(`${name}.bias`) });
  const input = view('in'),
    out = view('out'),
    hidden = encoder === 'mlp' ? [view('hidden1')] : Array.from({ length: ROUNDS }, (_, i) => view(`round${i + 1}`));
  // designs of a batch share the array of their context
  let last: Float32Array | undefined;
  const context = new Float64Array(width),
    heads = new Float64Array(3 * T);
  let z = new Float64Array(width),
    next = new Float64Array(width);
  /** to [width] += v * row `k` of weights */
  const addRow = (to: Float64Array, at: number, w: Float32Array, k: number, v: number, columns: number) => {
    const from = k * columns;
    for (let j = 0; j < columns; j++) to[at + j] += v * w[from + j];
  };
  return (d, value, off) => {
    const size = d.nodes * width;
    if (z.length < size) {
      z = new Float64Array(size);
      next = new Float64Array(size);
    }
    if (d.context !== last) {
      last = d.context;
      context.set(input.b);
      for (let k = 0; k < C; k++) {
        const v = k < M ? scaled(scaler, N + k, d.context[k]) : d.context[k];
        if (v !== 0) addRow(context, 0, input.w, F + k, v, width);
      }
    }
    for (let i = 0; i < d.nodes; i++) {
      const at = i * width;
      z.set(context, at);
      for (let k = 0; k < F; k++) {
        const raw = d.layers[i * F + k],
          v = k < N ? scaled(scaler, k, raw) : raw;
        if (v !== 0) addRow(z, at, input.w, k, v, width);
      }
      for (let j = at; j < at + width; j++) z[j] *= sigmoid(z[j]);
    }
    for (const layer of hidden) {
      for (let i = 0; i < d.nodes; i++) {
        next.set(layer.b, i * width);
        for (let k = 0; k < width; k++) addRow(next, i * width, layer.w, k, z[i * width + k], width);
      }
      if (encoder === 'gnn')
        for (let e = 0; e < d.edges.length; e += 2) {
          const from = d.edges[e],
            to = d.edges[e + 1];
          for (let k = 0; k < width; k++) {
            addRow(next, to * width, layer.w, width + k, z[from * width + k], width);
            addRow(next, from * width, layer.w, 2 * width + k, z[to * width + k], width);
          }
        }
      for (let j = 0; j < size; j++) {
        const activated = next[j] * sigmoid(next[j]);
        z[j] = encoder === 'gnn' ? z[j] + activated : activated;
      }
    }
    value.fill(0);
    off.fill(0);
    for (let i = 0; i < d.nodes; i++) {
      if (!kinds.has(d.kinds[i])) {
        for (let t = 0; t < T; t++) value[t] += d.base[i * T + t];
        continue;
      }
      heads.set(out.b);
      for (let k = 0; k < width; k++) addRow(heads, 0, out.w, k, z[i * width + k], 3 * T);
      for (let t = 0; t < T; t++) {
        const base = d.base[i * T + t];
        if (base !== 0) value[t] += base * Math.exp(cap[t] * Math.tanh(heads[t] / cap[t]));
        value[t] += d.scale[i * T + t] * sigmoid(heads[T + t] + FLOOR_START);
        off[t] += softplus(heads[2 * T + t] + DIFFERS_START);
      }
    }
  };
}
