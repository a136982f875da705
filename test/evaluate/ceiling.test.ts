import { describe, expect, it } from 'vitest';
import { createRandom } from '../../src/core/random.js';
import { ceiling } from '../../src/evaluate/ceiling.js';
import { leaveOneOutSplits } from '../../src/evaluate/protocols/leaveOneOut.js';
import type { Workload } from '../../src/graph/workload.js';
import { type FeatureMap, fitFeatureMap, population } from '../../src/networks/featureMap.js';
import { smallDataset } from '../networks/smallDataset.js';

const map = fitFeatureMap('nasbench201', population('nasbench201', createRandom(2), 300));
const [c] = leaveOneOutSplits(smallDataset(200, ['gpu_a', 'cpu_a']), ['cpu_a']),
  [test] = c.test;

describe('ceiling', () => {
  it('is what the features reach when the device is measured often', () => {
    const top = ceiling(map, c, test);
    expect(top.measurements).toBe(150);
    expect(top.spearman).toBeGreaterThan(0.98);
    expect(top.medianApe).toBeLessThan(0.05);
    expect(ceiling(map, c, test)).toEqual(top);
  });

  it('more measurements raise it', () => {
    expect(ceiling(map, c, test, 150).medianApe).toBeLessThan(ceiling(map, c, test, 40).medianApe);
    expect(ceiling(map, c, test, 40).measurements).toBe(40);
  });

  it('separate pools may be measured whole', () => {
    const half = { ...test, supportPool: test.supportPool.slice(0, 100), queryPool: test.queryPool.slice(100) };
    expect(ceiling(map, c, half).measurements).toBe(100);
  });

  it('does not exist for too few networks', () => {
    const few = { ...test, supportPool: test.supportPool.slice(0, 50), queryPool: test.queryPool.slice(0, 50) };
    expect(ceiling(map, c, few)).toEqual({ spearman: Number.NaN, medianApe: Number.NaN, measurements: 37 });
  });

  it('does not test on what it measured', () => {
    const asked: (readonly Workload[])[] = [];
    const watched: FeatureMap = {
      ...map,
      of(workloads) {
        asked.push(workloads);
        return map.of(workloads);
      },
    };
    ceiling(watched, c, test);
    // of each draw: both halves of the measured networks for each penalty, at last all of them and then the rest
    const last = asked.flatMap((list, i) => (list.length === 150 ? [[list, asked[i + 1]]] : []));
    expect(last).toHaveLength(3);
    for (const [measured, query] of last) {
      expect(query).toHaveLength(50);
      expect(new Set([...measured, ...query]).size).toBe(200);
    }
  });
});
