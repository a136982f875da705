import { describe, expect, it } from 'vitest';
import type { LlmEstimate } from '../../src/llm/estimateLlm.js';
import { type Answer, crossings, sweepOf } from '../../src/llm/sweep.js';

/** An answer with what a sweep looks at. */
function answer(model: string, isl: number, seconds: number, maxContext: number | null = null): Answer {
  const setup = { device: { name: 'X' }, formats: { weights: { name: 'bf16' } }, kv: { name: 'bf16' }, isl, osl: 10, batch: 1, tp: 1, pp: 1, ep: 1 }; // biome-ignore format: one setup
  const ttft = { value: seconds, low: null, high: null, provenance: 'analytical' };
  return { model, estimate: { setup, ttft, memory: { maxContext, maxBatch: 3 } } as unknown as LlmEstimate };
}

describe('sweepOf', () => {
  it('draws along the amount with most values, a line for each of the rest', () => {
    const sweep = sweepOf([answer('a', 100, 1, 510), answer('b', 100, 2), answer('a', 200, 3, 510), answer('b', 200, 3)])!;
    expect(sweep.axis).toBe('isl');
    expect(sweep.lines.map((l) => [l.label, l.points.map((p) => p.x), l.mostThatFits])).toEqual([
      ['a', [100, 200], 500],
      ['b', [100, 200], null],
    ]);
  });

  it('is none where nothing has two values; a limit of the model is none of the memory', () => {
    expect(sweepOf([answer('a', 100, 1), answer('b', 100, 2)])).toBeUndefined();
    const limited = [100, 200].map((isl) => ({ ...answer('a', isl, 1, 510), maxContext: 510 }));
    expect(sweepOf(limited)!.lines[0].mostThatFits).toBeNull();
  });
});

describe('crossings', () => {
  it('are where straight lines between logarithms meet; who is faster beyond', () => {
    // a takes twice b at 100, half of it at 400: equal in the middle of the octaves
    const sweep = sweepOf([answer('a', 100, 2), answer('a', 400, 2), answer('b', 100, 1), answer('b', 400, 4)])!;
    expect(crossings(sweep, (e) => e.ttft)).toEqual([{ labels: ['a', 'b'], x: expect.closeTo(200, 9) }]);
    expect(crossings(sweepOf([answer('a', 100, 1), answer('a', 400, 2), answer('b', 100, 2), answer('b', 400, 3)])!, (e) => e.ttft)).toEqual([]); // biome-ignore format: one sweep
  });
});
