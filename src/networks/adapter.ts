import { basename, dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { z } from 'zod';
import { HwcastError } from '../core/errors.js';
import { leaveOneOut } from '../core/leaveOneOut.js';
import { median, spearman } from '../core/statistics.js';
import type { Task } from '../dataset/dataset.js';
import { anyWorkload } from '../graph/anyWorkload.js';
import { type OpGraph, OpGraphSchema } from '../graph/opGraph.js';
import { TARGETS, type Target } from '../graph/targets.js';
import { type AdapterFile, type AdapterKind, readAdapter, sealAdapter, writeAdapter } from '../surrogate/adapterFile.js';
import { estimateOf, type Predictor, type SupportRow } from '../surrogate/predictor.js';
import type { Model } from './model.js';
import { loadModel, sourceOf } from './modelFolder.js';
import { readSupport } from './supportFile.js';

interface AdapterFields extends Task {
  /** path relative to the adapter's folder, and sha256 of its config.json */
  model: { path: string; sha256: string };
  support: { workload: string; graph?: OpGraph; value: number; repeats?: number; spread?: number }[];
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
      }),
    ),
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
  /** a model, or its folder */
  model: string | Model;
  /** name of the new device */
  device: string;
  /** how it ran, where the device has several ways; none unless told */
  condition?: string;
  /** measurements, or a support file (CSV or JSONL) */
  support: string | readonly SupportRow[];
  /** latency unless told, or the one target that the support file has */
  target?: Target;
  /** adapter file to write; the model must stand in a folder then */
  out?: string;
}

export interface Adapted {
  predictor: Predictor;
  task: Task;
  metrics: AdapterFields['metrics'];
  model: Model;
  /** as it was written; undefined where the model stands in no folder */
  adapter?: Adapter;
}

/**
 * Adapts a model to a new device from a few measurements.
 * @throws HwcastError `bad-input` for an empty support set, a duplicate, a value that is not positive, or a file asked for of a model that was not saved
 */
export async function adapt(options: AdaptOptions): Promise<Adapted> {
  const model = typeof options.model === 'string' ? await loadModel(options.model) : options.model;
  const { target, rows } =
    typeof options.support === 'string'
      ? readSupport(options.support, options.target)
      : { target: options.target ?? 'latency', rows: options.support };
  const task: Task = { device: options.device, condition: options.condition ?? '', target };
  const predictor = model.learner.adapt(rows, task),
    metrics = { measurements: rows.length, ...leaveOneOutErrors(model, rows, task) };
  const source = sourceOf(model);
  if (!source) {
    if (options.out)
      throw new HwcastError('bad-input', 'the model is in memory only, an adapter file would point nowhere', {
        where: options.out,
        hint: 'train with `out`, or saveModel(FOLDER, model) first',
      });
    return { predictor, task, metrics, model };
  }
  const base = options.out ? dirname(resolve(options.out)) : process.cwd();
  const adapter = sealAdapter(KIND, {
    ...task,
    model: { path: relative(base, resolve(source.folder)) || '.', sha256: source.sha256 },
    support: rows.map((s) => ({
      workload: s.workload.graph && !s.workload.id.startsWith('op:') ? basename(s.workload.id) : s.workload.id,
      graph: s.workload.graph,
      value: s.value,
      repeats: s.repeats,
      spread: s.spread,
    })),
    metrics,
  });
  if (options.out) writeAdapter(options.out, adapter);
  return { predictor, task, metrics, model, adapter };
}

/** How well each measurement is predicted from the others: what a user can know of the error without measuring more. Null below 5 measurements. */
function leaveOneOutErrors({ learner, references }: Model, support: readonly SupportRow[], task: Task) {
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
 * @param modelFolder in place of the folder named in the file
 * @throws HwcastError `not-found`, `corrupt`, `newer-format`, `bad-input` (the model is another one than it was adapted from)
 */
export async function loadAdapter(path: string, modelFolder?: string): Promise<Adapted & { adapter: Adapter }> {
  const adapter = readAdapter(path, [KIND]),
    { device, condition, target, metrics } = adapter,
    task = { device, condition, target };
  const folder =
    modelFolder ?? (isAbsolute(adapter.model.path) ? adapter.model.path : join(dirname(resolve(path)), adapter.model.path));
  const model = await loadModel(folder);
  if (sourceOf(model)?.sha256 !== adapter.model.sha256)
    throw new HwcastError('bad-input', `'${folder}' is not the model that '${device}' was adapted from`, {
      where: path,
      hint: 'run `hwcast adapt` with this model',
    });
  const support = adapter.support.map((s) => ({
    ...s,
    workload: s.graph ? { id: s.workload, graph: s.graph } : anyWorkload(s.workload),
  }));
  return { adapter, task, metrics, model, predictor: model.learner.adapt(support, task) };
}
