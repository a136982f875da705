import { join } from 'node:path';
import { HwcastError } from '../core/errors.js';
import { createRandom } from '../core/random.js';
import { type MeasuredRow, type MeasureProgress, measureWorkloads } from '../measure/measureWorkloads.js';
import type { Runtime } from '../measure/runtime.js';
import { writeSupport } from '../measure/writeSupport.js';
import { adapt } from '../networks/adapter.js';
import { population } from '../networks/featureMap.js';
import { loadModel } from '../networks/modelFolder.js';
import { sample } from '../networks/sample.js';
import type { SupportRow } from '../surrogate/predictor.js';
import { type Checked, checkAdapted } from './checkAdapted.js';

/** Name of the device in the files. */
export const HERE = 'this-machine';

export interface HereResult extends Checked {
  supportFile: string;
  checkFile: string;
  adapter: string;
  /** Spearman between halves of the passes, over all measured networks; NaN below two passes */
  halves: number;
  passes: number;
}

export interface HereOptions {
  /** model folder */
  model: string;
  runtime: Runtime;
  /** networks that the model chooses and adapts to */
  measurements: number;
  /** further networks, drawn at random, that only check it */
  checks: number;
  passes: number;
  seed: number;
  /** folder for the measurements and the adapter */
  out: string;
  signal?: AbortSignal;
  onProgress?(progress: MeasureProgress): void;
}

/**
 * The machine that runs this as the unseen device: chosen and random networks measured in one interleaved run, so that both see the same drift;
 * the model adapted to the chosen ones and checked on the random ones.
 * @throws HwcastError `interrupted`; what was measured until then is written where it is complete enough to adapt from
 */
export async function demoHere(options: HereOptions): Promise<HereResult> {
  const { measurements, checks, passes, seed, out } = options;
  const model = await loadModel(options.model);
  const chosen = await sample({ model, n: measurements, seed }),
    isChosen = new Set(chosen.map((w) => w.id));
  const drawn = population(model.info.domain, createRandom(seed).fork('checks'), 4 * (measurements + checks));
  const random = [...new Map(drawn.filter((w) => !isChosen.has(w.id)).map((w) => [w.id, w])).values()].slice(0, checks);
  const { rows, noise, complete } = await measureWorkloads([...chosen, ...random], options.runtime, {
    passes,
    seed,
    signal: options.signal,
    onProgress: options.onProgress,
  });
  const supportFile = join(out, `${HERE}.csv`),
    checkFile = join(out, `${HERE}-check.csv`);
  const own = rows.filter((r) => isChosen.has(r.workload)),
    others = rows.filter((r) => !isChosen.has(r.workload));
  if (own.length === measurements) writeSupport(supportFile, own);
  if (others.length === checks) writeSupport(checkFile, others);
  if (!complete)
    throw new HwcastError(
      'interrupted',
      own.length === measurements
        ? `interrupted: the ${measurements} chosen networks, ${own[0].repeats} of ${passes} passes, are in ${supportFile}`
        : 'interrupted before the first pass over all networks was complete: nothing of this machine is kept',
    );

  const byId = new Map([...chosen, ...random].map((w) => [w.id, w]));
  const asSupport = ({ workload, latency, spread, repeats }: MeasuredRow): SupportRow => ({
    workload: byId.get(workload)!,
    value: latency,
    spread,
    repeats,
  });
  const task = { device: HERE, condition: '', target: 'latency' as const },
    support = own.map(asSupport),
    adapter = join(out, `${HERE}.json`);
  const { predictor } = await adapt({ model: options.model, ...task, support, out: adapter });
  return {
    ...checkAdapted(predictor, support, others.map(asSupport), task),
    supportFile,
    checkFile,
    adapter,
    halves: noise,
    passes,
  };
}
