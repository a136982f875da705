import { describe, expect, it } from 'vitest';
import { type FinnWindow, finnWindow } from '../../../src/fpga/rules/finnWindow.js';

const picture: FinnWindow = {
  channels: 4,
  input: [8, 8],
  output: [6, 6],
  kernel: [3, 3],
  stride: [1, 1],
  simd: 2,
  inputBits: 4,
  depthwise: false,
  unit: 'hls',
  ramStyle: 'auto',
};

describe('finnWindow', () => {
  it('of a picture in HLS: k + stride lines', () => {
    // 8 * 3 * 2 + 6 * max(6 * 9 * 2, 8 * 2)
    expect(finnWindow(picture)).toEqual({ cycles: 48 + 6 * 108, lut: 300, bram18: 4, uram: 0 });
    expect(finnWindow({ ...picture, ramStyle: 'distributed' })).toMatchObject({ lut: 300 + 4 * 8 * 1, bram18: 0 });
    expect(finnWindow({ ...picture, ramStyle: 'ultra' })).toMatchObject({ bram18: 0, uram: 4 });
  });

  it('of a picture in RTL: one buffer of (k - 1) lines and k pixels', () => {
    // (2 * 8 + 2 + 1) * 2 = 38 words
    expect(finnWindow({ ...picture, unit: 'rtl' })).toEqual({ cycles: 38 + 6 * 108, lut: 300, bram18: 1, uram: 0 });
    expect(finnWindow({ ...picture, unit: 'rtl', ramStyle: 'distributed' })).toMatchObject({ lut: 300 + 8 * 1 });
  });

  it('of a signal', () => {
    const signal: FinnWindow = { ...picture, input: [1, 8], output: [1, 6], kernel: [1, 3] };
    expect(finnWindow(signal).cycles).toBe(1 + 6 * 3 * 2);
    expect(finnWindow({ ...signal, depthwise: true }).cycles).toBe(1 + 36 + 2 * 2 - 2);
    expect(finnWindow({ ...signal, unit: 'rtl' }).cycles).toBe(36 + 2);
  });

  it('of a deep buffer: blocks of one bit, the last row of them wider', () => {
    const deep: FinnWindow = { ...picture, unit: 'rtl', channels: 2, input: [9000, 9000], output: [8998, 8998] };
    // 18003 words of 8 bits: 2 rows of 8 blocks, the second of 1619 words one block of 9 bits
    expect(finnWindow(deep).bram18).toBe(9);
  });
});
