import { HwcastError } from '../core/errors.js';
import { createRandom } from '../core/random.js';
import { kindNamed } from '../surrogate/kind.js';
import type { ClosedForm } from './closedForm.js';
import { closedFormFromParts, closedFormToParts } from './closedFormArtefact.js';
import { fitFeatureMap, scalingSet } from './featureMap.js';
import { leaveOneDeviceOut } from './leaveOneDeviceOut.js';
import type { Method } from './method.js';
import type { Model, ModelInfo, ModelMetrics } from './model.js';
import { trainClosedForm } from './trainClosedForm.js';

/** A model whose head is closed form, with or without learned features. */
interface ClosedFormModel extends Model {
  readonly learner: ClosedForm;
}

function closedFormModel(head: ClosedForm, info: ModelInfo, metrics: ModelMetrics): ClosedFormModel {
  return { info, metrics, learner: head, references: [], trained: (task) => head.trained(task) };
}

/** Empirical Bayes on physical features: the baseline to beat, and what `hwcast` stands on. */
export const closedFormMethod: Method<ClosedFormModel> = {
  name: 'closed-form',
  summary: 'hierarchical Bayesian linear model on physical features (seconds to train)',
  async train(input, info) {
    const random = createRandom(input.seed);
    const map = fitFeatureMap(input.domain, scalingSet(input.domain, input.workloads, random));
    const head = trainClosedForm(map, input.workloads, input.tasks, {
      random: random.fork('train'),
      link: kindNamed(input.domain).link,
      onProgress: input.onProgress,
    });
    return closedFormModel(head, info, leaveOneDeviceOut([head], input));
  },
  toParts(model) {
    const { head, scaler, tensors } = closedFormToParts(model.learner);
    return { parts: head, scaler, tensors };
  },
  async fromParts({ info, metrics, parts, scaler, tensors, where }) {
    if (!info.domain) throw new HwcastError('corrupt', 'model without a domain', { where });
    return closedFormModel(closedFormFromParts(info.domain, parts, scaler, tensors, undefined, where), info, metrics);
  },
};
