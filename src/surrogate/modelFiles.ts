import { join } from 'node:path';
import { HwcastError } from '../core/errors.js';
import { readFileChecked, sha256 } from '../core/files.js';
import { VERSION } from '../core/version.js';
import type { NamedTensor } from './safetensors.js';

export interface ModelParts {
  parts: unknown;
  scaler: unknown;
  tensors: Record<string, NamedTensor>;
}

/** A file of a model folder whose checksum its config.json lists. @throws HwcastError `not-found`; `corrupt` where the checksum differs. */
export function readSigned(folder: string, name: string, checksums: Readonly<Record<string, string>>): Buffer {
  const where = join(folder, name),
    bytes = readFileChecked(where, 'model file');
  if (sha256(bytes) !== checksums[name])
    throw new HwcastError('corrupt', `${name} is not the file that was written (sha256 differs)`, {
      where,
      hint: 'train the model again, or restore the folder',
    });
  return bytes;
}

/** `config.json` of a model folder. @throws HwcastError `corrupt`; `newer-format` naming `what` where its version is above `version`. */
export function readConfig(where: string, what: string, version: number): unknown {
  let raw: unknown;
  try {
    raw = JSON.parse(readFileChecked(where).toString());
  } catch (cause) {
    throw new HwcastError('corrupt', 'config.json is no JSON', {
      where,
      cause,
      hint: 'train the model again, or restore the folder',
    });
  }
  const found = (raw as { formatVersion?: unknown })?.formatVersion;
  if (typeof found === 'number' && found > version)
    throw new HwcastError('newer-format', `${what} format ${found} is newer than ${version}, which hwcast ${VERSION} reads`, {
      where,
      hint: 'update hwcast',
    });
  return raw;
}
