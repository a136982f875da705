import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../../src/core/random.js';
import { median } from '../../src/core/statistics.js';
import type { Dataset } from '../../src/dataset/dataset.js';
import type { Workload } from '../../src/graph/workload.js';
import { train } from '../../src/networks/train.js';
import { operatorKind } from '../../src/operators/operatorKind.js';
import { domainOf, kindNamed } from '../../src/surrogate/kind.js';
import { intervalsOf } from '../../src/surrogate/predictor.js';
import { hasShared, SHARED } from '../shared.js';

const gemm = (m: number, n: number, k: number, dtype = 'bf16') =>
  operatorKind.parse(`op:linear/${dtype}/${m}x${k}/bias=0;outFeatures=${n}`);

describe('operatorKind', () => {
  it('is the kind of every operator id, and of nothing else', () => {
    expect(domainOf(gemm(8, 16, 32))).toBe('operators');
    expect(kindNamed('operators')).toBe(operatorKind);
    expect(domainOf({ id: 'my.json', graph: gemm(8, 16, 32).graph! })).toBe('graphs');
    expect(() => operatorKind.parse('nasbench201:#1')).toThrow(
      expect.objectContaining({ code: 'bad-input', hint: expect.stringContaining('op:') }),
    );
  });

  it('describes operators by finite numbers that grow with the work, alone as in a batch', () => {
    const sizes = [16, 64, 256, 1024].map((n) => gemm(n, n, n));
    const conv = operatorKind.parse('op:conv2d/fp32/1x64x56x56/bias=0;kernel=[3x3];outChannels=64;padding=[1x1]');
    const { names, data, rows } = operatorKind.columns([...sizes, conv]),
      width = names.length;
    expect([rows, data.length]).toEqual([5, 5 * width]);
    expect([...data].every(Number.isFinite)).toBe(true);
    const flops = sizes.map((_, i) => data[i * width + names.indexOf('log.flops')]);
    expect(flops).toEqual([...flops].sort((a, b) => a - b));
    expect(flops[3] - flops[2]).toBeCloseTo(3 * Math.log(4), 12);
    expect([...operatorKind.columns([conv]).data]).toEqual([...data.subarray(4 * width)]);
    expect(data[4 * width + names.indexOf('class.conv')]).toBe(1);
  });
});

/** Bf16 matrix products of every device in a table of measured kernels, every `step`-th shape. */
function measuredProducts(step: number): Dataset {
  const lines = gunzipSync(readFileSync(join(SHARED, 'data/llm-ops/aic_gemm.csv.gz')))
    .toString()
    .trim()
    .split('\n')
    .map((l) => l.split(','));
  const head = lines.shift()!,
    column = (name: string) => head.indexOf(name);
  const workloads: Workload[] = [],
    position = new Map<string, number>(),
    byDevice = new Map<string, Map<number, number>>();
  for (const line of lines) {
    const [m, n, k] = ['m', 'n', 'k'].map((c) => Number(line[column(c)])),
      ms = Number(line[column('latency_ms')]);
    if (line[column('gemm_dtype')] !== 'bfloat16' || !(ms > 0) || (m * 31 + n * 17 + k) % step) continue;
    const workload = gemm(m, n, k),
      device = line[column('device')];
    if (!position.has(workload.id)) position.set(workload.id, workloads.push(workload) - 1);
    if (!byDevice.has(device)) byDevice.set(device, new Map());
    byDevice.get(device)!.set(position.get(workload.id)!, ms * 1e-3);
  }
  return {
    card: {
      name: 'products',
      source: 'test',
      licence: '',
      devices: Object.fromEntries([...byDevice.keys()].map((d) => [d, { conditions: { '': {} } }])),
      noise: {},
      notes: [],
    },
    workloads,
    tasks: [...byDevice].map(([device, values]) => ({
      device,
      condition: '',
      target: 'latency',
      rows: Int32Array.from(values.keys()),
      values: Float64Array.from(values.values()),
      spread: new Float64Array(values.size).fill(Number.NaN),
      repeats: new Int32Array(values.size),
    })),
    splits: {},
  };
}

describe.skipIf(!hasShared)('measured matrix products (needs ../shared)', () => {
  it('of a device left out follow from ten of them, better than in proportion to the arithmetic', async () => {
    const dataset = measuredProducts(97),
      [left] = dataset.tasks;
    const model = await train({ dataset, excludeDevices: [left.device], method: 'closed-form' });
    expect(model.info.domain).toBe('operators');
    const rows = [...left.rows.keys()].map((i) => ({ workload: dataset.workloads[left.rows[i]], value: left.values[i] })),
      order = createRandom('products').shuffle(rows),
      support = order.slice(0, 10),
      query = order.slice(10);
    const flops = (w: Workload) => {
      const { names, data } = operatorKind.columns([w]);
      return Math.exp(data[names.indexOf('log.flops')]);
    };
    const factor = median(support.map((s) => s.value / flops(s.workload)));
    const predicted = intervalsOf(model.learner.adapt(support, left).predict(query.map((q) => q.workload)), 'latency'),
      error = (values: number[]) => median(values.map((v, i) => Math.abs(v / query[i].value - 1)));
    expect(query.length).toBeGreaterThan(50);
    expect(error(predicted.map((p) => p.value))).toBeLessThan(0.35);
    expect(error(predicted.map((p) => p.value))).toBeLessThan(0.6 * error(query.map((q) => factor * flops(q.workload))));
  });
});
