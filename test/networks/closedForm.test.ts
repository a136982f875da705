import { beforeAll, describe, expect, it } from 'vitest';
import { createRandom } from '../../src/core/random.js';
import { median, spearman } from '../../src/core/statistics.js';
import { parseWorkload } from '../../src/graph/workload.js';
import type { ClosedForm } from '../../src/networks/closedForm.js';
import { fitFeatureMap, population } from '../../src/networks/featureMap.js';
import { trainClosedForm } from '../../src/networks/trainClosedForm.js';
import { intervalsOf, type Predictor, type SupportRow } from '../../src/surrogate/predictor.js';
import { lawValue, smallDataset, trainingTasks } from './smallDataset.js';
import { measurements, unseenNetworks } from './smallModel.js';

const map = fitFeatureMap('nasbench201', population('nasbench201', createRandom(2), 400));
const data = smallDataset();
const trained = (seed = 1) =>
  trainClosedForm(map, data.workloads, trainingTasks(data), { random: createRandom(seed), trials: 1 });
const networks = unseenNetworks(120),
  candidates = networks.slice(0, 60),
  query = networks.slice(60);
const task = { device: 'cpu_b', condition: '', target: 'latency' } as const;

let model: ClosedForm;
beforeAll(() => {
  model = trained();
});
const chosen = (k: number) => model.choose(candidates, k);
/** Latency of the queries with its intervals. */
const latencies = (predictor: Predictor) => intervalsOf(predictor.predict(query), 'latency');
const errors = (p: readonly { value: number }[], truth: number[]) => p.map((v, i) => Math.abs(v.value / truth[i] - 1));
const truthOf = (device: Parameters<typeof lawValue>[0], target: 'latency' | 'energy' = 'latency') =>
  query.map((w) => lawValue(device, target, w));

