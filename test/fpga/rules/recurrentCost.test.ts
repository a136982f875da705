import { describe, expect, test } from 'vitest';
import { analyseDesign } from '../../../src/fpga/rules/analyseDesign.js';
import { recurrentCost } from '../../../src/fpga/rules/recurrentCost.js';
import { denseDesign, fpgaRows, hasFpga } from './fpgaRows.js';

const bits16 = { bits: 16, intBits: 6, signed: true };
/** The recurrent layer of quickdraw: 100 steps of 3 inputs, 128 states, RF 30 asked, which snaps to 24 and 32. */
const quickdraw = denseDesign([3, 128], {
  precision: bits16,
  reuseFactor: 30,
  layers: [{ name: 'gru', kind: 'gru', inputs: [], inShape: [100, 3], outShape: [128], weight: bits16 }],
});

describe('recurrentCost', () => {
  test('repeats the longer product each step', () => {
    const c = recurrentCost('gru', { steps: 10, nIn: 3, state: 8 }, 16, { latencyMin: 20, latencyMax: 21, ii: 20 }, 1024, 1);
    expect(c.latencyMin).toBe(10 * 29 + 1);
    expect(c.latencyMax).toBe(10 * 30 + 1);
    expect(c).toMatchObject({ dsp: 24, bram18: 12 });
    const narrow = recurrentCost('gru', { steps: 10, nIn: 3, state: 8 }, 4, { latencyMin: 20, latencyMax: 21, ii: 20 }, 1024, 0);
    expect(narrow.latencyMin).toBe(10 * 26 + 1);
    expect(narrow.dsp).toBe(8);
  });

  test('is the module of a real GRU: cycles, DSPs and block RAM exact', () => {
    const [gru] = analyseDesign(quickdraw).layers;
    // csynth of gru_stack, Vivado HLS 2019.2: latency 4201 to 4301, DSP 1968, BRAM18 897, LUT 573313, FF 82278
    expect(gru).toMatchObject({ latencyMin: 4201, latencyMax: 4301, ii: 4301, dsp: 1968, bram18: 897 });
    expect(gru.lut / 573313).toBeCloseTo(1, 1);
    expect(Math.abs(gru.ff / 82278 - 1)).toBeLessThan(0.12);
  });

  test('takes three cycles less a step alone', () => {
    const step = analyseDesign({ ...quickdraw, layers: [{ ...quickdraw.layers[0], inShape: [1, 3] }] }).layers[0];
    // gru_static: 39 to 40
    expect(step).toMatchObject({ latencyMin: 39, latencyMax: 40 });
  });

  test('warns of what no report checked', () => {
    const lstm = analyseDesign({ ...quickdraw, layers: [{ ...quickdraw.layers[0], kind: 'lstm' }] });
    expect(lstm.warnings.join()).toMatch(/lstm by analogy with GRU/);
  });

  test.skipIf(!hasFpga)('of 4 bits and 15 steps: the project within 1 %, II exact (needs ../shared)', () => {
    const row = fpgaRows().find((r) => /ftag_gru/.test(r.id) && r.stage === 'csynth')!;
    const { total } = analyseDesign(row.design);
    expect(total.iiMin).toBe(row.labels.ii_min);
    expect(total.iiMax).toBe(row.labels.ii);
    expect(Math.abs(total.latencyMin - row.labels.cycles_min!)).toBeLessThanOrEqual(4);
    expect(Math.abs(total.latencyMax - row.labels.cycles!)).toBeLessThanOrEqual(4);
    expect(total.dsp).toBe(row.labels.dsp);
    expect(Math.abs(total.bram18 - row.labels.bram18!)).toBeLessThanOrEqual(4);
    expect(total.lut / row.labels.lut!).toBeGreaterThan(0.7);
    expect(total.lut / row.labels.lut!).toBeLessThan(1.4);
  });
});
