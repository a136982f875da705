import { describe, expect, test } from 'vitest';
import { median } from '../../../src/core/statistics.js';
import { STAGE_RATIOS, stageRatio } from '../../../src/fpga/rules/stageRatio.js';
import { fpgaRows, hasFpga } from './fpgaRows.js';

describe('stageRatio', () => {
  test('is one for csynth and says how many pairs it rests on', () => {
    expect(stageRatio('ff', 'csynth')).toMatchObject({ factor: 1, pairs: 0 });
    expect(stageRatio('ff', 'vsynth').factor).toBeLessThan(0.8);
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
    for (const target of ['ff', 'dsp', 'bram18'] as const) {
      const ratios = fpgaRows().flatMap((r) => {
        const before = r.stage === 'vsynth' ? csynth.get(r.id)?.labels[target] : undefined;
        return before && r.labels[target] !== undefined ? [r.labels[target] / before] : [];
      });
      expect(ratios.length).toBeGreaterThanOrEqual(14);
      expect(Math.abs(median(ratios) - stageRatio(target, 'vsynth').factor), target).toBeLessThan(0.08);
    }
  });
});
