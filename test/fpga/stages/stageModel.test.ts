import { describe, expect, it } from 'vitest';
import { analyseDesign } from '../../../src/fpga/rules/analyseDesign.js';
import { adaptStage, type StagePair } from '../../../src/fpga/stages/stageModel.js';
import { denseDesign } from '../../../src/fpga/synth/denseDesign.js';

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

  it('finds that arithmetic in LUTs stays beside what follows the registers', () => {
    const of = (strategy: 'latency' | 'resource', nIn: number, nOut: number, ff: number): StagePair => {
      const design = denseDesign({
        nIn,
        nOut,
        weightBits: 2,
        dataBits: 8,
        reuseFactor: strategy === 'latency' ? 1 : nIn,
        strategy,
      });
      const stays = analyseDesign(design).layers.reduce((sum, l) => sum + l.arithmeticLut, 0);
      return {
        design,
        early: { lut: 3 * ff + 2 * stays, ff, dsp: 30, bram18: 0 },
        late: { lut: Math.round(0.5 * ff + stays), ff: Math.round(0.7 * ff), dsp: 30, bram18: 0 },
      };
    };
    const stage = adaptStage([
      of('latency', 32, 32, 4000),
      of('latency', 64, 16, 12000),
      of('latency', 64, 64, 9000),
      of('resource', 32, 32, 5000),
      of('resource', 64, 32, 20000),
      of('resource', 64, 64, 8000),
    ]);
    for (const asked of [of('latency', 96, 96, 6000), of('latency', 16, 16, 30000), of('resource', 96, 32, 10000)])
      expect(Math.abs(stage.predict([asked])[0].lut.value / asked.late.lut - 1)).toBeLessThan(0.15);
  });

  it('says what is missing without a pair', () => {
    expect(() => adaptStage([])).toThrow(expect.objectContaining({ code: 'bad-input' }));
  });
});