describe('adaptation to a device left out', () => {
  it('predicts other networks from ten chosen ones within a few percent, in seconds', () => {
    const p = latencies(model.adapt(measurements(chosen(10)), task)),
      truth = truthOf('cpu_b');
    expect(median(errors(p, truth))).toBeLessThan(0.05);
    expect(
      spearman(
        p.map((v) => v.value),
        truth,
      ),
    ).toBeGreaterThan(0.97);
    expect(p.every((v) => v.unit === 's' && v.provenance === 'adapted')).toBe(true);
  });

  it('more measurements: smaller errors and narrower intervals', () => {
    const at = (k: number) => {
      const p = latencies(model.adapt(measurements(chosen(k)), task));
      return { error: median(errors(p, truthOf('cpu_b'))), width: median(p.map((v) => v.high / v.low)) };
    };
    const [few, many] = [at(3), at(40)];
    expect(many.error).toBeLessThan(few.error);
    expect(many.width).toBeLessThan(few.width);
  });

  it('covers the truth with most of its intervals', () => {
    const truth = truthOf('cpu_b'),
      p = latencies(model.adapt(measurements(chosen(10)), task));
    const inside = p.filter((v, i) => v.low <= truth[i] && truth[i] <= v.high).length / query.length;
    expect(inside).toBeGreaterThan(0.75);
  });

  it('chosen networks do better than the same number of similar ones', () => {
    const similar = candidates.filter((w) => w.arch!.filter((op) => op === 3).length <= 1).slice(0, 6);
    expect(similar).toHaveLength(6);
    const error = (support: SupportRow[]) => median(errors(latencies(model.adapt(support, task)), truthOf('cpu_b')));
    expect(error(measurements(chosen(6)))).toBeLessThan(error(measurements(similar)));
  });

  it('the scale comes from the support alone: a thousandfold device gives thousandfold values', () => {
    const support = measurements(chosen(8));
    const p = latencies(model.adapt(support, task));
    // a power of two scales without rounding; otherwise rounding grows by the condition of the covariance, up to 1e8 where a device is taken as exact
    for (const [factor, digits] of [
      [1024, 12],
      [1e3, 7],
    ] as const) {
      const slow = model.adapt(
        support.map((s) => ({ ...s, value: factor * s.value })),
        task,
      );
      const slower = latencies(slow);
      expect(slower).toHaveLength(query.length);
      slower.forEach((v, i) => {
        expect(v.value / p[i].value / factor).toBeCloseTo(1, digits);
        expect(v.high / p[i].high / factor).toBeCloseTo(1, digits);
      });
    }
  });

  it('the order of the measurements does not matter', () => {
    const support = measurements(chosen(9)),
      p = latencies(model.adapt(support, task));
    const reversed = latencies(model.adapt([...support].reverse(), task));
    expect(reversed.map((v, i) => v.value / p[i].value)).toEqual(query.map(() => expect.closeTo(1, 9)));
  });

  it('works from a single measurement', () => {
    const p = latencies(model.adapt(measurements(chosen(1)), task));
    expect(p.every((v) => v.value > 0 && Number.isFinite(v.high))).toBe(true);
    expect(
      spearman(
        p.map((v) => v.value),
        truthOf('cpu_b'),
      ),
    ).toBeGreaterThan(0.3);
  });

  it('leaves the model alone', () => {
    const before = model.adapt(measurements(chosen(5)), task).predict(query);
    model.adapt(measurements(candidates.slice(0, 30), 'phone', 'latency'), task);
    expect(model.adapt(measurements(chosen(5)), task).predict(query)).toEqual(before);
  });
  it('a support set that grew is adapted to as it is now', () => {
    const support = measurements(chosen(5));
    const before = model.adapt(support, task).predict(query);
    support.push(...measurements(chosen(20).slice(5)));
    expect(model.adapt(support, task).predict(query)).not.toEqual(before);
  });
  it('what a caller does to its predictions stays with the caller', () => {
    const adapted = model.adapt(measurements(chosen(5)), task);
    const first = adapted.predict(query),
      before = structuredClone(first);
    first[0].targets.latency!.value = -1;
    delete first[1].targets.latency;
    first[2].warnings.push('mine');
    expect(adapted.predict(query)).toEqual(before);
  });

  it('energy in joules', () => {
    const adapted = model.adapt(measurements(chosen(10), 'cpu_a', 'energy'), { device: 'new', condition: '', target: 'energy' });
    const p = intervalsOf(adapted.predict(query), 'energy');
    expect(p[0].unit).toBe('J');
    expect(median(errors(p, truthOf('cpu_a', 'energy')))).toBeLessThan(0.1);
  });

  it('warns at a network that was measured, and only there', () => {
    const support = measurements(chosen(5)),
      adapted = model.adapt(support, task);
    const warned = (w: typeof query) => adapted.predict(w).map((p) => p.warnings.some((t) => t.includes('in the support set')));
    expect(warned(support.map((s) => s.workload))).toEqual(Array(5).fill(true));
    expect(warned(query)).toEqual(query.map(() => false));
  });

  it('cuts what falls below zero and says so', () => {
    // a device on which a few heavy networks are hardly slower: the line through them runs below zero elsewhere
    const steep = candidates.slice(0, 8).map((workload, i) => ({ workload, value: i === 0 ? 1 : 1e-6 }));
    const cut = model
      .adapt(steep, task)
      .predict(query)
      .filter((p) => p.warnings.some((t) => t.includes('fell below 2 %')));
    expect(cut.length).toBeGreaterThan(0);
    expect(intervalsOf(cut, 'latency').every((v) => v.value > 0 && v.low > 0)).toBe(true);
  });

  it.each<[string, () => SupportRow[], string]>([
    ['no measurement', () => [], 'the support set is empty'],
    ['a negative one', () => [{ workload: query[0], value: -1 }], 'measured value -1'],
    ['the same network twice', () => measurements([query[0], query[1], query[0]]), 'stands in rows 1 and 3'],
  ])('refuses %s', (_, support, message) => {
    expect(() => model.adapt(support(), task)).toThrow(
      expect.objectContaining({ code: 'bad-input', message: expect.stringContaining(message) }),
    );
  });

  it('refuses networks of another space, measured or chosen from', () => {
    const other = parseWorkload('fbnet:0123456780123456780123');
    for (const run of [() => model.adapt([{ workload: other, value: 1 }], task), () => model.choose([other], 1)])
      expect(run).toThrow(expect.objectContaining({ code: 'unsupported' }));
  });
});

