import { Worker } from 'node:worker_threads';
import { HwcastError } from '../../core/errors.js';
import type { SourceUnit } from '../../trace/source/walkSources.js';
import type { ReadIssue } from '../../trace/traceReader.js';
import type { CollectedSource } from './collectSource.js';
import type { UnitAnswer } from './ingestWorker.js';
import type { UnitOptions } from './readUnits.js';

type Found = (CollectedSource | ReadIssue)[];

/**
 * Reads the sources of each path by several threads.
 * @param onUnit called as each path was read, with its number and what it gave, unless it has an error
 * @throws HwcastError of the first path that has one
 */
export async function readInWorkers(
  units: readonly SourceUnit[],
  options: UnitOptions,
  workers: number,
  onUnit: (at: number, found?: Found) => void,
): Promise<void> {
  const answers = new Array<UnitAnswer>(units.length);
  let next = 0;
  const threads = Array.from({ length: Math.min(workers, units.length) }, () => newWorker(options));
  try {
    await Promise.all(
      threads.map(async (worker) => {
        while (next < units.length) {
          const at = next++;
          const answer = await ask(worker, units[at]);
          answers[at] = answer;
          onUnit(at, 'found' in answer ? answer.found : undefined);
        }
      }),
    );
  } finally {
    await Promise.all(threads.map((worker) => worker.terminate()));
  }
  for (const answer of answers)
    if ('error' in answer) {
      const { code, message, where, hint } = answer.error;
      throw code === undefined ? new Error(message) : new HwcastError(code, message, { where, hint });
    }
}

/** From the sources of this project, as tests and scripts run them, the thread needs the loader of TypeScript first. */
function newWorker(options: UnitOptions): Worker {
  if (!import.meta.url.endsWith('.ts')) return new Worker(new URL('./ingestWorker.js', import.meta.url), { workerData: options });
  const [loader, script] = [import.meta.resolve('tsx/esm/api'), new URL('./ingestWorker.ts', import.meta.url).href].map((s) =>
    JSON.stringify(s),
  );
  return new Worker(`import(${loader}).then(({ register }) => { register(); return import(${script}); });`, {
    eval: true,
    workerData: options,
  });
}

function ask(worker: Worker, unit: SourceUnit): Promise<UnitAnswer> {
  return new Promise((resolve, reject) => {
    const settle = (end: () => void) => {
      worker.off('message', answered).off('error', failed).off('exit', ended);
      end();
    };
    const answered = (answer: UnitAnswer) => settle(() => resolve(answer));
    const failed = (error: Error) => settle(() => reject(error));
    const ended = (code: number) => settle(() => reject(new Error(`a reading thread ended with ${code}`)));
    worker.on('message', answered).on('error', failed).on('exit', ended);
    worker.postMessage(unit);
  });
}
