import type { Task } from '../dataset/dataset.js';
import type { Target } from '../graph/targets.js';
import type { Workload } from '../graph/workload.js';
import {
  type IntervalEstimate,
  type Learner,
  type Prediction,
  type Predictor,
  type SupportRow,
  singleTarget,
} from '../surrogate/predictor.js';
import type { AdaptedClosedForm, ClosedForm } from './closedForm.js';

/**
 * Closed-form heads on different features, averaged by how probable each makes the support set (Bayesian model averaging over models, equal prior
 * probabilities): on a device like the training devices the learned features carry weight, on one unlike them the evidence turns to the physical ones.
 */
export class Mixture implements Learner {
  constructor(
    readonly name: string,
    readonly heads: readonly ClosedForm[],
  ) {}

  /** as the first head chooses */
  choose(candidates: readonly Workload[], k: number, measured?: readonly Workload[]): Workload[] {
    return this.heads[0].choose(candidates, k, measured);
  }

  adapt(support: readonly SupportRow[], task: Task): AdaptedMixture {
    return new AdaptedMixture(
      this.name,
      this.heads.map((h) => h.adapt(support, task)),
    );
  }
}

export class AdaptedMixture implements Predictor {
  /** posterior probability of each head */
  readonly probability: readonly number[];
  private readonly target: Target;

  constructor(
    readonly name: string,
    readonly members: readonly AdaptedClosedForm[],
  ) {
    const top = Math.max(...members.map((m) => m.posterior.logEvidence));
    const raw = members.map((m) => Math.exp(m.posterior.logEvidence - top)),
      total = raw.reduce((a, b) => a + b, 0);
    this.probability = raw.map((p) => p / total);
    this.target = members[0].task.target;
  }

  predict(workloads: readonly Workload[]): Prediction[] {
    const used = this.members.map((m, i) => ({ p: this.probability[i], m })).filter(({ p }) => p > 1e-3),
      sum = used.reduce((a, { p }) => a + p, 0);
    const each = used.map(({ p, m }) => ({ p: p / sum, predictions: m.predict(workloads) }));
    return workloads.map((_, i) => {
      const estimates = each.map(({ p, predictions }) => ({ p, of: predictions[i].targets[this.target] as IntervalEstimate }));
      const average = (key: 'value' | 'low' | 'high') => estimates.reduce((a, { p, of }) => a + p * of[key], 0);
      return singleTarget(
        this.target,
        { ...estimates[0].of, value: average('value'), low: average('low'), high: average('high') },
        [...new Set(each.flatMap(({ predictions }) => predictions[i].warnings))],
      );
    });
  }
}
