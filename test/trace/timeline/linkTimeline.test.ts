import { describe, expect, it } from 'vitest';
import { linkTimeline } from '../../../src/trace/timeline/linkTimeline.js';
import { type LinkId, Timeline } from '../../../src/trace/timeline/timeline.js';

type Op = [name: string, start: number, end: number, external?: LinkId, thread?: string];
type Call = [start: number, correlation: number, external?: LinkId];
type Kernel = [start: number, correlation: LinkId, external?: LinkId];

function link(ops: Op[], calls: Call[], work: Kernel[]) {
  const t = new Timeline();
  for (const [name, start, end, external = null, thread = '1/a'] of ops) t.addOperator({ name, start, end, external, thread });
  for (const [start, correlation, external = null] of calls)
    t.addCall({ thread: '1/a', start, end: start + 1, correlation, external, launches: true });
  for (const [start, correlation, external = null] of work)
    t.addWork({ name: 'k', kind: 'kernel', stream: '0/7', start, end: start + 1, correlation, external });
  const linked = linkTimeline(t),
    nameOf = (o: number) => (o < 0 ? null : t.names.list[t.operators.name.get(o)]);
  return {
    t,
    linked,
    nesting: [...linked.operators].map((o) => [nameOf(o), nameOf(linked.parent[o])]),
    names: [...linked.work].map((w) => nameOf(linked.operator[w])),
    calls: [...linked.work].map((w) => (linked.call[w] < 0 ? null : t.calls.correlation.get(linked.call[w]))),
  };
}

describe('linkTimeline', () => {
  it('nests operators of a thread', () => {
    expect(
      link(
        [
          ['inner', 2, 3],
          ['outer', 1, 5],
          ['other', 2, 3, null, '1/b'],
          ['next', 5, 6],
        ],
        [],
        [],
      ).nesting,
    ).toEqual([
      ['outer', null],
      ['inner', 'outer'],
      ['next', null],
      ['other', null],
    ]);
  });

  it('links by External id where that operator was running at the launch', () => {
    expect(
      link(
        [
          ['a', 0, 10, 1],
          ['b', 20, 30, 2],
        ],
        [[22, 7, 2]],
        [[40, 7]],
      ).names,
    ).toEqual(['b']);
  });

  it('falls back to the innermost operator running on the thread', () => {
    const ops: Op[] = [
      ['outer', 0, 100, 1],
      ['inner', 10, 20, 2],
      ['deep', 12, 14, 3],
      ['elsewhere', 0, 100, 4, '1/b'],
    ];
    // External id repeats the correlation, as some profilers write it
    const repeated = link(
      ops,
      [
        [13, 900, 900],
        [16, 901, 901],
        [50, 902, 902],
      ],
      [
        [200, 900],
        [201, 901],
        [202, 902],
      ],
    );
    expect(repeated.names).toEqual(['deep', 'inner', 'outer']);
    expect(link(ops, [[13, 4, 4]], [[200, 4]]).names).toEqual(['elsewhere']);
  });

  it('gives one launch many kernels and says where there is no operator', () => {
    const { names, calls } = link(
      [['a', 0, 10, 1]],
      [
        [5, 7, 1],
        [50, 8],
      ],
      [
        [20, 7],
        [21, 7],
        [60, 8],
        [61, 99],
        [62, null, 1],
      ],
    );
    expect(names).toEqual(['a', 'a', null, null, 'a']);
    expect(calls).toEqual([7, 7, 8, null, null]);
  });

  it('keeps ids beyond 2^53 apart', () => {
    const t = new Timeline(),
      ids = ['9007199254740993', '9007199254740995'];
    for (const [i, correlation] of ids.entries()) {
      t.addOperator({ name: `op${i}`, thread: '1/a', start: 10 * i, end: 10 * i + 5, external: null });
      t.addCall({ thread: '1/a', start: 10 * i + 1, end: 10 * i + 2, correlation, external: null, launches: true });
      t.addWork({ name: 'k', kind: 'kernel', stream: '0/7', start: 30 + 5 * i, end: 31 + 5 * i, correlation, external: null });
    }
    expect([...linkTimeline(t).operator]).toEqual([0, 1]);
  });

  it('finds call and operator of work whose time could not be read', () => {
    const t = new Timeline();
    t.addOperator({ name: 'a', thread: '1/a', start: 0, end: 10, external: 1 });
    t.addCall({ thread: '1/a', start: 5, end: 6, correlation: 7, external: 1, launches: true });
    t.unread.push({ stream: '0/7', correlation: 7, external: null, start: Number.NaN, device: 0, reason: 'dur is no duration' });
    expect(linkTimeline(t).unread).toMatchObject([{ call: 0, operator: 0, reason: 'dur is no duration' }]);
  });
});

it('ids in columns are told as their file writes them, also those that no double holds', () => {
  const timeline = new Timeline();
  expect(
    [7, '18446744073709551615', '18446744073709551614', '18446744073709551615'].map((id) => timeline.idText(timeline.id(id))),
  ).toEqual(['7', '18446744073709551615', '18446744073709551614', '18446744073709551615']);
});
