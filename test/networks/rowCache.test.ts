import { describe, expect, it } from 'vitest';
import { RowCache } from '../../src/networks/rowCache.js';

const row = (value: number) => Float64Array.of(value, value / 2);

describe('RowCache', () => {
  it('gives each row back as it was kept, copies both ways', () => {
    const cache = new RowCache(2, 1000),
      kept = row(3),
      read = new Float64Array(2);
    cache.keep('a', kept);
    kept[0] = -1;
    expect(cache.read('a', read)).toBe(true);
    expect(read).toEqual(row(3));
    read[0] = -1;
    expect(cache.read('a', read)).toBe(true);
    expect(read).toEqual(row(3));
    expect(cache.read('b', read)).toBe(false);
  });

  it('grows past its first block, and a key keeps its first row', () => {
    const cache = new RowCache(2, 1000),
      read = new Float64Array(2);
    for (let i = 0; i < 500; i++) cache.keep(`${i}`, row(i));
    cache.keep('7', row(-1));
    cache.keep('new', row(9));
    const wrong = Array.from({ length: 500 }, (_, i) => i).filter((i) => !cache.read(`${i}`, read) || read[0] !== i);
    expect(wrong).toEqual([]);
    expect(cache.read('new', read) && read[0]).toBe(9);
  });

  it('never holds more than its limit, and what it holds is right', () => {
    const cache = new RowCache(2, 100),
      read = new Float64Array(2),
      sizes: number[] = [];
    let wrong = 0;
    for (let i = 0; i < 1050; i++) {
      cache.keep(`${i}`, row(i));
      sizes.push(cache.size);
      if (!cache.read(`${i}`, read) || read[0] !== i) wrong++;
    }
    expect(Math.max(...sizes)).toBe(100);
    expect(cache.size).toBe(50);
    expect(wrong).toBe(0);
    expect(cache.read('0', read)).toBe(false);
  });
});
