import type { HlsDesign } from '../design/hlsDesign.js';
import type { Totals } from './feasibility.js';

/**
 * What rounding and saturation of results made of a network of four dense layers at 4 bits (hls4ml, Vivado 2019.1, routed): LUT 4583 to 5479, FF 904 to 3686. No rule has them; wider types
 * lose less.
 */
export const ROUNDED_LUT = 5479 / 4583,
  ROUNDED_FF = 3686 / 904;

/** Layers that pass values on as they are, and activations, whose rules count how their results are rounded. */
const PASSES: ReadonlySet<string> = new Set([
  'reshape',
  'resize',
  'transpose',
  'padding',
  'max_pool',
  'global_max_pool',
  'activation',
]);

/** Layers whose sums or results are rounded or saturated. A sum of such a type saturates at every step, so its terms are added one after another. */
export const roundedLayers = ({ layers, precision }: HlsDesign): string[] =>
  layers.flatMap(({ name, kind, result = precision, accum = precision }) =>
    !PASSES.has(kind) && [result, accum].some((type) => type.rounding !== undefined || type.overflow !== undefined) ? [name] : [],
  );

/** Said of a design with such layers. */
export const roundedWarning = (names: readonly string[]): string =>
  `rounding and saturation of sums and results are not counted (${names.length > 4 ? `${names.length} layers` : names.join(', ')}): a network at 4 bits took ${ROUNDED_LUT.toFixed(1)} times the LUT and ${ROUNDED_FF.toFixed(1)} times the FF with AP_RND and AP_SAT`;

/** Totals with as much more as rounding and saturation took there. */
export const roundedTotals = (total: Totals): Totals => ({
  ...total,
  lut: total.lut * ROUNDED_LUT,
  ff: total.ff * ROUNDED_FF,
});
