import type { Workload } from '../graph/workload.js';
import { workloadBatches } from '../graph/workloadBatches.js';
import { textChunks } from './textChunks.js';

/** A workload to predict, and where it was read: `FILE:LINE`; undefined for arguments. */
export interface PlacedWorkload {
  workload: Workload;
  where?: string;
}

/** The workloads of the arguments, then those of a file of any length, batch by batch. @throws HwcastError as `workloadBatches`, `textChunks` */
export async function* inputBatches(given: readonly Workload[], file: string | undefined): AsyncGenerator<PlacedWorkload[]> {
  if (given.length) yield given.map((workload) => ({ workload }));
  if (file === undefined) return;
  const { chunks, where } = textChunks(file, 'workload file');
  for await (const rows of workloadBatches(chunks, where))
    yield rows.map(({ workload, line }) => ({ workload, where: `${where}:${line}` }));
}
