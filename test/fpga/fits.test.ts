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
  });

  it('is likely only where counts within their intervals would turn it', () => {
    const [p] = analyticalFpga.predict([design(64)], { stage: 'vsynth' });
    const needing = (value: number, low: number | null, high: number | null) => ({
      ...p,
      targets: {
        ...p.targets,
        lut: { ...p.targets.lut, value: large.lut * value, low: low && large.lut * low, high: high && large.lut * high },
      },
    });
    expect(fits(needing(1.5, 1.1, 2), large).verdict).toBe('does-not-fit');
    expect(fits(needing(1.5, 0.9, 2), large)).toMatchObject({
      verdict: 'likely-does-not-fit',
      reasons: [expect.stringMatching(/^LUT/), expect.stringContaining('may fit')],
    });
    expect(fits(needing(0.8, 0.6, 1.2), large)).toMatchObject({
      verdict: 'likely-fits',
      reasons: [expect.stringContaining('may not fit')],
    });
    // without an interval a factor of five says that little is known
    expect(fits(needing(4, null, null), large).verdict).toBe('likely-does-not-fit');
    expect(fits(needing(6, null, null), large).verdict).toBe('does-not-fit');
    expect(fits(needing(0.3, null, null), large).verdict).toBe('likely-fits');
    expect(fits(needing(0.1, null, null), large).verdict).toBe('fits');
  });

  it('of csynth, products beyond the DSPs are only as many as its interval tells', () => {
    const [p] = analyticalFpga.predict([{ ...design(128), part: 'xc7z020' }], { stage: 'csynth' });
    const { dsp } = p.targets;
    const sure = { ...p, targets: { ...p.targets, dsp: { ...dsp, low: dsp.value, high: dsp.value } } },
      unsure = { ...p, targets: { ...p.targets, dsp: { ...dsp, low: 100, high: dsp.value } } };
    expect(p.analysis!.kept.beyond!.dsp).toBe(dsp.value - small.dsp);
    expect(fits(sure, small).reasons[0]).toContain(`DSP: ${dsp.value} needed, 220 on xc7z020`);
    expect(fits(unsure, small).verdict).toMatch(/^likely-/);
  });
});
