import { existsSync, statSync } from 'node:fs';
import { HwcastError } from '../core/errors.js';
import { anyWorkload } from './anyWorkload.js';
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
const MODEL_NAME = /\.(onnx|pt2|tflite|param|keras|h5|mlir)(\.gz)?$/i;

/** Whether a path is named as a model file. */
export const isModelName = (path: string): boolean => MODEL_NAME.test(path);

const isFile = (path: string): boolean => existsSync(path) && statSync(path).isFile();

/** Whether a text is the path of a model file, by its name or because a file of that path is there. */
const isModelPath = (text: string): boolean => isModelName(text) || (/[./]/.test(text) && isFile(text));

/**
 * Workloads of texts: as `anyWorkload`, and the models of files in any format that is read. A file of several models gives one workload each,
 * `FILE#NAME`.
 * @throws HwcastError as `anyWorkload` and `readModelFile`
 */
export async function workloadsOf(texts: readonly string[], options: ReadModelOptions = {}): Promise<TextWorkload[]> {
  const all: TextWorkload[] = [];
  for (const text of texts) all.push(...(await workloadsOfText(text.trim(), options)));
  return all;
}

async function workloadsOfText(text: string, options: ReadModelOptions): Promise<TextWorkload[]> {
  if (!isModelPath(text)) return [{ workload: anyWorkload(text), warnings: [] }];
  try {
    // readers are loaded where a file is read: most workloads are names
    const { readModelFile } = await import('./readers/readModelFile.js');
    const models = await readModelFile(text, options);
    return models.map(({ name, graph, format, warnings }) => ({
      workload: { id: models.length > 1 ? `${text}#${name}` : text, graph, file: { path: text, format } },
      format,
      warnings: warnings.map((w) => `${text}: ${w}`),
    }));
  } catch (error) {
    // what is wrong with a file of JSON is better said by who reads graphs
    if (error instanceof HwcastError && error.code === 'unsupported' && /\.json$/i.test(text))
      return [{ workload: anyWorkload(text), warnings: [] }];
    throw error;
  }
}
