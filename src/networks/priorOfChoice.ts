import { FEATURE_GROUPS, type FeatureGroup } from '../surrogate/featureGroups.js';

/** Prior variance that networks to measure are chosen under, shared among the columns of the groups it is named for. */
const CHOICE_VARIANCE: readonly { groups: readonly FeatureGroup[]; variance: number }[] = [
  { groups: ['physical', 'compiled'], variance: 0.13 },
  { groups: ['choice'], variance: 0.02 },
];

/** What `chooseSupport` needs to know of the prior of a model whose columns are of these feature groups; `device` weighs the training tasks. */
export function priorOfChoice(group: Uint8Array): { variance: number[]; device: number } {
  const each = new Map(
    CHOICE_VARIANCE.flatMap(({ groups, variance }) => {
      const columns = group.reduce((n, of) => n + (groups.includes(FEATURE_GROUPS[of]) ? 1 : 0), 0);
      return groups.map((g): [FeatureGroup, number] => [g, variance / Math.max(1, columns)]);
    }),
  );
  return { variance: FEATURE_GROUPS.map((g) => each.get(g) ?? 0), device: 0.1 };
}
