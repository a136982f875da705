/// <reference path="./jsfive.d.ts" />
import { unzipSync } from 'fflate';
import { type Dataset, Group, File as Hdf5File } from 'jsfive';
import { HwcastError } from '../../../core/errors.js';
import { isHdf5, isZip } from './kerasFile.js';
import type { KerasLayer } from './kerasLayer.js';

/** One variable of a layer, its values row by row. */
export interface KerasVariable {
  shape: number[];
  values: ArrayLike<number>;
}

/** Variables of layers by the layer's name, in the order in which the layer made them: kernel (recurrent kernel), bias.. */
export type KerasVariables = ReadonlyMap<string, KerasVariable[]>;

/**
 * The weights in a Keras file: `.h5` of a whole model or of weights only, `.keras` archive, `.weights.h5`. `layers` in the order of the file name those of an
 * archive that does not. Undefined where the bytes are no such file.
 * @throws HwcastError `corrupt` for a cut or damaged file
 */
export function kerasWeights(bytes: Uint8Array, layers: readonly KerasLayer[], where: string): KerasVariables | undefined {
  const hdf5 = isHdf5(bytes) ? bytes : isZip(bytes) ? weightsOfArchive(bytes, where) : undefined;
  if (!hdf5) return undefined;
  try {
    const file = new Hdf5File(new Uint8Array(hdf5).buffer, where);
    const store = file.keys.find((key) => key === 'layers' || key === '_layer_checkpoint_dependencies');
    return store ? ofContainers(file.get(store) as Group, layers) : ofNames(file);
  } catch (cause) {
    throw new HwcastError('corrupt', `the weights are cut or damaged: ${(cause as Error).message}`, { where, cause });
  }
}

function weightsOfArchive(bytes: Uint8Array, where: string): Uint8Array | undefined {
  try {
    return unzipSync(bytes, { filter: ({ name }) => name === 'model.weights.h5' })['model.weights.h5'];
  } catch (cause) {
    throw new HwcastError('corrupt', `the archive is cut or damaged: ${(cause as Error).message}`, { where, cause });
  }
}

/** Keras 2 and `.h5` of Keras 3: a group a layer, its variables named in the attribute `weight_names`. */
function ofNames(file: Group): KerasVariables {
  const root = file.keys.includes('model_weights') ? (file.get('model_weights') as Group) : file;
  const found = new Map<string, KerasVariable[]>();
  for (const key of root.keys) {
    const group = root.get(key),
      names = group instanceof Group ? group.attrs.weight_names : undefined;
    if (group instanceof Group && Array.isArray(names))
      found.set(
        key,
        names.map((name) => variableOf(group.get(name))),
      );
  }
  return found;
}

/** Keras 3: containers named by class and number (`dense_1`), variables numbered; recent versions keep the layer's name. */
function ofContainers(store: Group, layers: readonly KerasLayer[]): KerasVariables {
  const byContainer = new Map<string, string>(),
    used = new Map<string, number>();
  for (const { className, name } of layers) {
    const stem = snakeCase(className),
      n = used.get(stem) ?? 0;
    used.set(stem, n + 1);
    byContainer.set(n ? `${stem}_${n}` : stem, name);
  }
  const found = new Map<string, KerasVariable[]>();
  for (const key of store.keys) {
    const container = store.get(key);
    if (!(container instanceof Group)) continue;
    const stated = container.keys.includes('vars') ? (container.get('vars') as Group).attrs.name : undefined;
    const name = typeof stated === 'string' ? stated : byContainer.get(key);
    if (name !== undefined) found.set(name, variablesUnder(container));
  }
  return found;
}

/** Variables of a container, its own first, then those of what it holds (the cell of a recurrent layer). */
function variablesUnder(container: Group): KerasVariable[] {
  const own = container.keys.includes('vars') ? (container.get('vars') as Group) : undefined;
  const numbered = own ? [...own.keys].sort((a, b) => Number(a) - Number(b)).map((key) => variableOf(own.get(key))) : [];
  const inner = container.keys.filter((key) => key !== 'vars').map((key) => container.get(key));
  return [...numbered, ...inner.flatMap((part) => (part instanceof Group ? variablesUnder(part) : []))];
}

function variableOf(entry: Group | Dataset): KerasVariable {
  if (entry instanceof Group) throw new Error('a variable is a group');
  return { shape: [...entry.shape], values: entry.value };
}

/** `InputLayer` as `input_layer`, as Keras names containers. */
const snakeCase = (className: string): string =>
  className
    .replace(/\W+/g, '')
    .replace(/(.)([A-Z][a-z]+)/g, '$1_$2')
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase();
