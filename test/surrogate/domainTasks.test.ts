import { describe, expect, it } from 'vitest';
import { domainTasks } from '../../src/surrogate/domainTasks.js';
import { smallDataset } from '../networks/smallDataset.js';

describe('domainTasks', () => {
  const data = smallDataset(6, ['gpu_a', 'phone']);

  it('keeps of each task the rows whose workload is of the domain, with their values', () => {
    const domains = data.workloads.map((_, i) => (i % 2 ? 'odd' : 'even'));
    const tasks = domainTasks(data, domains, 'odd');
    expect(tasks.map((t) => t.id)).toEqual(data.tasks.map((t) => `${t.device}:${t.target}`));
    const whole = data.tasks[0],
      keep = [...whole.rows.keys()].filter((i) => whole.rows[i] % 2);
    expect(keep).toHaveLength(3);
    expect([...tasks[0].rows]).toEqual(keep.map((i) => whole.rows[i]));
    expect([...tasks[0].values]).toEqual(keep.map((i) => whole.values[i]));
    expect([...tasks[0].repeats]).toEqual(keep.map((i) => whole.repeats[i]));
  });

  it('leaves out tasks without any', () => {
    expect(domainTasks(data, Array(6).fill('graphs'), 'fbnet')).toEqual([]);
  });
});
