import { HwcastError } from '../core/errors.js';
import { createRandom, type Random } from '../core/random.js';
import { SPACES } from '../graph/spaces/index.js';
import { type FeatureConfig, type FeatureModel, saveFeatures } from '../surrogate/metaTraining/featureModel.js';
import type { FeatureState } from '../surrogate/metaTraining/trainFeatures.js';
import type { NamedTensor } from '../surrogate/safetensors.js';
import { trainingCheckpoint } from '../surrogate/trainingCheckpoint.js';
import { initBackend } from '../tensor/backend.js';
import type { ClosedForm } from './closedForm.js';
import { closedFormFromParts, closedFormToParts } from './closedFormArtefact.js';
import { fitFeatureMap, population, scalingSet } from './featureMap.js';
import { learnedFeatures, loadLearned, trainLearnedFeatures } from './learnedFeatures.js';
import { leaveOneDeviceOut } from './leaveOneDeviceOut.js';
import type { TrainingInput, WorkOfMethod } from './method.js';
import { Mixture } from './mixture.js';
import type { Model, ModelInfo, ModelMetrics } from './model.js';
import { trainClosedForm } from './trainClosedForm.js';

/** Networks of each task that the encoder trains on. */
const NETWORKS = 900;
/** Variances of the learned features' weights; together the features have unit variance. */
const VARIANCES = [1e-2, 1e-1, 1];

/** Trains the encoder with checkpoints in `input.checkpoints` after every epoch; a run that was interrupted goes on where it was. */
async function trainEncoder(input: TrainingInput, networksPerTask: number): Promise<FeatureModel> {
  const encoder = input.settings?.encoder ?? 'mlp';
  if (encoder !== 'mlp' && encoder !== 'gnn') throw new HwcastError('usage', `no encoder '${encoder}'; mlp or gnn`);
  const epochs = input.settings?.epochs === undefined ? undefined : Number(input.settings.epochs);
  const key = JSON.stringify([
    input.domain,
    input.seed,
    encoder,
    epochs,
    networksPerTask,
    input.tasks.map((t) => [t.id, t.values.length, t.values[0], t.values.at(-1)]),
  ]);
  const checkpoint = trainingCheckpoint(input.checkpoints, `features-${encoder}`, key),
    saved = checkpoint.load();
  return trainLearnedFeatures(input.domain, input.workloads, input.tasks, networksPerTask, {
    encoder,
    epochs,
    seed: input.seed,
    every: 1,
    signal: input.signal,
    resume: saved && ({ epoch: saved.numbers.epoch!, arrays: saved.arrays } as unknown as FeatureState),
    onCheckpoint: (s) => checkpoint.save({ numbers: { epoch: s.epoch }, arrays: s.arrays }),
    onProgress: (p) => input.onProgress?.(p.epoch, p.epochs, `encoder, loss ${p.loss.toFixed(4)}`),
  });
}

/** A closed-form head on the features of an encoder meta-trained over the tasks. */
export async function trainLearnedHead(input: TrainingInput, random: Random, networksPerTask = NETWORKS): Promise<ClosedForm> {
  if (!SPACES[input.domain])
    throw new HwcastError('unsupported', 'the encoders read networks of a space, not free graphs', {
      hint: 'use --method closed-form',
    });
  await initBackend(process.env.HWCAST_BACKEND);
  const learned = learnedFeatures(await trainEncoder(input, Math.min(NETWORKS, networksPerTask)));
  const map = fitFeatureMap(input.domain, population(input.domain, random.fork('population')), { learned, groups: [] });
  return trainClosedForm(map, input.workloads, input.tasks, {
    name: 'learned',
    random: random.fork('train'),
    networksPerTask,
    learnedVariances: VARIANCES,
    onProgress: input.onProgress,
  });
}

/**
 * Our method: a closed-form head on physical features and one on the features of an encoder (MLP or GNN) meta-trained over devices, averaged by
 * the evidence of the support set.
 */
export const hwcastMethod: WorkOfMethod<MixtureModel> = {
  async train(input, info) {
    const random = createRandom(input.seed);
    const learned = await trainLearnedHead(input, random);
    const physical = trainClosedForm(
      fitFeatureMap(input.domain, scalingSet(input.domain, input.workloads, random)),
      input.workloads,
      input.tasks,
      {
        random: random.fork('train'),
        onProgress: input.onProgress,
      },
    );
    return mixtureModel(physical, learned, info, leaveOneDeviceOut([physical, learned], input));
  },
  toParts(model) {
    const { heads } = model.learner,
      [physical, learned] = heads.map(closedFormToParts);
    const { config, arrays } = saveFeatures((heads[1].state.map.learned as ReturnType<typeof learnedFeatures>).model);
    const prefixed = (prefix: string, tensors: Record<string, NamedTensor>) =>
      Object.fromEntries(Object.entries(tensors).map(([name, t]) => [`${prefix}.${name}`, t]));
    const encoder = Object.fromEntries(arrays.map((a): [string, NamedTensor] => [a.name, { shape: [...a.shape], data: a.data }]));
    return {
      parts: { physical: physical.head, learned: learned.head, encoder: config },
      scaler: { physical: physical.scaler, learned: learned.scaler },
      tensors: {
        ...prefixed('physical', physical.tensors),
        ...prefixed('learned', learned.tensors),
        ...prefixed('encoder', encoder),
      },
    };
  },
  async fromParts({ info, metrics, parts, scaler, tensors, where }) {
    await initBackend(process.env.HWCAST_BACKEND);
    const p = parts as { physical: unknown; learned: unknown; encoder: FeatureConfig },
      s = scaler as { physical: unknown; learned: unknown };
    const of = (prefix: string) =>
      Object.fromEntries(
        Object.entries(tensors).flatMap(([name, t]) =>
          name.startsWith(`${prefix}.`) ? [[name.slice(prefix.length + 1), t]] : [],
        ),
      );
    const encoder = loadLearned(
      p.encoder,
      Object.entries(of('encoder')).map(([name, t]) => ({ name, shape: t.shape, data: t.data as Float32Array })),
    );
    const physical = closedFormFromParts(info.domain, p.physical, s.physical, of('physical'), undefined, where);
    return mixtureModel(
      physical,
      closedFormFromParts(info.domain, p.learned, s.learned, of('learned'), encoder, where),
      info,
      metrics,
    );
  },
};

interface MixtureModel extends Model {
  readonly learner: Mixture;
}

function mixtureModel(physical: ClosedForm, learned: ClosedForm, info: ModelInfo, metrics: ModelMetrics): MixtureModel {
  return {
    info,
    metrics,
    learner: new Mixture('hwcast', [physical, learned]),
    references: [],
    trained: (task) => physical.trained(task),
  };
}
