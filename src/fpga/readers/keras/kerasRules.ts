import { shapeWithoutBatch } from '../../../graph/readers/keras/kerasLayer.js';
import { einsum, einsumDense, multiHeadAttention } from './attentionLayers.js';
import { activation, activationClass, batchNorm, transparent } from './elementwiseLayers.js';
import type { KerasRule } from './kerasVisit.js';
import { concatenate, dot, merge } from './mergeLayers.js';
import { globalPool, pool } from './poolingLayers.js';
import { cropping, flatten, garNet, permute, repeatVector, reshape, upSampling, zeroPadding } from './shapeLayers.js';
import { conv, dense, depthwiseConv, embedding, recurrent, separableConv, transposedConv } from './weightedLayers.js';
import { bidirectional } from './wrapperLayers.js';

/** What becomes of a layer, and whether an activation named inside it becomes a layer of its own. */
interface KerasEntry {
  rule: KerasRule;
  innerActivation: boolean;
}

const all = (types: readonly string[], rule: KerasRule): Record<string, KerasRule> =>
  Object.fromEntries(types.map((type) => [type, rule]));
/** `stem` over signals and pictures: `conv1d`, `conv2d`. */
const overAxes = (stem: string, rule: KerasRule): Record<string, KerasRule> => all([`${stem}1d`, `${stem}2d`], rule);

/** Layers by `kerasType`. */
const RULES: Record<string, KerasRule> = {
  dense,
  einsumdense: einsumDense,
  einsum,
  ...overAxes('conv', conv),
  ...overAxes('depthwiseconv', depthwiseConv),
  ...overAxes('separableconv', separableConv),
  conv1dtranspose: transposedConv,
  conv2dtranspose: transposedConv,
  embedding,
  ...overAxes('maxpooling', pool('max_pool')),
  ...overAxes('averagepooling', pool('avg_pool')),
  ...overAxes('globalmaxpooling', globalPool('global_max_pool')),
  ...overAxes('globalaveragepooling', globalPool('global_avg_pool')),
  batchnormalization: batchNorm,
  flatten,
  reshape,
  permute,
  ...overAxes('zeropadding', zeroPadding),
  ...overAxes('upsampling', upSampling),
  ...overAxes('cropping', cropping),
  repeatvector: repeatVector,
  garnet: garNet,
  garnetstack: garNet,
  add: merge('add'),
  subtract: merge('subtract'),
  multiply: merge('multiply'),
  average: merge('average'),
  maximum: merge('maximum'),
  minimum: merge('minimum'),
  concatenate,
  dot,
  ...all(
    [
      'dropout',
      'spatialdropout1d',
      'spatialdropout2d',
      'alphadropout',
      'gaussiannoise',
      'gaussiandropout',
      'activityregularization',
      'masking',
      'identity',
      // HGQ's quantisers: their widths are in the weights file
      'hquantize',
      'signature',
      'fixedpointquantizer',
      'quantizer',
    ],
    transparent,
  ),
};

/** Layers whose `activation` is their own task, or belongs to the gates of a cell. */
const ACTIVATION_RULES: Record<string, KerasRule> = {
  activation,
  ...all(['relu', 'leakyrelu', 'prelu', 'elu', 'thresholdedrelu', 'softmax'], activationClass),
  gru: recurrent('gru'),
  lstm: recurrent('lstm'),
  simplernn: recurrent('simple_rnn'),
  bidirectional,
  multiheadattention: multiHeadAttention,
};

/** Classes without a rule whose result has the shape of what they read. */
const SAME_SHAPE: ReadonlySet<string> = new Set([
  'layernormalization',
  'unitnormalization',
  'rmsnormalization',
  'thresholdedrelu',
]);

/** A class without a rule: opaque, of the shape it states, or of its input's. */
const unknown: KerasRule = (visit) => {
  const { output_shape: stated } = visit.config,
    { className } = visit.layer;
  const known = Array.isArray(stated) || SAME_SHAPE.has(visit.type),
    outShape = Array.isArray(stated) ? shapeWithoutBatch(stated, visit.layer, visit.walk.where) : visit.current.shape;
  visit.opaque(
    `layer kind '${className}' is not supported${known ? '' : ', its result taken to have the shape of what it reads'}`,
    { outShape },
  );
};

/** The entry of a layer type (`kerasType`). */
export function kerasEntry(type: string): KerasEntry {
  if (Object.hasOwn(ACTIVATION_RULES, type)) return { rule: ACTIVATION_RULES[type], innerActivation: false };
  if (Object.hasOwn(RULES, type)) return { rule: RULES[type], innerActivation: true };
  return { rule: unknown, innerActivation: false };
}
