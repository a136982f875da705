import { HwcastError } from '../core/errors.js';
import { DtypeSchema } from '../graph/opGraph.js';
import type { PredictOptions } from '../networks/predict.js';
import { targetOption, whole } from './options.js';
import { note } from './progress.js';

/** Options that say what predicts, as they are typed. */
export interface PredictorOptions {
  adapter?: string;
  model?: string;
  device?: string;
  condition?: string;
  target?: string;
  batch?: string;
  dtype?: string;
}

/** What predicts. @throws HwcastError `usage` for a target, batch or element type that is none */
export function predictorOptions(o: PredictorOptions): PredictOptions & { adapter?: string } {
  const batch = o.batch ? whole('--batch', o.batch, 1) : undefined;
  const dtype = o.dtype === undefined ? undefined : DtypeSchema.safeParse(o.dtype);
  if (dtype && !dtype.success)
    throw new HwcastError('usage', `no element type '${o.dtype}'; one of ${DtypeSchema.options.join(', ')}`);
  return {
    adapter: o.adapter,
    model: o.model,
    device: o.device,
    condition: o.condition,
    target: o.target === undefined ? undefined : targetOption(o.target),
    batch,
    dtype: dtype?.data,
  };
}

/** Says that batch and element type were not used, where something else than the roofline predicted. */
export function noteUnused({ batch, dtype }: PredictOptions, device: string, isRoofline: boolean): void {
  if ((batch || dtype) && !isRoofline)
    note(`warning: --batch and --dtype are of the roofline; '${device}' is predicted as it was measured`);
}
