import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../src/core/random.js';
import { kernelGroup } from '../../../src/evaluate/protocols/kernels.js';
import { baseKernel, pairTasks } from '../../../src/evaluate/protocols/kernelTasks.js';
import { runGroup } from '../../../src/evaluate/run.js';

describe('HLS kernels', () => {
  it('keeps sizes and forms of one kernel together', () => {
    expect(['bicg', 'bicg-medium'].map(baseKernel)).toEqual(['bicg', 'bicg']);
    expect(['gemm-p', 'gemm-p-large', 'gemm-ncubed', 'gemm-blocked'].map(baseKernel)).toEqual(Array(4).fill('gemm'));
    expect(['trmm', 'trmm-opt', 'symm-opt-medium'].map(baseKernel)).toEqual(['trmm', 'trmm', 'symm']);
    expect(['jacobi-1d', 'jacobi-2d', 'spmv-crs'].map(baseKernel)).toEqual(['jacobi-1d', 'jacobi-2d', 'spmv-crs']);
  });

  it('models the ratio to csynth and scores the value', async () => {
    const random = createRandom(2);
    const pairs = ['a', 'b', 'c', 'd'].flatMap((kernel) =>
      Array.from({ length: 24 }, (_, i) => {
        const lut = Math.round(Math.exp(6 + 2 * random.next()));
        const before = { lut, ff: lut, dsp: 0, bram18: 0 };
        return { id: `${kernel}${i}`, kernel, task: 'impl', before, after: { lut: 0.5 * lut } };
      }),
    );
    const [tasks] = pairTasks(pairs, ['lut']);
    expect(tasks.tasks.map((t) => [...new Set(t.values)])).toEqual([[0.5], [0.5], [0.5], [0.5]]);
    const rows = await runGroup(kernelGroup('pairs', tasks, { k: [5], draws: 2, seed: 1 }), { command: 'c', measuredAt: 't' });
    expect(rows.map((r) => `${r.method} ${r.selection}`).sort()).toEqual(
      ['hierarchical', 'median', 'ridge'].flatMap((m) => [`${m} chosen`, `${m} random`]).sort(),
    );
    for (const r of rows) {
      expect(r).toMatchObject({ device: '4 kernels', draws: 2 });
      expect(r.smape).toBeLessThan(1e-6);
      expect(r.spearman).toBeCloseTo(1, 6);
    }
  });
});
