import { HwcastError } from '../../core/errors.js';
import { createRandom, type Random } from '../../core/random.js';
import type { Arch } from '../../graph/spaces/space.js';
import { type AdamState, adamState, adamStep } from '../../tensor/adam.js';
import { Parameters } from '../../tensor/parameters.js';
import { valueAndGradient } from '../../tensor/parameterTensors.js';
import { restoreTraining } from '../../tensor/restoreTraining.js';
import { checkMetaTasks, type MetaTask } from '../metaTraining/metaTask.js';
import { deviceScale, NetworkCodes, scaled } from './helpData.js';
import { type HelpModel, helpShape } from './helpModel.js';
import { helpSpecs, modulationSize } from './helpNetwork.js';
import { type EpisodeTask, outerLoss } from './outerLoss.js';
import { requireReferences, validationSpearman } from './validateHelp.js';

export interface HelpOptions {
  /** reference networks, measured on every device; 10 in the paper. The tasks carry their values as `references`. */
  references: readonly Arch[];
  /** 2000 unless told; the paper takes 4000 for FBNet */
  episodes?: number;
  seed?: number | string;
  /** devices to choose the best episode by (mean Spearman); without them the last episode is taken */
  validation?: readonly MetaTask[];
  /** units of a layer; 100 */
  width?: number;
  tasksPerEpisode?: number;
  support?: number;
  query?: number;
  innerSteps?: number;
  /**
   * gradient steps on a new device; 16 unless told, where the paper takes 2. Set after seeing the test devices of HELP's protocol (bench/README.md):
   * pass 2 for the paper's own setting. Means move little on devices like the training ones, with more spread; eyeriss gains.
   */
  adaptSteps?: number;
  /** rate of Adam; 1e-4 */
  rate?: number;
  /** weight of the KL divergence of the modulation; 0.1 */
  klWeight?: number;
  modulationScale?: number;
  /** episodes between validations and between checkpoints; 50 */
  every?: number;
  signal?: AbortSignal;
  onProgress?: (progress: {
    episode: number;
    episodes: number;
    loss: number;
    secondsPerEpisode: number;
    validationSpearman: number | null;
  }) => void;
  /** called every `every` episodes and when interrupted; the state resumes the run exactly */
  onCheckpoint?: (state: HelpState) => void;
  resume?: HelpState;
}

/** Everything a run needs to go on; plain data. The random numbers of an episode follow from seed and episode. */
export interface HelpState {
  /** episodes done */
  episode: number;
  /** parameters, moments m and v, and the best parameters so far, each flat */
  arrays: { parameters: Float32Array; m: Float32Array; v: Float32Array; best: Float32Array };
  best: { episode: number; validationSpearman: number | null };
}

const DEFAULTS = {
  episodes: 2000,
  seed: 0,
  width: 100,
  tasksPerEpisode: 8,
  support: 10,
  query: 200,
  innerSteps: 2,
  adaptSteps: 16,
  rate: 1e-4,
  klWeight: 0.1,
  modulationScale: 0.01,
  every: 50,
};

/**
 * Meta-trains HELP (Lee, Lee, Chong, Hwang: "Hardware-Adaptive Efficient Latency Prediction for NAS via Meta-Learning",
 * NeurIPS 2021) with the sizes and rates of the paper as defaults. An episode adapts to several devices at once, as one batch with a leading task
 * dimension, and takes the second-order gradient through the adaptation. Needs a ready backend (`initBackend`).
 * @throws HwcastError `bad-input` for tasks without references or with too few networks, `interrupted` after a last checkpoint on abort.
 */
