import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { HwcastError } from '../core/errors.js';
import { readFileChecked, sha256, writeFolderAtomic } from '../core/files.js';
import { VERSION } from '../core/version.js';
import { TARGETS } from '../dataset/dataset.js';
import { readConfig, readSigned } from '../surrogate/modelFiles.js';
import { readSafetensors, writeSafetensors } from '../surrogate/safetensors.js';
import { METHODS } from './methods.js';
import type { Model, ModelInfo } from './model.js';
import { modelCard } from './modelCard.js';

const FORMAT_VERSION = 1;

const InfoSchema = z.strictObject({
  method: z.string(),
  domain: z.string(),
  seed: z.number(),
  datasets: z.array(z.strictObject({ name: z.string(), licence: z.string(), sha256: z.string() })),
  excludedDevices: z.array(z.string()),
  tasks: z.array(z.strictObject({ device: z.string(), condition: z.string(), target: z.enum(TARGETS), networks: z.int() })),
});
const ConfigSchema = z.object({
  formatVersion: z.int(),
  hwcast: z.string(),
  info: InfoSchema,
  parts: z.unknown(),
  files: z.record(z.string(), z.string()),
});
const MetricsSchema = z.strictObject({
  protocol: z.string(),
  rows: z.array(
    z.strictObject({
      device: z.string(),
      target: z.enum(TARGETS),
      measurements: z.number(),
      spearman: z.number().nullable(),
      medianApe: z.number(),
      within10: z.number(),
      coverage90: z.number(),
    }),
  ),
});

/** A number that is not finite is written as null. */
const json = (value: unknown) => `${JSON.stringify(value, null, 1)}\n`;

/** Writes a model as a folder (config.json, weights.safetensors, scaler.json, metrics.json, README.md) as a whole: same model, same bytes. */
export function saveModel(folder: string, model: Model): void {
  const { parts, scaler, tensors } = METHODS[model.info.method].toParts(model);
  const files: Record<string, Uint8Array | string> = {
    'weights.safetensors': writeSafetensors(tensors),
    'scaler.json': json(scaler),
    'metrics.json': json(model.metrics),
    'README.md': modelCard(model.info, model.metrics),
  };
  const checksums = Object.fromEntries(Object.entries(files).map(([name, data]) => [name, sha256(data)]));
  writeFolderAtomic(folder, {
    ...files,
    'config.json': json({ formatVersion: FORMAT_VERSION, hwcast: VERSION, info: model.info, parts, files: checksums }),
  });
}

/**
 * Reads a model folder; runs no code from it.
 * @throws HwcastError `not-found`, `newer-format`, `corrupt` (checksum, schema), `unsupported` (unknown method).
 */
export async function loadModel(folder: string): Promise<Model> {
  const where = join(folder, 'config.json');
  if (!existsSync(where))
    throw new HwcastError('not-found', `no model in '${folder}'`, {
      hint: 'a model is a folder with config.json, made by `hwcast train --out FOLDER`',
    });
  const again = { where, hint: 'train the model again, or restore the folder' };
  const raw = readConfig(where, 'model', FORMAT_VERSION);
  const config = ConfigSchema.safeParse(raw);
  if (!config.success)
    throw new HwcastError('corrupt', `config.json does not fit the format: ${z.prettifyError(config.error)}`, again);
  const { info, parts, files } = config.data;
  const read = (name: string): Buffer => readSigned(folder, name, files);
  const method = Object.hasOwn(METHODS, info.method) ? METHODS[info.method] : undefined;
  if (!method) throw new HwcastError('unsupported', `model of unknown method '${info.method}'`, { where, hint: 'update hwcast' });
  const parsed = (name: string): unknown => {
    try {
      return JSON.parse(read(name).toString());
    } catch (cause) {
      if (cause instanceof HwcastError) throw cause;
      throw new HwcastError('corrupt', `${name} is no JSON`, { ...again, where: join(folder, name), cause });
    }
  };
  const metrics = MetricsSchema.safeParse(parsed('metrics.json'));
  if (!metrics.success)
    throw new HwcastError('corrupt', `metrics.json does not fit the format: ${z.prettifyError(metrics.error)}`, again);
  return method.fromParts({
    info: info as ModelInfo,
    metrics: metrics.data,
    parts,
    scaler: parsed('scaler.json'),
    tensors: readSafetensors(read('weights.safetensors'), join(folder, 'weights.safetensors')),
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

/** What identifies a model in an adapter: sha256 of its config, which holds those of all its files. */
export const modelHash = (folder: string): string => sha256(readFileChecked(join(folder, 'config.json'), 'model file'));