describe('choose', () => {
  it('gives different candidates, the first of a longer choice first', () => {
    const ten = model.choose(candidates, 10);
    expect(new Set(ten).size).toBe(10);
    expect(ten.every((w) => candidates.includes(w))).toBe(true);
    expect(model.choose(candidates, 4)).toEqual(ten.slice(0, 4));
  });

  it('completes what was measured', () => {
    const [a, b, ...others] = model.choose(candidates, 7);
    const open = candidates.filter((w) => w !== a && w !== b);
    expect(model.choose([b, ...open], 1, [a])).toEqual([b]);
    expect(model.choose(open, 5, [a, b])).toEqual(others);
    expect(model.choose(candidates, 5, [a, b])).not.toContain(a);
  });
});

describe('trained devices', () => {
  it.each(data.tasks.map((t) => [t.device, t.target] as const))('knows %s %s', (device, target) => {
    const p = intervalsOf(model.trained({ device, condition: '', target }).predict(query), target),
      truth = query.map((w) => lawValue(device as 'gpu_a', target as 'latency', w));
    expect(median(errors(p, truth))).toBeLessThan(0.05);
    expect(p.every((v) => v.provenance === 'surrogate')).toBe(true);
    // the width of the interval comes from eight networks here, so it is a rough one
    expect(p.filter((v, i) => v.low <= truth[i] && truth[i] <= v.high).length / query.length).toBeGreaterThan(0.5);
  });

  it('says which it does not know', () => {
    expect(() => model.trained({ ...task, device: 'gpu_b' })).toThrow(
      expect.objectContaining({ code: 'not-found', message: 'the model was not trained on gpu_b:latency' }),
    );
    for (const asked of [
      { device: 'phone', condition: '', target: 'energy' },
      { device: 'phone', condition: 'fast', target: 'latency' },
    ] as const)
      expect(() => model.trained(asked)).toThrow(expect.objectContaining({ code: 'not-found' }));
  });
});

describe('training', () => {
  it('the same seed gives the same model, another seed another tuning', () => {
    const again = trained();
    expect(again.state.tasks).toEqual(model.state.tasks);
    expect(again.state.tuning).toEqual(model.state.tuning);
    expect(trained(2).state.tuning).not.toEqual(model.state.tuning);
  });

  it('the order of the tasks does not matter for the weights', () => {
    const turned = trainClosedForm(map, data.workloads, trainingTasks(data).reverse(), { random: createRandom(1), trials: 1 });
    expect(turned.state.tasks.at(-1)).toEqual(model.state.tasks[0]);
  });

  it('of too few devices to leave one out still gives a model', () => {
    const two = smallDataset(20, ['gpu_a', 'phone']);
    const small = trainClosedForm(map, two.workloads, trainingTasks(two), { random: createRandom(1) });
    const p = latencies(small.adapt(measurements(chosen(10)), task));
    expect(median(errors(p, truthOf('cpu_b')))).toBeLessThan(0.2);
  });

  it('refuses to learn from nothing', () => {
    expect(() => trainClosedForm(map, data.workloads, [], { random: createRandom(1) })).toThrow(
      expect.objectContaining({
        code: 'bad-input',
        message: 'no task to train on',
        hint: expect.stringContaining('--exclude-device'),
      }),
    );
  });
});
