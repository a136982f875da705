import { HwcastError } from '../../core/errors.js';
import { createRandom, type Random } from '../../core/random.js';
import type { HlsDesign } from '../design/hlsDesign.js';
import type { DatapathParts } from '../synth/datapathParts.js';
import type { CountTunings } from './adaptCounts.js';
import { designParts } from './designParts.js';
import { COUNT_TARGETS, type FamilyCounts, type KnownDesign } from './familyCounts.js';
import { FAMILY_MODEL_FORMAT, type FamilyDesign, FamilyModel, type FamilyRow } from './familyModel.js';
import { fitReferences } from './fitReferences.js';
import { tuneCounts } from './tuneCounts.js';

/** Layers by kind and shape: designs that differ only in reuse factor, bits, strategy or zeros are variants of each other. */
export const designGroup = (design: HlsDesign): string =>
  design.layers
    .filter((l) => l.kind !== 'activation' && l.kind !== 'reshape')
    .map((l) => `${l.kind} ${l.inShape.join('x')} ${l.outShape.join('x')} ${(l.kernel ?? []).join('x')}`)
    .join(', ');

/**
 * Trains on designs synthesised for several families (at least three, or nothing can be tuned and intervals are the posterior's own).
 * @throws HwcastError `bad-input` without rows
 */
export function trainFamilyModel(
  rows: readonly FamilyRow[],
  options: { random?: Random; trials?: number; parts?: (d: FamilyDesign) => DatapathParts } = {},
): FamilyModel {
  if (!rows.length) throw new HwcastError('bad-input', 'no synthesised design to train on');
  const families = [...new Set(rows.map((r) => r.family))].sort();
  const designs = new Map<string, KnownDesign & { counts: Record<string, FamilyCounts> }>();
  for (const row of rows) {
    let d = designs.get(row.id);
    if (!d) {
      d = {
        id: row.id,
        group: designGroup(row.design),
        parts: options.parts?.(row) ?? designParts(row.design, row.seed),
        counts: {},
      };
      designs.set(row.id, d);
    }
    const { lut, ff, dsp, bram, adders = 0 } = row.counts;
    d.counts[row.family] = { lut, ff, dsp, bram, adders };
  }
  const list = [...designs.values()],
    fitted = fitReferences(families, list),
    random = options.random ?? createRandom('family model');
  const tuning = Object.fromEntries(COUNT_TARGETS.map((t) => [t, tuneCounts(fitted, t, random, options.trials)])) as CountTunings;
  return new FamilyModel({ format: FAMILY_MODEL_FORMAT, families, designs: list, tuning }, { model: fitted.numbers });
}
