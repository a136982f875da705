import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parsePrecision, precisionsInName } from '../../../src/fpga/readers/precisionText.js';

describe('parsePrecision', () => {
  test.each([
    ['ap_fixed<16,6>', { bits: 16, intBits: 6, signed: true }],
    ['ap_ufixed<8,1,AP_RND,AP_SAT>', { bits: 8, intBits: 1, signed: false, rounding: 'rnd', overflow: 'sat' }],
    ['ac_fixed<8,2,true,AC_RND,AC_SAT>', { bits: 8, intBits: 2, signed: true, rounding: 'rnd', overflow: 'sat' }],
    ['fixed<8,4,TRN,WRAP,0>', { bits: 8, intBits: 4, signed: true }],
    ['fixed<16, 6>', { bits: 16, intBits: 6, signed: true }],
    ['ap_fixed<8,-2>', { bits: 8, intBits: -2, signed: true }],
    ['ap_uint<1>', { bits: 1, intBits: 1, signed: false }],
    ['int8', { bits: 8, intBits: 8, signed: true }],
    ['ac_fixed<18,8,true>', { bits: 18, intBits: 8, signed: true }],
    ['ac_int<4,false>', { bits: 4, intBits: 4, signed: false }],
  ])('%s', (text, type) => expect(parsePrecision(text)).toEqual(type));

  test.each(['auto', 'float', '', 'ap_fixed<>', 'ap_fixed<0,1>', 'ap_fixed<300,6>', 'ap_fixed<16>'])(
    '%s is no fixed-point type',
    (text) => expect(parsePrecision(text)).toBeUndefined(),
  );

  test('what hls4ml writes is read back', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 128 }), fc.integer({ min: -20, max: 128 }), fc.boolean(), (bits, intBits, signed) => {
        expect(parsePrecision(`ap_${signed ? '' : 'u'}fixed<${bits},${intBits}>`)).toEqual({ bits, intBits, signed });
      }),
    );
  });
});

test('types in the name of an HLS function', () => {
  expect(precisionsInName('dense_latency_ap_ufixed_8_1_4_0_0_ap_fixed_16_4_5_3_0_config5_s')).toEqual([
    { bits: 8, intBits: 1, signed: false, rounding: 'rnd_conv', overflow: 'sat' },
    { bits: 16, intBits: 4, signed: true },
  ]);
  expect(precisionsInName('Block_proc')).toEqual([]);
});
