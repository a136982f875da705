import { createRandom } from '../core/random.js';
import type { ClosedForm } from '../networks/closedForm.js';
import { type FeatureMap, fitFeatureMap, scalingSet } from '../networks/featureMap.js';
import { helpModelOf, helpPredictor } from '../networks/helpMethod.js';
import { trainLearnedHead } from '../networks/hwcastMethod.js';
import type { TrainingInput } from '../networks/method.js';
import { Mixture } from '../networks/mixture.js';
import { trainClosedForm } from '../networks/trainClosedForm.js';
import { kindNamed } from '../surrogate/kind.js';
import type { FewShot } from '../surrogate/predictor.js';
import { additiveMixture } from './baselines/additiveMixture.js';
import { deviceRidge } from './baselines/deviceRidge.js';
import { flopsBaseline } from './baselines/flops.js';
import { nearestDevice } from './baselines/nearestDevice.js';
import { rooflineBaseline } from './baselines/rooflineScaled.js';
import type { NetworkSplit } from './protocols/networkSplit.js';

/** Everything the methods of one split share: the feature map and the closed form that chooses networks. */
export interface SplitContext {
  split: NetworkSplit;
  seed: number;
  map: FeatureMap;
  closedForm: ClosedForm;
  /** folder for checkpoints of long trainings */
  checkpoints?: string;
  onProgress?(text: string): void;
}

export function splitContext(
  split: NetworkSplit,
  seed: number,
  options: { checkpoints?: string; onProgress?(text: string): void } = {},
): SplitContext {
  const random = createRandom(seed);
  const map = fitFeatureMap(split.space, scalingSet(split.space, split.workloads, random));
  const closedForm = trainClosedForm(map, split.workloads, split.train, {
    random: random.fork('train'),
    networksPerTask: split.networksPerTask,
    link: kindNamed(split.space).link,
  });
  return { split, seed, map, closedForm, ...options };
}

/** A method under evaluation: trained once per split. `needsReferences`: HELP's reference networks are part of every support set and counted. */
export interface EvaluationMethod {
  readonly name: string;
  readonly needsReferences?: boolean;
  fit(context: SplitContext): Promise<FewShot>;
}

const input = ({ split, map }: SplitContext) => ({ map, workloads: split.workloads, tasks: split.train });

/** Training input of the methods that train an encoder or HELP. */
function trainingInput(
  { split, seed, checkpoints, onProgress }: SplitContext,
  settings: Record<string, string | number> = {},
): TrainingInput {
  let last = Date.now();
  return {
    domain: split.space,
    workloads: split.workloads,
    tasks: split.train,
    seed,
    settings,
    checkpoints: checkpoints && `${checkpoints}/${split.protocol}-${split.task}`,
    onProgress(done, total, what) {
      if (Date.now() - last < 20_000) return;
      last = Date.now();
      onProgress?.(`  ${what}: ${done}/${total}`);
    },
  };
}

/** A closed-form head on learned features alone. */
async function learnedHead(context: SplitContext, encoder: 'mlp' | 'gnn'): Promise<ClosedForm> {
  const { split, seed } = context;
  return trainLearnedHead(trainingInput(context, { encoder }), createRandom(seed), split.networksPerTask);
}

export const EVALUATION_METHODS: Readonly<Record<string, EvaluationMethod>> = Object.fromEntries(
  (
    [
      { name: 'flops', fit: async () => flopsBaseline() },
      { name: 'roofline', fit: async () => rooflineBaseline() },
      { name: 'device-ridge', fit: async (c) => deviceRidge(input(c)) },
      { name: 'nearest-device', fit: async (c) => nearestDevice(input(c)) },
      { name: 'additive-mixture', fit: async (c) => additiveMixture(input(c)) },
      { name: 'closed-form', fit: async (c) => c.closedForm },
      { name: 'learned', fit: (c) => learnedHead(c, 'mlp') },
      { name: 'learned-gnn', fit: (c) => learnedHead(c, 'gnn') },
      { name: 'hwcast', fit: async (c) => new Mixture('hwcast', [c.closedForm, await learnedHead(c, 'mlp')]) },
      { name: 'hwcast-gnn', fit: async (c) => new Mixture('hwcast-gnn', [c.closedForm, await learnedHead(c, 'gnn')]) },
      {
        name: 'help',
        needsReferences: true,
        fit: async (c) =>
          helpPredictor(await helpModelOf(trainingInput(c), c.split.references, c.split.validation, c.split.referenceValues)),
      },
    ] satisfies EvaluationMethod[]
  ).map((m) => [m.name, m]),
);
