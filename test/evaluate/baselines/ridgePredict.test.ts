import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../src/core/random.js';
import { ridgePredict } from '../../../src/evaluate/baselines/ridgePredict.js';

describe('ridgePredict', () => {
  const random = createRandom(4),
    rows = Array.from({ length: 40 }, () => [random.normal(), 100 * random.normal(), 7]),
    law = ([a, b]: readonly number[]) => 5 + 2 * a - 0.03 * b;
  const [known, asked] = [rows.slice(0, 30), rows.slice(30)];

  it('finds a law that is linear, whatever the scale of the columns', () => {
    const predicted = ridgePredict(known, known.map(law), asked);
    expect(predicted).toHaveLength(10);
    expect(Math.max(...predicted.map((v, i) => Math.abs(v - law(asked[i]))))).toBeLessThan(0.01);
  });

  it('shrinks to the mean where columns say nothing of the values', () => {
    const noise = known.map(() => 3 + random.normal()),
      level = noise.reduce((a, b) => a + b, 0) / noise.length;
    const predicted = ridgePredict(known, noise, asked);
    expect(Math.max(...predicted.map((v) => Math.abs(v - level)))).toBeLessThan(1);
  });

  it('the most shrinkage where there is too little to leave one out', () => {
    const [first] = ridgePredict([[0], [1]], [1, 3], [[1]]);
    expect(first).toBeGreaterThan(2);
    expect(first).toBeLessThan(2.1);
  });
});
