import { describe, expect, it } from 'vitest';
import { HwcastError } from '../../../src/core/errors.js';
import { readPickle } from '../../../src/dataset/import/readPickle.js';
import { numberList, type TensorValue } from '../../../src/dataset/import/tensorValue.js';
import { PICKLES } from './pickles.js';
import { pickleOf } from './pickleWriter.js';

const failure = (run: () => unknown): HwcastError => {
  try {
    run();
  } catch (error) {
    expect(error).toBeInstanceOf(HwcastError);
    return error as HwcastError;
  }
  throw new Error('nothing was thrown');
};

describe('readPickle', () => {
  it('reads plain Python values', () => {
    const value = readPickle(PICKLES.set, 'f.pkl') as Map<string, unknown>;
    expect(value.get('s')).toEqual([1, 2]);
    expect(Array.from(value.get('b') as Uint8Array)).toEqual([97, 98]);
    expect([value.get('t'), value.get('n'), value.get('x'), value.get('big'), value.get('neg')]).toEqual([
      [1, [2, 3]],
      null,
      true,
      2 ** 40,
      -3,
    ]);
  });

  it.each(['numpy2', 'numpy4', 'numpy5'] as const)('reads NumPy arrays and scalars of %s', (name) => {
    const value = readPickle(PICKLES[name], 'f.pkl') as Map<string, unknown>;
    const numbers = (key: string) => Array.from(numberList(value.get(key), key));
    expect(numbers('f8')).toEqual([1.5, 2.5]);
    expect(numbers('f4')).toEqual([0.5, 0.25]);
    expect(numbers('i8')).toEqual([3, -4]);
    expect(numbers('be')).toEqual([9.5]);
    expect(numbers('list')).toEqual([0.5, 2]);
    expect(value.get('s')).toBe(6.25);
    const matrix = value.get('m') as TensorValue;
    expect([matrix.shape, Array.from(matrix.data)]).toEqual([
      [2, 2],
      [1, 2, 3, 4],
    ]);
    expect(failure(() => numberList(matrix, 'm')).message).toMatch(/tensor of shape \[2,2\]/);
  });

  it.each(['evil', 'evil4'] as const)('refuses a pickle that asks for os.system (%s)', (name) => {
    const error = failure(() => readPickle(PICKLES[name], 'f.pkl'));
    expect(error.code).toBe('forbidden');
    expect(error.message).toMatch(/'posix\.system'/);
    expect(error.where).toBe('f.pkl');
  });

  it('refuses NumPy text', () => {
    const error = failure(() => readPickle(PICKLES.numpyText, 'f.pkl'));
    expect([error.code, error.where]).toEqual(['unsupported', 'f.pkl']);
  });

  it('reports a pickle cut anywhere as corrupt or as its shorter self, never as another error', () => {
    const bytes = pickleOf([1.5, new Map([['a', [2, 'text']]])]);
    expect(bytes.length).toBeGreaterThan(30);
    for (let n = 0; n < bytes.length; n++) {
      const error = failure(() => readPickle(bytes.subarray(0, n), 'f.pkl'));
      expect([error.code, error.where]).toEqual(['corrupt', 'f.pkl']);
    }
  });

  it('does not let a pickle change shared prototypes', () => {
    readPickle(pickleOf(new Map([['__proto__', new Map([['polluted', 1]])]])), 'f.pkl');
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  it('names the item that is no number', () => {
    expect(failure(() => numberList([1, 'x'], 'f.pkl')).message).toMatch(/item 1 is no number/);
    expect(failure(() => numberList(new Map(), 'f.pkl')).message).toMatch(/list of numbers/);
  });
});
