import type { Arch } from '../../graph/spaces/space.js';
import { tf } from '../../tensor/tf.js';
import { type NetworkCodes, taskBatch, taskContext } from './helpData.js';
import { predictorNames } from './helpModel.js';
import { type HelpShape, modulate, modulationSize, type TensorMap } from './helpNetwork.js';
import { innerLoop, lossOverTasks } from './innerLoop.js';

/** One device of an episode: scaled reference values, and support and query networks with their scaled values. */
export interface EpisodeTask {
  hardware: Float32Array;
  support: { archs: readonly Arch[]; y: Float32Array };
  query: { archs: readonly Arch[]; y: Float32Array };
}

/**
 * What meta-training descends: error on the query sets after adaptation to the support sets, mean over tasks, plus `klWeight` times the KL
 * divergence of the modulation (the meta-objective of HELP). p: all parameters of the model; noise: standard normal, [T * modulationSize]. All tasks need
 * equally many support and query networks. Differentiate it for the second-order gradient.
 */
export function outerLoss(
  p: TensorMap,
  shape: HelpShape,
  networks: NetworkCodes,
  tasks: readonly EpisodeTask[],
  noise: Float32Array,
  { innerSteps, klWeight, modulationScale }: { innerSteps: number; klWeight: number; modulationScale: number },
): tf.Scalar {
  const context = taskContext(
    shape,
    tasks.map((t) => t.hardware),
  );
  const [support, query] = (['support', 'query'] as const).map((set) =>
    taskBatch(
      networks,
      tasks.map((t) => t[set].archs),
      tasks.map((t) => t[set].y),
    ),
  );
  const z = tf.tensor3d(noise, [tasks.length, 1, modulationSize(shape.width)]);
  const { initial, kl } = modulate(p, predictorNames(shape), context.hardware, z, shape.width, modulationScale);
  const adapted = innerLoop(initial, p, context, support, innerSteps);
  return tf.add(tf.div(lossOverTasks(adapted, context, query), tasks.length), tf.mul(kl, klWeight)) as tf.Scalar;
}
