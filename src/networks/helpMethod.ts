import { HwcastError } from '../core/errors.js';
import { createRandom } from '../core/random.js';
import { SPACES } from '../graph/spaces/index.js';
import { UNITS } from '../graph/targets.js';
import { spaceWorkload, type Workload } from '../graph/workload.js';
import { adaptHelp, predictHelp } from '../surrogate/help/adaptHelp.js';
import { type HelpConfig, type HelpModel, loadHelp, saveHelp } from '../surrogate/help/helpModel.js';
import { type HelpState, trainHelp } from '../surrogate/help/trainHelp.js';
import type { MetaTask } from '../surrogate/metaTraining/metaTask.js';
import { type FewShot, type Prediction, type Predictor, singleTarget } from '../surrogate/predictor.js';
import { trainingCheckpoint } from '../surrogate/trainingCheckpoint.js';
import { initBackend } from '../tensor/backend.js';
import { checkSupport } from './checkSupport.js';
import type { TrainingInput, WorkOfMethod } from './method.js';
import type { Model, ModelInfo, ModelMetrics } from './model.js';

/** Standard deviations that a 90 % interval reaches, in the digits that adapters of HELP were made with. */
const INTERVAL_WIDTH = 1.645;

const REFERENCES = 10;

/**
 * Trains HELP on the tasks of `input`. `references`: rows of `input.workloads` that every task has measured; the first ten common ones in a seeded
 * order unless told. `referenceValues`: their values (SI) by device, where the tasks' own networks do not include them.
 */
export async function helpModelOf(
  input: TrainingInput,
  references?: readonly number[],
  validation: TrainingInput['tasks'] = [],
  referenceValues: ReadonlyMap<string, Float64Array> = new Map(),
): Promise<HelpModel> {
  const space = SPACES[input.domain];
  if (!space)
    throw new HwcastError('unsupported', 'HELP reads networks of a space, not free graphs', { hint: 'use --method closed-form' });
  await initBackend(process.env.HWCAST_BACKEND);
  const chosen = references ?? commonRows(input);
  const archOf = (row: number) => input.workloads[row].arch!;
  const metaTask = (task: TrainingInput['tasks'][number]): MetaTask => {
    const at = new Map(Array.from(task.rows, (row, i) => [row, i]));
    // like the paper's pools, the training pool loses its fastest and slowest tenth
    const order = Array.from(task.rows.keys()).sort((a, b) => task.values[a] - task.values[b]),
      cut = Math.floor(order.length / 10);
    const keep = order.slice(cut, order.length - cut).sort((a, b) => a - b);
    return {
      id: task.id,
      space,
      archs: keep.map((i) => archOf(task.rows[i])),
      values: Float64Array.from(keep, (i) => task.values[i]),
      references:
        referenceValues.get(task.device) ??
        Float64Array.from(chosen, (row) => {
          const i = at.get(row);
          if (i === undefined)
            throw new HwcastError('bad-input', `reference network '${input.workloads[row].id}' was not measured`, {
              where: `task '${task.id}'`,
            });
          return task.values[i];
        }),
    };
  };
  const episodes =
    input.settings?.episodes === undefined ? (input.domain === 'fbnet' ? 4000 : 2000) : Number(input.settings.episodes);
  const key = JSON.stringify([
    input.domain,
    input.seed,
    episodes,
    chosen,
    input.tasks.map((t) => [t.id, t.values.length, t.values[0]]),
  ]);
  const checkpoint = trainingCheckpoint(input.checkpoints, 'help', key),
    saved = checkpoint.load();
  return trainHelp(input.tasks.map(metaTask), {
    references: chosen.map(archOf),
    episodes,
    seed: input.seed,
    validation: validation.length ? validation.map(metaTask) : undefined,
    signal: input.signal,
    resume:
      saved &&
      ({
        episode: saved.numbers.episode!,
        arrays: saved.arrays,
        best: { episode: saved.numbers.best!, validationSpearman: saved.numbers.validationSpearman },
      } as unknown as HelpState),
    onCheckpoint: (s) =>
      checkpoint.save({
        numbers: { episode: s.episode, best: s.best.episode, validationSpearman: s.best.validationSpearman },
        arrays: s.arrays,
      }),
    onProgress: (p) => input.onProgress?.(p.episode, p.episodes, `HELP, loss ${p.loss.toFixed(4)}`),
  });
}

function commonRows(input: TrainingInput): number[] {
  const counts = new Map<number, number>();
  for (const t of input.tasks) for (const row of t.rows) counts.set(row, (counts.get(row) ?? 0) + 1);
  const common = [...counts]
    .filter(([, n]) => n === input.tasks.length)
    .map(([row]) => row)
    .sort((a, b) => a - b);
  if (common.length < REFERENCES)
    throw new HwcastError(
      'bad-input',
      `${common.length} networks were measured on every training device, HELP needs ${REFERENCES} as references`,
    );
  return createRandom(input.seed)
    .fork('references')
    .sample(common.length, REFERENCES)
    .map((i) => common[i]);
}

