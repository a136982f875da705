import { basename, dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { z } from 'zod';
import { HwcastError } from '../core/errors.js';
import { readFileChecked, writeFileAtomic } from '../core/files.js';
import { median, spearman } from '../core/statistics.js';
import { TARGETS, type Target } from '../dataset/dataset.js';
import { anyWorkload } from '../graph/anyWorkload.js';
import { OpGraphSchema } from '../graph/opGraph.js';
import type { Predictor, SupportRow } from '../surrogate/predictor.js';
import type { Model } from './model.js';
import { loadModel, modelHash } from './modelFolder.js';

const FORMAT_VERSION = 1;
const AdapterSchema = z.strictObject({
  formatVersion: z.int(),
  device: z.string().min(1),
  target: z.enum(TARGETS),
  /** path relative to the adapter's folder, and sha256 of its config.json */
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
});
/** A device after adaptation: its support set and the model it belongs to. The head is computed again from both when it is read: same input, same numbers. */
export type Adapter = z.infer<typeof AdapterSchema>;

export interface AdaptOptions {
  model: string;
  device: string;
  support: readonly SupportRow[];
  target?: Target;
  /** adapter file to write */
  out?: string;
}

export interface Adapted {
  adapter: Adapter;
  predictor: Predictor;
  model: Model;
}

/**
 * Adapts a model to a new device from a few measurements.
 * @throws HwcastError `bad-input` for an empty support set, a duplicate, or a value that is not positive
 */
export async function adapt(options: AdaptOptions): Promise<Adapted> {
  const model = await loadModel(options.model),
    target = options.target ?? 'latency',
    task = { device: options.device, target };
  const predictor = model.fewShot.adapt(options.support, task);
  const base = options.out ? dirname(resolve(options.out)) : process.cwd();
  const adapter: Adapter = {
    formatVersion: FORMAT_VERSION,
    ...task,
    model: { path: relative(base, resolve(options.model)) || '.', sha256: modelHash(options.model) },
    support: options.support.map((s) => ({
      workload: s.workload.graph && !s.workload.id.startsWith('op:') ? basename(s.workload.id) : s.workload.id,
      graph: s.workload.graph,
      value: s.value,
      repeats: s.repeats,
      spread: s.spread,
    })),
    metrics: { measurements: options.support.length, ...leaveOneOut(model, options.support, task) },
  };
  if (options.out) writeFileAtomic(options.out, `${JSON.stringify(adapter, null, 1)}\n`);
  return { adapter, predictor, model };
}

/** How well each measurement is predicted from the others: what a user can know of the error without measuring more. Null below 5 measurements. */
function leaveOneOut(model: Model, support: readonly SupportRow[], task: { device: string; target: Target }) {
  if (support.length < 5 || model.references.length) return { leaveOneOutMedianApe: null, leaveOneOutSpearman: null };
  const predicted = support.map(
    (row, i) =>
      model.fewShot
        .adapt(
          support.filter((_, j) => j !== i),
          task,
        )
        .predict([row.workload])[0].value,
  );
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
export async function loadAdapter(path: string, modelFolder?: string): Promise<Adapted> {
  let raw: unknown;
  try {
    raw = JSON.parse(readFileChecked(path, 'adapter').toString());
  } catch (cause) {
    if (cause instanceof HwcastError) throw cause;
    throw new HwcastError('corrupt', 'the adapter is no JSON', { where: path, hint: 'run `hwcast adapt` again', cause });
  }
  const version = (raw as { formatVersion?: unknown })?.formatVersion;
  if (typeof version === 'number' && version > FORMAT_VERSION)
    throw new HwcastError('newer-format', `adapter format ${version} is newer than ${FORMAT_VERSION}`, {
      where: path,
      hint: 'update hwcast',
    });
  const parsed = AdapterSchema.safeParse(raw);
  if (!parsed.success)
    throw new HwcastError('corrupt', `not an adapter: ${z.prettifyError(parsed.error)}`, {
      where: path,
      hint: 'run `hwcast adapt` again',
    });
  const adapter = parsed.data;
  const folder =
    modelFolder ?? (isAbsolute(adapter.model.path) ? adapter.model.path : join(dirname(resolve(path)), adapter.model.path));
  const model = await loadModel(folder);
  if (modelHash(folder) !== adapter.model.sha256)
    throw new HwcastError('bad-input', `'${folder}' is not the model that '${adapter.device}' was adapted from`, {
      where: path,
      hint: 'run `hwcast adapt` with this model',
    });
  const support = adapter.support.map((s) => ({
    ...s,
    workload: s.graph ? { id: s.workload, graph: s.graph } : anyWorkload(s.workload),
  }));
  return { adapter, model, predictor: model.fewShot.adapt(support, adapter) };
}
