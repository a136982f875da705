import { describe, expect, it } from 'vitest';
import {
  DESIGN_FEATURES,
  type DesignMapping,
  designFeatures,
  PACKINGS,
  type Packing,
  registerBits,
} from '../../../src/fpga/families/designFeatures.js';
import { datapathParts } from '../../../src/fpga/synth/datapathParts.js';
import { denseDesign } from '../../../src/fpga/synth/denseDesign.js';

const partsOf = (nIn: number, nOut: number, reuseFactor: number) =>
  datapathParts(denseDesign({ nIn, nOut, weightBits: 8, dataBits: 8, reuseFactor, strategy: 'resource' }));
const mapping = (packing: Packing, dsp = 1): DesignMapping => ({
  multiplier: () => ({ dsp, soft: 0 }),
  blocks: () => 0,
  packing,
  addersInLuts: true,
});
const column = (features: Float64Array, name: string) => features[DESIGN_FEATURES.indexOf(name)];

describe('features of a design under what multipliers pack', () => {
  it('leaves out the registers of operands and products, then those of the first sums', () => {
    // two outputs of four products each: one sum a output
    const parts = partsOf(8, 2, 2),
      [none, registers, sums] = PACKINGS.map((p) => designFeatures(parts, mapping(p)));
    expect(column(none, 'products')).toBe(8 * 16);
    expect(column(none, 'treeRegisters')).toBe(2 * 18);
    expect(registerBits(none) - registerBits(registers)).toBe(8 * 16 + 4 * 8);
    expect(registerBits(registers) - registerBits(sums)).toBe(2 * 18);
    for (const name of ['products', 'pickedInputs']) expect(column(registers, name), name).toBe(0);
    for (const name of ['treeRegisters', 'treeAdders', 'treeCompressors']) expect(column(sums, name), name).toBe(0);
    expect(column(sums, 'accumulators')).toBe(column(none, 'accumulators'));
  });

  it('counts the accumulator as the sum of an only product', () => {
    const parts = partsOf(8, 2, 8),
      [, registers, sums] = PACKINGS.map((p) => designFeatures(parts, mapping(p)));
    expect(column(registers, 'accumulators')).toBeGreaterThan(0);
    expect(column(sums, 'accumulators')).toBe(0);
  });

  it('packs nothing where multipliers are logic', () => {
    const parts = partsOf(8, 2, 2);
    expect(PACKINGS).toHaveLength(3);
    for (const p of PACKINGS) expect(designFeatures(parts, mapping(p, 0))).toEqual(designFeatures(parts, mapping('none', 0)));
  });
});
