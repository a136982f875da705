import { HwcastError } from '../core/errors.js';
import type { ReadModelOptions } from '../graph/readers/modelReader.js';
import type { Workload } from '../graph/workload.js';
import { workloadBatches } from '../graph/workloadBatches.js';
import { isModelName, workloadsOf } from '../graph/workloadsOf.js';
import { note } from './progress.js';
import { textChunks } from './textChunks.js';

/** A workload of an input, and where it was read: `FILE:LINE`; undefined for arguments and model files. */
export interface PlacedWorkload {
  workload: Workload;
  where?: string;
  /** of the model file that it was read from, as `TextWorkload` has it */
  format?: string;
}

/** What is wrong with a workload, with the place where it was read. */
export function placedError(cause: HwcastError, where: string | undefined): HwcastError {
  return where === undefined ? cause : new HwcastError(cause.code, cause.message, { where, hint: cause.hint, cause });
}

/** The workloads of texts; what their model files warn of is told. @throws HwcastError as `workloadsOf` */
export async function givenWorkloads(texts: readonly string[], options: ReadModelOptions = {}): Promise<PlacedWorkload[]> {
  const read = await workloadsOf(texts, options);
  for (const warning of read.flatMap((r) => r.warnings)) note(`warning: ${warning}`);
  return read;
}

/**
 * The workloads of an `--input`, batch by batch: of a model file, or of a list of any length, `-` for standard input. What model files warn of is told.
 * @throws HwcastError as `workloadsOf`, `workloadBatches`, `textChunks`
 */
export async function* inputBatches(path: string, options: ReadModelOptions = {}): AsyncGenerator<PlacedWorkload[]> {
  if (isModelName(path)) {
    yield await givenWorkloads([path], options);
    return;
  }
  const { chunks, where } = textChunks(path, 'workload file');
  for await (const rows of workloadBatches(chunks, where, options)) {
    for (const { warnings = [] } of rows) for (const warning of warnings) note(`warning: ${warning}`);
    yield rows.map(({ workload, line, format }) => ({ workload, where: `${where}:${line}`, format }));
  }
}

/** The workloads of an `--input`, all of them. @throws HwcastError as `inputBatches` */
export async function inputWorkloads(path: string, options: ReadModelOptions = {}): Promise<Workload[]> {
  const all: Workload[] = [];
  for await (const batch of inputBatches(path, options)) all.push(...batch.map((placed) => placed.workload));
  return all;
}
