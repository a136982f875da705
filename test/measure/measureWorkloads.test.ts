import { describe, expect, it } from 'vitest';
import { HwcastError } from '../../src/core/errors.js';
import type { OpGraph } from '../../src/graph/opGraph.js';
import type { Workload } from '../../src/graph/workload.js';
import { type MeasureProgress, measureWorkloads } from '../../src/measure/measureWorkloads.js';
import type { Runtime } from '../../src/measure/runtime.js';

const workload = (id: string): Workload => ({
  id,
  graph: { nodes: [{ id, op: 'input', inputs: [], attrs: { shape: [1] }, shape: [1], dtype: 'fp32' }], outputs: [id] },
});
const WORKLOADS = ['a', 'b', 'c', 'd'].map(workload);
const QUICK = { repeats: 2, warmup: 1, visitSeconds: 0 };

/** A runtime that notes what was visited and takes no time of its own. */
function recorder(): Runtime & { visits: string[]; runs: number; alive: number } {
  const r = {
    name: 'recorder',
    visits: [] as string[],
    runs: 0,
    alive: 0,
    describe: () => ({ runtime: 'recorder' }),
    async prepare(graph: OpGraph) {
      r.visits.push(graph.outputs[0]);
      r.alive++;
      return { run: () => void r.runs++, dispose: () => void r.alive-- };
    },
  };
  return r;
}

describe('measureWorkloads', () => {
  it('visits every workload in every pass, in seeded orders that differ', async () => {
    const runtime = recorder();
    const progress: MeasureProgress[] = [];
    const { rows, complete } = await measureWorkloads(WORKLOADS, runtime, {
      ...QUICK,
      passes: 4,
      seed: 3,
      onProgress: (p) => progress.push(p),
    });
    const timed = runtime.visits.slice(3); // three warm up the process
    const orders = [0, 4, 8, 12].map((i) => timed.slice(i, i + 4).join(''));
    for (const order of orders) expect([...order].sort().join('')).toBe('abcd');
    expect(new Set(orders).size).toBeGreaterThan(1);
    expect(runtime.alive).toBe(0);
    expect(runtime.runs).toBe((3 + 16) * 3);
    expect(complete).toBe(true);
    expect(rows.map((r) => r.workload)).toEqual(['a', 'b', 'c', 'd']);
    for (const r of rows) {
      expect(r.passes).toHaveLength(4);
      expect(r.repeats).toBe(4);
      expect(r.latency).toBeGreaterThan(0);
      expect(r.spread).toBeGreaterThanOrEqual(0);
    }
    expect(progress.map((p) => p.done)).toEqual(Array.from({ length: 16 }, (_, i) => i + 1));

    const again = recorder();
    await measureWorkloads(WORKLOADS, again, { ...QUICK, passes: 4, seed: 3 });
    expect(again.visits).toEqual(runtime.visits);
  });

  it('repeats a short network until the visit is long enough', async () => {
    const runtime = recorder();
    await measureWorkloads(WORKLOADS.slice(0, 1), runtime, { repeats: 2, warmup: 0, visitSeconds: 0.01, passes: 1 });
    expect(runtime.runs).toBeGreaterThan(10);
  });

  it('keeps whole passes when interrupted, and what was visited within the first', async () => {
    const stopAfter = async (visits: number) => {
      const abort = new AbortController();
      return measureWorkloads(WORKLOADS, recorder(), {
        ...QUICK,
        passes: 3,
        signal: abort.signal,
        onProgress: (p) => p.done === visits && abort.abort(),
      });
    };
    const later = await stopAfter(6);
    expect(later.complete).toBe(false);
    expect(later.rows).toHaveLength(4);
    expect(later.rows[0].repeats).toBe(1);
    const early = await stopAfter(2);
    expect(early.rows).toHaveLength(2);
    expect(early.noise).toBeNaN();
    const before = await measureWorkloads(WORKLOADS, recorder(), { ...QUICK, signal: AbortSignal.abort() });
    expect(before).toEqual({ rows: [], noise: Number.NaN, complete: false, assumptions: [], refused: [] });
  });

  it('leaves out what the runtime refuses, says why, and times the others', async () => {
    const runtime = recorder();
    const prepare = runtime.prepare.bind(runtime);
    const refusing = new Set(['b']);
    runtime.prepare = async (graph, seed) => {
      if (refusing.has(graph.outputs[0])) throw new HwcastError('unsupported', 'no kernel', { where: 'op 7' });
      return prepare(graph, seed);
    };
    const result = await measureWorkloads(WORKLOADS, runtime, { ...QUICK, passes: 2 });
    expect(result.rows.map((r) => [r.workload, r.passes.length])).toEqual([
      ['a', 2],
      ['c', 2],
      ['d', 2],
    ]);
    expect(result.complete).toBe(true);
    expect(result.refused).toEqual([
      { workload: 'b', error: expect.objectContaining({ code: 'unsupported', message: 'no kernel', where: 'b, op 7' }) },
    ]);
    for (const { id } of WORKLOADS) refusing.add(id);
    await expect(measureWorkloads(WORKLOADS, runtime, QUICK)).rejects.toMatchObject({ code: 'unsupported', where: 'a, op 7' });
  });

  it('leaves out a network that is refused only in a later pass', async () => {
    const runtime = recorder();
    const prepare = runtime.prepare.bind(runtime);
    let visits = 0;
    runtime.prepare = async (graph, seed) => {
      if (graph.outputs[0] === 'c' && ++visits > 2) throw new HwcastError('unsupported', 'out of memory');
      return prepare(graph, seed);
    };
    const { rows, refused, complete } = await measureWorkloads(WORKLOADS, runtime, { ...QUICK, passes: 3 });
    expect(rows.map((r) => [r.workload, r.passes.length])).toEqual([
      ['a', 3],
      ['b', 3],
      ['d', 3],
    ]);
    expect(refused.map((r) => r.workload)).toEqual(['c']);
    expect(complete).toBe(true);
  });

  it('disposes of a network that fails', async () => {
    const runtime = recorder();
    const prepare = runtime.prepare.bind(runtime);
    runtime.prepare = async (graph, seed) => ({
      ...(await prepare(graph, seed)),
      run: () => {
        throw new Error('broken');
      },
    });
    await expect(measureWorkloads(WORKLOADS, runtime, QUICK)).rejects.toThrow('broken');
    expect(runtime.alive).toBe(0);
  });

  it('refuses nothing to measure, repeated workloads and bad counts', async () => {
    await expect(measureWorkloads([], recorder())).rejects.toThrow(
      expect.objectContaining({ code: 'bad-input', message: 'no workload to measure' }),
    );
    await expect(measureWorkloads([WORKLOADS[0], WORKLOADS[0]], recorder())).rejects.toThrow("workload 'a' is listed twice");
    await expect(measureWorkloads(WORKLOADS, recorder(), { passes: 0 })).rejects.toThrow(
      expect.objectContaining({ code: 'usage', message: 'passes must be a whole number from 1, not 0' }),
    );
    await expect(measureWorkloads(WORKLOADS, recorder(), { batch: 1.5 })).rejects.toThrow(
      'batch must be a whole number from 1, not 1.5',
    );
  });
});
