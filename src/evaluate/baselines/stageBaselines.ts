import { median } from '../../core/statistics.js';
import {
  STAGE_TARGETS,
  type StageCounts,
  type StagedDesign,
  type StagePair,
  stageFeatures,
} from '../../fpga/stages/stageModel.js';
import { ridgePredict } from './ridgePredict.js';

/** A simpler way from csynth counts to later ones, from the same pairs. */
export interface StageBaseline {
  readonly name: string;
  predict(support: readonly StagePair[], query: readonly StagedDesign[]): StageCounts[];
}
type StageTarget = (typeof STAGE_TARGETS)[number];

/** log of late / early */
const logRatio = ({ early, late }: StagePair, target: StageTarget): number =>
  Math.log(Math.max(1, late[target]) / Math.max(1, early[target]));

/** Counts of csynth times a factor of each target and design. */
const scaled = (
  query: readonly StagedDesign[],
  factors: (target: StageTarget) => (position: number) => number,
): StageCounts[] => {
  const byTarget = STAGE_TARGETS.map((target) => [target, factors(target)] as const);
  return query.map(
    ({ early }, i) => Object.fromEntries(byTarget.map(([target, factor]) => [target, early[target] * factor(i)])) as StageCounts,
  );
};

/** In the order in which the protocol shows them. */
export const STAGE_BASELINES: readonly StageBaseline[] = [
  {
    name: 'ridge',
    predict(support, query) {
      const [known, asked] = [support, query].map((some) => some.map((p) => [...stageFeatures(p)]));
      return scaled(query, (target) => {
        const fitted = ridgePredict(
          known,
          support.map((p) => logRatio(p, target)),
          asked,
        );
        return (i) => Math.exp(fitted[i]);
      });
    },
  },
  {
    name: 'median ratio',
    predict: (support, query) =>
      scaled(query, (target) => {
        const ratio = Math.exp(median(support.map((p) => logRatio(p, target))));
        return () => ratio;
      }),
  },
  { name: 'csynth', predict: (_, query) => scaled(query, () => () => 1) },
];
