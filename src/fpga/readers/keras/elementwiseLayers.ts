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
  if (name) visit.add('activation', visit.input.shape, { activation: name, result, ...namedSlope(name, text) });
  else visit.opaque(`activation '${text}' is not known`);
};

/** `ReLU` and the like, classes of their own with parameters. */
export const activationClass: KerasRule = (visit) => {
  const activation = activationNamed(visit.layer.className);
  if (activation === 'prelu') visit.walk.assumptions.push(zeroSlopes(visit.layer.name));
  const slope = activation === 'leaky_relu' ? slopeOf(visit, 0.3) : activation === 'elu' ? slopeOf(visit, 1) : 1;
  visit.add('activation', visit.input.shape, { activation, ...(activation === 'leaky_relu' || slope !== 1 ? { slope } : {}) });
};

/** Said of a PReLU whose slopes are not known. */
export const zeroSlopes = (name: string): string =>
  `layer '${name}': the slopes of a PReLU are taken as the zeros they begin with; others are multiplied by`;

/** Slope of `leaky_relu` and of Keras' `hard_sigmoid` where an activation is given by its name; that of QKeras is a power of two. */
const namedSlope = (activation: string, text: string): { slope?: number } =>
  activation === 'leaky_relu' || /^hard_?sigmoid$/i.test(text) ? { slope: 0.2 } : {};

/** Slope of a LeakyReLU, or alpha of an ELU. */
function slopeOf(visit: KerasVisit, otherwise: number): number {
  const value = visit.config.negative_slope ?? visit.config.alpha ?? otherwise;
  if (typeof value !== 'number' || !Number.isFinite(value))
    throw visit.problem(`has the slope ${JSON.stringify(value)}, no number`);
  return value;
}

/** The activation named inside a layer with another task becomes a layer of its own; a quantiser alone tells the type of the results. */
export function innerActivation(visit: KerasVisit): void {
  const inner = visit.config.activation,
    made = visit.walk.layers[visit.walk.layers.length - 1];
  if (inner === undefined || inner === null || !visit.parts.length || made.kind === 'opaque') return;
  const { name, text, result } = kerasActivation(inner),
    ownName = visit.layer.name;
  if (!name) visit.opaque(`activation '${text}' is not known`, { source: text, name: `${ownName}_activation` });
  else if (name !== 'linear')
    visit.add(
      'activation',
      visit.current.shape,
      { activation: name, result, ...namedSlope(name, text) },
      { name: `${ownName}_${name}` },
    );
  else if (result) made.result = result;
}
