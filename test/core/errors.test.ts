import { describe, expect, it } from 'vitest';
import { closeNames, type ErrorCode, HwcastError } from '../../src/core/errors.js';

describe('HwcastError', () => {
  it.each<[ErrorCode, number]>([
    ['usage', 2],
    ['bad-input', 3],
    ['unsupported', 3],
    ['corrupt', 3],
    ['newer-format', 3],
    ['forbidden', 3],
    ['not-found', 4],
    ['quality-gate', 5],
    ['interrupted', 130],
  ])('%s ends with exit code %i', (code, exit) => {
    expect(new HwcastError(code, 'x').exitCode).toBe(exit);
  });

  it('describes itself: where, what, what to do', () => {
    expect(new HwcastError('usage', 'no device').describe()).toBe('no device');
    expect(new HwcastError('usage', 'no device', { where: 'a.csv:3' }).describe()).toBe('a.csv:3: no device');
    expect(new HwcastError('usage', 'no device', { where: 'a.csv:3', hint: 'give one' }).describe()).toBe(
      'a.csv:3: no device\n  give one',
    );
  });

  it('is an Error with its cause', () => {
    const cause = new Error('inner'),
      error = new HwcastError('corrupt', 'outer', { cause });
    expect(error).toBeInstanceOf(Error);
    expect(error.name).toBe('HwcastError');
    expect(error.cause).toBe(cause);
    expect('cause' in new HwcastError('corrupt', 'outer')).toBe(false);
  });
});

describe('closeNames', () => {
  const known = ['titan_rtx_1', 'titan_rtx_256', 'gold_6226', 'pixel3', 'pixel2'];

  it.each([
    ['pixel4', ['pixel3', 'pixel2']],
    ['TITAN_RTX_256', ['titan_rtx_256']],
    ['gold6226', ['gold_6226']],
    ['zzzzzz', []],
  ])('of %j begin with %j', (name, expected) => {
    expect(closeNames(name, known).slice(0, Math.max(1, expected.length))).toEqual(expected);
  });

  it('puts names that hold the text first, and gives at most the limit', () => {
    expect(closeNames('titan', known)).toEqual(['titan_rtx_1', 'titan_rtx_256']);
    expect(closeNames('pixel', known, 1)).toEqual(['pixel3']);
    expect(closeNames('pixel', new Set(known), 2)).toHaveLength(2);
  });
});
