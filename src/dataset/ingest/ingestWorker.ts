import { parentPort, workerData } from 'node:worker_threads';
import { type ErrorCode, HwcastError } from '../../core/errors.js';
import type { SourceUnit } from '../../trace/source/walkSources.js';
import type { ReadIssue } from '../../trace/traceReader.js';
import type { CollectedSource } from './collectSource.js';
import { readUnit, type UnitOptions } from './readUnits.js';

/** What a thread says of one path. */
export type UnitAnswer =
  | { found: (CollectedSource | ReadIssue)[] }
  | { error: { code?: ErrorCode; message: string; where?: string; hint?: string } };

async function answer(unit: SourceUnit): Promise<UnitAnswer> {
  try {
    return { found: await readUnit(unit, workerData as UnitOptions) };
  } catch (error) {
    if (!(error instanceof HwcastError)) return { error: { message: (error as Error).stack ?? String(error) } };
    const { code, message, where, hint } = error;
    return { error: { code, message, where, hint } };
  }
}

// the thread of `ingestWorkers`
parentPort?.on('message', async (unit: SourceUnit) => parentPort!.postMessage(await answer(unit)));
