import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readMoreFpgaRows } from '../../../src/fpga/data/moreFpgaRows.js';
import { analyseDesign } from '../../../src/fpga/rules/analyseDesign.js';
import { bram18Of, indexBram18, laterBram18, laterRomLut, uramOf, weightBram18 } from '../../../src/fpga/rules/bramCount.js';
import { laterCounts } from '../../../src/fpga/rules/laterCounts.js';
import { FPGA_FOLDER, fpgaRows, hasFpga, pairs, product, resourceRows, shareExact, shareWithin } from './fpgaRows.js';

describe('bram18Of', () => {
  test('has the shapes of a block', () => {
    expect(bram18Of(36, 512)).toBe(1);
    expect(bram18Of(37, 512)).toBe(2);
    expect(bram18Of(36, 1024)).toBe(2);
    expect(bram18Of(36, 1152)).toBe(3);
    expect(bram18Of(9, 2048)).toBe(1);
    expect(bram18Of(4, 4096)).toBe(1);
    expect(bram18Of(1, 16384)).toBe(1);
    expect(bram18Of(1, 16385)).toBe(2);
  });

  test('builds small memories of LUTs', () => {
    expect(bram18Of(2, 511)).toBe(0);
    expect(bram18Of(2, 512)).toBe(1);
  });

  test('holds every bit and grows with width', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4000 }), fc.integer({ min: 1, max: 40_000 }), (width, depth) => {
        const blocks = bram18Of(width, depth);
        if (width * depth >= 1024) expect(blocks * 18 * 1024).toBeGreaterThanOrEqual(width * depth);
        // 28 to 35 bits of 1025 to 2048 words take one block more than 36, as the tool reports for 30 and 32
        const slack = depth > 1024 && depth <= 2048 ? 1 : 0;
        expect(bram18Of(width + 1, depth)).toBeGreaterThanOrEqual(blocks - slack);
      }),
    );
  });
});

describe('weights and index', () => {
  test('take a word of all multipliers', () => {
    // 8 bits of 224 inputs repeat the sign three times: 127 - 2 bits of the last weight
    expect(weightBram18(product(128, 32, 512))).toBe(2);
    expect(indexBram18(product(128, 32, 512))).toBe(1);
    expect(indexBram18(product(192, 32, 384))).toBe(0);
    expect(weightBram18(product(128, 32, 1))).toBe(0);
    expect(uramOf(73, 4096)).toBe(2);
    const large = { ...product(576, 128, 72), outOfBram: true };
    expect([weightBram18(large), laterBram18(large)]).toEqual([0, 0]);
  });

  test('are exact up to depth 1024 and within one block everywhere', () => {
    const rows = resourceRows();
    expect(rows).toHaveLength(733);
    const shallow = pairs(
        rows.filter((r) => r.design.reuseFactor <= 1024),
        'bram18',
      ),
      deep = pairs(
        rows.filter((r) => r.design.reuseFactor > 1024),
        'bram18',
      );
    console.info(
      `BRAM18: exact in ${Math.round(shareExact(shallow) * shallow.length)} of ${shallow.length} rows up to depth 1024, ${Math.round(shareExact(deep) * deep.length)} of ${deep.length} beyond`,
    );
    expect(shareExact(shallow)).toBe(1);
    expect(shareWithin([...shallow, ...deep], 1)).toBe(1);
    expect(shareExact(deep)).toBeGreaterThan(0.65);
  });

  test.skipIf(!hasFpga)('are exact in the recurrent modules of 16 bits (needs ../shared)', () => {
    const p = pairs(
      fpgaRows().filter(
        (r) => r.source === 'hls4ml_modules' && r.design.layers[0].kind === 'dense' && r.design.strategy === 'resource',
      ),
      'bram18',
    );
    expect(p.length).toBeGreaterThanOrEqual(5);
    expect(p.filter(([a, b]) => a !== b)).toEqual([]);
  });
});

describe('after logic synthesis', () => {
  test('weights stay in block RAM where a multiplier works for few sums, a block a byte', () => {
    const p = (nIn: number, nOut: number, reuse: number) =>
      product(nIn, nOut, reuse, { weightBits: 4, weightFraction: 3, vivadoHls: false });
    // 32 bits of 832 words; 52 bits: blocks of 36 Kb; the index table beside them
    expect(laterBram18(p(104, 64, 832))).toBe(1 + 4);
    expect(laterBram18(p(104, 104, 832))).toBe(1 + 2 * 7);
    expect(laterBram18(p(104, 40, 1040))).toBe(1);
    expect(laterBram18(p(104, 48, 4992))).toBe(3);
  });

  test('weights that leave block RAM are LUTs of 64 words, chosen beyond 512; those that stay and those of narrower layers are none', () => {
    const p = (reuse: number, weightBits: number) =>
      product(104, 48, reuse, { weightBits, weightFraction: weightBits, vivadoHls: false });
    // one multiplier: 4992 words of 16 bits, of which the largest weight, sqrt(3 / 104) = .17, leaves 15
    expect(laterRomLut(p(4992, 16))).toBeCloseTo(15 * (4992 / 64 + (4992 / 512 - 1) / 3));
    expect(laterRomLut(p(4992, 8)) / laterRomLut(p(4992, 16))).toBeCloseTo(7 / 15);
    // RF 104 and 832 with 8 sums a multiplier stay in block RAM, of RF 1 they are constants
    expect([laterRomLut(p(104, 16)), laterRomLut(p(832, 16)), laterRomLut(p(1, 16))]).toEqual([0, 0, 0]);
    for (const reuse of [104, 832]) expect(laterBram18(p(reuse, 16))).toBeGreaterThan(indexBram18(p(reuse, 16)));
  });

  test.skipIf(!hasFpga)('the stated share of the networks of wa-hls4ml is exact (needs ../shared)', () => {
    const rows = [...fpgaRows(), ...readMoreFpgaRows(FPGA_FOLDER)].filter((r) => r.source === 'wa_hls4ml_dense3');
    const of = rows.map((r): [number, number] => {
      const { total, kept } = analyseDesign(r.design);
      return [r.labels.bram18!, laterCounts(total, kept, 'vsynth').bram18];
    });
    const off = rows.flatMap((r, i) => {
      const [reported, counted] = of[i];
      const reuse = r.design.layers.map((layer) => layer.reuseFactor ?? r.design.reuseFactor).join('/');
      return reported === counted ? [] : [`${r.modelId} RF ${reuse}: ${reported} for ${counted}`];
    });
    console.info(
      `BRAM after logic synthesis: exact in ${of.length - off.length} of ${of.length} networks\n${off.sort().join('\n')}`,
    );
    expect(of.length).toBeGreaterThanOrEqual(85);
    expect(shareExact(of)).toBeGreaterThanOrEqual(0.8);
  });
});
