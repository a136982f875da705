import type { FpgaPart } from '../device/fpgaParts.js';
import type { Prediction } from '../surrogate/predictor.js';
import type { LabelStage } from './design/hlsDesign.js';
import { RESOURCES } from './designTargets.js';
import type { DesignAnalysis } from './rules/analyseDesign.js';
import { designVerdict, overflow, type Totals, type Verdict } from './rules/feasibility.js';

/** Whether a design fits a part, and why not or why that is not known. */
export interface Fit {
  verdict: Verdict;
  reasons: string[];
}

/** Counts without which nothing is said; block RAM and URAM may be absent where a family has none of that kind. */
const NEEDED: readonly string[] = ['lut', 'ff', 'dsp'];

/**
 * Whether what is predicted of a design fits a part; counts after csynth are compared as they are, those of csynth by what logic synthesis leaves of them.
 * @param prediction of a design (with its `analysis`), or of a family of FPGAs
 * @param part none: only what will not synthesise anywhere is told
 */
export function fits(
  { targets, analysis, stage = 'vsynth' }: Prediction & { analysis?: DesignAnalysis; stage?: LabelStage },
  part: FpgaPart | undefined,
): Fit {
  const total = Object.fromEntries(RESOURCES.map((r) => [r, targets[r]?.value ?? 0])) as unknown as Totals;
  const opaque = analysis?.layers.some((l) => l.kind === 'opaque') ?? false;
  if (analysis && (!part || analysis.verdict.verdict === 'will-not-synthesise')) return analysis.verdict;
  if (!part) return { verdict: 'unknown', reasons: ['no part is named'] };
  const unknown = RESOURCES.filter((r) => (targets[r] ? !Number.isFinite(targets[r].value) : NEEDED.includes(r)));
  if (unknown.length) return { verdict: 'unknown', reasons: [`no count of ${unknown.join(', ')} to compare`] };
  if (analysis && stage === 'csynth') return designVerdict(total, analysis.kept, part, [], opaque);
  const over = overflow(total, part);
  if (over.length) return { verdict: 'does-not-fit', reasons: over };
  if (opaque) return { verdict: 'unknown', reasons: ['a layer is opaque: its cost is not counted'] };
  if (!targets.bram18)
    return {
      verdict: 'unknown',
      reasons: ['block RAM is counted in blocks of the family, not of 18 Kb, and was not compared'],
    };
  return { verdict: 'fits', reasons: [] };
}
