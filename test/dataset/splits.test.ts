import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { helpPools, indexRange, splitByDevice, splitByWorkload } from '../../src/dataset/splits.js';
import { parseWorkload } from '../../src/graph/workload.js';
import { task } from './tinyDataset.js';

const workloads = indexRange(0, 50).map((i) => parseWorkload(`nasbench201:#${i}`));
const devices = (hardware: Record<string, string | undefined>) => ({
  card: {
    name: '',
    source: '',
    licence: '',
    noise: {},
    notes: [],
    devices: Object.fromEntries(Object.entries(hardware).map(([id, h]) => [id, { ...(h && { hardware: h }), conditions: {} }])),
  },
});

describe('splitByWorkload', () => {
  it('parts every workload once, by the shares, and repeats with the seed', () => {
    fc.assert(
      fc.property(fc.integer(), fc.double({ min: 0.1, max: 0.9, noNaN: true }), (seed, train) => {
        const parts = splitByWorkload({ workloads }, { train, test: 1 - train }, seed);
        expect([...parts.train, ...parts.test].sort((a, b) => a - b)).toEqual(indexRange(0, 50));
        expect(Math.abs(parts.train.length - 50 * train)).toBeLessThanOrEqual(0.5);
        expect(splitByWorkload({ workloads }, { train, test: 1 - train }, seed)).toEqual(parts);
      }),
    );
    expect(splitByWorkload({ workloads }, { a: 0.5, b: 0.5 }, 1)).not.toEqual(
      splitByWorkload({ workloads }, { a: 0.5, b: 0.5 }, 2),
    );
  });

  it('refuses shares that do not add up, and empty parts', () => {
    expect(() => splitByWorkload({ workloads }, { a: 0.5 }, 0)).toThrow(/add up to 1/);
    expect(() => splitByWorkload({ workloads }, {}, 0)).toThrow(/add up to 1/);
    expect(() => splitByWorkload({ workloads }, { a: 1.5, b: -0.5 }, 0)).toThrow(/positive/);
    expect(() => splitByWorkload({ workloads }, { a: 0.999, b: 0.001 }, 0)).toThrow(/part 'b'.*empty/);
  });
});

describe('splitByDevice', () => {
  it('keeps the configurations of one piece of hardware together', () => {
    const data = devices({ t4_1: 'T4', t4_32: 'T4', cpu: undefined, v100_1: 'V100', v100_8: 'V100', npu: undefined });
    for (let seed = 0; seed < 20; seed++) {
      const parts = splitByDevice(data, { train: 0.5, test: 0.5 }, seed);
      expect([...parts.train, ...parts.test].sort()).toEqual(['cpu', 'npu', 't4_1', 't4_32', 'v100_1', 'v100_8']);
      expect(parts.train.includes('t4_1')).toBe(parts.train.includes('t4_32'));
      expect(parts.train.includes('v100_1')).toBe(parts.train.includes('v100_8'));
    }
  });
});

describe('helpPools', () => {
  it('takes the pools by workload position and drops the fastest and slowest tenth of each', () => {
    // latency falls with the position; the columns stand in reverse order
    const full = task('gpu', Object.fromEntries(indexRange(0, 1900).map((i) => [i, 2 - i / 1900])));
    const reversed = { ...full, rows: full.rows.slice().reverse(), values: full.values.slice().reverse() };
    const { train, query } = helpPools(reversed, 'nasbench201');
    expect([train.length, query.length]).toEqual([720, 800]);
    const positions = (pool: number[]) => pool.map((i) => reversed.rows[i]).sort((a, b) => a - b);
    expect(positions(train)).toEqual(indexRange(90, 810));
    expect(positions(query)).toEqual(indexRange(1000, 1800));
  });

  it('refuses tasks that lack a workload of a pool, and unknown spaces', () => {
    expect(() => helpPools(task('gpu', { 0: 1 }), 'nasbench201')).toThrow(/'gpu' has no latency for workload 1/);
    expect(() => helpPools(task('gpu', { 0: 1 }), 'darts')).toThrow(/no pools for space 'darts'/);
  });
});
