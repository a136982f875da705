import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { graph } from '../../src/graph/graphTensor.js';
import { parseWorkload, type Workload } from '../../src/graph/workload.js';
import { type PickOptions, pick } from '../../src/networks/pick.js';
import type { Predictor, SupportRow } from '../../src/surrogate/predictor.js';
import { singleTarget } from '../../src/surrogate/predictor.js';

const TASK = { device: 'board', condition: '', target: 'latency' } as const;
type Interval = [value: number, low: number | null, high: number | null];

/** Predicts the milliseconds that a table gives a workload. */
const tablePredictor = (table: ReadonlyMap<string, Interval>): Predictor => ({
  name: 'table',
  predict: (workloads) =>
    workloads.map(({ id }) => {
      const [value, low, high] = table.get(id)!.map((v) => (v === null ? null : v / 1e3));
      return singleTarget('latency', { value: value!, low, high, unit: 's', provenance: 'adapted' }, [`careful with ${id}`]);
    }),
});
const workload = (i: number): Workload => parseWorkload(`nasbench201:#${i}`);

/** Judges workloads #0, #1, .. of these intervals in milliseconds. */
async function picked(intervals: readonly Interval[], options: Partial<PickOptions> & { support?: SupportRow[] } = {}) {
  const candidates = intervals.map((_, i) => workload(i)),
    table = new Map(candidates.map((w, i) => [w.id, intervals[i]])),
    { support = [], ...rest } = options;
  return pick({ adapter: { predictor: tablePredictor(table), task: TASK, support }, candidates, budget: '10ms', ...rest });
}
const anyInterval = fc.tuple(...[1, 2, 3].map(() => fc.double({ min: 0.1, max: 100, noNaN: true }))).map((three): Interval => {
  const [low, value, high] = three.sort((a, b) => a - b);
  return [value, low, high];
});
const anyIntervals = fc.array(anyInterval, { minLength: 1, maxLength: 12 });

