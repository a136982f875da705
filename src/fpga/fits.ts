import type { FpgaPart } from '../device/fpgaParts.js';
import type { Prediction } from '../surrogate/predictor.js';
import type { LabelStage } from './design/hlsDesign.js';
import { RESOURCES } from './designTargets.js';
import type { DesignAnalysis } from './rules/analyseDesign.js';
import {
  beyondVerdict,
  designVerdict,
  fitVerdict,
  opaqueVerdict,
  overflow,
  overVerdict,
  type Totals,
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
    const { kept, sparse, assumed } = analysis;
    return designVerdict(total, { kept, part, limits: [], opaque, sparse, assumed });
  }
  const over = overflow(total, part),
    assumed = analysis?.assumed ?? [],
    beyond = analysis?.kept.beyond;
  if (over.length) {
    const sparse = analysis?.sparse,
      left = sparse && { ...laterCounts(sparse.total, sparse.kept, stage), uram: sparse.total.uram };
    const most = Object.fromEntries(RESOURCES.map((r) => [r, targets[r]?.low ?? total[r]])) as unknown as Totals;
    const within = overflow(most, part).length ? [] : ['it may fit by the 90 % intervals of these counts'];
    const said = overVerdict(over, left !== undefined && !overflow(left, part).length, [...assumed, ...within]);
    return beyond ? beyondVerdict(beyond, part, said) : said;
  }
  if (opaque) return opaqueVerdict();
  if (beyond) return beyondVerdict(beyond, part, fitVerdict(assumed));
  if (!targets.bram18)
    return {
      verdict: 'unknown',
      reasons: ['block RAM is counted in blocks of the family, not of 18 Kb, and was not compared'],
    };
  return fitVerdict(assumed);
}
