import type { Target } from '../../graph/targets.js';
import type { Estimate } from '../../surrogate/predictor.js';
import { type DesignPrediction, type DesignPredictor, designEstimate } from '../fpgaPredictor.js';
import type { LateStage } from '../supportLines.js';
import { type AdaptedStage, STAGE_TARGETS, type StageCounts } from './stageModel.js';

/**
 * A predictor whose counts of stage `to` are its csynth counts times the ratio that an adapted stage learned, in place of the ratio of other designs. Other stages are those
 * of `base`. An interval holds both the error of csynth and that of the ratio; there is none where that of csynth is not known.
 */
export function stagedPredictor(
  base: DesignPredictor,
  stage: AdaptedStage,
  of: { to: LateStage; pairs: number },
): DesignPredictor {
  return {
    name: `${base.name}, ${of.to} adapted`,
    predict(designs, options = { stage: 'csynth' }) {
      if (options.stage !== of.to) return base.predict(designs, options);
      const early = base.predict(designs, { ...options, stage: 'csynth' });
      const counts = early.map(
        ({ targets }) => Object.fromEntries(STAGE_TARGETS.map((t) => [t, targets[t].value])) as unknown as StageCounts,
      );
      const late = stage.predict(designs.map((design, i) => ({ design, early: counts[i] })));
      return early.map((p, i): DesignPrediction => {
        const targets = { ...p.targets };
        for (const t of STAGE_TARGETS) targets[t] = combined(t, p.targets[t], late[i][t]);
        return {
          ...p,
          stage: of.to,
          targets,
          warnings: [...p.warnings, `${of.to} is csynth times a ratio learned from ${of.pairs} pairs`],
        };
      });
    },
  };
}

/** Errors of csynth and of the ratio, independent of each other. */
function combined(target: Target, early: Estimate, late: { value: number; low: number; high: number }): Estimate {
  const value = Math.round(late.value);
  if (early.low === null || early.high === null) return designEstimate(target, value, 'adapted');
  const log = (a: number, b: number) => Math.log(Math.max(1, a) / Math.max(1, b));
  const down = Math.hypot(log(late.value, late.low), log(early.value, early.low)),
    up = Math.hypot(log(late.high, late.value), log(early.high, early.value));
  return designEstimate(target, value, 'adapted', {
    low: Math.min(value, Math.floor(late.value * Math.exp(-down))),
    high: Math.max(value, Math.ceil(late.value * Math.exp(up))),
  });
}
