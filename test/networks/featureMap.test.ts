import { describe, expect, it } from 'vitest';
import { createRandom } from '../../src/core/random.js';
import { parseWorkload, type Workload } from '../../src/graph/workload.js';
import { featureMap, fitFeatureMap, type LearnedFeatures, population } from '../../src/networks/featureMap.js';
import { featureTable } from '../../src/networks/featureTable.js';
import { FEATURE_GROUPS } from '../../src/surrogate/featureGroups.js';
import { freeWorkload } from '../dataset/tinyDataset.js';

const cells = population('nasbench201', createRandom(1), 60);
const map = fitFeatureMap('nasbench201', cells);
const row = (X: Float64Array, width: number, i: number) => [...X.subarray(i * width, (i + 1) * width)];

describe('population', () => {
  it('draws networks of the space from its seed', () => {
    expect(population('fbnet', createRandom(3), 5).map((w) => w.id)).toEqual(
      population('fbnet', createRandom(3), 5).map((w) => w.id),
    );
    expect(population('fbnet', createRandom(3), 5)[0].id).not.toBe(population('fbnet', createRandom(4), 5)[0].id);
    expect(() => population('fbnot', createRandom(3))).toThrow(expect.objectContaining({ code: 'not-found' }));
  });
});

describe('featureTable', () => {
  it('has physical features and, for networks of a space, the choices as written and live', () => {
    const t = featureTable([parseWorkload('nasbench201:|nor_conv_3x3~0|+|none~0|none~1|+|skip_connect~0|none~1|none~2|')]);
    const at = (name: string) => t.data[t.names.indexOf(name)];
    expect(at('choice.3')).toBe(1); // nor_conv_3x3 on the first edge
    expect(at('live.3')).toBe(0); // which leads nowhere
    expect(at('live.0')).toBe(1);
    expect(at('live.16')).toBe(1); // skip_connect on the fourth edge
    expect(FEATURE_GROUPS[t.group[t.names.indexOf('live.3')]]).toBe('choice');
    expect(FEATURE_GROUPS[t.group[t.names.indexOf('eager.flops')]]).toBe('physical');
    const free = featureTable([freeWorkload('free')]);
    expect(free.names).toEqual(t.names.filter((n) => !/^(choice|live)\./.test(n)));
    expect(free.data[free.names.indexOf('eager.flops')]).toBe(2 * 4 * 2 + 2);
  });

  it('is empty for no workload', () => {
    expect(featureTable([])).toMatchObject({ rows: 0, names: [] });
  });

  it('tells free graphs of the same name apart', () => {
    const small = freeWorkload('twin'),
      large = freeWorkload('twin');
    large.graph!.nodes[0].shape = [1, 400];
    const { data, names } = featureTable([small, large]);
    const flops = names.indexOf('eager.flops');
    expect([data[flops], data[names.length + flops]]).toEqual([18, 2 * 400 * 2 + 2]);
  });
});

describe('featureMap', () => {
  it('scales with constants of the space: a batch is its rows one by one', () => {
    const X = map.of(cells.slice(0, 7));
    expect(X).toHaveLength(7 * map.width);
    for (let i = 0; i < 7; i++) expect(row(X, map.width, i)).toEqual([...map.of([cells[i]])]);
  });

  it('has no constant column, and a name and a group for each', () => {
    expect(map.names).toHaveLength(map.width);
    expect(map.group).toHaveLength(map.width);
    expect(new Set(map.names).size).toBe(map.width);
    expect(map.width).toBeGreaterThan(30);
    const X = map.of(cells);
    for (let j = 0; j < map.width; j++) expect(new Set(cells.map((_, i) => X[i * map.width + j])).size).toBeGreaterThan(1);
  });

  it('sees a list again that was changed in between', () => {
    const list = [cells[0], cells[1]];
    const before = [...map.of(list)];
    list.reverse();
    expect(row(map.of(list), map.width, 0)).toEqual(before.slice(map.width));
    list.push(cells[2]);
    expect(map.of(list)).toHaveLength(3 * map.width);
    list.length = 1;
    expect([...map.of(list)]).toEqual(before.slice(map.width));
  });

  it.each<[string, Workload]>([
    ['a network of another space', parseWorkload('fbnet:0123456780123456780123')],
    ['a free graph', freeWorkload('free')],
  ])('refuses %s, also among good ones, and says what to do', (_, workload) => {
    for (const list of [[workload], [cells[0], workload]])
      expect(() => map.of(list)).toThrow(
        expect.objectContaining({
          code: 'unsupported',
          message: `'${workload.id}' is not of nasbench201, which this model was trained on`,
          hint: 'use a model of its space, or --device for the roofline',
        }),
      );
  });

  it('of free graphs refuses networks of a space', () => {
    const graphs = fitFeatureMap('graphs', [freeWorkload('a'), freeWorkload('b')]);
    expect(() => graphs.of([cells[0]])).toThrow(expect.objectContaining({ code: 'unsupported' }));
  });

  it('limits itself to the wanted groups', () => {
    const physical = fitFeatureMap('nasbench201', cells, { groups: ['physical'] });
    expect(new Set([...physical.group].map((g) => FEATURE_GROUPS[g]))).toEqual(new Set(['physical']));
    const keep = map.names.flatMap((_, j) => (FEATURE_GROUPS[map.group[j]] === 'physical' ? [j] : []));
    expect(physical.names).toEqual(keep.map((j) => map.names[j]));
    const X = row(map.of([cells[5]]), map.width, 0);
    expect([...physical.of([cells[5]])]).toEqual(keep.map((j) => X[j]));
  });

  it('appends learned features as a group of their own', () => {
    const learned: LearnedFeatures = { width: 2, of: (w) => Float64Array.from(w.flatMap((_, i) => [i, -i])) };
    const both = featureMap('nasbench201', map.scaler, learned);
    const X = both.of(cells.slice(0, 3));
    expect(both.width).toBe(map.width + 2);
    expect(both.names.slice(-2)).toEqual(['learned.0', 'learned.1']);
    expect([...both.group.slice(-2)].map((g) => FEATURE_GROUPS[g])).toEqual(['learned', 'learned']);
    expect(row(X, both.width, 2)).toEqual([...row(map.of(cells.slice(0, 3)), map.width, 2), 2, -2]);
  });
});
