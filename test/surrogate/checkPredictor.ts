import { beforeAll, describe, expect, it } from 'vitest';
import { createRandom } from '../../src/core/random.js';
import type { OpGraph } from '../../src/graph/opGraph.js';
import type { Target } from '../../src/graph/targets.js';
import { UNITS } from '../../src/graph/targets.js';
import type { Workload } from '../../src/graph/workload.js';
import type { Estimate, Prediction, Predictor, Provenance } from '../../src/surrogate/predictor.js';
import { shuffleNodes } from '../analytical/shuffleNodes.js';

export interface Conformance<W> {
  /** every target that is predicted, no other */
  targets: readonly Target[];
  /** targets of which the error may be unknown: both ends of the interval null, of all workloads alike */
  unknownError?: readonly Target[];
  provenance: Provenance;
  /** what to predict; at least five, all different */
  workloads(): readonly W[];
  /** a workload that must be refused; undefined where the predictor takes every graph */
  unsupported?: W;
  /** the same predictor read again from its files, where it has files */
  reload?(): Promise<Predictor<W>>;
  /** relative difference that counts as none: 0 for plain arithmetic, more where batches go through tensors */
  tolerance?: number;
  /** true for what depends on the order of execution, like peak memory */
  nodeOrderMatters?: boolean;
}

const NUMBERS = ['value', 'low', 'high'] as const;

/** Every estimate of a prediction, by target in the order of their names. */
const estimates = (p: Prediction): [string, Estimate][] => Object.entries(p.targets).sort(([a], [b]) => (a < b ? -1 : 1));

/** A prediction without its numbers, which are compared with a tolerance. */
const rest = (p: Prediction) => ({
  ...p,
  targets: Object.fromEntries(estimates(p).map(([target, e]) => [target, { ...e, value: 0, low: 0, high: 0 }])),
});

/** The numbers of a prediction in one row: value, low and high of each target. */
const numbers = (p: Prediction): (number | null)[] => estimates(p).flatMap(([, e]) => NUMBERS.map((key) => e[key]));

function expectSame(actual: readonly Prediction[], expected: readonly Prediction[], tolerance: number): void {
  expect(actual.map(rest)).toEqual(expected.map(rest));
  actual.forEach((p, i) => {
    const wanted = numbers(expected[i]);
    numbers(p).forEach((number, j) => {
      const other = wanted[j];
      if (number === null || other === null) expect(number).toBe(other);
      else expect(Math.abs(number - other), `number ${j} of prediction ${i}`).toBeLessThanOrEqual(tolerance * Math.abs(other));
    });
  });
}

/** Finite and positive, in the unit of its target, within an ordered interval that is not empty; `unknown`: there is none. */
function expectSound({ value, low, high, ...known }: Estimate, target: Target, provenance: Provenance, unknown: boolean): void {
  expect(known).toEqual({ unit: UNITS[target], provenance });
  expect(Number.isFinite(value)).toBe(true);
  expect(value).toBeGreaterThan(0);
  if (unknown) expect([low, high]).toEqual([null, null]);
  else {
    expect([low, high].every(Number.isFinite)).toBe(true);
    expect(low!).toBeGreaterThan(0);
    expect(value).toBeGreaterThanOrEqual(low!);
    expect(high!).toBeGreaterThanOrEqual(value);
    expect(high!).toBeGreaterThan(low!);
  }
}

/**
 * The suite that every predictor passes: finite positive values of every target in ordered intervals, a batch is its workloads one by one in any
 * order, the same again from the same seed and from its files, no change of its input, node order irrelevant, a typed error for what it cannot predict.
 * @param make trains and adapts afresh at every call
 */
