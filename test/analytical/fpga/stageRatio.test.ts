import { describe, expect, test } from 'vitest';
import { analyseDesign } from '../../../src/analytical/fpga/analyseDesign.js';
import { LUT_PER_REGISTER, laterCounts, STAGE_RATIOS, stageRatio } from '../../../src/analytical/fpga/stageRatio.js';
import { mean, median, symmetricError } from '../../../src/statistics.js';
import { denseDesign, fpgaRows, hasFpga } from './fpgaRows.js';

describe('stageRatio', () => {
  test('is one for csynth and says how many pairs it rests on', () => {
    expect(stageRatio('lut', 'csynth')).toMatchObject({ factor: 1, pairs: 0 });
    expect(stageRatio('lut', 'vsynth').factor).toBeLessThan(0.6);
    for (const stage of Object.values(STAGE_RATIOS))
      for (const r of Object.values(stage)) {
        expect(r.low).toBeLessThanOrEqual(r.factor);
        expect(r.high).toBeGreaterThanOrEqual(r.factor);
      }
  });

  test.skipIf(!hasFpga)('is the median of the pairs (needs ../shared)', () => {
    const csynth = new Map(
      fpgaRows()
        .filter((r) => r.stage === 'csynth')
        .map((r) => [r.id, r]),
    );
    for (const target of ['lut', 'ff', 'dsp', 'bram18'] as const) {
      const ratios = fpgaRows().flatMap((r) => {
        const before = r.stage === 'vsynth' ? csynth.get(r.id)?.labels[target] : undefined;
        return before && r.labels[target] !== undefined ? [r.labels[target] / before] : [];
      });
      expect(ratios.length).toBeGreaterThanOrEqual(14);
      expect(Math.abs(median(ratios) - stageRatio(target, 'vsynth').factor), target).toBeLessThan(0.08);
    }
  });
});

describe('laterCounts', () => {
  const csynth = { lut: 5000, ff: 2000, dsp: 10, bram18: 20 };
  test('are the counts themselves at csynth', () => {
    expect(laterCounts(csynth, 100, 'csynth')).toEqual(csynth);
  });

  test('LUTs follow registers and what is kept, never beyond csynth', () => {
    for (const stage of ['vsynth', 'impl'] as const) {
      expect(laterCounts(csynth, 100, stage).lut).toBe(LUT_PER_REGISTER * 2000 + 100);
      expect(laterCounts(csynth, 4900, stage).lut).toBe(5000);
      expect(laterCounts(csynth, 100, stage).ff).toBe(2000 * stageRatio('ff', stage).factor);
    }
  });

  test('multiplexers before multipliers go, sums that a table selects stay', () => {
    const kept = (reuseFactor: number) => {
      const { total, keptLut } = analyseDesign(denseDesign([64, 64], { reuseFactor, tool: 'vitis_hls' }));
      return laterCounts(total, keptLut, 'vsynth').lut / total.lut;
    };
    expect(kept(32)).toBeLessThan(0.5);
    expect(kept(512)).toBeGreaterThan(0.75);
  });

  test.skipIf(!hasFpga)('vsynth of projects and three-layer rows: the stated errors (needs ../shared)', () => {
    const error = (source: RegExp) => {
      const errors = fpgaRows().flatMap((r) => {
        if (r.stage !== 'vsynth' || !source.test(r.source) || r.unknown.includes('reuseFactor')) return [];
        const { total, keptLut } = analyseDesign(r.design),
          { lut } = laterCounts(total, keptLut, 'vsynth');
        return [symmetricError(r.labels.lut!, lut)];
      });
      return [mean(errors), errors.length];
    };
    const [projects, n] = error(/\//),
      [three, m] = error(/dense3/);
    console.info(
      `LUT after logic synthesis: SMAPE ${projects.toFixed(1)} % of ${n} projects, ${three.toFixed(1)} % of ${m} three-layer rows`,
    );
    expect(n).toBeGreaterThanOrEqual(5);
    expect(m).toBeGreaterThanOrEqual(28);
    expect(projects).toBeLessThan(18);
    expect(three).toBeLessThan(22);
  });
});
