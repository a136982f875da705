import { existsSync, statSync } from 'node:fs';
import { closeNames, HwcastError } from '../core/errors.js';
import { anyWorkload } from './anyWorkload.js';
import { modelTableOf } from './namedModel.js';
import type { ReadModelOptions } from './readers/modelReader.js';
import type { Workload } from './workload.js';

/** A workload of a text, and what its model file makes the reader of its figures know. */
export interface TextWorkload {
  workload: Workload;
  /** of the model file; absent for networks of a space, single operators and names */
  format?: string;
  warnings: string[];
}

/** Names that are files of a model even where there is no such file. */
const MODEL_NAME = /\.(onnx|pt2|tflite|param|keras|h5|mlir|json)(\.gz)?$/i;

/** Whether a path is named as a model file; those named `.json` may be files of workloads too. */
export const isModelName = (path: string): boolean => MODEL_NAME.test(path) && !/\.json(\.gz)?$/i.test(path);

const isFile = (path: string): boolean => existsSync(path) && statSync(path).isFile();

/**
 * Whether a text is the path of a model file or graph, or `FILE#NAME`, by its name or because a file of that path is there. Networks of a space have
 * neither dots nor slashes and are told apart first: lists of them have a million rows.
 */
export function isModelPath(text: string): boolean {
  if (!/[./]/.test(text) || text.startsWith('op:') || modelTableOf(text) !== undefined) return false;
  const { path } = placeOf(text);
  return MODEL_NAME.test(path) || isFile(path);
}

/** The file, and the model of it, that a text names. */
function placeOf(text: string): { path: string; name?: string } {
  const split = text.lastIndexOf('#');
  return split <= 0 || isFile(text) ? { path: text } : { path: text.slice(0, split), name: text.slice(split + 1) };
}

/**
 * Workloads of texts: as `anyWorkload`, and the models of files in any format that is read. A file of several models gives one workload each,
 * `FILE#NAME`, which as a text is that model alone.
 * @throws HwcastError as `anyWorkload` and `readModelFile`; `not-found` naming close ones for a model that the file does not hold
 */
export async function workloadsOf(texts: readonly string[], options: ReadModelOptions = {}): Promise<TextWorkload[]> {
  const all: TextWorkload[] = [];
  for (const text of texts) all.push(...(await workloadsOfText(text.trim(), options)));
  return all;
}

async function workloadsOfText(text: string, options: ReadModelOptions): Promise<TextWorkload[]> {
  if (!isModelPath(text)) return [{ workload: anyWorkload(text), warnings: [] }];
  const { path, name: wanted } = placeOf(text);
  try {
    // readers are loaded where a file is read: most workloads are names
    const { readModelFile } = await import('./readers/readModelFile.js');
    const models = await readModelFile(path, options);
    const names = models.map((m) => nameInFile(m.name, path));
    if (wanted !== undefined) checkName(wanted, names, path);
    return models
      .map((model, i) => ({ ...model, name: names[i] }))
      .filter(({ name }) => wanted === undefined || name === wanted)
      .map(({ name, graph, format, warnings }) => ({
        workload: { id: models.length > 1 ? `${path}#${name}` : path, graph, file: { path, format } },
        format,
        warnings: warnings.map((w) => `${path}: ${w}`),
      }));
  } catch (error) {
    // what is wrong with a file of JSON is better said by who reads graphs
    if (error instanceof HwcastError && error.code === 'unsupported' && /\.json$/i.test(path))
      return [{ workload: anyWorkload(path), warnings: [] }];
    throw error;
  }
}

/** Readers name models after their file, `net.mlir @main`: what is left without it. */
const nameInFile = (name: string, path: string): string => {
  const stem = path.replace(/\.gz$/i, '');
  return name.startsWith(stem) ? name.slice(stem.length).trim() || name : name;
};

/** @throws HwcastError `not-found` for a name that none of the models has */
function checkName(wanted: string, names: readonly string[], where: string): void {
  if (names.includes(wanted)) return;
  const close = closeNames(wanted, names, 5);
  throw new HwcastError('not-found', `holds no model '${wanted}'`, {
    where,
    hint: `it holds ${(close.length ? close : names).slice(0, 5).join(', ')}`,
  });
}
