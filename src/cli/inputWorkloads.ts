import type { ReadModelOptions } from '../graph/readers/modelReader.js';
import type { Workload } from '../graph/workload.js';
import { workloadRows } from '../graph/workloadRows.js';
import { isModelName, workloadsOf } from '../graph/workloadsOf.js';
import { readText } from './options.js';
import { note } from './progress.js';

/** The workloads of an `--input`: a model file, or a list of workloads. @throws HwcastError as `workloadsOf` and `workloadRows` */
export async function inputWorkloads(path: string, options: ReadModelOptions = {}): Promise<Workload[]> {
  if (isModelName(path)) return textWorkloads([path], options);
  const { text, where } = readText(path, 'workload file');
  return workloadRows(text, where).map((row) => row.workload);
}

/** The workloads of arguments, warnings said. @throws HwcastError as `workloadsOf` */
export async function textWorkloads(texts: readonly string[], options: ReadModelOptions): Promise<Workload[]> {
  const read = await workloadsOf(texts, options);
  for (const warning of read.flatMap((r) => r.warnings)) note(`warning: ${warning}`);
  return read.map((r) => r.workload);
}
