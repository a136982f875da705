import { createRandom } from '../../core/random.js';
import { type FpgaSourceRow, readFpgaSources } from '../../fpga/data/fpgaSources.js';
import { adaptStage, STAGE_TARGETS } from '../../fpga/stages/stageModel.js';
import { STAGE_BASELINES } from '../baselines/stageBaselines.js';
import type { Answers, CaseGroup, CaseMethod, EvaluationCase } from '../evaluationCase.js';
import { ADAPTED_COUNT_SCORING, type Answer } from '../scoring.js';
import { fpgaFolder, type Protocol } from './protocol.js';
import { type SourcedPair, stagePairs } from './stagePairs.js';

export interface StageOptions {
  /** numbers of measured pairs */
  sizes?: readonly number[];
  draws?: number;
  seed?: number;
}

export type StageSetting = 'pair' | 'model' | 'source';
type StageTarget = (typeof STAGE_TARGETS)[number];
/** Fewest pairs that anything is learned from. */
const LEAST_PAIRS = 2;
/** Draws of each model at most. */
const MOST_MODEL_DRAWS = 10;

/** The task of rows in a setting of `stageGroup`. */
export const stageTask = (setting: StageSetting): string => `csynth to vsynth, ${setting}`;

const answersOf = (predictions: readonly Record<StageTarget, Answer>[]): Answers =>
  Object.fromEntries(STAGE_TARGETS.map((target) => [target, predictions.map((p) => p[target])]));

/** The head, ridge, the median ratio, csynth as it is. */
const METHODS: readonly CaseMethod<SourcedPair>[] = [
  { name: 'stage model', answer: (support, query) => answersOf(adaptStage(support).predict(query)) },
  ...STAGE_BASELINES.map(
    ({ name, predict }): CaseMethod<SourcedPair> => ({
      name,
      answer(support, query) {
        const predicted = predict(support, query);
        return Object.fromEntries(STAGE_TARGETS.map((target) => [target, predicted.map((p) => ({ value: p[target] }))]));
      },
    }),
  ),
];

/**
 * csynth to vsynth with `sizes` pairs. Settings: `pair` (drawn among all pairs, so that variants of a model may stand on both sides: what a user who
 * adapts to a project of their own has), `model` (the designs asked about are of models none of whose variants are among the pairs; each model in
 * turn, as many pairs as there are up to k), `source` (all pairs of the other sources).
 */
export function stageGroup(rows: readonly FpgaSourceRow[], options: StageOptions = {}): CaseGroup {
  const { sizes = [5, 10], draws = 50, seed = 0 } = options;
  const pairs = stagePairs(rows),
    random = createRandom(seed).fork('stage transfer');
  const stageCase = (
    setting: StageSetting,
    device: string,
    how: {
      sizes: readonly number[];
      draws: number;
      /** the first k are measured */
      order(k: number, draw: number): readonly SourcedPair[];
      /** what is asked beside; all that was not measured unless given */
      asked?: readonly SourcedPair[];
    },
  ): EvaluationCase<SourcedPair> => ({
    place: { protocol: 'fpga', space: 'hls4ml', task: stageTask(setting), device },
    targets: STAGE_TARGETS,
    sizes: how.sizes,
    selections: ['random'],
    draws: () => how.draws,
    parts: (draw, k) => [
      {
        methods: METHODS,
        candidates() {
          const order = how.order(k, draw);
          return Math.min(k, order.length) < LEAST_PAIRS ? undefined : order;
        },
        query: (support) => how.asked ?? how.order(k, draw).slice(support.length),
      },
    ],
    truth: (pair, target) => pair.late[target as StageTarget],
    scoring: ADAPTED_COUNT_SCORING,
  });
  const shuffled = (name: string, some: readonly SourcedPair[]) => random.fork(name).shuffle([...some]);
  const byModel = [...new Set(pairs.map((p) => p.modelId))].flatMap((model) => {
    const others = pairs.filter((p) => p.modelId !== model);
    return sizes.map((k) =>
      stageCase('model', model, {
        sizes: [k],
        draws: others.length > k ? Math.min(draws, MOST_MODEL_DRAWS) : 1,
        order: (_, draw) => shuffled(`${model} ${k} ${draw}`, others),
        asked: pairs.filter((p) => p.modelId === model),
      }),
    );
  });
  const bySource = [...new Set(pairs.map((p) => p.source))].map((source) => {
    const others = pairs.filter((p) => p.source !== source);
    return stageCase('source', source, {
      sizes: [others.length],
      draws: 1,
      order: () => others,
      asked: pairs.filter((p) => p.source === source),
    });
  });
  const all = stageCase('pair', 'all pairs', { sizes, draws, order: (k, draw) => shuffled(`${k} ${draw}`, pairs) });
  return { cases: [all, ...byModel, ...bySource], across: 'mean' };
}

/** From csynth to vsynth with pairs of real projects. */
export const fpgaStage: Protocol = {
  name: 'fpga',
  part: 'stage',
  report: 'counts',
  async *groups(options) {
    const { draws, seed } = options;
    yield stageGroup(readFpgaSources(fpgaFolder(options), { onIssue: () => {} }), { draws, seed });
  },
};