export function checkPredictor<W extends { id: string; graph?: OpGraph } = Workload>(
  name: string,
  make: () => Predictor<W> | Promise<Predictor<W>>,
  c: Conformance<W>,
): void {
  describe(`${name} is a predictor`, () => {
    let predictor: Predictor<W>, workloads: readonly W[], whole: Prediction[];
    const same = (actual: readonly Prediction[], expected: readonly Prediction[]) =>
      expectSame(actual, expected, c.tolerance ?? 0);
    beforeAll(async () => {
      predictor = await make();
      workloads = c.workloads();
      whole = predictor.predict([...workloads]);
    });

    it('gives every target, each finite and positive within an ordered interval', () => {
      expect(workloads.length).toBeGreaterThanOrEqual(5);
      expect(whole).toHaveLength(workloads.length);
      expect(c.targets.length).toBeGreaterThan(0);
      for (const p of whole) {
        expect(Object.keys(p).sort()).toEqual(['assumptions', 'targets', 'warnings']);
        expect(Object.keys(p.targets).sort()).toEqual([...c.targets].sort());
        for (const target of c.targets)
          expectSound(p.targets[target]!, target, c.provenance, c.unknownError?.includes(target) ?? false);
        expect([...p.warnings, ...p.assumptions].every((text) => typeof text === 'string' && text.length > 0)).toBe(true);
      }
      for (const target of c.targets)
        expect(new Set(whole.map((p) => p.targets[target]!.value)).size, `values of ${target}`).toBeGreaterThan(1);
    });

    it('a batch is its workloads one by one, in any order, twice or in part', () => {
      same(
        workloads.map((w) => predictor.predict([w])[0]),
        whole,
      );
      const order = createRandom('order').shuffle([...workloads.keys()]);
      same(
        predictor.predict(order.map((i) => workloads[i])),
        order.map((i) => whole[i]),
      );
      same(predictor.predict([workloads[2], workloads[2]]), [whole[2], whole[2]]);
      same(predictor.predict(workloads.slice(1, 3)), whole.slice(1, 3));
      expect(predictor.predict([])).toEqual([]);
    });

    it('asked again gives the same, and leaves its input alone', () => {
      const list = Object.freeze([...workloads]);
      same(predictor.predict(list), whole);
      same(predictor.predict(list), whole);
    });

    it('a list that was changed in between is predicted as it is now', () => {
      const list = workloads.slice(0, 4);
      predictor.predict(list);
      list.reverse();
      same(predictor.predict(list), whole.slice(0, 4).reverse());
      list.push(workloads[4]);
      same(predictor.predict(list).slice(4), [whole[4]]);
    });

    it('what a caller does to its predictions stays with the caller', () => {
      const list = workloads.slice(0, 2),
        [p] = predictor.predict(list);
      p.warnings.push('mine');
      p.assumptions.push('mine');
      for (const target of c.targets) p.targets[target]!.value = -1;
      same(predictor.predict(list), whole.slice(0, 2));
    });

    it('made again from the same seed gives the same', async () => {
      same((await make()).predict([...workloads]), whole);
    });

    if (c.reload)
      it('read again from its files gives the same', async () => {
        same((await c.reload!()).predict([...workloads]), whole);
      });

    if (c.workloads().some((w) => w.graph) && !c.nodeOrderMatters)
      it('does not see the order of the nodes of a free graph', () => {
        const graphs = workloads.filter((w) => w.graph);
        const shuffled = graphs.map((w, i) => ({ ...w, id: `${w.id}, shuffled`, graph: shuffleNodes(w.graph!, i) }));
        const expected = predictor.predict(graphs).map(numbers);
        expect(expected.flat().length).toBeGreaterThan(0);
        predictor
          .predict(shuffled)
          .map(numbers)
          .forEach((row, i) => {
            expect(row).toHaveLength(expected[i].length);
            row.forEach((number, j) => {
              const other = expected[i][j];
              if (number === null || other === null) expect(number).toBe(other);
              else expect(Math.abs(number / other - 1)).toBeLessThanOrEqual(Math.max(1e-12, c.tolerance ?? 0));
            });
          });
      });

    if (c.unsupported)
      it('refuses what it cannot predict, alone or among others', () => {
        for (const list of [[c.unsupported!], [workloads[0], c.unsupported!], [c.unsupported!, workloads[0]]])
          expect(() => predictor.predict(list)).toThrow(
            expect.objectContaining({
              name: 'HwcastError',
              code: 'unsupported',
              message: expect.stringContaining(c.unsupported!.id),
              hint: expect.stringMatching(/\S/),
            }),
          );
      });
  });
}
