import type { FpgaPart } from '../device/fpgaParts.js';
import type { Prediction } from '../surrogate/predictor.js';
import type { LabelStage } from './design/hlsDesign.js';
import { LITTLE_KNOWN, RESOURCES } from './designTargets.js';
import type { DesignAnalysis } from './rules/analyseDesign.js';
import type { BeyondDsps } from './rules/beyondDsps.js';
import {
  beyondVerdict,
  designVerdict,
  fitVerdict,
  opaqueVerdict,
  overflow,
  overVerdict,
  type Totals,
  uncertainVerdict,
  type VerdictSaid,
} from './rules/feasibility.js';
import { laterCounts } from './rules/laterCounts.js';

/** Whether a design fits a part, and why not or why that is not known. */
export type Fit = VerdictSaid;

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
  if (analysis && (!part || analysis.verdict.verdict.endsWith('will-not-synthesise'))) return analysis.verdict;
  if (!part) return { verdict: 'unknown', reasons: ['no part is named'] };
  // a tool's own formulas tell what they do not count
  if (analysis && Number.isNaN(total.ff)) return analysis.verdict;
  const unknown = RESOURCES.filter((r) => (targets[r] ? !Number.isFinite(targets[r].value) : NEEDED.includes(r)));
  if (unknown.length) return { verdict: 'unknown', reasons: [`no count of ${unknown.join(', ')} to compare`] };
  if (analysis && stage === 'csynth') {
    const { kept, sparse, assumed } = analysis,
      said = designVerdict(total, { kept, part, limits: [], opaque, sparse, assumed });
    const left = (end: 'low' | 'high'): Totals => {
      const counts = endOf(targets, end),
        moved = kept.beyond && movedAt(kept.beyond, counts.dsp, part);
      return { ...laterCounts(counts, { ...kept, beyond: moved }, 'vsynth', end), uram: counts.uram };
    };
    return uncertainVerdict(said, { low: left('low'), high: left('high') }, part);
  }
  const over = overflow(total, part),
    ends = { low: endOf(targets, 'low'), high: endOf(targets, 'high') },
    assumed = analysis?.assumed ?? [],
    beyond = analysis?.kept.beyond;
  if (over.length) {
    const sparse = analysis?.sparse,
      left = sparse && { ...laterCounts(sparse.total, sparse.kept, stage), uram: sparse.total.uram };
    const said = overVerdict(over, left !== undefined && !overflow(left, part).length, assumed);
    return uncertainVerdict(beyond ? beyondVerdict(beyond, part, said) : said, ends, part);
  }
  if (opaque) return opaqueVerdict();
  if (beyond) return beyondVerdict(beyond, part, fitVerdict(assumed));
  if (!targets.bram18)
    return {
      verdict: 'unknown',
      reasons: ['block RAM is counted in blocks of the family, not of 18 Kb, and was not compared'],
    };
  return uncertainVerdict(fitVerdict(assumed), ends, part);
}

/** Products beyond the DSPs of a part, were the design to need `dsp`. */
function movedAt({ dsp, lut, ffMost }: BeyondDsps, needed: number, part: FpgaPart): BeyondDsps | undefined {
  const more = needed - part.dsp;
  return more > 0 ? { dsp: more, lut: (lut / dsp) * more, ffMost: (ffMost / dsp) * more } : undefined;
}

/** One end of the intervals of all resources; of counts without one little is known. */
function endOf(targets: Prediction['targets'], end: 'low' | 'high'): Totals {
  const factor = end === 'low' ? 1 / LITTLE_KNOWN : LITTLE_KNOWN;
  return Object.fromEntries(
    RESOURCES.map((r) => [r, targets[r] ? (targets[r][end] ?? targets[r].value * factor) : 0]),
  ) as unknown as Totals;
}
