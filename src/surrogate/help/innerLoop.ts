import { tf } from '../../tensor/tf.js';
import { type HelpShape, predictor, RATE, type TensorMap } from './helpNetwork.js';

/** Networks and values of T tasks, ready for the predictor. */
export interface TaskBatch {
  /** encoded networks, [T, nodes * B, width] */
  x: tf.Tensor3D;
  /** values in the scale of the reference networks, [T, B] */
  y: tf.Tensor2D;
}

/** Fixed inputs of T tasks. */
export interface TaskContext {
  shape: HelpShape;
  /** scaled values of the reference networks, [T, 1, R] */
  hardware: tf.Tensor3D;
  /** [T, nodes, nodes], gcn only */
  adjacency?: tf.Tensor3D;
}

/** Mean squared error of each task, summed over tasks: tasks share no adapted parameter, so its gradient is each task's own. */
export function lossOverTasks(p: TensorMap, context: TaskContext, batch: TaskBatch): tf.Scalar {
  const error = tf.sub(predictor(p, context.shape, batch.x, context.hardware, context.adjacency), batch.y); // [T, B]
  return tf.sum(tf.mean(tf.square(error), 1)) as tf.Scalar;
}

/**
 * `steps` of gradient descent on the support sets of all tasks at once, with the learned rate of each parameter (Meta-SGD, Li et al. 2017):
 * p <- p - rate * dL/dp. Differentiable with respect to the initial parameters and the rates (second order), when called inside a
 * gradient. initial: [T, ..]; model: holds the rates.
 */
export function innerLoop(
  initial: TensorMap,
  model: TensorMap,
  context: TaskContext,
  support: TaskBatch,
  steps: number,
): TensorMap {
  const names = Object.keys(initial),
    rates = names.map((name) => tf.expandDims(model[RATE + name], 0)); // [1, ..]
  let list = names.map((name) => initial[name]);
  const asMap = (tensors: tf.Tensor[]): TensorMap => Object.fromEntries(names.map((name, i) => [name, tensors[i]]));
  for (let s = 0; s < steps; s++) {
    const gradients = tf.grads((...tensors: tf.Tensor[]) => lossOverTasks(asMap(tensors), context, support))(list);
    list = list.map((x, i) => tf.sub(x, tf.mul(gradients[i], rates[i])));
  }
  return asMap(list);
}
