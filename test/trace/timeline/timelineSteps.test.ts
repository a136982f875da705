import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { linkTimeline } from '../../../src/trace/timeline/linkTimeline.js';
import { rootOperators } from '../../../src/trace/timeline/rootUnits.js';
import { Timeline } from '../../../src/trace/timeline/timeline.js';
import { shortestPeriod, timelineSteps } from '../../../src/trace/timeline/timelineSteps.js';

const periodOf = (sequence: readonly unknown[]) => shortestPeriod(sequence.length, (i, j) => sequence[i] === sequence[j]);

describe('shortestPeriod', () => {
  it('is the shortest unit that makes up the sequence', () => {
    expect(periodOf([...'abab'])).toBe(2);
    expect(periodOf([...'aaaa'])).toBe(1);
    expect(periodOf([...'hllltlll'])).toBe(8);
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 8 }),
        fc.integer({ min: 1, max: 4 }),
        (unit, n) => {
          const sequence = Array.from({ length: n }, () => unit).flat(),
            p = periodOf(sequence);
          expect(p).toBeLessThanOrEqual(unit.length);
          expect(sequence.every((s, i) => s === sequence[i % p])).toBe(true);
        },
      ),
    );
  });
});

/** An operator of 1 us whose work runs from, up to; without work where there is none. */
type Op = [name: string, start: number, from?: number, to?: number];

function stepsOf(ops: Op[], { marks = [], lost = [], least }: { marks?: number[][]; lost?: number[][]; least?: number } = {}) {
  const t = new Timeline();
  ops.forEach(([name, start, from, to], i) => {
    t.addOperator({ name, thread: '1/1', start, end: start + 1, external: i });
    if (from === undefined) return;
    t.addCall({ thread: '1/1', start, end: start, correlation: i, external: i, launches: true });
    t.addWork({ name: 'k', kind: 'kernel', stream: `0/${i}`, start: from, end: to!, correlation: i, external: null });
  });
  for (const [start, end] of lost)
    t.addWork({ name: 'k', kind: 'kernel', stream: '0/lost', start, end, correlation: null, external: null });
  const units = ops.filter(([, , from]) => from !== undefined) as [string, number, number, number][],
    linked = linkTimeline(t);
  const { how, steps, lostIn } = timelineSteps(t, linked, {
    units: {
      length: units.length,
      start: (i) => units[i][1],
      rootStart: (i) => units[i][1],
      end: (i) => units[i][3],
      isSame: (i, j) => units[i][0] === units[j][0],
    },
    marks: marks.map(([start, end]) => ({ start, end })),
    roots: rootOperators(t, linked),
    lost: linked.work.filter((w) => linked.operator[w] < 0),
    least,
  });
  return {
    how,
    times: steps.map((s) => [s.start, s.end]),
    units: steps.map((s) => s.units),
    lost: [...lostIn],
  };
}

describe('timelineSteps', () => {
  const AB: Op[] = [
    ['a', 0, 2, 5],
    ['b', 1, 5, 6],
    ['a', 100, 102, 104],
    ['b', 101, 106, 110],
  ];

  it('finds what repeats, of a length that is asked for', () => {
    expect(stepsOf(AB)).toMatchObject({
      how: 'repeat',
      times: [
        [0, 6],
        [100, 110],
      ],
    });
    expect(stepsOf(AB, { least: 3 })).toMatchObject({ how: 'whole', times: [[0, 110]] });
  });

  it('does not count queueing behind the step before', () => {
    const { times } = stepsOf([
      ['a', 0, 10, 50],
      ['b', 1, 50, 60],
      ['a', 5, 60, 100],
      ['b', 6, 100, 110],
    ]);
    expect(times).toEqual([
      [0, 60],
      [60, 110],
    ]);
  });

  it('goes by the marks of the profiler where there are some', () => {
    const { how, units } = stepsOf(
      [
        ['a', 0, 2, 5],
        ['a', 10, 12, 15],
        ['b', 20, 22, 25],
        ['c', 90, 91, 92],
      ],
      {
        marks: [
          [18, 30],
          [0, 18],
          [50, 60],
        ],
      },
    );
    expect([how, units]).toEqual([
      'annotation',
      [
        [0, 2],
        [2, 3],
      ],
    ]);
  });

  it('begins a step at its operators without work, and ends it with work that no operator launched', () => {
    const { times, lost } = stepsOf([['view', -2], ...AB.slice(0, 2), ['view', 98], ...AB.slice(2)], { lost: [[112, 120]] });
    expect(times).toEqual([
      [-2, 6],
      [98, 120],
    ]);
    expect(lost).toEqual([1]);
  });

  it('takes the whole trace where nothing repeats, and nothing where nothing ran', () => {
    expect(
      stepsOf([
        ['a', 0, 2, 5],
        ['b', 1, 6, 7],
      ]),
    ).toMatchObject({ how: 'whole', times: [[0, 7]] });
    expect(stepsOf([]).times).toEqual([]);
  });
});
