import { median } from '../../core/statistics.js';
import type { DatapathParts } from '../synth/datapathParts.js';
import { type DesignMapping, designFeatures, registerBits } from './designFeatures.js';

/** Mean deviation of log(registers / those that a mapping leaves) from its median, by mapping. */
export function packingErrors(
  mappings: readonly DesignMapping[],
  parts: readonly DatapathParts[],
  ff: readonly number[],
): number[] {
  return mappings.map((mapping) => {
    const log = parts.map((p, i) => Math.log(Math.max(1, ff[i]) / Math.max(1, registerBits(designFeatures(p, mapping))))),
      level = median(log);
    return log.reduce((sum, v) => sum + Math.abs(v - level), 0) / log.length;
  });
}
