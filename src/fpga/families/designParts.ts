import { kept } from '../../core/kept.js';
import type { HlsDesign } from '../design/hlsDesign.js';
import { type DatapathParts, datapathParts } from '../synth/datapathParts.js';
import { type RuleCounts, ruleCounts } from './mappingRules.js';

const partsOfDesign = new WeakMap<HlsDesign, Map<number | undefined, DatapathParts>>();
const countsOfParts = new WeakMap<DatapathParts, RuleCounts>();

/** `datapathParts`, counted once a design object and seed. */
export const designParts = (design: HlsDesign, seed?: number): DatapathParts =>
  kept(
    kept(partsOfDesign, design, () => new Map<number | undefined, DatapathParts>()),
    seed,
    () => datapathParts(design, seed),
  );

/** `ruleCounts`, counted once for the parts of a design. */
export const designRuleCounts = (parts: DatapathParts): RuleCounts => kept(countsOfParts, parts, () => ruleCounts(parts));
