import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { HwcastError } from '../core/errors.js';
import type { ModelSource } from '../graph/readers/modelReader.js';
import { fileName } from './fileName.js';
import { walkSources } from './source/walkSources.js';
import { wholeBytes } from './source/wholeSource.js';

/** Readers of model files are loaded where one is read: every command starts without them. */
const readModel = async (path: string): Promise<ModelSource> =>
  (await import('../graph/readers/readModelFile.js')).modelSource(path);

/** Endings of model files that profiles are joined with. */
const ENDINGS = { onnx: /\.onnx(\.gz)?$/i, tflite: /\.(tflite|lite)(\.gz)?$/i } as const;

/** `hf__bert-base.onnx.gz` as `_hf_bert_base_`: letters and digits, `_` around and between. */
const words = (path: string): string =>
  `_${fileName(path)
    .replace(/(\.(gz|json|onnx|tflite|lite|csv|txt|log|sqlite))+$/i, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')}_`;

/** The file whose name is part of the profile's, the longest of several. */
function namedAfter(profile: string, files: readonly string[], ending: RegExp): string | undefined {
  const name = words(profile);
  return files
    .filter((f) => ending.test(f) && name.includes(words(f)))
    .sort((a, b) => words(b).length - words(a).length || (a < b ? -1 : 1))[0];
}

/**
 * The model file (ONNX unless told) of a profile: the file told, or the one in a folder or archive told whose name is part of the profile's name
 * (`ort_resnet50.json` and `resnet50.onnx`); without one told, such a file beside the profile.
 * @param model path that the user names
 * @returns undefined where there is none
 * @throws HwcastError `not-found` for a path that is not there
 */
export async function modelOfProfile(
  profile: string,
  model?: string,
  format: keyof typeof ENDINGS = 'onnx',
): Promise<ModelSource | undefined> {
  const ending = ENDINGS[format];
  if (model === undefined) {
    const folder = dirname(profile);
    if (profile.includes('!') || !existsSync(profile)) return undefined;
    const found = namedAfter(profile, readdirSync(folder).sort(), ending);
    return found === undefined ? undefined : readModel(join(folder, found));
  }
  if (!existsSync(model))
    throw new HwcastError('not-found', `no model file or folder '${model}'`, { hint: `--model model.${format}` });
  if (ending.test(model) && !statSync(model).isDirectory()) return readModel(model);
  const names: string[] = [];
  for await (const source of walkSources([model])) if (!('kind' in source)) names.push(source.name);
  const found = namedAfter(profile, names, ending);
  if (found === undefined) return undefined;
  for await (const source of walkSources([model]))
    if (!('kind' in source) && source.name === found)
      return { name: fileName(found).replace(/\.gz$/i, ''), bytes: await wholeBytes(source) };
  return undefined;
}
