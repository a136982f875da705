import { describe, expect, it } from 'vitest';
import { kinetoSteps, type StepContext } from '../../../../src/trace/formats/kineto/kinetoSteps.js';
import type { Unit } from '../../../../src/trace/formats/kineto/kinetoUnits.js';

/** operator at [start, end] on the host whose kernel runs at [from, to] */
const unit = (signature: string, start: number, from: number, to: number): Unit =>
  ({
    signature,
    rootStart: start,
    event: { start, end: start + 1 },
    end: to,
    time: to - from,
    mapped: '',
    work: [{ work: { start: from, end: to } }],
  }) as unknown as Unit;
const none: StepContext = { steps: [], overhead: [], roots: [], lost: [], damage: [], calls: [] };

describe('kinetoSteps', () => {
  it('finds repeats of the operator sequence', () => {
    const units = [unit('a', 0, 2, 5), unit('b', 1, 5, 6), unit('a', 100, 102, 104), unit('b', 101, 106, 110)];
    const { how, steps } = kinetoSteps(units, none);
    expect(how).toBe('repeat');
    expect(steps.map((s) => [s.latency, s.busy])).toEqual([
      [6, 4],
      [10, 6],
    ]);
  });

  it('does not count queueing behind the step before', () => {
    const units = [unit('a', 0, 10, 50), unit('b', 1, 50, 60), unit('a', 5, 60, 100), unit('b', 6, 100, 110)];
    expect(kinetoSteps(units, none).steps.map((s) => s.latency)).toEqual([60, 50]);
  });

  it('goes by the marks of the profiler where there are some', () => {
    const units = [unit('a', 0, 2, 5), unit('a', 10, 12, 15), unit('b', 20, 22, 25), unit('c', 90, 91, 92)];
    const { how, steps } = kinetoSteps(units, {
      ...none,
      steps: [
        { start: 18, end: 30 },
        { start: 0, end: 18 },
        { start: 50, end: 60 },
      ],
    });
    expect(how).toBe('annotation');
    expect(steps.map((s) => s.units.map((u) => u.signature).join(''))).toEqual(['aa', 'b']);
  });

  it('takes the whole trace where nothing repeats, and nothing where nothing ran', () => {
    expect(kinetoSteps([unit('a', 0, 2, 5), unit('b', 1, 6, 7)], none)).toMatchObject({ how: 'whole', steps: [{ latency: 7 }] });
    expect(kinetoSteps([], none).steps).toEqual([]);
  });

  it('marks steps in which the profiler itself took time', () => {
    const units = [unit('a', 0, 2, 100), unit('a', 200, 202, 300)];
    const { steps } = kinetoSteps(units, {
      ...none,
      steps: [],
      overhead: [
        { start: 10, end: 20 },
        { start: 250, end: 250.5 },
      ],
    });
    expect(steps.map((s) => s.disturbed)).toEqual([true, false]);
  });
});
