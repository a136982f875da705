import { describe, expect, it } from 'vitest';
import { fpgaPartNamed } from '../../src/device/fpgaParts.js';
import { withFinn } from '../../src/fpga/finnPredictor.js';
import { fits } from '../../src/fpga/fits.js';
import { analyticalFpga } from '../../src/fpga/fpgaPredictor.js';
import { finnDesign } from '../../src/fpga/readers/finnFolding.js';

const sized = (fields: object = {}) => ({
  PE: 16,
  SIMD: 49,
  mem_mode: 'internal_decoupled',
  ram_style: 'block',
  resType: 'lut',
  MW: 784,
  MH: 64,
  weightDataType: 'INT2',
  inputDataType: 'UINT8',
  ...fields,
});
const predict = (units: Record<string, object>) =>
  withFinn(analyticalFpga).predict([finnDesign(units, undefined, 'f.json')], { stage: 'vsynth' })[0];

describe('withFinn', () => {
  it('sums the formulas of the units; the slowest sets the interval', () => {
    const { targets, warnings } = predict({
      MVAU_hls_0: sized(),
      MVAU_hls_1: sized({ PE: 1, SIMD: 16, MW: 64, MH: 10, resType: 'dsp', inputDataType: 'UINT2' }),
    });
    // (64 / 16) (784 / 49) and (10 / 1) (64 / 16)
    expect(targets.ii.value).toBe(64);
    expect(targets.cycles.value).toBe(64 + 40);
    // 64 words of 1568 bits; 40 words of 32 bits
    expect(targets.bram18.value).toBe(44 + 1);
    expect(targets.dsp.value).toBe(16);
    expect(targets.lut.value).toBe(
      // (2 ceil(10 / 6) - 1) 10 = 30 a product, 97 additions of 10, 20 bits of sum
      Math.floor(300 + 1.1 * 16 * (49 * 30 + 10 * 97 + 20)) + Math.floor(300 + 1.1 * (4 * 31 + 11)),
    );
    expect(targets.ff.value).toBeNaN();
    expect(targets.lut).toMatchObject({ low: null, high: null, provenance: 'analytical' });
    expect(warnings[0]).toMatch(/FINN's own formulas/);
  });

  it('moves weights with the memory mode', () => {
    const of = (fields: object) => predict({ MVAU_hls_0: sized(fields) }).targets;
    expect(of({ mem_mode: 'external' }).bram18.value).toBe(0);
    expect(of({ ram_style: 'ultra' })).toMatchObject({ bram18: { value: 0 }, uram: { value: 22 } });
    const inLut = of({ ram_style: 'distributed' });
    expect(inLut.bram18.value).toBe(0);
    expect(inLut.lut.value - of({}).lut.value).toBe(16 * 49 * 2);
  });

  it('says what the verdict hangs on, and refuses what FINN refuses', () => {
    const part = fpgaPartNamed('pynq-z2');
    expect(
      fits(
        withFinn(analyticalFpga).predict([finnDesign({ MVAU_0: sized() }, undefined, 'f')], { stage: 'csynth', part })[0],
        part,
      ),
    ).toMatchObject({
      verdict: 'likely-fits',
      reasons: ["the counts are those of FINN's formulas", "FF are not in FINN's formulas and were not compared"],
    });
    const small = sized({ SIMD: 1, MW: 4096, mem_mode: 'external' });
    expect(fits(predict({ MVAU_hls_0: small }), part).verdict).toBe('will-not-synthesise');
  });
});
