import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EVALUATION_METHODS, type EvaluationMethod, type SplitContext } from '../../../src/evaluate/evaluationMethods.js';
import { leaveOneOutSplits } from '../../../src/evaluate/protocols/leaveOneOut.js';
import { networkGroups } from '../../../src/evaluate/protocols/networkCases.js';
import type { NetworkSplit } from '../../../src/evaluate/protocols/networkSplit.js';
import type { ProtocolOptions } from '../../../src/evaluate/protocols/protocol.js';
import type { ResultRow } from '../../../src/evaluate/resultRow.js';
import { runGroup } from '../../../src/evaluate/run.js';
import type { Workload } from '../../../src/graph/workload.js';
import { type SupportRow, singleTarget } from '../../../src/surrogate/predictor.js';
import { smallDataset } from '../../networks/smallDataset.js';

const METHODS = EVALUATION_METHODS as Record<string, EvaluationMethod>;
interface Run {
  support: readonly SupportRow[];
  query: readonly Workload[];
  target: string;
}
let runs: Record<string, Run[]>, contexts: SplitContext[];

/** A method that writes down what it was given. */
const spy = (name: string, needsReferences = false): EvaluationMethod => ({
  name,
  needsReferences,
  async fit(context) {
    contexts.push(context);
    return {
      name,
      adapt: (support, task) => ({
        name,
        predict(query) {
          runs[name] ??= [];
          runs[name].push({ support, query, target: task.target });
          return query.map((_, i) =>
            singleTarget(task.target, { value: 1 + i, low: 0.5, high: 1e9, unit: 's', provenance: 'adapted' }),
          );
        },
      }),
    };
  },
});
beforeEach(() => {
  runs = {};
  contexts = [];
  METHODS.one = spy('one');
  METHODS.two = spy('two');
  METHODS.embedded = spy('embedded', true);
});
afterEach(() => {
  for (const name of ['one', 'two', 'embedded']) delete METHODS[name];
});

const data = smallDataset(40, ['gpu_a', 'cpu_a', 'phone']);
const [whole] = leaveOneOutSplits(data, ['cpu_a']);
const latencyOnly = { ...whole, test: whole.test.filter((t) => t.target === 'latency') };
const options = (over: Partial<ProtocolOptions> = {}): ProtocolOptions => ({
  protocol: 'leave-one-out',
  methods: ['one'],
  k: [5],
  selections: ['random'],
  draws: 2,
  seed: 3,
  command: 'hwcast evaluate',
  measuredAt: '2026-01-02T03:04:05.000Z',
  ...over,
});
/** The rows of one split. */
async function runSplit(split: NetworkSplit, settings: ProtocolOptions): Promise<ResultRow[]> {
  const rows: ResultRow[] = [];
  for await (const group of networkGroups([split], settings)) rows.push(...(await runGroup(group, settings)));
  return rows;
}
const ids = (list: readonly Workload[]) => list.map((w) => w.id);
const supportIds = (run: Run) => ids(run.support.map((s) => s.workload));

