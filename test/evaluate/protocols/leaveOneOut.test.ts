import { describe, expect, it } from 'vitest';
import { leaveOneOutSplits } from '../../../src/evaluate/protocols/leaveOneOut.js';
import { smallDataset } from '../../networks/smallDataset.js';

describe('leave one device out', () => {
  const data = smallDataset(12);

  it('never trains on the device, in any of its targets', () => {
    const cases = leaveOneOutSplits(data);
    expect(cases.map((c) => c.task)).toEqual(['gpu_a', 'gpu_graph', 'cpu_a', 'phone'].map((d) => `without ${d}`));
    for (const c of cases) {
      const device = c.task.slice('without '.length);
      expect(c.train.some((t) => t.device === device)).toBe(false);
      expect(c.test.every((t) => t.device === device)).toBe(true);
      expect(c.train.length + c.test.length).toBe(data.tasks.length);
      for (const t of c.test) expect([t.supportPool.length, t.queryPool.length]).toEqual([12, 12]);
    }
    expect(cases[0].test.map((t) => t.target)).toEqual(['latency', 'energy']);
    expect(cases[0].train.map((t) => t.id)).toEqual(['gpu_graph:latency', 'cpu_a:latency', 'cpu_a:energy', 'phone:latency']);
  });

  it('the conditions of a device leave together', () => {
    const two = smallDataset(12, ['gpu_a', 'phone']);
    two.tasks.push({ ...two.tasks[0], condition: 'b8' });
    const [c] = leaveOneOutSplits(two, ['gpu_a']);
    expect(c.test).toHaveLength(3);
    expect(c.train.map((t) => t.device)).toEqual(['phone']);
  });

  it('tests on what was measured in at least half as many passes as the best, and trains on all', () => {
    const counted = smallDataset(12, ['gpu_a', 'phone']);
    counted.tasks[0].repeats.set([8, 8, 3, 4, 1, 5, 8, 8, 8, 2, 8, 8]);
    const [c, other] = leaveOneOutSplits(counted);
    const [latency, energy] = c.test;
    for (const pool of [latency.supportPool, latency.queryPool]) expect([...pool]).toEqual([0, 1, 3, 5, 6, 7, 8, 10, 11]);
    expect(latency.rows).toHaveLength(12);
    expect(energy.supportPool).toHaveLength(12);
    expect(other.train[0]).toMatchObject({ id: 'gpu_a:latency', rows: counted.tasks[0].rows });
  });

  it('takes the wanted devices, and names an unknown one', () => {
    expect(leaveOneOutSplits(data, ['phone']).map((c) => c.task)).toEqual(['without phone']);
    expect(() => leaveOneOutSplits(data, ['phone', 'phonee'])).toThrow(
      expect.objectContaining({
        code: 'not-found',
        message: "no device 'phonee' in the dataset",
        hint: 'it has gpu_a, gpu_graph, cpu_a, phone',
      }),
    );
  });
});
