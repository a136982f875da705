import { linearSpec, type ParameterSpec } from '../../tensor/parameters.js';
import { tf } from '../../tensor/tf.js';
import type { HelpEncoding } from './helpEncoding.js';

/** Tensors by parameter name; adapted ones carry a leading task dimension T. */
export type TensorMap = Record<string, tf.Tensor>;

/** Sizes of a HELP model. */
export interface HelpShape {
  encoding: HelpEncoding;
  /** reference networks, the length of the hardware embedding */
  references: number;
  /** units of each layer; 100 in the paper */
  width: number;
}

/** Prefix of the inner learning rates among the parameters, and of the network that modulates. */
export const RATE = 'rate/',
  MODULATION = 'z/';

/** Units of the modulation network. */
const MODULATION_WIDTH = 10;

/** Head layers and the rows of their weights: the first takes the network's embedding and, as a second block, the hardware's. */
const headLayers = (width: number) =>
  [
    ['fc3.network', width],
    ['fc3.hardware', width],
    ['fc4', 2 * width],
    ['fc5', 2 * width],
  ] as const;
const headBiases = ['fc3.network.bias', 'fc4.bias', 'fc5.bias'];

/**
 * Names, shapes and initial values of the predictor (adapted to each task): 4 graph convolutions or 2 linear layers on the network, 2 linear
 * layers on the hardware embedding, head 2w - 2w - 1. The head's first layer acts on both embeddings side by side; its weight is kept as the two
 * blocks it consists of, so that the hardware's share is computed once a task.
 */
export function predictorSpecs({ encoding, references, width }: HelpShape): ParameterSpec[] {
  const both = 1 / Math.sqrt(2 * width),
    body: ParameterSpec[] = [];
  if (encoding.kind === 'gcn')
    for (let i = 1; i <= 4; i++) {
      const [weight, bias] = linearSpec(`gc${i}`, i === 1 ? encoding.width : width, width);
      body.push({ ...weight, init: { uniform: 0.05 } }, { ...bias, init: { uniform: 1 / Math.sqrt(width) } });
    }
  else body.push(...linearSpec('fc1', encoding.width, width), ...linearSpec('fc2', width, width));
  const [hardware] = linearSpec('fc3.hardware', width, 2 * width, both);
  return [
    ...body,
    ...linearSpec('hardware1', references, width),
    ...linearSpec('hardware2', width, width),
    ...linearSpec('fc3.network', width, 2 * width, both),
    hardware,
    ...linearSpec('fc4', 2 * width, 2 * width),
    ...linearSpec('fc5', 2 * width, 1),
  ];
}

/** The predictor, one learned inner rate for each of its numbers (Meta-SGD, Li et al. 2017; initially 1e-3), and the modulation network. */
export function helpSpecs(shape: HelpShape): ParameterSpec[] {
  const predictor = predictorSpecs(shape),
    factors = modulationSize(shape.width);
  return [
    ...predictor,
    ...predictor.map((s): ParameterSpec => ({ name: RATE + s.name, shape: s.shape, init: { constant: 1e-3 } })),
    ...linearSpec(`${MODULATION}1`, shape.references, MODULATION_WIDTH),
    ...linearSpec(`${MODULATION}2`, MODULATION_WIDTH, 2 * factors),
  ];
}

/** Length of z: one factor for each input of the three head layers, one shift for each of their biases. */
export const modulationSize = (width: number): number => 6 * width + 3;

/** Repeats a parameter for `tasks` tasks: [..s] -> [T, ..s]; differentiable twice, its gradient is the sum over tasks. */
function lift(x: tf.Tensor, tasks: number): tf.Tensor {
  return tf.mul(tf.expandDims(x, 0), tf.ones([tasks, ...x.shape.map(() => 1)]));
}

/**
 * The initial parameters of each task: those of the model, the head scaled by z ~ N(mu, sigma^2) with (mu, sigma) = g(hardware embedding):
 * W <- W * (1 + 0.01 z) along the inputs of a layer, b <- b + 0.01 z (HELP, hardware-conditioned initial parameters; scale 0.01).
 * p: model; hardware [T, 1, R]; noise [T, 1, Z] standard normal. Returns parameters [T, ..] and the KL divergence from N(0, 1), mean over tasks.
 */
