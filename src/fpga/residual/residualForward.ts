import { tf } from '../../tensor/tf.js';
import { CONTEXT_COLUMNS } from './contextColumns.js';
import { LAYER_COLUMNS } from './layerColumns.js';
import { type DesignFeatures, RESIDUAL_TARGETS } from './layerFeatures.js';
import { DIFFERS_START, FLOOR_START, type ResidualConfig, ROUNDS } from './residualNetwork.js';
import { scaledContext, scaledLayer } from './residualScaler.js';

const T = RESIDUAL_TARGETS.length,
  F = LAYER_COLUMNS.length,
  C = CONTEXT_COLUMNS.length;

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
      for (let k = 0; k < F; k++) batch.x[row + k] = scaledLayer(config.scaler, k, d.layers[i * F + k]);
      for (let k = 0; k < C; k++) batch.x[row + F + k] = scaledContext(config.scaler, k, d.context[k]);
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
