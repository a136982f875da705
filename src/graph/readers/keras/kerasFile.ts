/// <reference path="./jsfive.d.ts" />
import { strFromU8, unzipSync } from 'fflate';
import { File as Hdf5File } from 'jsfive';
import { HwcastError } from '../../../core/errors.js';

const HDF5 = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a];
export const isHdf5 = (bytes: Uint8Array): boolean => HDF5.every((byte, i) => bytes[i] === byte);
export const isZip = (bytes: Uint8Array): boolean => bytes[0] === 0x50 && bytes[1] === 0x4b && bytes[2] === 3 && bytes[3] === 4;

/** Whether bytes are a `.h5` file, or a `.keras` archive, which begins with its metadata or its configuration. */
export const isKerasFile = (bytes: Uint8Array): boolean =>
  isHdf5(bytes) || (isZip(bytes) && ['metadata.json', 'config.json'].includes(firstName(bytes)));

/** Name of the first file of a zip archive, from its local header. */
function firstName(bytes: Uint8Array): string {
  const length = (bytes[26] ?? 0) + 256 * (bytes[27] ?? 0);
  return Buffer.from(bytes.subarray(30, 30 + length)).toString('latin1');
}

/**
 * The configuration of a Keras file: JSON text, a `.keras` archive (`config.json`) or a `.h5` file (attribute `model_config`). Weights: `kerasWeights`.
 * @throws HwcastError `corrupt` for a cut or damaged file, `unsupported` for one with weights only
 */
export function kerasConfiguration(bytes: Uint8Array, where: string): unknown {
  const text = isHdf5(bytes)
    ? configOfHdf5(bytes, where)
    : isZip(bytes)
      ? configOfArchive(bytes, where)
      : Buffer.from(bytes).toString('utf8');
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new HwcastError('corrupt', `the configuration is not whole JSON: ${(cause as Error).message}`, { where, cause });
  }
}

const HINT = 'save the whole model with model.save(), or its layers with model.to_json()';

function configOfArchive(bytes: Uint8Array, where: string): string {
  let files: Record<string, Uint8Array>;
  try {
    files = unzipSync(bytes, { filter: ({ name }) => name === 'config.json' });
  } catch (cause) {
    throw new HwcastError('corrupt', `the archive is cut or damaged: ${(cause as Error).message}`, { where, cause });
  }
  if (!files['config.json']) throw new HwcastError('unsupported', 'the archive has no config.json', { where, hint: HINT });
  return strFromU8(files['config.json']);
}

function configOfHdf5(bytes: Uint8Array, where: string): string {
  let config: unknown;
  try {
    config = new Hdf5File(new Uint8Array(bytes).buffer, where).attrs.model_config;
  } catch (cause) {
    throw new HwcastError('corrupt', `the HDF5 file is cut or damaged: ${(cause as Error).message}`, { where, cause });
  }
  if (typeof config !== 'string')
    throw new HwcastError('unsupported', 'the HDF5 file has no attribute model_config: it holds weights only', {
      where,
      hint: HINT,
    });
  return config;
}
