import { HwcastError } from '../../core/errors.js';
import { FPGA_TARGETS, type FpgaPredictor, type FpgaTarget, partOfDesign, verdictOf } from '../fpgaPredictor.js';
import type { FpgaReport } from '../reports/fpgaReport.js';

/**
 * A predictor of one design whose csynth counts and cycles are those of the HLS tool's own report, as measured, in place of an estimate of them; what the report does not say, and
 * other stages, are those of `base`.
 * @throws HwcastError `bad-input` for a report of another stage, or when asked about several designs
 */
export function reportedPredictor(base: FpgaPredictor, report: FpgaReport, where?: string): FpgaPredictor {
  if (report.stage !== 'csynth') throw new HwcastError('bad-input', `a report of ${report.stage}, not of csynth`, { where });
  const { resources: r, latency, ii } = report;
  const reported: Record<FpgaTarget, number | null | undefined> = {
    lut: r.lut,
    ff: r.ff,
    dsp: r.dsp,
    bram18: r.bram18,
    uram: r.uram,
    latMin: latency?.min,
    latMax: latency?.max,
    iiMin: ii?.min,
    iiMax: ii?.max,
  };
  return {
    name: `${base.name}, csynth reported`,
    predict(designs, options) {
      if (options.stage !== 'csynth') return base.predict(designs, options);
      if (designs.length !== 1)
        throw new HwcastError('bad-input', `${designs.length} designs, and one report of csynth`, { where });
      const [p] = base.predict(designs, options),
        targets = { ...p.targets };
      for (const t of FPGA_TARGETS) {
        const value = reported[t];
        if (typeof value === 'number') targets[t] = { value, low: value, high: value, provenance: 'measured' };
      }
      const whole = FPGA_TARGETS.every((t) => targets[t].provenance === 'measured');
      return [
        {
          ...p,
          targets,
          ...verdictOf(p.analysis, targets, 'csynth', partOfDesign(designs[0], options.part)),
          warnings: [...report.warnings, ...(whole ? [] : p.warnings)],
        },
      ];
    },
  };
}
