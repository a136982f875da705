import { describe, expect, it } from 'vitest';
import { fpgaPartNamed } from '../../../src/device/fpgaParts.js';
import { hlsNetwork } from '../../../src/fpga/design/designBuilder.js';
import { fits } from '../../../src/fpga/fits.js';
import { analyticalFpga } from '../../../src/fpga/fpgaPredictor.js';
import { beyondDsps } from '../../../src/fpga/rules/beyondDsps.js';

const network = (strategy: 'latency' | 'resource', reuseFactor: number) =>
  hlsNetwork({ input: [16], bits: 16, part: 'xc7z020', clockNs: 5, strategy, reuseFactor })
    .dense(32)
    .build();

describe('beyondDsps', () => {
  it('is nothing where the part has enough, or none at all', () => {
    expect(beyondDsps(network('latency', 1), [220], { dsp: 220 })).toBeUndefined();
    expect(beyondDsps(network('latency', 1), [300], undefined)).toBeUndefined();
    expect(beyondDsps(network('latency', 1), [300], { dsp: 0 })).toBeUndefined();
  });

  it('two additions of the data a product with a constant, a cell a pair of bits where both vary', () => {
    expect(beyondDsps(network('latency', 1), [300], { dsp: 220 })).toEqual({ dsp: 80, lut: 80 * 32, ffMost: 80 * 32 });
    expect(beyondDsps(network('resource', 2), [300], { dsp: 220 })).toEqual({ dsp: 80, lut: 80 * 256, ffMost: 80 * 32 });
  });

  it('a design whose products then fit in LUTs likely fits, and the later stage has no more DSPs than the part', () => {
    const design = network('latency', 1),
      part = fpgaPartNamed('xc7z020');
    const [csynth] = analyticalFpga.predict([design], { stage: 'csynth', part }),
      [later] = analyticalFpga.predict([design], { stage: 'vsynth', part });
    expect(csynth.targets.dsp.value).toBeGreaterThan(220);
    expect(later.targets.dsp.value).toBe(220);
    for (const prediction of [csynth, later]) expect(fits(prediction, part).verdict).toBe('likely-fits');
    expect(fits(later, part).reasons[0]).toMatch(
      /^DSP: \d+ needed, 220 on xc7z020 .*: logic synthesis makes \d+ products of about \d+ LUTs, which it has/,
    );
  });

  it('says nothing of whether a design fits of which a layer is not counted', () => {
    const design = network('latency', 1),
      part = fpgaPartNamed('xc7z020');
    const last = design.layers[design.layers.length - 1];
    const partial = {
      ...design,
      layers: [...design.layers, { ...last, name: 'x', kind: 'opaque' as const, source: 'Mystery', inputs: [last.name] }],
    };
    const [csynth] = analyticalFpga.predict([partial], { stage: 'csynth', part });
    const { verdict, reasons } = fits(csynth, part);
    expect(verdict).toBe('unknown');
    expect(reasons.join()).toMatch(/logic synthesis makes \d+ products.*a layer is opaque/);
  });
});
