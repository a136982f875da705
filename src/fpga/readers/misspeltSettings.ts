import { editDistance } from '../../core/errors.js';

/** Letters by which a key may differ from a setting, of a short one. */
const FEW = 2,
  SHORT = 5;

/** A line for each key that is no setting but nearly one: hls4ml ignores it, and so the setting is not what its writer meant. */
export const misspeltSettings = (table: object, known: readonly string[], what: string): string[] =>
  Object.keys(table).flatMap((key) => {
    if (known.includes(key)) return [];
    const meant = known.find(
      (name) => !(name in table) && editDistance(key.toLowerCase(), name.toLowerCase()) <= (name.length > SHORT ? FEW : 1),
    );
    return meant === undefined ? [] : [`'${key}' of ${what} is no setting and ignored: ${meant} may be meant`];
  });

/** Settings of hls4ml that change what is built and that no rule follows: what they do, unless they have a value that changes nothing. */
const UNMODELLED: Readonly<Record<string, readonly [what: string, unchanged: RegExp]>> = {
  BramFactor: ['weights of more elements than that lie outside the design', /^(1e\+?9|1000000000)$/i],
  Compression: ['zeros of such layers are left out of memory', /^false$/i],
  PipelineStyle: ['cycles are those of the style that hls4ml chooses by itself', /^auto$/i],
  PipelineInterval: ['cycles are those of the interval that follows from the layers', /^0$/],
  RecurrentReuseFactor: ['recurrent weights are taken to have the reuse factor of the layer', /^$/],
  Static: ['recurrent layers are taken to be static', /^true$/i],
  SkipOptimizers: ['all passes are taken to run', /^$/],
};

/** A line for each setting that is known but not modelled. */
export const unmodelledSettings = (table: object, what: string): string[] =>
  Object.entries(table).flatMap(([key, value]) => {
    const told = Object.hasOwn(UNMODELLED, key) ? UNMODELLED[key] : undefined;
    if (!told || value === null || told[1].test(String(value))) return [];
    return [`'${key}' ${JSON.stringify(value)} of ${what} is not modelled: ${told[0]}`];
  });

/** A line where FIFO depths are those that a simulation finds. */
export const fifoDepthsFound = (config: Record<string, unknown>): string[] =>
  JSON.stringify(config.Optimizers ?? '').includes('fifo_depth_optimization')
    ? ["'Optimizers' has fifo_depth_optimization: FIFOs are counted with the depths that hls4ml gives them before it"]
    : [];
