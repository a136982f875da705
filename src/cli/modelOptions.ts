import { HwcastError } from '../core/errors.js';
import type { ReadModelOptions } from '../graph/readers/modelReader.js';
import { whole } from './options.js';

/** Help of `--shape`, the same in all commands that read model files. */
export const SHAPE_HELP = 'shape of an input, NAME=1x3x224x224, or length of an axis, NAME=128, that the model file leaves open';

/** Collects an option that may be given several times. */
export const collected = (value: string, before: string[] = []): string[] => [...before, value];

/**
 * What `--batch` and `--shape` say of the sizes of a model.
 * @throws HwcastError `usage` for a shape that is no NAME=SIZES
 */
export function modelOptions({
  batch,
  shape = [],
}: {
  batch?: string | undefined;
  shape?: string[] | undefined;
}): ReadModelOptions {
  const shapes: Record<string, number[]> = {};
  const dims: Record<string, number> = {};
  for (const text of shape) {
    const found = /^(.+)=(\d+(?:[x,]\d+)*)$/.exec(text.trim());
    if (!found)
      throw new HwcastError('usage', `--shape takes NAME=1x3x224x224 or NAME=128, not '${text}'`, {
        hint: 'NAME is an input of the model or an axis that it leaves open',
      });
    const sizes = found[2].split(/[x,]/).map(Number);
    if (sizes.length > 1) shapes[found[1]] = sizes;
    else dims[found[1]] = sizes[0];
  }
  return { ...(batch === undefined ? {} : { batch: whole('--batch', batch, 1) }), shapes, dims };
}
