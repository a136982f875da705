import { HwcastError } from '../../core/errors.js';
import { DESIGN_TARGETS, type DesignTarget } from '../designTargets.js';
import { type DesignPredictor, exactEstimate } from '../fpgaPredictor.js';
import type { FpgaReport } from '../reports/fpgaReport.js';

/**
 * A predictor of one design whose csynth counts and cycles are those of the HLS tool's own report, as measured, in place of an estimate of them; what the report does not say, and
 * other stages, are those of `base`.
 * @throws HwcastError `bad-input` for a report of another stage, or when asked about several designs
 */
export function reportedPredictor(base: DesignPredictor, report: FpgaReport, where?: string): DesignPredictor {
  if (report.stage !== 'csynth') throw new HwcastError('bad-input', `a report of ${report.stage}, not of csynth`, { where });
  const { resources: r, latency, ii } = report;
  const reported: Record<DesignTarget, number | null | undefined> = {
    lut: r.lut,
    ff: r.ff,
    dsp: r.dsp,
    bram18: r.bram18,
    uram: r.uram,
    cycles_min: latency?.min,
    cycles: latency?.max,
    ii_min: ii?.min,
    ii: ii?.max,
  };
  return {
    name: `${base.name}, csynth reported`,
    predict(designs, options = { stage: 'csynth' }) {
      if (options.stage !== 'csynth') return base.predict(designs, options);
      if (designs.length !== 1)
        throw new HwcastError('bad-input', `${designs.length} designs, and one report of csynth`, { where });
      const [p] = base.predict(designs, options),
        targets = { ...p.targets };
      for (const t of DESIGN_TARGETS) {
        const value = reported[t];
        if (typeof value === 'number') targets[t] = exactEstimate(t, value, 'measured');
      }
      const whole = DESIGN_TARGETS.every((t) => targets[t].provenance === 'measured');
      return [
        {
          ...p,
          targets,
          warnings: [...report.warnings, ...(whole ? [] : p.warnings)],
        },
      ];
    },
  };
}