describe('networks of a split', () => {
  it('never predicts what was measured, predicts all the rest, and gives the measured values', async () => {
    await runSplit(whole, options({ k: [3, 10], selections: ['random', 'chosen'], draws: 3 }));
    expect(runs.one).toHaveLength(2 * 2 * 2 * 3);
    for (const run of runs.one) {
      const task = whole.test.find((t) => t.target === run.target)!,
        value = new Map(Array.from(task.values, (v, i) => [whole.workloads[task.rows[i]].id, v]));
      expect(new Set(supportIds(run)).size).toBe(run.support.length);
      expect([...supportIds(run), ...ids(run.query)].sort()).toEqual(ids(data.workloads).sort());
      for (const s of run.support) expect(s.value).toBe(value.get(s.workload.id));
    }
    expect(runs.one.map((r) => r.support.length)).toEqual([
      3, 3, 3, 3, 3, 3, 10, 10, 10, 10, 10, 10, 3, 3, 3, 3, 3, 3, 10, 10, 10, 10, 10, 10,
    ]);
  });

  it('gives the method no measurement of the test device to train on', async () => {
    await runSplit(whole, options({ draws: 1 }));
    expect(contexts).toHaveLength(1);
    expect(contexts[0].split.train.map((t) => t.id)).toEqual(['gpu_a:latency', 'gpu_a:energy', 'phone:latency']);
    expect(contexts[0].closedForm.trainedTasks.map((t) => t.device)).not.toContain('cpu_a');
  });

  it('gives all methods the same draws, nested in k, others with another seed', async () => {
    await runSplit(latencyOnly, options({ methods: ['one', 'two'], k: [4, 8] }));
    expect(runs.two.map(supportIds)).toEqual(runs.one.map(supportIds));
    const [first, second, larger] = runs.one.map(supportIds);
    expect(first).not.toEqual(second);
    expect(larger.slice(0, 4)).toEqual(first);
    const before = runs.one.map(supportIds);
    runs = {};
    await runSplit(latencyOnly, options({ k: [4, 8] }));
    expect(runs.one.map(supportIds)).toEqual(before);
    runs = {};
    await runSplit(latencyOnly, options({ k: [4, 8], seed: 4 }));
    expect(runs.one.map(supportIds)).not.toEqual(before);
  });

  it('chosen supports are those that the closed form chooses among the candidates', async () => {
    await runSplit(latencyOnly, options({ selections: ['chosen'], draws: 1, k: [6] }));
    const { closedForm } = contexts[0];
    const best = ids(closedForm.choose(data.workloads, 6));
    expect(new Set(supportIds(runs.one[0]))).toEqual(new Set(best));
    runs = {};
    await runSplit(latencyOnly, options({ selections: ['chosen'], draws: 1, k: [6], candidates: 8 }));
    expect(supportIds(runs.one[0])).toHaveLength(6);
    expect(new Set(supportIds(runs.one[0]))).not.toEqual(new Set(best));
  });

  it('counts reference networks as measurements, and does not choose for methods that need them', async () => {
    const references = [2, 30, 11];
    const rows = await runSplit(
      { ...latencyOnly, references },
      options({ methods: ['embedded'], k: [3, 7], selections: ['random', 'chosen'] }),
    );
    expect(runs.embedded.map((r) => r.support.length)).toEqual([7, 7]);
    for (const run of runs.embedded) {
      expect(supportIds(run).slice(0, 3)).toEqual(ids(references.map((r) => data.workloads[r])));
      expect(ids(run.query).filter((id) => supportIds(run).includes(id))).toEqual([]);
    }
    expect(rows.filter((r) => r.method === 'embedded').map((r) => [r.k, r.selection])).toEqual([[7, 'random']]);
  });

  it('rows hold means over draws and what is needed to read them', async () => {
    const rows = await runSplit(latencyOnly, options({ draws: 2 }));
    expect(rows.map((r) => [r.method, r.k])).toEqual([
      ['one', 5],
      ['ceiling', 30],
    ]);
    expect(rows[0]).toMatchObject({
      protocol: 'leave-one-out',
      space: 'nasbench201',
      task: 'without cpu_a',
      device: 'cpu_a',
      target: 'latency',
      selection: 'random',
      draws: 2,
      coverage90: 0,
      measuredAt: '2026-01-02T03:04:05.000Z',
      command: 'hwcast evaluate',
    });
    expect(rows[0].mape).toBeGreaterThan(1);
    expect(rows[0].spearmanSd).toBeGreaterThan(0);
    expect(Object.keys(rows[0])).toEqual([
      'protocol',
      'space',
      'task',
      'device',
      'target',
      'method',
      'k',
      'selection',
      'draws',
      'spearman',
      'spearmanSd',
      'kendall',
      'mape',
      'medianApe',
      'within5',
      'within10',
      'coverage90',
      'ceiling',
      'measuredAt',
      'command',
    ]);
    expect(Object.keys(rows[1])).toEqual(Object.keys(rows[0]));
  });

  it('more measurements than there are networks give no row, never one of fewer', async () => {
    const rows = await runSplit(latencyOnly, options({ k: [39, 40, 41, 500], draws: 1 }));
    expect(rows.filter((r) => r.method === 'one').map((r) => r.k)).toEqual([39]);
    expect(runs.one.map((r) => [r.support.length, r.query.length])).toEqual([[39, 1]]);
  });

  it('predicts a random part of a large pool, the same for all methods, never what was measured', async () => {
    await runSplit(latencyOnly, options({ methods: ['one', 'two'], k: [10], queries: 12, draws: 3 }));
    expect(runs.one.map((r) => r.query.length)).toEqual([12, 12, 12]);
    expect(runs.two.map((r) => ids(r.query))).toEqual(runs.one.map((r) => ids(r.query)));
    for (const run of runs.one) expect(new Set([...ids(run.query), ...supportIds(run)]).size).toBe(22);
    expect(ids(runs.one[0].query)).not.toEqual(ids(runs.one[1].query));
  });

  it('tells what it does, and what the data does not have', async () => {
    const said: string[] = [];
    await runSplit({ ...latencyOnly, missing: ['fpga'] }, options({ draws: 1, onProgress: (t) => said.push(t) }));
    expect(said[0]).toBe('leave-one-out nasbench201 without cpu_a: 3 training tasks, 1 test tasks; not in the data: fpga');
    expect(said.at(-1)).toMatch(/^ {2}cpu_a latency k=5 random: one -?\d\.\d{3}$/);
  });

  it('refuses an unknown method, naming the known', async () => {
    await expect(runSplit(latencyOnly, options({ methods: ['one', 'oracle'] }))).rejects.toMatchObject({
      code: 'not-found',
      message: "no method 'oracle'",
      hint: expect.stringContaining('closed-form'),
    });
  });

  it('has nothing to say of a case without training or test tasks', async () => {
    expect(await runSplit({ ...whole, test: [] }, options())).toEqual([]);
    expect(await runSplit({ ...whole, train: [] }, options())).toEqual([]);
  });
});

describe('evaluation methods', () => {
  it('the closed form beats the baselines on a device unlike the others', async () => {
    const methods = ['flops', 'roofline', 'device-ridge', 'nearest-device', 'additive-mixture', 'closed-form'];
    expect(Object.keys(EVALUATION_METHODS)).toEqual(expect.arrayContaining(methods));
    const rows = await runSplit(latencyOnly, options({ methods, k: [8], selections: ['chosen'], draws: 1 }));
    const error = Object.fromEntries(rows.map((r) => [r.method, r.medianApe!]));
    for (const method of methods) expect(Number.isFinite(error[method]), method).toBe(true);
    expect(error['closed-form']).toBeLessThan(0.08);
    for (const weak of ['flops', 'roofline', 'nearest-device']) expect(error['closed-form']).toBeLessThan(error[weak]);
  });
});