export function modulate(
  p: TensorMap,
  names: readonly string[],
  hardware: tf.Tensor3D,
  noise: tf.Tensor3D,
  width: number,
  scale = 0.01,
): { initial: TensorMap; kl: tf.Scalar } {
  const tasks = hardware.shape[0],
    size = modulationSize(width);
  const flat = tf.reshape(hardware, [tasks, hardware.shape[2]]) as tf.Tensor2D; // [T, R]
  const hidden = tf.relu(tf.add(tf.matMul(flat, p[`${MODULATION}1.weight`] as tf.Tensor2D), p[`${MODULATION}1.bias`])); // [T, 10]
  const stats = tf.add(tf.matMul(hidden as tf.Tensor2D, p[`${MODULATION}2.weight`] as tf.Tensor2D), p[`${MODULATION}2.bias`]); // [T, 2Z]
  const mu = tf.slice(stats, [0, 0], [tasks, size]),
    sigma = tf.softplus(tf.slice(stats, [0, size], [tasks, size])); // [T, Z]
  const z = tf.add(mu, tf.mul(sigma, tf.reshape(noise, [tasks, size]))); // [T, Z]
  // KL(N(mu, sigma^2) || N(0, 1)) = sum (mu^2 + sigma^2 - 1) / 2 - log sigma
  const kl = tf.mean(
    tf.sum(tf.sub(tf.mul(tf.sub(tf.add(tf.square(mu), tf.square(sigma)), 1), 0.5), tf.log(sigma)), 1),
  ) as tf.Scalar;
  const initial: TensorMap = Object.fromEntries(names.map((name) => [name, lift(p[name], tasks)]));
  let at = 0;
  for (const [layer, inputs] of headLayers(width)) {
    const factor = tf.reshape(tf.slice(z, [0, at], [tasks, inputs]), [tasks, inputs, 1]); // [T, in, 1]
    initial[`${layer}.weight`] = tf.mul(initial[`${layer}.weight`], tf.add(tf.mul(factor, scale), 1)); // [T, in, out]
    at += inputs;
  }
  for (const name of headBiases) {
    initial[name] = tf.add(initial[name], tf.mul(tf.slice(z, [0, at], [tasks, 1]), scale)); // [T, out]
    at++;
  }
  return { initial, kl };
}

/** y = x W + b for each task: x [T, n, in], W [T, in, out], b [T, out] -> [T, n, out]. */
function linear(p: TensorMap, layer: string, x: tf.Tensor): tf.Tensor {
  const bias = p[`${layer}.bias`];
  return tf.add(tf.matMul(x, p[`${layer}.weight`]), tf.expandDims(bias, 1));
}

/**
 * Predicted values in the scale of the reference networks. p: parameters of each task [T, ..]; x: encoded networks, [T, nodes * B, width] with
 * the nodes outermost (gcn) or [T, B, width] (mlp); hardware [T, 1, R]; adjacency [T, nodes, nodes] (gcn) -> [T, B].
 */
export function predictor(
  p: TensorMap,
  { encoding, width }: HelpShape,
  x: tf.Tensor3D,
  hardware: tf.Tensor3D,
  adjacency?: tf.Tensor3D,
): tf.Tensor2D {
  const tasks = x.shape[0],
    { nodes } = encoding,
    size = x.shape[1] / nodes;
  let h: tf.Tensor;
  if (adjacency) {
    h = tf.relu(linear(p, 'gc1', x)); // x is A X already; [T, nodes * B, w]
    for (const layer of ['gc2', 'gc3']) {
      const received = tf.matMul(adjacency, tf.reshape(h, [tasks, nodes, size * width])); // [T, nodes, B * w]
      h = tf.relu(linear(p, layer, tf.reshape(received, [tasks, nodes * size, width])));
    }
    // read out at the global node, the last: only its row of the last layer is needed
    const row = tf.slice(adjacency, [0, nodes - 1, 0], [tasks, 1, nodes]); // [T, 1, nodes]
    const received = tf.matMul(row, tf.reshape(h, [tasks, nodes, size * width])); // [T, 1, B * w]
    h = tf.relu(linear(p, 'gc4', tf.reshape(received, [tasks, size, width]))); // [T, B, w]
  } else h = tf.relu(linear(p, 'fc2', tf.relu(linear(p, 'fc1', x)))); // [T, B, w]
  const hw = tf.relu(linear(p, 'hardware2', tf.relu(linear(p, 'hardware1', hardware)))); // [T, 1, w]
  h = tf.relu(tf.add(linear(p, 'fc3.network', h), tf.matMul(hw, p['fc3.hardware.weight']))); // [T, B, 2w]
  h = tf.relu(linear(p, 'fc4', h)); // [T, B, 2w]
  return tf.reshape(linear(p, 'fc5', h), [tasks, size]); // [T, B]
}
