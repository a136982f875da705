import { describe, expect, it } from 'vitest';
import { analyseTimeline } from '../../../src/trace/timeline/analyseTimeline.js';
import { type DeviceWork, Timeline } from '../../../src/trace/timeline/timeline.js';

/** Two operators of 10 us, each with one launch; times in microseconds. */
function timeline(work: Partial<DeviceWork>[], more: Partial<Pick<Timeline, 'onHost' | 'cutAt' | 'windowEnd'>> = {}): Timeline {
  const t = Object.assign(new Timeline(), more);
  t.addOperator({ name: 'aten::linear', thread: '1/1', start: 0, end: 10, external: 1 });
  t.addOperator({ name: 'aten::addmm', thread: '1/1', start: 1, end: 9, external: 2 });
  t.addOperator({ name: 'aten::relu', thread: '1/1', start: 20, end: 30, external: 3 });
  t.addCall({ thread: '1/1', start: 2, end: 3, correlation: 7, external: 2, launches: true });
  t.addCall({ thread: '1/1', start: 21, end: 22, correlation: 8, external: null, launches: true });
  for (const w of work)
    t.addWork({ name: 'gemm', kind: 'kernel', stream: '0/7', start: 0, end: 0, correlation: null, external: null, ...w });
  return t;
}
const TWO = [
  { start: 6, end: 16, correlation: 7 },
  { name: 'relu', start: 25, end: 30, correlation: 8 },
];

describe('analyseTimeline', () => {
  it('gives times of a step, TKLQT and mean kernel', () => {
    const a = analyseTimeline(timeline(TWO), 'a.json', 'kineto');
    expect(a).toMatchObject({
      steps: 1,
      kernels: 2,
      kernelsWithLaunch: 2,
      kernelsWithOperator: 2,
      bound: 'device',
      operators: 3,
    });
    expect(a.latency).toBeCloseTo(30e-6, 12);
    expect(a.tklqt).toBeCloseTo(8e-6, 12);
    expect(a.meanKernel).toBeCloseTo(7.5e-6, 12);
    expect(a.idleShare).toBeCloseTo(0.5, 12);
  });

  it('gives device time to the outermost operator of the framework', () => {
    const { byOperator } = analyseTimeline(timeline(TWO), 'a.json', 'kineto');
    expect(byOperator.map((o) => [o.name, o.calls, o.kernels])).toEqual([
      ['aten::linear', 1, 1],
      ['aten::relu', 1, 1],
    ]);
    expect(byOperator[0].time).toBeCloseTo(10e-6, 12);
    expect(byOperator[0].host).toBeCloseTo(10e-6, 12);
  });

  it('counts copies apart from kernels', () => {
    const a = analyseTimeline(timeline([...TWO, { kind: 'copy', name: 'Memcpy', start: 40, end: 42 }]), 'a.json', 'kineto');
    expect(a.kernels).toBe(2);
    expect(a.copies).toBeCloseTo(2e-6, 12);
    expect(a.meanKernel).toBeCloseTo(7.5e-6, 12);
  });

  it('tells streams, their overlap and collectives that run alone', () => {
    const a = analyseTimeline(
      timeline([...TWO, { kind: 'collective', name: 'ncclDevKernel_AllReduce', stream: '0/20', start: 10, end: 20 }]),
      'a.json',
      'kineto',
    );
    expect(a.streams.map((s) => s.kernels)).toEqual([2, 1]);
    expect(a.overlap).toBeCloseTo(6e-6, 12);
    expect(a.collectives!.time).toBeCloseTo(10e-6, 12);
    expect(a.collectives!.alone).toBeCloseTo(4e-6, 12);
  });

  it('takes the last call before the work where an id was used again', () => {
    const t = timeline([{ start: 26, end: 27, correlation: 7 }]);
    t.addCall({ thread: '1/1', start: 24, end: 25, correlation: 7, external: null, launches: true });
    const a = analyseTimeline(t, 'a.json', 'kineto');
    expect(a.tklqt).toBeCloseTo(2e-6, 12);
    expect(a.byOperator.map((o) => o.name)).toEqual(['aten::relu']);
  });

  it('keeps two processes with the same ids apart', () => {
    const t = timeline([
      { start: 6, end: 16, correlation: 7 },
      { start: 8, end: 9, correlation: 7, stream: '1/7' },
    ]);
    t.addCall({ thread: '2/1', start: 4, end: 5, correlation: 7, external: null, launches: true });
    expect(analyseTimeline(t, 'a.json', 'kineto').tklqt).toBeCloseTo(8e-6, 12);
  });

  it('leaves out work whose times cannot be', () => {
    const a = analyseTimeline(timeline([...TWO, { start: 17, end: 2e6 }]), 'a.json', 'kineto');
    expect(a.kernels).toBe(2);
    expect(a.lost).toMatchObject([{ count: 1, what: 'kernel', reason: expect.stringContaining('lasts longer') }]);
  });

  it('splits marked steps and does not count the queue of the step before', () => {
    const t = timeline(TWO);
    t.steps.push({ thread: '1/1', start: 0, end: 15 }, { thread: '1/1', start: 15, end: 31 });
    const a = analyseTimeline(t, 'a.json', 'kineto');
    expect(a.steps).toBe(2);
    expect(a.latency).toBeCloseTo(13e-6, 12);
  });

  it('leaves out the step during which the file was cut', () => {
    const t = timeline(TWO, { cutAt: 29 });
    t.steps.push({ thread: '1/1', start: 0, end: 15 }, { thread: '1/1', start: 15, end: 31 });
    const a = analyseTimeline(t, 'a.json', 'kineto');
    expect(a).toMatchObject({ steps: 1, notes: [expect.stringContaining('the last step is incomplete')] });
    expect(a.latency).toBeCloseTo(16e-6, 12);
  });

  it('of a host takes the operators for what ran', () => {
    const a = analyseTimeline(timeline([], { onHost: true }), 'a.json', 'kineto');
    expect(a).toMatchObject({ kernels: 0, tklqt: null, idleShare: null, bound: null });
    expect(a.latency).toBeCloseTo(30e-6, 12);
    expect(a.byOperator.map((o) => [o.name, o.calls])).toEqual([
      ['aten::linear', 1],
      ['aten::relu', 1],
    ]);
  });

  it('finds kernels that always follow one another', () => {
    const t = timeline(
      [0, 100].flatMap((at) => TWO.map((w) => ({ ...w, start: w.start + at, end: w.end + at, correlation: null }))),
    );
    expect(analyseTimeline(t, 'a.json', 'kineto').chains).toEqual([
      { names: ['gemm', 'relu'], count: 2, saved: expect.closeTo(18e-6, 12) },
    ]);
  });
});
