import { describe, expect, it } from 'vitest';
import { fpgaPartNamed } from '../../src/device/fpgaParts.js';
import { hlsNetwork } from '../../src/fpga/design/designBuilder.js';
import { fits } from '../../src/fpga/fits.js';
import { analyticalFpga } from '../../src/fpga/fpgaPredictor.js';

const design = (units: number, strategy: 'resource' | 'latency' = 'resource') =>
  hlsNetwork({ id: 'net', input: [16], bits: 8, reuseFactor: 4, strategy, clockNs: 5 })
    .dense(units)
    .build();
const small = fpgaPartNamed('xc7z020'),
  large = fpgaPartNamed('xcu250');

describe('fits', () => {
  it('is a function of a prediction and a part', () => {
    const [p] = analyticalFpga.predict([design(128)], { stage: 'vsynth' });
    expect(fits(p, large)).toEqual({ verdict: 'fits', reasons: [] });
    const { verdict, reasons } = fits(p, { ...small, dsp: 10 });
    expect(verdict).toBe('does-not-fit');
    expect(reasons[0]).toMatch(/^DSP: \d+ needed, 10 on /);
    expect(fits(p, undefined)).toEqual({ verdict: 'unknown', reasons: ['no part is named'] });
  });

  it('says nothing where a count is missing or no number', () => {
    const [p] = analyticalFpga.predict([design(64)], { stage: 'vsynth' });
    const { lut, ...rest } = p.targets;
    const without = { targets: rest, warnings: [], assumptions: [] };
    expect(fits(without, large)).toEqual({ verdict: 'unknown', reasons: ['no count of lut to compare'] });
    const broken = { ...without, targets: { ...rest, lut: { ...lut, value: Number.NaN } } };
    expect(fits(broken, large).verdict).toBe('unknown');
  });

  it('knows what will not synthesise, whatever the part', () => {
    const [p] = analyticalFpga.predict([design(512, 'latency')]);
    expect(fits(p, large).verdict).toBe('will-not-synthesise');
    expect(fits(p, undefined).verdict).toBe('will-not-synthesise');
  });

  it('of csynth, what logic synthesis would make fit is unknown', () => {
    const [p] = analyticalFpga.predict([design(64)]);
    const { lut, ...rest } = p.targets;
    const crowded = { ...p, targets: { ...rest, lut: { ...lut, value: large.lut * 1.2 } } };
    expect(fits(crowded, large)).toMatchObject({ verdict: 'unknown', reasons: [expect.stringContaining('would fit')] });
    expect(fits({ ...crowded, stage: 'vsynth' }, large).verdict).toBe('does-not-fit');
  });
});