describe('pick', () => {
  it('says yes, no or maybe by the probability, and what to measure next', async () => {
    const { judged, ...rest } = await picked([
      [5, 4, 6],
      [9.5, 8.5, 10.5],
      [10, 9, 11],
      [12, 9, 15],
      [30, 28, 32],
    ]);
    expect(rest).toEqual({ task: TASK, budget: 0.01, risk: 0.05 });
    expect(judged.map((j) => j.verdict)).toEqual(['yes', 'maybe', 'maybe', 'maybe', 'no']);
    expect(judged.map((j) => j.next)).toEqual([null, 2, 1, 3, null]);
    expect(judged.map((j) => j.workload.id)).toEqual([0, 1, 2, 3, 4].map((i) => workload(i).id));
    expect(judged[2].meets).toBeCloseTo(0.5, 12);
    expect(judged[1].meets).toBeCloseTo(0.7945, 3);
    expect(judged[0].warnings).toEqual([`careful with ${workload(0).id}`]);
  });

  it('measures first what tells of others too', async () => {
    // the second is less in doubt than the first, but the third and fourth differ as it does
    const intervals: Interval[] = [
      [10, 9, 11],
      [9.8, 8.8, 10.8],
      [10.4, 9.4, 11.4],
      [10.5, 9.5, 11.5],
    ];
    const candidates = intervals.map((_, i) => workload(i)),
      plain = tablePredictor(new Map(candidates.map((w, i) => [w.id, intervals[i]])));
    const together = (a: Workload, b: Workload) => (a.id === b.id ? 1 : [a, b].some((w) => w.id === candidates[0].id) ? 0 : 0.95);
    const predictor: Predictor = {
      ...plain,
      correlation: (of) => Float64Array.from(of.flatMap((a) => of.map((b) => together(a, b)))),
    };
    const nextOf = async (by: Predictor) => {
      const { judged } = await pick({ adapter: { predictor: by, task: TASK, support: [] }, candidates, budget: '10ms' });
      return judged.map((j) => j.next);
    };
    expect(await nextOf(plain)).toEqual([1, 2, 3, 4]);
    expect(await nextOf(predictor)).toEqual([4, 1, 2, 3]);
  });

  it('of equal worth the cheaper goes first', async () => {
    const { judged } = await picked([
      [11, 9, 13],
      [9, 7, 11],
      [9.001, 7.001, 11.001],
    ]);
    expect(judged.map((j) => j.next)).toEqual([3, 1, 2]);
  });

  it('never says yes or no where nothing is known of the error, and warns', async () => {
    const { judged } = await picked([
      [1, null, null],
      [9, 8.9, 9.1],
      [99, null, null],
    ]);
    expect(judged.map(({ meets, verdict, next }) => ({ meets, verdict, next }))).toEqual([
      { meets: null, verdict: 'maybe', next: 1 },
      { meets: 1, verdict: 'yes', next: null },
      { meets: null, verdict: 'maybe', next: 2 },
    ]);
    expect(judged[0].warnings).toContain('nothing is known of the error: no verdict');
  });

  it('takes what was measured as it was measured: exact, or as sure as its spread and repeats', async () => {
    const support = [
      { workload: workload(0), value: 9e-3 },
      { workload: workload(1), value: 11e-3 },
      { workload: workload(2), value: 9.8e-3, spread: 0.05 },
      { workload: workload(3), value: 9.8e-3, spread: 0.05, repeats: 100 },
    ];
    const far: Interval = [50, 40, 60];
    const { judged } = await picked([far, far, far, far, [10, 9, 11]], { support });
    expect(judged.map((j) => j.estimate.provenance)).toEqual([...Array(4).fill('measured'), 'adapted']);
    expect(judged.map((j) => j.verdict)).toEqual(['yes', 'no', 'maybe', 'yes', 'maybe']);
    expect(judged.map((j) => j.next)).toEqual([null, null, null, null, 1]);
    expect(judged[0]).toMatchObject({ meets: 1, estimate: { value: 9e-3, low: 9e-3, high: 9e-3 }, warnings: [] });
    const exact = 'the measured value is taken as exact: no spread of its repeats is known';
    expect(judged.map((j) => j.assumptions)).toEqual([[exact], [exact], [], [], []]);
    expect(judged[2].meets).toBeCloseTo(0.607, 3); // Phi(log(10 / 9.8) / (1.4826 0.05))
    expect(judged[3].meets).toBeCloseTo(0.9968, 3);
  });

  it('takes no measurement of before a change for one of the device', async () => {
    const support = [{ workload: workload(0), value: 9e-3, spread: 0.05, carried: true }];
    const { judged } = await picked([[10, 9, 11]], { support });
    expect(judged[0]).toMatchObject({ verdict: 'maybe', next: 1, estimate: { provenance: 'adapted' } });
  });

  it('takes what a trained model has measured as it takes a measurement of the support set', async () => {
    const trained: Predictor = {
      name: 'trained',
      predict: (workloads) =>
        workloads.map((_, i) => {
          const value = i ? 11e-3 : 9e-3;
          return singleTarget('latency', { value, low: null, high: null, unit: 's', provenance: 'measured' });
        }),
    };
    const candidates = [workload(0), workload(1)];
    const { judged } = await pick({ adapter: { predictor: trained, task: TASK, support: [] }, candidates, budget: '10ms' });
    expect(judged.map(({ verdict, meets, next, warnings }) => ({ verdict, meets, next, warnings }))).toEqual([
      { verdict: 'yes', meets: 1, next: null, warnings: [] },
      { verdict: 'no', meets: 0, next: null, warnings: [] },
    ]);
    expect(judged[0].assumptions).toEqual(['the measured value is taken as exact: no spread of its repeats is known']);
  });

  it('knows a measured graph again under another path, and tells two graphs of one name apart', async () => {
    const net = (width: number) => graph('fp32').input([1, 8]).linear(width).build(),
      at = (id: string, width: number): Workload => ({ id, graph: net(width) });
    const candidates = [at('models/net.json', 4), at('net.json', 5)],
      table = new Map(candidates.map((w): [string, Interval] => [w.id, [50, 40, 60]]));
    const { judged } = await pick({
      adapter: { predictor: tablePredictor(table), task: TASK, support: [{ workload: at('net.json', 4), value: 1e-3 }] },
      candidates,
      budget: 0.01,
    });
    expect(judged.map((j) => j.estimate.provenance)).toEqual(['measured', 'adapted']);
  });

  it('counts a workload that stands twice once', async () => {
    const table = new Map([[workload(1).id, [1, 0.9, 1.1] as Interval]]);
    const { judged } = await pick({
      adapter: { predictor: tablePredictor(table), task: TASK, support: [] },
      candidates: ['nasbench201:#1', 'nasbench201:1', workload(1)],
      budget: 0.01,
    });
    expect(judged).toHaveLength(1);
  });

  it('p grows with the budget; a higher risk leaves less open', async () => {
    await fc.assert(
      fc.asyncProperty(
        anyIntervals,
        fc.double({ min: 0.1, max: 100, noNaN: true }),
        fc.double({ min: 1, max: 3, noNaN: true }),
        async (intervals, budget, factor) => {
          const [tight, loose, bold] = await Promise.all([
            picked(intervals, { budget: budget / 1e3 }),
            picked(intervals, { budget: (factor * budget) / 1e3 }),
            picked(intervals, { budget: budget / 1e3, risk: 0.2 }),
          ]);
          expect(loose.judged.every((j, i) => j.meets! >= tight.judged[i].meets! - 1e-12)).toBe(true);
          expect(tight.judged.every((j, i) => j.verdict === 'maybe' || j.verdict === bold.judged[i].verdict)).toBe(true);
        },
      ),
    );
  });

  it('verdicts follow the risk; ranks are 1, 2, .. of the maybe ones, from the least sure on', async () => {
    await fc.assert(
      fc.asyncProperty(anyIntervals, fc.double({ min: 0.001, max: 0.499, noNaN: true }), async (intervals, risk) => {
        const { judged } = await picked(intervals, { risk });
        expect(judged.map((j) => j.verdict)).toEqual(
          judged.map((j) => (j.meets! >= 1 - risk ? 'yes' : j.meets! <= risk ? 'no' : 'maybe')),
        );
        const ranked = judged.filter((j) => j.next !== null).sort((a, b) => a.next! - b.next!);
        expect(ranked.map((j) => j.next)).toEqual(ranked.map((_, i) => i + 1));
        expect(new Set(ranked)).toEqual(new Set(judged.filter((j) => j.verdict === 'maybe')));
        const worth = ranked.map((j) => Math.round(100 * Math.min(j.meets!, 1 - j.meets!)));
        expect(worth).toEqual([...worth].sort((a, b) => b - a));
      }),
    );
  });

  it('takes a trained device or a device of the catalogue instead of an adapter', async () => {
    const { task, judged } = await pick({ device: 'T4', candidates: ['nasbench201:#1'], budget: '1s' });
    expect(task).toEqual({ device: 'T4', condition: '', target: 'latency' });
    expect(judged[0]).toMatchObject({ verdict: 'yes', estimate: { provenance: 'analytical' } });
  });

  it.each<[string, Partial<PickOptions>, Record<string, unknown>]>([
    ['a budget of energy', { budget: '5mJ' }, { message: "the budget '5mJ' is of energy, and latency is predicted" }],
    ['a budget of 0', { budget: 0 }, { message: 'the budget must be a positive number of s, not 0' }],
    ['a risk of 0', { risk: 0 }, { message: 'the risk must be above 0 and below 0.5, not 0' }],
    ['a risk of 0.5', { risk: 0.5 }, {}],
    ['a risk that is no number', { risk: Number.NaN }, {}],
    ['no candidates', { candidates: [] }, { message: 'no candidates to pick from' }],
    ['candidates left out', { candidates: undefined }, { hint: 'give a file of workloads (--input FILE)' }],
  ])('%s is refused', async (_, options, expected) => {
    await expect(picked([[5, 4, 6]], options)).rejects.toMatchObject({ code: 'usage', exitCode: 2, ...expected });
  });
});
