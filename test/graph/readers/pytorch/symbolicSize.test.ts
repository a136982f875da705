import { describe, expect, it } from 'vitest';
import { symbolicSize, symbolsOf } from '../../../../src/graph/readers/pytorch/symbolicSize.js';

const bindings = new Map([
  ['s0', 7],
  ['s1', 3],
]);
const value = (text: string) => symbolicSize(text, bindings);

describe('symbolicSize', () => {
  it('reads what sympy prints', () => {
    expect(value('2*s0 + 1')).toBe(15);
    expect(value('(s0 - 1)//2 + s1**2')).toBe(12);
    expect(value('-s1 + 10')).toBe(7);
    expect(value('((s0 + 2) % 4)')).toBe(1);
    expect(value('Max(1, s0 - s1)')).toBe(4);
  });

  it('reads its long form', () => {
    expect(value("Add(Mul(Integer(2), Symbol('s0', positive=True, integer=True)), Integer(1))")).toBe(15);
    expect(value("torch.utils._sympy.functions.FloorDiv(Symbol('s0'), Integer(2))")).toBe(3);
    expect(value("Mod(Mul(Integer(-1), Symbol('s0')), Integer(4))")).toBe(1);
    expect(value("Mul(Rational(1, 7), Symbol('s0'))")).toBe(1);
  });

  it('names what is open or cannot be read', () => {
    expect(() => value('u0 + 1')).toThrow("the size 'u0' is open");
    expect(() => value('s0 +')).toThrow("no size that hwcast reads: 's0 +'");
    expect(() => value('mystery(s0)')).toThrow('no size');
    expect(symbolsOf('2*s0 + Max(s1, 3)')).toEqual(['s0', 's1']);
    expect(symbolsOf("Add(Symbol('s3', integer=True), Integer(1))")).toEqual(['s3']);
  });
});
