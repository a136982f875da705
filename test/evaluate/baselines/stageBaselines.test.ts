import { describe, expect, it } from 'vitest';
import { STAGE_BASELINES } from '../../../src/evaluate/baselines/stageBaselines.js';
import type { StagePair } from '../../../src/fpga/stages/stageModel.js';
import { madeUpRows } from '../../fpga/residual/residualRows.js';

/** Every count falls to the same share. */
const pairs: StagePair[] = madeUpRows()
  .slice(0, 8)
  .map(({ design }, i) => ({
    design,
    early: { lut: 1000 * (i + 1), ff: 800 * (i + 1), dsp: 10 * (i + 1), bram18: 4 * (i + 1) },
    late: { lut: 500 * (i + 1), ff: 400 * (i + 1), dsp: 10 * (i + 1), bram18: 2 * (i + 1) },
  }));
const predictedBy = (name: string) => STAGE_BASELINES.find((b) => b.name === name)!.predict(pairs.slice(0, 6), pairs.slice(6));

describe('baselines from csynth to later stages', () => {
  it('csynth is as it is', () => {
    expect(predictedBy('csynth')).toEqual(pairs.slice(6).map((p) => p.early));
  });

  it.each(['median ratio', 'ridge'])('%s finds a share that is the same everywhere', (name) => {
    const predicted = predictedBy(name);
    expect(predicted.map((p) => Math.round(p.lut))).toEqual([3500, 4000]);
    expect(predicted.map((p) => Math.round(p.dsp))).toEqual([70, 80]);
  });
});