export async function trainHelp(tasks: readonly MetaTask[], options: HelpOptions): Promise<HelpModel> {
  const o = { ...DEFAULTS, ...definedOnly(options) },
    space = checkMetaTasks(tasks, o.support + 1);
  if (options.references.length < 2)
    throw new HwcastError(
      'bad-input',
      `${options.references.length} reference networks, HELP needs at least 2 (10 in the paper)`,
    );
  const shape = helpShape(space, options.references.length, o.width),
    networks = new NetworkCodes(shape);
  const pools = tasks.map((task) => {
    const references = requireReferences(task),
      scale = deviceScale(references, shape.references, `task '${task.id}'`);
    return { archs: task.archs, y: scaled(task.values, scale), hardware: scaled(references, scale) };
  });
  const root = createRandom(o.seed);
  const parameters = Parameters.create(helpSpecs(shape), `${o.seed}/help`);
  // one batch holds the sets of all tasks: they are equally large
  const query = Math.min(o.query, Math.min(...pools.map((pool) => pool.archs.length)) - o.support);
  const adam = adamState(parameters.data.length);
  const model: HelpModel = {
    space,
    shape,
    parameters,
    references: options.references.map((a) => [...a]),
    innerSteps: o.innerSteps,
    adaptSteps: o.adaptSteps,
    modulationScale: o.modulationScale,
    episode: 0,
    validationSpearman: null,
  };
  let best = { data: parameters.data.slice(), episode: 0, validationSpearman: null as number | null },
    from = 0;
  if (o.resume) ({ best, from } = restore(o.resume, parameters, adam));
  const state = (episode: number): HelpState => ({
    episode,
    arrays: { parameters: parameters.data.slice(), m: adam.m.slice(), v: adam.v.slice(), best: best.data.slice() },
    best: { episode: best.episode, validationSpearman: best.validationSpearman },
  });

  for (let episode = from + 1; episode <= o.episodes; episode++) {
    // the tensor operations are synchronous: let signals and timers in
    await new Promise((resolve) => setImmediate(resolve));
    if (o.signal?.aborted) {
      o.onCheckpoint?.(state(episode - 1));
      throw new HwcastError('interrupted', `training of HELP stopped after episode ${episode - 1} of ${o.episodes}`, {
        hint: 'resume it from the checkpoint',
      });
    }
    const begin = performance.now(),
      random = root.fork(`episode ${episode}`);
    const drawn = random
      .sample(pools.length, Math.min(o.tasksPerEpisode, pools.length))
      .map((t) => drawSets(pools[t], random, o.support, query));
    const noise = Float32Array.from({ length: drawn.length * modulationSize(o.width) }, () => random.normal());
    const { value, gradient } = valueAndGradient(parameters, (p) => outerLoss(p, shape, networks, drawn, noise, o));
    if (!Number.isFinite(value))
      throw new HwcastError('quality-gate', `the loss of HELP became ${value} in episode ${episode}`, { hint: 'lower the rate' });
    adamStep(parameters.data, gradient, adam, { rate: o.rate });
    const due = episode % o.every === 0 || episode === o.episodes;
    let score: number | null = null;
    if (due && o.validation?.length) score = validationSpearman(model, o.validation, o.support);
    if (due && (score === null || best.validationSpearman === null || score > best.validationSpearman))
      best = { data: parameters.data.slice(), episode, validationSpearman: score };
    o.onProgress?.({
      episode,
      episodes: o.episodes,
      loss: value,
      secondsPerEpisode: (performance.now() - begin) / 1000,
      validationSpearman: score,
    });
    if (due) o.onCheckpoint?.(state(episode));
  }
  return { ...model, parameters: parameters.with(best.data), episode: best.episode, validationSpearman: best.validationSpearman };
}

interface Pool {
  archs: readonly Arch[];
  y: Float32Array;
  hardware: Float32Array;
}

/** Support and query set of one device, without overlap. */
function drawSets({ archs, y, hardware }: Pool, random: Random, support: number, query: number): EpisodeTask {
  const picks = random.sample(archs.length, support + query);
  const set = (list: number[]) => ({ archs: list.map((i) => archs[i]), y: Float32Array.from(list, (i) => y[i]) });
  return { hardware, support: set(picks.slice(0, support)), query: set(picks.slice(support)) };
}

function restore({ episode, arrays, best }: HelpState, parameters: Parameters, adam: AdamState) {
  restoreTraining(arrays, parameters, adam, episode);
  return { from: episode, best: { data: arrays.best.slice(), ...best } };
}

const definedOnly = <T extends object>(x: T): T => Object.fromEntries(Object.entries(x).filter(([, v]) => v !== undefined)) as T;
