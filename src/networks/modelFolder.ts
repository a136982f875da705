import { join, resolve } from 'node:path';
import { z } from 'zod';
import { HwcastError } from '../core/errors.js';
import { readFileChecked, sha256 } from '../core/files.js';
import { TARGETS } from '../graph/targets.js';
import { type FolderKind, folderCache, openModelFolder, writeModelFolder } from '../surrogate/modelFolder.js';
import { readSafetensors, writeSafetensors } from '../surrogate/safetensors.js';
import { METHODS } from './methods.js';
import type { Model } from './model.js';
import { modelCard } from './modelCard.js';

const FIELDS = {
  info: z.strictObject({
    method: z.string(),
    domain: z.string(),
    seed: z.number(),
    datasets: z.array(z.strictObject({ name: z.string(), licence: z.string(), sha256: z.string() })),
    excludedDevices: z.array(z.string()),
    attribution: z.array(z.string()).optional(),
    tasks: z.array(z.strictObject({ device: z.string(), condition: z.string(), target: z.enum(TARGETS), networks: z.int() })),
  }),
  parts: z.unknown(),
};
const FOLDER: FolderKind<typeof FIELDS> = {
  what: 'model',
  version: 1,
  fields: z.object(FIELDS),
  hint: 'a model is a folder with config.json, made by `hwcast train --out FOLDER`',
};
const MetricsSchema = z.strictObject({
  protocol: z.string(),
  rows: z.array(
    z.strictObject({
      device: z.string(),
      condition: z.string().optional(),
      target: z.enum(TARGETS),
      measurements: z.number(),
      spearman: z.number().nullable(),
      medianApe: z.number(),
      within10: z.number(),
      coverage90: z.number(),
    }),
  ),
});

/** Folder of a model and sha256 of its config.json, which holds those of all its files. */
export interface ModelSource {
  folder: string;
  sha256: string;
}
const sources = new WeakMap<Model, ModelSource>();
/** Where a model was read from or written to; undefined for one that is in memory only. */
export const sourceOf = (model: Model): ModelSource | undefined => sources.get(model);

/** Writes a model as a folder (config.json, weights.safetensors, scaler.json, metrics.json, README.md) as a whole: same model, same bytes. */
export function saveModel(folder: string, model: Model): void {
  const { parts, scaler, tensors } = METHODS[model.info.method].toParts(model);
  writeModelFolder(
    folder,
    FOLDER,
    { info: model.info, parts },
    {
      'weights.safetensors': writeSafetensors(tensors),
      'scaler.json': scaler as object,
      'metrics.json': model.metrics,
      'README.md': modelCard(model.info, model.metrics),
    },
  );
  sources.set(model, { folder: resolve(folder), sha256: sha256(readFileChecked(join(folder, 'config.json'))) });
}

const loaded = folderCache<Promise<Model>>();

/**
 * Reads a model folder; runs no code from it. A folder that did not change is read once.
 * @throws HwcastError `not-found`, `newer-format`, `corrupt` (checksum, schema), `unsupported` (unknown method).
 */
export async function loadModel(folder: string): Promise<Model> {
  const open = openModelFolder(folder, FOLDER),
    model = await loaded(folder, open.state, () => readModel(folder, open));
  // it may have been written elsewhere since it was read
  sources.set(model, { folder: resolve(folder), sha256: open.sha256 });
  return model;
}

async function readModel(folder: string, open: ReturnType<typeof openModelFolder<typeof FIELDS>>): Promise<Model> {
  const { info, parts } = open.fields;
  const method = Object.hasOwn(METHODS, info.method) ? METHODS[info.method] : undefined;
  if (!method)
    throw new HwcastError('unsupported', `model of unknown method '${info.method}'`, {
      where: join(folder, 'config.json'),
      hint: 'update hwcast',
    });
  const metrics = MetricsSchema.safeParse(open.json('metrics.json'));
  if (!metrics.success)
    throw open.corrupt('metrics.json', `metrics.json does not fit the format: ${z.prettifyError(metrics.error)}`, metrics.error);
  return method.fromParts({
    info,
    metrics: metrics.data,
    parts,
    scaler: open.json('scaler.json'),
    tensors: readSafetensors(open.bytes('weights.safetensors'), join(folder, 'weights.safetensors')),
    where: folder,
  });
}

/** True for a folder that `saveModel` wrote, whatever its version or state. */
export function isModelFolder(folder: string): boolean {
  try {
    const raw = JSON.parse(readFileChecked(join(folder, 'config.json')).toString()) as Record<string, unknown> | null;
    return typeof raw?.formatVersion === 'number' && typeof raw.info === 'object' && typeof raw.files === 'object';
  } catch {
    return false;
  }
}
