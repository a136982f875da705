import { describe, expect, test } from 'vitest';
import { mean, median, symmetricError } from '../../../src/core/statistics.js';
import { readMoreFpgaRows } from '../../../src/fpga/data/moreFpgaRows.js';
import { hlsNetwork } from '../../../src/fpga/design/designBuilder.js';
import { analyseDesign } from '../../../src/fpga/rules/analyseDesign.js';
import { LUT_PER_REGISTER, laterCounts } from '../../../src/fpga/rules/laterCounts.js';
import { stageRatio } from '../../../src/fpga/rules/stageRatio.js';
import { denseDesign, FPGA_FOLDER, fpgaRows, hasFpga } from './fpgaRows.js';

describe('laterCounts', () => {
  const csynth = { lut: 5000, ff: 2000, dsp: 10, bram18: 20 };
  test('are the counts themselves at csynth', () => {
    expect(laterCounts(csynth, { keptLut: 100, keptFf: 0 }, 'csynth')).toEqual(csynth);
  });

  test('LUTs follow registers and what is kept, never beyond csynth', () => {
    for (const stage of ['vsynth', 'impl'] as const) {
      expect(laterCounts(csynth, { keptLut: 100, keptFf: 0 }, stage).lut).toBe(LUT_PER_REGISTER * 2000 + 100);
      expect(laterCounts(csynth, { keptLut: 4900, keptFf: 0 }, stage).lut).toBe(5000);
      const { factor } = stageRatio('ff', stage);
      expect(laterCounts(csynth, { keptLut: 100, keptFf: 0 }, stage).ff).toBe(2000 * factor);
      expect(laterCounts(csynth, { keptLut: 100, keptFf: 500 }, stage).ff).toBe(1500 * factor + 500);
    }
  });

  test('what layers without weights do to each value stays, a LUT a bit, where hardly a register is', () => {
    const relu = hlsNetwork({
      input: [16],
      bits: 16,
      part: 'xcu250',
      tool: 'vivado_hls',
      toolVersion: '2020.1',
      ioType: 'io_stream',
    })
      .relu()
      .build();
    const { total, kept } = analyseDesign(relu),
      { lut } = laterCounts(total, kept, 'vsynth');
    expect(total.ff).toBeLessThan(10);
    expect(lut).toBeGreaterThanOrEqual(16 * 16);
    expect(lut).toBeLessThan(total.lut);
  });

  test('LUTs of weights that leave block RAM come on top of what csynth counts, at later stages only', () => {
    const kept = { keptLut: 4900, keptFf: 0 };
    expect(laterCounts(csynth, { ...kept, romLut: 700 }, 'vsynth').lut).toBe(5000 + 700);
    expect(laterCounts(csynth, { ...kept, romLut: 700 }, 'csynth').lut).toBe(5000);
  });

  test('counts below what the rules would keep stay sane', () => {
    const low = { ...csynth, ff: 1000 };
    expect(laterCounts(low, { keptLut: 100, keptFf: 3000 }, 'vsynth')).toMatchObject({ lut: 100, ff: 1000 });
  });

  test('block RAM of weights is what its rule says, else a ratio', () => {
    const kept = { keptLut: 100, keptFf: 0, keptBram: { before: 12, after: 3 } };
    expect(laterCounts(csynth, kept, 'csynth').bram18).toBe(20);
    expect(laterCounts(csynth, kept, 'vsynth').bram18).toBe(8 + 3);
    expect(laterCounts(csynth, kept, 'vsynth', 'high').bram18).toBeCloseTo(8 * 1.7 + 12);
    expect(laterCounts(csynth, { keptLut: 100, keptFf: 0 }, 'vsynth').bram18).toBe(20 * stageRatio('bram18', 'vsynth').factor);
  });

  test('multiplexers before multipliers go, sums that a table selects stay', () => {
    const share = (reuseFactor: number) => {
      const { total, kept } = analyseDesign(denseDesign([64, 64], { reuseFactor, tool: 'vitis_hls' }));
      return laterCounts(total, kept, 'vsynth').lut / total.lut;
    };
    expect(share(32)).toBeLessThan(0.5);
    expect(share(512)).toBeGreaterThan(0.75);
  });

  test.skipIf(!hasFpga)(
    'LUTs of two- and three-layer networks by the width of their weights: the stated errors (needs ../shared)',
    () => {
      const rows = [...fpgaRows(), ...readMoreFpgaRows(FPGA_FOLDER)].filter((r) => r.source === 'wa_hls4ml_dense3');
      const errorsOf = (wide: boolean) =>
        rows.flatMap(({ design, labels }) => {
          if (design.layers[0].weight!.bits >= 12 !== wide) return [];
          const { total, kept } = analyseDesign(design);
          return [Math.abs(laterCounts(total, kept, 'vsynth').lut / labels.lut! - 1)];
        });
      const narrow = errorsOf(false),
        wide = errorsOf(true);
      console.info(
        `LUT after logic synthesis: median ${(100 * median(narrow)).toFixed(1)} % of ${narrow.length} networks of up to 8 bits, ${(100 * median(wide)).toFixed(1)} % of ${wide.length} of 12 to 16`,
      );
      expect(narrow.length + wide.length).toBeGreaterThanOrEqual(85);
      for (const of of [narrow, wide]) expect(median(of)).toBeLessThan(0.05);
      expect([...narrow, ...wide].filter((e) => e > 0.1)).toEqual([]);
    },
  );

  test.skipIf(!hasFpga)('vsynth of projects and three-layer rows: the stated errors (needs ../shared)', () => {
    const errors = (source: RegExp) =>
      fpgaRows().flatMap((r) => {
        if (r.stage !== 'vsynth' || !source.test(r.source) || r.unknown.includes('reuseFactor')) return [];
        const { total, kept } = analyseDesign(r.design),
          later = laterCounts(total, kept, 'vsynth');
        return [[symmetricError(r.labels.lut!, later.lut), symmetricError(r.labels.ff!, later.ff)]];
      });
    const projects = errors(/\//),
      three = errors(/dense3/);
    const [lut, ff, lut3, ff3] = [projects, three].flatMap((of) => [mean(of.map(([e]) => e)), mean(of.map(([, e]) => e))]);
    console.info(
      `after logic synthesis, SMAPE: LUT ${lut.toFixed(1)} %, FF ${ff.toFixed(1)} % of ${projects.length} projects; ${lut3.toFixed(1)} and ${ff3.toFixed(1)} % of ${three.length} three-layer rows`,
    );
    expect(projects.length).toBeGreaterThanOrEqual(5);
    expect(three.length).toBeGreaterThanOrEqual(28);
    expect(lut).toBeLessThan(18);
    expect(ff).toBeLessThan(22);
    expect(lut3).toBeLessThan(6);
    expect(ff3).toBeLessThan(10);
  });
});
