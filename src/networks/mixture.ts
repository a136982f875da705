import type { Workload } from '../graph/workload.js';
import type { FewShotPredictor, Prediction, Predictor, SupportRow, SupportTask } from '../surrogate/predictor.js';
import type { AdaptedClosedForm, ClosedForm } from './closedForm.js';

/**
 * Closed-form heads on different features, averaged by how probable each makes the support set (Bayesian model averaging over models, equal prior
 * probabilities): on a device like the training devices the learned features carry weight, on one unlike them the evidence turns to the physical ones.
 */
export class Mixture implements FewShotPredictor {
  constructor(
    readonly name: string,
    readonly heads: readonly ClosedForm[],
  ) {}

  adapt(support: readonly SupportRow[], task: SupportTask): AdaptedMixture {
    return new AdaptedMixture(
      this.name,
      this.heads.map((h) => h.adapt(support, task)),
    );
  }
}

export class AdaptedMixture implements Predictor {
  /** posterior probability of each head */
  readonly probability: readonly number[];

  constructor(
    readonly name: string,
    readonly members: readonly AdaptedClosedForm[],
  ) {
    const top = Math.max(...members.map((m) => m.posterior.logEvidence));
    const raw = members.map((m) => Math.exp(m.posterior.logEvidence - top)),
      total = raw.reduce((a, b) => a + b, 0);
    this.probability = raw.map((p) => p / total);
  }

  predict(workloads: readonly Workload[]): Prediction[] {
    const used = this.members.map((m, i) => ({ p: this.probability[i], m })).filter(({ p }) => p > 1e-3),
      sum = used.reduce((a, { p }) => a + p, 0);
    const each = used.map(({ p, m }) => ({ p: p / sum, predictions: m.predict(workloads) }));
    return workloads.map((_, i) => {
      const average = (key: 'value' | 'low' | 'high') => each.reduce((a, { p, predictions }) => a + p * predictions[i][key], 0);
      return {
        ...each[0].predictions[i],
        value: average('value'),
        low: average('low'),
        high: average('high'),
        warnings: [...new Set(each.flatMap(({ predictions }) => predictions[i].warnings))],
      };
    });
  }
}
