import { beforeAll, describe, expect, it } from 'vitest';
import { createRandom } from '../../src/core/random.js';
import type { Target } from '../../src/dataset/dataset.js';
import { UNITS } from '../../src/dataset/units.js';
import type { Workload } from '../../src/graph/workload.js';
import type { Prediction, Predictor, Provenance } from '../../src/surrogate/predictor.js';
import { shuffleNodes } from '../analytical/shuffleNodes.js';

export interface Conformance {
  target: Target;
  provenance: Provenance;
  /** networks to predict; at least five, all different */
  workloads(): readonly Workload[];
  /** a workload that must be refused; undefined where the predictor takes every graph */
  unsupported?: Workload;
  /** the same predictor read again from its files, where it has files */
  reload?(): Promise<Predictor>;
  /** relative difference that counts as none: 0 for plain arithmetic, more where batches go through tensors */
  tolerance?: number;
  /** true for what depends on the order of execution, like peak memory */
  nodeOrderMatters?: boolean;
}

/**
 * The suite that every predictor passes: finite positive values in ordered intervals, a batch is its networks one by one in any order, the same
 * again from the same seed and from its files, no change of its input, node order irrelevant, a typed error for what it cannot predict.
 * @param make trains and adapts afresh at every call
 */
export function checkPredictor(name: string, make: () => Predictor | Promise<Predictor>, c: Conformance): void {
  describe(`${name} is a predictor`, () => {
    let predictor: Predictor, workloads: readonly Workload[], whole: Prediction[];
    const check = (title: string, run: () => void | Promise<void>) => it(title, run);
    const same = (actual: readonly Prediction[], expected: readonly Prediction[]) => {
      expect(actual).toHaveLength(expected.length);
      actual.forEach((p, i) => {
        const e = expected[i];
        for (const key of ['value', 'low', 'high'] as const)
          expect(Math.abs(p[key] - e[key]), `${key} of prediction ${i}`).toBeLessThanOrEqual(
            (c.tolerance ?? 0) * Math.abs(e[key]),
          );
        expect({ ...p, value: 0, low: 0, high: 0 }).toEqual({ ...e, value: 0, low: 0, high: 0 });
      });
    };
    beforeAll(async () => {
      predictor = await make();
      workloads = c.workloads();
      whole = predictor.predict([...workloads]);
    });

    check('gives finite positive values within ordered intervals', () => {
      expect(whole).toHaveLength(workloads.length);
      for (const p of whole) {
        expect(Object.values(p).every((v) => v !== undefined)).toBe(true);
        expect([p.low, p.value, p.high].every(Number.isFinite)).toBe(true);
        expect(p.low).toBeGreaterThan(0);
        expect(p.value).toBeGreaterThanOrEqual(p.low);
        expect(p.high).toBeGreaterThanOrEqual(p.value);
        expect(p.high).toBeGreaterThan(p.low);
        expect(p).toMatchObject({ unit: UNITS[c.target], provenance: c.provenance });
        expect(p.warnings.every((w) => typeof w === 'string' && w.length > 0)).toBe(true);
      }
      expect(new Set(whole.map((p) => p.value)).size).toBeGreaterThan(1);
    });

    check('a batch is its networks one by one, in any order, twice or in part', () => {
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

    check('asked again gives the same, and leaves its input alone', () => {
      const list = Object.freeze([...workloads]);
      same(predictor.predict(list), whole);
      same(predictor.predict(list), whole);
    });

    check('a list that was changed in between is predicted as it is now', () => {
      const list = workloads.slice(0, 4);
      predictor.predict(list);
      list.reverse();
      same(predictor.predict(list), whole.slice(0, 4).reverse());
      list.push(workloads[4]);
      same(predictor.predict(list).slice(4), [whole[4]]);
    });

    check('made again from the same seed gives the same', async () => {
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
        const values = (list: readonly Prediction[]) => list.map(({ value, low, high }) => [value, low, high]);
        const expected = values(predictor.predict(graphs));
        values(predictor.predict(shuffled)).forEach((row, i) => {
          row.forEach((v, j) => {
            expect(Math.abs(v / expected[i][j] - 1)).toBeLessThanOrEqual(Math.max(1e-12, c.tolerance ?? 0));
          });
        });
      });

    if (c.unsupported)
      check('refuses what it cannot predict, alone or among others', () => {
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
