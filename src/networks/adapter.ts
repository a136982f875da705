import { basename, dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { z } from 'zod';
import { HwcastError } from '../core/errors.js';
import { leaveOneOut } from '../core/leaveOneOut.js';
import { median, spearman } from '../core/statistics.js';
import type { Task } from '../dataset/dataset.js';
import { type OpGraph, OpGraphSchema } from '../graph/opGraph.js';
import { TARGETS, type Target } from '../graph/targets.js';
import { type AdapterFile, type AdapterKind, readAdapter, sealAdapter, writeAdapter } from '../surrogate/adapterFile.js';
import { kindNamed } from '../surrogate/kind.js';
import { type AskedTask, estimateOf, type Predictor, type SupportRow } from '../surrogate/predictor.js';
import { checkSupport } from './checkSupport.js';
import { carriedSupport, type Drift, driftSince, withDrift } from './drift.js';
import type { Model } from './model.js';
import { loadModel, sourceOf } from './modelFolder.js';
import { readSupport } from './supportFile.js';
import { type ToldSetting, toldSetting } from './toldSetting.js';

interface AdapterFields extends Task {
  /** path relative to the adapter's folder, and sha256 of its config.json */
  model: { path: string; sha256: string };
  support: { workload: string; graph?: OpGraph; value: number; repeats?: number; spread?: number; carried?: boolean }[];
  /** version of the runtime that was measured, where it was told */
  runtimeVersion?: string;
  /** how the device runs, as far as it was told */
  setting?: ToldSetting;
  /** the change since the adapter that this one goes on from, and what that one was */
  drift?: Drift & { from: { measurements: number; date?: string; runtimeVersion?: string } };
  metrics: { measurements: number; leaveOneOutMedianApe: number | null; leaveOneOutSpearman: number | null };
}

const KIND: AdapterKind<AdapterFields> = {
  kind: 'network-device',
  what: 'adapter of a device',
  command: 'hwcast adapt',
  first: (raw) => 'metrics' in raw && 'device' in raw,
  fields: z.object({
    device: z.string().min(1),
    condition: z.string().default(''),
    target: z.enum(TARGETS),
    model: z.strictObject({ path: z.string(), sha256: z.string() }),
    support: z.array(
      z.strictObject({
        workload: z.string(),
        graph: OpGraphSchema.optional(),
        value: z.number(),
        repeats: z.number().optional(),
        spread: z.number().optional(),
        carried: z.boolean().optional(),
      }),
    ),
    runtimeVersion: z.string().optional(),
    setting: z
      .strictObject({
        hardware: z.string().optional(),
        dtype: z.string().optional(),
        batch: z.int().positive().optional(),
        threads: z.int().positive().optional(),
        execution: z.string().optional(),
        framework: z.string().optional(),
      })
      .optional(),
    drift: z
      .strictObject({
        ratio: z.number().positive(),
        level: z.number().positive(),
        own: z.number().positive(),
        measured: z.int().nonnegative(),
        from: z.strictObject({
          measurements: z.int(),
          date: z.string().optional(),
          runtimeVersion: z.string().optional(),
        }),
      })
      .optional(),
    metrics: z.strictObject({
      measurements: z.int(),
      leaveOneOutMedianApe: z.number().nullable(),
      leaveOneOutSpearman: z.number().nullable(),
    }),
  }),
};

/** A device after adaptation: its support set and the model it belongs to. The head is computed again from both when it is read: same input, same numbers. */
export type Adapter = AdapterFile<AdapterFields>;

export interface AdaptOptions {
  /** a model, or its folder; with `from` the model of that adapter unless told */
  model?: string | Model;
  /** name of the new device; with `from` that of the adapter unless told */
  device?: string;
  /** how it ran, where the device has several ways; none unless told */
  condition?: string;
  /** measurements, or a support file (CSV or JSONL); with `from` none are needed */
  support?: string | readonly SupportRow[];
  /** latency unless told, or the one target that the support file has */
  target?: Target;
  /** version of the runtime that was measured, e.g. `onnxruntime 1.30`; the adapter keeps it */
  runtimeVersion?: string;
  /** how it runs: its name in the catalogue (that of the device where the catalogue has it), element type, images per batch, threads, kind of runtime */
  setting?: ToldSetting;
  /** an adapter of the same device before it changed (another version of its runtime), which this one goes on from */
  from?: string | Adapted;
  /** adapter file to write; the model must stand in a folder then */
  out?: string;
}

export interface Adapted {
  predictor: Predictor;
  task: AskedTask;
  /** what it was adapted from; with `from` the old measurements too, scaled to now (`carried`) */
  support: readonly SupportRow[];
  metrics: AdapterFields['metrics'];
  model: Model;
  /** what changed since the adapter that this one goes on from */
  drift?: AdapterFields['drift'];
  /** as it was written; undefined where the model stands in no folder */
  adapter?: Adapter;
}

/**
 * Adapts a model to a new device from a few measurements, or with `from` to a device that changed: its old measurements times the ratio that the new ones show,
 * which a change of runtime is expected to keep near 1 (`driftSince`).
 * @throws HwcastError `usage` for a device without a name, without model or measurements; `bad-input` for an empty support set, a duplicate, a value that is
 * not positive, another target than that of `from`, or a file asked for of a model that was not saved
 */
export async function adapt(options: AdaptOptions): Promise<Adapted> {
  const before = typeof options.from === 'string' ? await loadAdapter(options.from, options.model) : options.from;
  const device = options.device ?? before?.task.device;
  if (!device) throw new HwcastError('usage', 'the new device needs a name');
  const given = options.model ?? before?.model;
  if (!given) throw new HwcastError('usage', 'adapt needs a model');
  const model = typeof given === 'string' ? await loadModel(given) : given;
  const { target, rows } = await measured(options, before?.task.target);
  const task = { device, condition: options.condition ?? before?.task.condition ?? '', target },
    setting = settingFor(model, device, options, before),
    asked: AskedTask = { ...task, setting };
  const { runtimeVersion } = options;
  const goneOn = before && goOn(before, rows);
  const support = goneOn?.support ?? rows,
    drift = goneOn?.drift;
  const predictor = predictorOf(model, support, asked, drift),
    metrics = { measurements: support.length, ...leaveOneOutErrors(model, support, asked) };
  const adapted = { predictor, task: asked, support, metrics, model, ...(drift ? { drift } : {}) };
  const source = sourceOf(model);
  if (!source) {
    if (options.out)
      throw new HwcastError('bad-input', 'the model is in memory only, an adapter file would point nowhere', {
        where: options.out,
        hint: 'train with `out`, or saveModel(FOLDER, model) first',
      });
    return adapted;
  }
  const base = options.out ? dirname(resolve(options.out)) : process.cwd();
  const adapter = sealAdapter(KIND, {
    ...task,
    model: { path: relative(base, resolve(source.folder)) || '.', sha256: source.sha256 },
    support: storedSupport(support),
    runtimeVersion,
    setting,
    drift,
    metrics,
  });
  if (options.out) writeAdapter(options.out, adapter);
  return { ...adapted, adapter };
}

/** How the device runs; that of the adapter gone on from unless told. @throws HwcastError `usage` where the model makes nothing of it */
function settingFor(
  model: Model,
  device: string,
  { setting }: AdaptOptions,
  before: Adapted | undefined,
): ToldSetting | undefined {
  const takes = model.info.domain === 'models';
  if (setting && !takes)
    throw new HwcastError('usage', `how a device runs is told to models of real networks, not to one of ${model.info.domain}`);
  if (before && !setting) return before.task.setting;
  return takes ? toldSetting(device, setting, before?.task.setting) : undefined;
}

/** The measurements given, none where an adapter is gone on from. @throws HwcastError `usage`, `bad-input` */
async function measured(
  { support, target, from }: AdaptOptions,
  before: Target | undefined,
): Promise<{ target: Target; rows: readonly SupportRow[] }> {
  if (support === undefined && from === undefined) throw new HwcastError('usage', 'adapt needs measurements of the device');
  const wanted = target ?? before;
  const read =
    typeof support === 'string'
      ? await readSupport(support, wanted)
      : { target: wanted ?? ('latency' as const), rows: support ?? [] };
  if (before !== undefined && read.target !== before)
    throw new HwcastError('bad-input', `the adapter to go on from is of ${before}, the measurements are of ${read.target}`);
  return read;
}

/** What predicts a device from its measurements, less sure where they are of before a change. */
function predictorOf(model: Model, support: readonly SupportRow[], task: AskedTask, drift: Drift | undefined): Predictor {
  const adapted = model.learner.adapt(support, task);
  return drift ? withDrift(adapted, task, drift) : adapted;
}

/** Support and drift of an adapter that goes on from another. */
function goOn(before: Adapted, fresh: readonly SupportRow[]) {
  if (fresh.length) checkSupport(fresh);
  const change = driftSince(before, fresh);
  const { date, runtimeVersion } = before.adapter ?? {};
  const drift = { ...change, from: { measurements: before.support.length, date, runtimeVersion } };
  return { support: carriedSupport(before.support, fresh, change), drift };
}

/** Support as the adapter keeps it: graphs under the names of their files without folders, numbered where two have one name; what is not known is absent. */
function storedSupport(rows: readonly SupportRow[]): AdapterFields['support'] {
  const used = new Map<string, number>();
  const known = (x: number | undefined) => (Number.isFinite(x) ? x : undefined);
  return rows.map(({ workload: { id, graph }, value, repeats, spread, carried }) => {
    const name = graph && !id.startsWith('op:') ? basename(id) : id,
      count = (used.get(name) ?? 0) + 1;
    used.set(name, count);
    return {
      workload: count === 1 ? name : `${name} (${count})`,
      graph,
      value,
      repeats: known(repeats),
      spread: known(spread),
      carried,
    };
  });
}

/** How well each measurement is predicted from the others: what a user can know of the error without measuring more. Null below 5 measurements. */
function leaveOneOutErrors({ learner, references }: Model, support: readonly SupportRow[], task: AskedTask) {
  if (support.length < 5 || references.length) return { leaveOneOutMedianApe: null, leaveOneOutSpearman: null };
  const predicted = leaveOneOut(support, (others, left) => {
    const [prediction] = learner.adapt(others, task).predict([left.workload]);
    return estimateOf(prediction, task.target).value;
  });
  const rank = spearman(
    predicted,
    support.map((s) => s.value),
  );
  return {
    leaveOneOutMedianApe: median(predicted.map((p, i) => Math.abs(p / support[i].value - 1))),
    leaveOneOutSpearman: Number.isFinite(rank) ? rank : null,
  };
}

/**
 * Reads an adapter file and its model.
 * @param given the model or its folder, in place of the folder named in the file
 * @throws HwcastError `not-found`, `corrupt`, `newer-format`, `bad-input` (the model is another one than it was adapted from)
 */
export async function loadAdapter(path: string, given?: string | Model): Promise<Adapted & { adapter: Adapter }> {
  const adapter = readAdapter(path, [KIND]),
    { device, condition, target, metrics, setting } = adapter,
    task = { device, condition, target, setting };
  const named = isAbsolute(adapter.model.path) ? adapter.model.path : join(dirname(resolve(path)), adapter.model.path);
  const model = typeof given === 'object' ? given : await loadModel(given ?? named),
    source = sourceOf(model);
  if (source?.sha256 !== adapter.model.sha256)
    throw new HwcastError(
      'bad-input',
      `'${source?.folder ?? 'the model given'}' is not the model that '${device}' was adapted from`,
      {
        where: path,
        hint: 'run `hwcast adapt` with this model',
      },
    );
  const support = adapter.support.map((s) => ({
    ...s,
    workload: s.graph ? { id: s.workload, graph: s.graph } : kindNamed(model.info.domain).parse(s.workload),
  }));
  const { drift } = adapter;
  return {
    adapter,
    task,
    support,
    metrics,
    model,
    predictor: predictorOf(model, support, task, drift),
    ...(drift ? { drift } : {}),
  };
}
