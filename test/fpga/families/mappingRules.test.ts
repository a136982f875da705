import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  BRAM_RULES,
  bestRules,
  countBelief,
  DSP_RULES,
  memoryBlocks,
  multiplierBlocks,
  predictCount,
  RulePartition,
  ruleCounts,
  rulePosterior,
  rulePrior,
} from '../../../src/fpga/families/mappingRules.js';
import type { DatapathParts } from '../../../src/fpga/synth/datapathParts.js';

const parts = (x: number, w: number, count = 4, depth = 64, width = 32): DatapathParts => ({
  multipliers: [
    {
      x,
      w,
      constant: false,
      count,
      ones: w,
      operandRegisters: x,
      firstSum: { tree: false, registers: 0, adders: 0, compressors: 0 },
    },
  ],
  memories: [{ kind: 'rom', depth, width, distinct: width }],
  quantities: {} as DatapathParts['quantities'],
});

describe('mapping rules', () => {
  it('splits a long operand over small blocks as Yosys does for Cyclone V', () => {
    const rule = { none: false, least: 4, leastSum: 0, wideFrom: 10 };
    expect(multiplierBlocks(rule, 8, 8)).toEqual({ dsp: 1, soft: 0 });
    expect(multiplierBlocks(rule, 8, 12)).toEqual({ dsp: 1, soft: 24 });
    expect(multiplierBlocks(rule, 8, 14)).toEqual({ dsp: 2, soft: 0 });
    expect(multiplierBlocks(rule, 12, 14)).toEqual({ dsp: 1, soft: 0 });
    expect(multiplierBlocks(rule, 3, 14)).toEqual({ dsp: 0, soft: 0 });
  });

  it('puts a memory into blocks where they cost less than its bits', () => {
    const rule = BRAM_RULES.find((r) => r.shape === 0 && r.romCost === 1024 && r.linesCost === 64)!;
    expect(memoryBlocks(rule, { kind: 'rom', depth: 128, width: 16, distinct: 16 })).toBe(1);
    expect(memoryBlocks(rule, { kind: 'rom', depth: 64, width: 32, distinct: 32 })).toBe(0);
    expect(memoryBlocks(rule, { kind: 'rom', depth: 2048, width: 8, distinct: 8 })).toBe(4);
  });

  it('counts under all rules what each rule counts', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 17 }),
        fc.integer({ min: 2, max: 16 }),
        fc.integer({ min: 2, max: 2048 }),
        (x, w, depth) => {
          const p = parts(x, w, 3, depth, w),
            { dsp, bram } = ruleCounts(p);
          expect(dsp).toHaveLength(DSP_RULES.length);
          expect(bram).toHaveLength(BRAM_RULES.length);
          DSP_RULES.forEach((r, i) => {
            expect(dsp[i]).toBe(3 * multiplierBlocks(r, x, w).dsp);
          });
          BRAM_RULES.forEach((r, i) => {
            expect(bram[i]).toBe(memoryBlocks(r, p.memories[0]));
          });
        },
      ),
      { numRuns: 20 },
    );
  });

  it('finds a hidden rule from the designs that the partition chooses', () => {
    const truth = DSP_RULES.findIndex((r) => r.least === 2 && r.leastSum === 11 && r.wideFrom === 0);
    const designs = Array.from({ length: 60 }, (_, i) => ruleCounts(parts(2 + (i % 15), 2 + Math.floor(i / 5))).dsp);
    const prior = rulePrior('dsp', []),
      partition = new RulePartition(prior),
      chosen: number[] = [];
    for (let s = 0; s < 8; s++) {
      const gain = designs.map((d, i) => (chosen.includes(i) ? -1 : partition.gain(d)));
      const best = gain.indexOf(Math.max(...gain));
      partition.split(designs[best]);
      chosen.push(best);
    }
    const p = rulePosterior(
      prior,
      chosen.map((i) => designs[i]),
      chosen.map((i) => designs[i][truth]),
    );
    const right = designs.filter((d) => predictCount({ rules: p, twins: new Float64Array() }, d, []).value === d[truth]).length;
    expect(right / designs.length).toBeGreaterThan(0.95);
    expect(bestRules({ dsp: p, bram: rulePrior('bram', []) }).dsp.none).toBe(false);
  });

  it('a training family that counts as the new one is believed beyond the rules, and one that does not is not', () => {
    const designs = Array.from({ length: 30 }, (_, i) => ruleCounts(parts(2 + (i % 15), 2 + Math.floor(i / 5))).dsp);
    const prior = rulePrior('dsp', []),
      truth = DSP_RULES.findIndex((r) => !r.none && r.least === 4 && r.leastSum === 0 && r.wideFrom === 0);
    // every third design counts one less than any rule says
    const measured = designs.map((d, i) => d[truth] - (i % 3 ? 0 : 1)),
      other = designs.map((d) => d[truth] + 5);
    const at = [...Array(9).keys()];
    const belief = countBelief(
      prior,
      at.map((i) => designs[i]),
      at.map((i) => measured[i]),
      [at.map((i) => other[i]), at.map((i) => measured[i])],
    );
    const total = [belief.rules, belief.twins].reduce((sum, p) => sum + p.reduce((a, b) => a + b, 0), 0);
    expect(total).toBeCloseTo(1, 9);
    expect(belief.twins[1]).toBeGreaterThan(0.9);
    expect(belief.twins[0]).toBeLessThan(1e-6);
    const right = designs.filter((d, i) => predictCount(belief, d, [other[i], measured[i]]).value === measured[i]);
    expect(right).toHaveLength(30);
    // nothing measured: half the belief is in the training families
    const before = countBelief(prior, [], [], [[], []]);
    expect(before.twins[0]).toBeCloseTo(0.25, 9);
    expect(countBelief(prior, [], [], []).rules.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 9);
  });

  it('keeps probabilities, also after families that agree', () => {
    const one = new Float64Array(DSP_RULES.length);
    one[7] = 1;
    const prior = rulePrior('dsp', [one, one]);
    expect(prior.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 9);
    expect(prior.indexOf(Math.max(...prior))).toBe(7);
    expect(Math.min(...prior)).toBeGreaterThan(0);
  });
});
