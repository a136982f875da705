import { describe, expect, it } from 'vitest';
import { createRandom } from '../../src/core/random.js';
import { type CeilingTask, ceiling } from '../../src/evaluate/ceiling.js';

const WIDTH = 20,
  POINTS = 200;
const random = createRandom(2),
  X = Float64Array.from({ length: POINTS * WIDTH }, () => random.normal());
const features = (positions: readonly number[]) =>
  Float64Array.from(positions.flatMap((p) => [...X.subarray(p * WIDTH, (p + 1) * WIDTH)]));
const all = Int32Array.from({ length: POINTS }, (_, i) => i);
/** value = 5 + x w, with noise. */
const task: CeilingTask = {
  width: WIDTH,
  features,
  values: Float64Array.from(all, (i) => 5 + 0.5 * X[i * WIDTH] - 0.3 * X[i * WIDTH + 1] + 0.1 * random.normal()),
  supportPool: all,
  queryPool: all,
  seed: 'somewhere latency',
};

describe('ceiling', () => {
  it('is what the features reach when the device is measured often', () => {
    const top = ceiling(task);
    expect(top).toMatchObject({ measurements: 150, draws: 3 });
    expect(top.spearman).toBeGreaterThan(0.96);
    expect(top.medianApe).toBeLessThan(0.025);
    expect(ceiling(task)).toEqual(top);
    expect(ceiling({ ...task, seed: 'elsewhere latency' })).not.toEqual(top);
  });

  it('more measurements raise it', () => {
    expect(ceiling(task, 150).medianApe).toBeLessThan(ceiling(task, 40).medianApe);
    expect(ceiling(task, 40).measurements).toBe(40);
  });

  it('separate pools may be measured whole', () => {
    expect(ceiling({ ...task, supportPool: all.slice(0, 100), queryPool: all.slice(100) }).measurements).toBe(100);
  });

  it('does not exist for too few workloads', () => {
    const few = { ...task, supportPool: all.slice(0, 50), queryPool: all.slice(0, 50) };
    expect(ceiling(few)).toEqual({ spearman: Number.NaN, medianApe: Number.NaN, measurements: 37, draws: 3 });
  });

  it('does not test on what it measured', () => {
    const asked: (readonly number[])[] = [];
    ceiling({
      ...task,
      features(positions) {
        asked.push(positions);
        return features(positions);
      },
    });
    // of each draw: both halves of the measured for each penalty, at last all of them and then the rest
    const last = asked.flatMap((list, i) => (list.length === 150 ? [[list, asked[i + 1]]] : []));
    expect(last).toHaveLength(3);
    expect(last.map(([, query]) => query.length)).toEqual([50, 50, 50]);
    expect(last.map(([measured, query]) => new Set([...measured, ...query]).size)).toEqual([200, 200, 200]);
  });
});
