import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Model } from '../../src/networks/model.js';
import { loadModel, sourceOf } from '../../src/networks/modelFolder.js';
import { sample } from '../../src/networks/sample.js';
import { train } from '../../src/networks/train.js';
import { intervalsOf } from '../../src/surrogate/predictor.js';
import { drawNetworks, lawValue, smallDataset } from './smallDataset.js';

const folder = mkdtempSync(join(tmpdir(), 'hwcast-methods-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const out = (name: string) => join(folder, name);
const dataset = smallDataset(60);

describe('hwcast', () => {
  const settings = { epochs: 4 };
  let whole: Model;
  beforeAll(async () => {
    whole = await train({ dataset, method: 'hwcast', targets: ['latency'], settings, out: out('whole') });
  });

  it('interrupted and started again gives the bytes of an uninterrupted run, and leaves no checkpoint', async () => {
    const interrupt = new AbortController();
    const options = { dataset, method: 'hwcast', targets: ['latency'], settings, out: out('resumed') } as const;
    await expect(
      train({
        ...options,
        signal: interrupt.signal,
        onProgress: (done, _, what) => {
          if (what.startsWith('encoder') && done === 2) interrupt.abort();
        },
      }),
    ).rejects.toMatchObject({ code: 'interrupted', exitCode: 130 });
    const epochs: number[] = [];
    await train({
      ...options,
      onProgress: (done, _, what) => {
        if (what.startsWith('encoder')) epochs.push(done);
      },
    });
    expect(epochs).toEqual([3, 4]);
    const [resumed, whole] = await Promise.all(['resumed', 'whole'].map((name) => loadModel(out(name))));
    expect(sourceOf(resumed)!.sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(sourceOf(resumed)!.sha256).toBe(sourceOf(whole)!.sha256);
    expect(() => readFileSync(`${out('resumed')}.checkpoint`)).toThrow(/ENOENT/);
  });

  it('predicts the same after saving and loading, and adapts to a device it was not trained on', async () => {
    const model = await loadModel(out('whole'));
    const networks = await sample({ model, n: 12 });
    const support = networks.map((workload) => ({ workload, value: lawValue('gpu_b', 'latency', workload) }));
    const queries = drawNetworks(30, 'queries'),
      task = { device: 'gpu_b', condition: '', target: 'latency' } as const;
    const predicted = model.learner.adapt(support, task).predict(queries);
    expect(whole.learner.adapt(support, task).predict(queries)).toEqual(predicted);
    const errors = intervalsOf(predicted, 'latency')
      .map((p, i) => Math.abs(p.value / lawValue('gpu_b', 'latency', queries[i]) - 1))
      .sort((a, b) => a - b);
    expect(errors[15]).toBeLessThan(0.1);
  });

  it('the gnn encoder trains too; another encoder is refused', async () => {
    const model = await train({
      dataset: smallDataset(24, ['gpu_a', 'cpu_a']),
      method: 'hwcast',
      targets: ['latency'],
      settings: { epochs: 1, encoder: 'gnn' },
    });
    expect(model.info.method).toBe('hwcast');
    await expect(train({ dataset, method: 'hwcast', settings: { encoder: 'cnn' } })).rejects.toMatchObject({ code: 'usage' });
  });
});

describe('help', () => {
  it('needs its reference networks in the support, names them first, and saves and loads', async () => {
    await train({ dataset, method: 'help', settings: { episodes: 2 }, out: out('help') });
    const model = await loadModel(out('help'));
    expect(model.references).toHaveLength(10);
    const chosen = await sample({ model, n: 14, candidates: [...drawNetworks(20, 'others'), ...model.references] });
    expect(new Set(chosen.slice(0, 10).map((w) => w.id))).toEqual(new Set(model.references.map((w) => w.id)));
    const support = chosen.map((workload) => ({ workload, value: lawValue('cpu_b', 'latency', workload) })),
      task = { device: 'cpu_b', condition: '', target: 'latency' } as const;
    const predicted = model.learner.adapt(support, task).predict(drawNetworks(5, 'queries'));
    expect(predicted).toHaveLength(5);
    for (const p of intervalsOf(predicted, 'latency')) expect(p.low > 0 && p.low <= p.value && p.value <= p.high).toBe(true);
    expect(() => model.learner.adapt(support.slice(1), task)).toThrow(/1 are missing/);
    expect(() => model.learner.adapt(support.slice(0, 10), task)).toThrow(/beside its reference networks/);
    expect(() => model.trained({ ...task, device: 'cpu_a' })).toThrow(/adapted devices only/);
  });
});