/** HELP as a few-shot predictor: its ten reference networks must be among the support, and all of them count. Rank and milliseconds; the interval is a factor from its errors on the support. */
export function helpPredictor(model: HelpModel): FewShot {
  const references = model.references.map((arch) => spaceWorkload(model.space, arch));
  return {
    name: 'help',
    adapt(support, task): Predictor {
      checkSupport(support);
      const byId = new Map(support.map((s) => [s.workload.id, s])),
        missing = references.filter((r) => !byId.has(r.id));
      if (missing.length)
        throw new HwcastError(
          'bad-input',
          `HELP needs its ${references.length} reference networks in the support set; ${missing.length} are missing, e.g. '${missing[0].id}'`,
          { hint: '`hwcast sample` names them first' },
        );
      const ids = new Set(references.map((r) => r.id)),
        rest = support.filter((s) => !ids.has(s.workload.id));
      if (!rest.length)
        throw new HwcastError('bad-input', 'HELP needs measurements beside its reference networks', {
          hint: 'measure about ten more',
        });
      const adapted = adaptHelp(model, {
        references: Float64Array.from(references, (r) => byId.get(r.id)!.value),
        support: { archs: rest.map((s) => s.workload.arch!), values: Float64Array.from(rest, (s) => s.value) },
      });
      const own = predictHelp(
        adapted,
        support.map((s) => s.workload.arch!),
      );
      const error =
          Math.sqrt(support.reduce((a, s, i) => a + Math.log(own[i] / s.value) ** 2, 0) / support.length) *
          Math.sqrt(1 + 2 / support.length),
        factor = Math.exp(INTERVAL_WIDTH * error);
      return {
        name: 'help',
        predict(workloads): Prediction[] {
          const foreign = workloads.find((w) => w.space !== model.space);
          if (foreign)
            throw new HwcastError(
              'unsupported',
              `'${foreign.id}' is not of ${model.space.name}, which this model was trained on`,
              { hint: 'use a model of its space, or --device for the roofline' },
            );
          return Array.from(
            predictHelp(
              adapted,
              workloads.map((w) => w.arch!),
            ),
            (value) =>
              singleTarget(task.target, {
                value,
                low: value / factor,
                high: value * factor,
                unit: UNITS[task.target],
                provenance: 'adapted',
              }),
          );
        },
      };
    },
  };
}

interface TrainedHelp extends Model {
  readonly help: HelpModel;
}

function helpModel(model: HelpModel, info: ModelInfo, metrics: ModelMetrics): TrainedHelp {
  const references: Workload[] = model.references.map((arch) => spaceWorkload(model.space, arch)),
    ids = new Set(references.map((r) => r.id));
  return {
    help: model,
    info,
    metrics,
    references,
    learner: {
      ...helpPredictor(model),
      choose(candidates, k, measured = []) {
        const taken = new Set(measured.map((w) => w.id)),
          free = candidates.filter((w) => !taken.has(w.id));
        const others = createRandom(info.seed)
          .fork('choose')
          .shuffle(free.filter((w) => !ids.has(w.id)));
        return [...free.filter((w) => ids.has(w.id)), ...others].slice(0, k);
      },
    },
    trained({ device, target }) {
      throw new HwcastError('unsupported', `a HELP model predicts adapted devices only, not '${device}' (${target})`, {
        hint: 'adapt it with measurements of the device',
      });
    },
  };
}

export const helpMethod: WorkOfMethod<TrainedHelp> = {
  async train(input, info) {
    const latency = input.tasks.filter((t) => t.target === 'latency');
    return helpModel(await helpModelOf({ ...input, tasks: latency.length ? latency : input.tasks }), info, {
      protocol: 'none; see the HELP protocol of `hwcast evaluate`',
      rows: [],
    });
  },
  toParts(model) {
    const { config, arrays } = saveHelp(model.help);
    return {
      parts: config,
      scaler: {},
      tensors: Object.fromEntries(arrays.map((a) => [a.name, { shape: [...a.shape], data: a.data }])),
    };
  },
  async fromParts({ info, metrics, parts, tensors }) {
    await initBackend(process.env.HWCAST_BACKEND);
    return helpModel(
      loadHelp(
        parts as HelpConfig,
        Object.entries(tensors).map(([name, t]) => ({ name, shape: t.shape, data: t.data as Float32Array })),
      ),
      info,
      metrics,
    );
  },
};
