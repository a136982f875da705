import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { HwcastError } from '../core/errors.js';
import { readFileChecked, sha256, writeFileAtomic } from '../core/files.js';
import { type NamedTensor, readSafetensors, writeSafetensors } from './safetensors.js';

/** State of a training run: plain numbers and flat arrays. */
export interface CheckpointState {
  numbers: Record<string, number | null>;
  arrays: Record<string, Float32Array>;
}

/**
 * Checkpoint of one training run in `folder`, tied to what it trains on by `key`: a run with other data, seed or settings starts anew. Written
 * whole, so that a kill at any time leaves the previous one.
 */
export function trainingCheckpoint(
  folder: string | undefined,
  name: string,
  key: string,
): { load(): CheckpointState | undefined; save(state: CheckpointState): void } {
  if (!folder) return { load: () => undefined, save: () => {} };
  const path = join(folder, `${name}-${sha256(key).slice(0, 12)}.safetensors`);
  return {
    load() {
      if (!existsSync(path)) return undefined;
      try {
        const { numbers, ...rest } = readSafetensors(readFileChecked(path), path);
        const names = JSON.parse(Buffer.from(numbers.data as Uint8Array).toString()) as Record<string, number | null>;
        return { numbers: names, arrays: Object.fromEntries(Object.entries(rest).map(([k, t]) => [k, t.data as Float32Array])) };
      } catch (cause) {
        throw new HwcastError('corrupt', 'the checkpoint cannot be read', {
          where: path,
          hint: 'delete it to start the training anew',
          cause,
        });
      }
    },
    save({ numbers, arrays }) {
      const text = Buffer.from(JSON.stringify(numbers));
      const tensors: Record<string, NamedTensor> = { numbers: { shape: [text.length], data: Uint8Array.from(text) } };
      for (const [k, data] of Object.entries(arrays)) tensors[k] = { shape: [data.length], data };
      writeFileAtomic(path, writeSafetensors(tensors));
    },
  };
}
