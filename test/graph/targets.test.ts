import { describe, expect, it } from 'vitest';
import { DISPLAY, spreadScale, TARGETS, UNITS, VALUE_COLUMNS, valueColumn } from '../../src/graph/targets.js';

describe('columns of measured values', () => {
  it('there is one for every target, with a unit to store and one to show', () => {
    expect(new Set(Object.values(VALUE_COLUMNS).map((c) => c.target))).toEqual(new Set(TARGETS));
    expect(Object.keys(UNITS)).toEqual([...TARGETS]);
    expect(Object.keys(DISPLAY)).toEqual([...TARGETS]);
  });

  it('the unit people read is the inverse of its column', () => {
    const shown = (['latency', 'energy', 'power', 'peak_memory'] as const).map((t) => {
      const { unit, scale } = DISPLAY[t];
      return scale * VALUE_COLUMNS[`${t}_${unit.toLowerCase()}`].scale;
    });
    expect(shown).toEqual([1, 1, 1, 1]);
  });

  it('spreads have the units of values; names of JavaScript are none', () => {
    expect([
      spreadScale('spread_ms'),
      spreadScale('spread_mj'),
      spreadScale('spread_constructor'),
      spreadScale('spread'),
    ]).toEqual([1e-3, 1e-3, undefined, undefined]);
  });

  it('counts have no unit, and other names no meaning', () => {
    expect(valueColumn('lut')).toEqual({ target: 'lut', scale: 1 });
    expect(valueColumn('latency_us')).toEqual({ target: 'latency', scale: 1e-6 });
    expect(['lut_ms', 'latency', 'latency_parsec', 'toString', ''].map(valueColumn)).toEqual(Array(5).fill(undefined));
    expect([spreadScale('spread_ms'), spreadScale('spread'), spreadScale('spread_parsec')]).toEqual([1e-3, undefined, undefined]);
  });
});
