import { describe, expect, it } from 'vitest';
import { analyticalFpga } from '../../../src/fpga/fpgaPredictor.js';
import type { FpgaReport } from '../../../src/fpga/reports/fpgaReport.js';
import { reportedPredictor } from '../../../src/fpga/stages/reportedPredictor.js';
import { denseDesign } from '../../../src/fpga/synth/denseDesign.js';

const report: FpgaReport = {
  kind: 'csynth-xml',
  stage: 'csynth',
  latency: { min: 7, max: 9 },
  ii: { min: 4, max: 4 },
  resources: { lut: 1234, ff: 567, dsp: 8, bram18: 0, uram: 0 },
  modules: [],
  warnings: ['read'],
};
const design = denseDesign({ nIn: 8, nOut: 4, weightBits: 8, dataBits: 8, reuseFactor: 4, strategy: 'resource' });

describe('reportedPredictor', () => {
  it('has what the report says as measured, and other stages of its base', () => {
    const predictor = reportedPredictor(analyticalFpga, report);
    const [p] = predictor.predict([design], { stage: 'csynth' });
    expect(p.targets.lut).toEqual({ value: 1234, low: 1234, high: 1234, unit: '1', provenance: 'measured' });
    expect(p.targets.cycles.value).toBe(9);
    expect(p.warnings).toEqual(['read']);
    expect(predictor.predict([design], { stage: 'vsynth' })).toEqual(analyticalFpga.predict([design], { stage: 'vsynth' }));
  });

  it('leaves to its base what the report does not say', () => {
    const silent = { ...report, latency: null, resources: { ...report.resources, ff: null } };
    const [p] = reportedPredictor(analyticalFpga, silent).predict([design], { stage: 'csynth' }),
      [base] = analyticalFpga.predict([design], { stage: 'csynth' });
    expect([p.targets.ff, p.targets.cycles]).toEqual([base.targets.ff, base.targets.cycles]);
    expect(p.warnings).toEqual(['read', ...base.warnings]);
  });

  it('refuses a report of another stage, and several designs', () => {
    expect(() => reportedPredictor(analyticalFpga, { ...report, stage: 'vsynth' }, 'x.rpt')).toThrow(
      /a report of vsynth, not of csynth/,
    );
    expect(() => reportedPredictor(analyticalFpga, report).predict([design, design], { stage: 'csynth' })).toThrow(
      /2 designs, and one report/,
    );
  });
});
