import { FEATURE_GROUPS, type FeatureGroup } from '../../features/physicalFeatures.js';

/** Prior variance of each feature group, shared among its columns, that networks to measure are chosen under; `device` weighs the training tasks. */
const CHOICE_VARIANCE: Partial<Record<FeatureGroup, number>> = { physical: 0.13, choice: 0.02 };

/** What `chooseSupport` needs to know of the prior of a model whose columns are of these feature groups. */
export function priorOfChoice(group: Uint8Array): { variance: number[]; device: number } {
  const columns = FEATURE_GROUPS.map((_, g) => group.reduce((n, of) => n + (of === g ? 1 : 0), 0));
  return { variance: FEATURE_GROUPS.map((g, i) => (CHOICE_VARIANCE[g] ?? 0) / Math.max(1, columns[i])), device: 0.1 };
}
