import { expect, test } from 'vitest';
import { leastLeft, partVerdicts } from '../../scripts/fpgaPartVerdicts.js';
import type { FpgaSourceRow } from '../../src/fpga/data/fpgaSources.js';
import { hlsNetwork } from '../../src/fpga/design/designBuilder.js';
import type { FpgaModel } from '../../src/fpga/residual/fpgaModel.js';

const design = hlsNetwork({ id: 'net', input: [16], bits: 8, reuseFactor: 4, clockNs: 5 })
  .dense(64)
  .build();
const row = (stage: 'csynth' | 'vsynth', lut: number, dsp = 1): FpgaSourceRow => ({
  source: 'mine',
  id: 'net',
  modelId: 'net',
  design,
  stage,
  tool: 'vitis_hls',
  toolVersion: '2023.2',
  part: 'xcku035',
  clockNs: 5,
  success: true,
  labels: { lut, ff: 100, dsp, bram18: 2 },
  unknown: [],
});
/** A model that is as sure as it is right or wrong. */
const saying = (lut: number) => {
  const exactly = (value: number) => ({ value, low: value, high: value });
  const targets = { lut: exactly(lut), ff: exactly(100), dsp: exactly(1), bram18: exactly(2), uram: exactly(0) };
  return { predict: () => [{ stage: 'vsynth', targets }] } as unknown as FpgaModel;
};

test('the least that logic synthesis left is that of any pair', () => {
  expect(leastLeft([row('csynth', 1000), row('vsynth', 300)])).toEqual({ lut: 0.3, ff: 1, bram18: 1 });
  expect(leastLeft([row('csynth', 1000)])).toEqual({});
});

test('verdicts are judged on each part of the fabric and on shares of the smallest', () => {
  const text = (truth: number, said: number) =>
    partVerdicts([{ name: 'mine', rows: [row('vsynth', truth)], modelOf: () => saying(said) }], {});
  // six parts and seven shares; 203128 LUTs of xcku035 halved seven times
  expect(text(3000, 3000)).toContain('| mine | 13 | 1 | 1, 100.0 %, 100.0 % | 1, 100.0 %, 100.0 % | 12, 100.0 %, 100.0 %');
  expect(text(3000, 3000)).toContain('without "likely": none.');
  expect(text(3000, 6000)).toContain(
    'without "likely": 1: mine net (vsynth) on 1/64 of xcku035: does-not-fit, in truth 95 % full.',
  );
});
