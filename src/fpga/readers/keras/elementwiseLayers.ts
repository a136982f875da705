import { activationNamed } from '../activationName.js';
import { kerasActivation } from './kerasQuantizer.js';
import type { KerasRule, KerasVisit } from './kerasVisit.js';

/** Without effect on hardware at inference: its consumers read its producer. */
export const transparent: KerasRule = () => {};

/** Behind a linear dense or convolution that nobody else reads, and whose weights are not quantised (QDense), hls4ml folds it into the weights. */
export const batchNorm: KerasRule = (visit) => {
  const { walk, input, layer } = visit;
  const producer = walk.layers.find(({ name }) => name === input.from);
  const foldable =
    producer &&
    /^(dense|conv|depthwise_conv)/.test(producer.kind) &&
    producer.weight === undefined &&
    walk.readerCounts.get(visit.producerNames[0]) === 1;
  if (walk.foldBatchNorm && foldable) {
    walk.assumptions.push(`'${layer.name}' folded into '${producer.name}', as hls4ml does`);
    walk.folds.push({ batchNorm: layer.name, into: producer.name });
  } else visit.add('batch_norm', input.shape);
};

export const activation: KerasRule = (visit) => {
  const { name, text, result } = kerasActivation(visit.config.activation);
  if (name) visit.add('activation', visit.input.shape, { activation: name, result });
  else visit.opaque(`activation '${text}' is not known`);
};

/** `ReLU` and the like, classes of their own with parameters. */
export const activationClass: KerasRule = (visit) =>
  visit.add('activation', visit.input.shape, { activation: activationNamed(visit.layer.className) });

/** The activation named inside a layer with another task becomes a layer of its own; a quantiser alone tells the type of the results. */
export function innerActivation(visit: KerasVisit): void {
  const inner = visit.config.activation,
    made = visit.walk.layers[visit.walk.layers.length - 1];
  if (inner === undefined || inner === null || !visit.parts.length || made.kind === 'opaque') return;
  const { name, text, result } = kerasActivation(inner),
    ownName = visit.layer.name;
  if (!name) visit.opaque(`activation '${text}' is not known`, { source: text, name: `${ownName}_activation` });
  else if (name !== 'linear')
    visit.add('activation', visit.current.shape, { activation: name, result }, { name: `${ownName}_${name}` });
  else if (result) made.result = result;
}
