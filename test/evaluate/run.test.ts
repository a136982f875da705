import { describe, expect, it } from 'vitest';
import type { CaseMethod, EvaluationCase, Part } from '../../src/evaluate/evaluationCase.js';
import { runGroup } from '../../src/evaluate/run.js';
import { NETWORK_SCORING } from '../../src/evaluate/scoring.js';

const stamp = { command: 'c', measuredAt: 't' };
interface Asked {
  support: readonly number[];
  query: readonly number[];
}
/** A method that answers twice the truth and writes down what it was asked. */
const spy = (name: string, asked: Asked[], over: Partial<CaseMethod<number>> = {}): CaseMethod<number> => ({
  name,
  answer(support, query) {
    asked.push({ support, query });
    return { latency: query.map((value) => ({ value: 2 * value, low: 0, high: 100 })) };
  },
  ...over,
});
const WORKLOADS = [1, 2, 3, 4, 5, 6];
const part = (methods: CaseMethod<number>[], over: Partial<Part<number>> = {}): Part<number> => ({
  methods,
  candidates: (_, references) => WORKLOADS.filter((w) => !references.includes(w)),
  choose: (candidates, count) => [...candidates].reverse().slice(0, count),
  query: (support) => WORKLOADS.filter((w) => !support.includes(w)),
  ...over,
});
const invented = (parts: Part<number>[], over: Partial<EvaluationCase<number>> = {}): EvaluationCase<number> => ({
  place: { protocol: 'invented', space: 's', task: 't', device: 'd' },
  targets: ['latency'],
  sizes: [2],
  selections: ['random', 'chosen'],
  draws: () => 1,
  parts: () => parts,
  truth: (workload) => workload,
  scoring: NETWORK_SCORING,
  ...over,
});

describe('runGroup', () => {
  it('takes the first candidates at random, the most informative when chosen, and asks about the rest', async () => {
    const asked: Asked[] = [];
    const rows = await runGroup({ cases: [invented([part([spy('m', asked)])])] }, stamp);
    expect(asked).toEqual([
      { support: [1, 2], query: [3, 4, 5, 6] },
      { support: [6, 5], query: [1, 2, 3, 4] },
    ]);
    expect(rows.map((r) => [r.method, r.k, r.selection, r.draws, r.mape])).toEqual([
      ['m', 2, 'random', 1, 1],
      ['m', 2, 'chosen', 1, 1],
    ]);
  });

  it('hands the same lists to all methods', async () => {
    const one: Asked[] = [],
      two: Asked[] = [];
    await runGroup({ cases: [invented([part([spy('one', one), spy('two', two)])], { draws: () => 2 })] }, stamp);
    expect(two).toEqual(one);
    expect(one).toHaveLength(4);
    expect(two.every((a, i) => a.query === one[i].query && a.support === one[i].support)).toBe(true);
  });

  it('leaves out methods that take fewer measurements than there are', async () => {
    const methods = [spy('unmeasured', [], { most: 0 }), spy('adapted', [], { least: 1 })];
    const rows = await runGroup({ cases: [invented([part(methods)], { sizes: [0, 2], selections: ['random'] })] }, stamp);
    expect(rows.map((r) => [r.method, r.k])).toEqual([
      ['unmeasured', 0],
      ['adapted', 2],
    ]);
  });

  it('counts references as measurements, never chooses beside them, and leaves out who needs more', async () => {
    const asked: Asked[] = [];
    const methods = [spy('referred', asked, { references: [6], least: 2 }), spy('greedy', [], { least: 3 })];
    const rows = await runGroup({ cases: [invented([part(methods)], { sizes: [1, 2] })] }, stamp);
    expect(asked).toEqual([{ support: [6, 1], query: [2, 3, 4, 5] }]);
    expect(rows.map((r) => [r.method, r.k, r.selection])).toEqual([['referred', 2, 'random']]);
  });

  it('has no row of fewer measurements than there should be, and one selection where there are none', async () => {
    const scarce = part([spy('m', [])], { candidates: (k) => (k > 3 ? undefined : WORKLOADS) });
    const rows = await runGroup({ cases: [invented([scarce], { sizes: [0, 3, 4] })] }, stamp);
    expect(rows.map((r) => [r.k, r.selection])).toEqual([
      [0, 'random'],
      [3, 'random'],
      [3, 'chosen'],
    ]);
  });

  it('scores the parts of a draw together, by slice', async () => {
    const fold = (query: number[]) => part([spy('m', [])], { candidates: () => [], query: () => query });
    const sliced = invented([fold([1, 2, 3]), fold([4, 5, 6])], {
      sizes: [0],
      slices: [
        { place: { device: 'odd' }, members: [1, 3, 5] },
        { place: { device: 'large' }, members: [5, 6] },
      ],
      truth: (workload) => (workload === 3 ? undefined : workload),
    });
    const rows = await runGroup({ cases: [sliced] }, stamp);
    expect(rows.map((r) => [r.device, r.mape, r.spearman])).toEqual([
      ['odd', 1, 1],
      ['large', 1, 1],
    ]);
  });

  it('puts the ceiling after the rows of a case and beside each', async () => {
    const ceiling = { spearman: 0.99, medianApe: 0.01, measurements: 900, draws: 3 };
    const rows = await runGroup({ cases: [invented([part([spy('m', [])])], { selections: ['random'], ceiling })] }, stamp);
    expect(rows.map((r) => [r.method, r.k, r.draws, r.ceiling])).toEqual([
      ['m', 2, 1, 0.99],
      ['ceiling', 900, 3, 0.99],
    ]);
    expect(rows[1]).toMatchObject({ spearman: 0.99, spearmanSd: null, medianApe: 0.01, mape: null });
  });

  it('tells the headline of each method', async () => {
    const said: string[] = [];
    const told = invented([part([spy('m', [])])], { selections: ['random'], headline: 'spearman' });
    await runGroup({ cases: [told] }, { ...stamp, onProgress: (text) => said.push(text) });
    expect(said).toEqual(['  d latency k=2 random: m 1.000']);
  });
});
