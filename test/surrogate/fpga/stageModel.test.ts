import { describe, expect, it } from 'vitest';
import { adaptStage, type StagePair } from '../../../src/surrogate/fpga/stageModel.js';
import { denseDesign } from '../../../src/trace/synth/denseDesign.js';

const design = denseDesign({ nIn: 16, nOut: 8, weightBits: 8, dataBits: 8, reuseFactor: 4, strategy: 'resource' });
const pair = (lut: number, ff: number, late: (lut: number, ff: number) => number): StagePair => ({
  design,
  early: { lut, ff, dsp: 30, bram18: 0 },
  late: { lut: Math.round(late(lut, ff)), ff: Math.round(0.7 * ff), dsp: 30, bram18: 0 },
});
const sizes = [
  [9000, 3000],
  [20000, 12000],
  [7000, 6000],
  [40000, 9000],
  [15000, 5000],
  [60000, 40000],
];

describe('adaptStage', () => {
  it('finds whether LUTs keep their ratio or follow the registers', () => {
    for (const late of [(lut: number) => 0.4 * lut, (_: number, ff: number) => 0.6 * ff]) {
      const stage = adaptStage(sizes.map(([lut, ff]) => pair(lut, ff, late)));
      const asked = pair(30000, 8000, late);
      const [p] = stage.predict([asked]);
      expect(Math.abs(p.lut.value / asked.late.lut - 1)).toBeLessThan(0.1);
      expect(Math.abs(p.ff.value / asked.late.ff - 1)).toBeLessThan(0.05);
      expect(p.dsp.value).toBe(30);
      expect(p.bram18.value).toBe(0);
      expect(p.lut.low).toBeLessThanOrEqual(asked.late.lut);
      expect(p.lut.high).toBeGreaterThanOrEqual(asked.late.lut);
    }
  });

  it('says what is missing without a pair', () => {
    expect(() => adaptStage([])).toThrow(expect.objectContaining({ code: 'bad-input' }));
  });
});
