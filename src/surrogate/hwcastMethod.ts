import { HwcastError } from '../errors.js';
import { fitFeatureMap, population } from '../features/featureMap.js';
import { SPACES } from '../graph/spaces/index.js';
import { initBackend } from '../tensor/backend.js';
import { createRandom } from '../tensor/random.js';
import { trainClosedForm } from './closedForm.js';
import { closedFormFromParts, closedFormToParts } from './closedFormArtefact.js';
import { closedFormModel } from './closedFormMethod.js';
import { learnedFeatures, loadLearned, saveLearned, trainLearnedFeatures } from './learnedFeatures.js';
import { leaveOneDeviceOut } from './leaveOneDeviceOut.js';
import type { FeatureConfig, FeatureModel } from './metaTraining/featureModel.js';
import type { FeatureState } from './metaTraining/trainFeatures.js';
import type { Method, TrainingInput } from './method.js';
import { trainingCheckpoint } from './trainingCheckpoint.js';

/** Networks of each task that the encoder trains on. */
const NETWORKS = 900;

/** Trains the encoder with checkpoints in `input.checkpoints`; a run that was interrupted goes on where it was. */
export async function encoderOf(
  input: TrainingInput,
  map: Parameters<typeof trainLearnedFeatures>[3],
  networksPerTask = NETWORKS,
): Promise<FeatureModel> {
  const encoder = input.settings?.encoder ?? 'mlp';
  if (encoder !== 'mlp' && encoder !== 'gnn') throw new HwcastError('usage', `no encoder '${encoder}'; mlp or gnn`);
  const epochs = input.settings?.epochs === undefined ? undefined : Number(input.settings.epochs);
  const key = JSON.stringify([
    input.domain,
    input.seed,
    encoder,
    epochs,
    Boolean(map),
    networksPerTask,
    input.tasks.map((t) => [t.id, t.values.length, t.values[0], t.values.at(-1)]),
  ]);
  const checkpoint = trainingCheckpoint(input.checkpoints, `features-${encoder}`, key),
    saved = checkpoint.load();
  return trainLearnedFeatures(input.domain, input.workloads, input.tasks, map, networksPerTask, {
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

/**
 * Our method: an encoder (MLP or GNN) meta-trained over devices on what physical features leave supplies further features, and the closed-form
 * head adapts on both; evidence decides how far a device is allowed to use the learned ones.
 */
export const hwcastMethod: Method = {
  name: 'hwcast',
  summary: 'closed form on physical and learned features (MLP or GNN encoder meta-trained over devices; --set encoder=gnn)',
  async train(input, info) {
    if (!SPACES[input.domain])
      throw new HwcastError('unsupported', 'the encoders read networks of a space, not free graphs', {
        hint: 'use --method closed-form',
      });
    await initBackend(process.env.HWCAST_BACKEND);
    const random = createRandom(input.seed),
      networks = population(input.domain, random.fork('population'));
    const model = await encoderOf(input, fitFeatureMap(input.domain, networks));
    const map = fitFeatureMap(input.domain, networks, { learned: learnedFeatures(model) });
    const head = trainClosedForm(map, input.workloads, input.tasks, {
      name: 'hwcast',
      random: random.fork('train'),
      onProgress: input.onProgress,
    });
    return closedFormModel(head, info, leaveOneDeviceOut(head, input));
  },
  toParts(model) {
    const { head } = model as ReturnType<typeof closedFormModel>,
      { head: parts, scaler, tensors } = closedFormToParts(head);
    const { config, arrays } = saveLearned((head.state.map.learned as ReturnType<typeof learnedFeatures>).model);
    return {
      parts: { head: parts, encoder: config },
      scaler,
      tensors: {
        ...tensors,
        ...Object.fromEntries(arrays.map((a) => [`encoder.${a.name}`, { shape: [...a.shape], data: a.data }])),
      },
    };
  },
  async fromParts({ info, metrics, parts, scaler, tensors, where }) {
    await initBackend(process.env.HWCAST_BACKEND);
    const { head, encoder } = parts as { head: unknown; encoder: FeatureConfig };
    const arrays = Object.entries(tensors)
      .filter(([name]) => name.startsWith('encoder.'))
      .map(([name, t]) => ({ name: name.slice('encoder.'.length), shape: t.shape, data: t.data as Float32Array }));
    return closedFormModel(
      closedFormFromParts(info.domain, head, scaler, tensors, loadLearned(encoder, arrays), where),
      info,
      metrics,
    );
  },
};
