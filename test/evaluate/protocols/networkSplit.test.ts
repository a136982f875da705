import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../src/core/random.js';
import { leaveOneOutSplits } from '../../../src/evaluate/protocols/leaveOneOut.js';
import { everyPosition, networkCeiling } from '../../../src/evaluate/protocols/networkSplit.js';
import { fitFeatureMap, population } from '../../../src/networks/featureMap.js';
import { smallDataset } from '../../networks/smallDataset.js';

describe('networkCeiling', () => {
  it('fits the features of the measured networks of the very device, wherever they stand in the dataset', () => {
    const map = fitFeatureMap('nasbench201', population('nasbench201', createRandom(2), 300));
    const [split] = leaveOneOutSplits(smallDataset(200, ['gpu_a', 'cpu_a']), ['cpu_a']),
      [test] = split.test,
      top = networkCeiling(map, split, test);
    expect(top.measurements).toBe(150);
    expect(top.spearman).toBeGreaterThan(0.98);
    expect(top.medianApe).toBeLessThan(0.05);
    const turned = [...split.workloads].reverse(),
      rows = test.rows.map((row) => turned.length - 1 - row);
    expect(networkCeiling(map, { workloads: turned }, { ...test, rows })).toEqual(top);
    expect([...everyPosition(3)]).toEqual([0, 1, 2]);
  });
});
