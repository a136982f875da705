import { describe, expect, it } from 'vitest';
import { kept } from '../../src/core/kept.js';

describe('kept', () => {
  it('makes a value once a key, false and zero among them', () => {
    const map = new Map<string, number | boolean>();
    let made = 0;
    const make = (value: number | boolean) => () => {
      made++;
      return value;
    };
    expect([kept(map, 'a', make(0)), kept(map, 'a', make(1)), kept(map, 'b', make(false)), kept(map, 'b', make(true))]).toEqual([
      0,
      0,
      false,
      false,
    ]);
    expect(made).toBe(2);
  });
});
