import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { hasShared, SHARED } from '../../../shared.js';
import { readTiny as read } from './readTiny.js';
import { failure, GPU, type TinyOp, tinyEvents, tinyTrace, twoSteps } from './tinyTrace.js';

type Event = Record<string, unknown>;
const args = (e: Event) => e.args as Record<string, unknown>;
const us = (seconds: number[]) => seconds.map((l) => Math.round(l * 1e6));
const call = (name: string, ts: number, correlation: number, dur = 1, cat = 'cuda_runtime', pid = 1): Event => ({
  ph: 'X',
  cat,
  name,
  pid,
  tid: 1,
  ts,
  dur,
  args: { correlation },
});
const kernel = (ts: number, dur: unknown, correlation: number): Event => ({
  ph: 'X',
  cat: 'kernel',
  name: 'k',
  pid: 0,
  tid: 7,
  ts,
  dur,
  args: { correlation, device: 0, stream: 7 },
});
const text = (events: Event[]) => JSON.stringify({ deviceProperties: [GPU], traceEvents: events });
const mark = (n: number, ts: number, dur: number): Event => ({
  ph: 'X',
  cat: 'user_annotation',
  name: `ProfilerStep#${n}`,
  pid: 1,
  tid: 1,
  ts,
  dur,
});

describe('kernels outside every operator', () => {
  it('are part of the step that launched them, at its end too', async () => {
    const extra = [call('cudaLaunchKernel', 50, 9), kernel(60, 18_000, 9)];
    const { networks, issues } = await read(tinyTrace(twoSteps().slice(0, 2), undefined, extra));
    expect(networks).toEqual([]);
    expect(issues.map((i) => i.reason)).toEqual([
      'device work launched outside every operator (own kernels, or another thread): no shapes',
      'network left out: operators with shapes account for 0 % of its device time, 90 % are needed',
    ]);
    const short = [call('cudaLaunchKernel', 50, 9), kernel(70, 0.5, 9)];
    const [network] = (await read(tinyTrace(twoSteps().slice(0, 2), undefined, short))).networks;
    expect(network.latencies[0]).toBeCloseTo(70.5e-6, 12);
    expect(network.busy[0]).toBeCloseTo(7.5e-6, 12);
    expect(network.coverage).toBeCloseTo(7 / 7.5, 12);
  });

  it('are named by their cause', async () => {
    const extra = [kernel(-20, 4, 3), call('cudaGraphLaunch', 300, 5), kernel(310, 1, 5), kernel(311, 1, 5)];
    expect((await read(tinyTrace(twoSteps(), undefined, extra))).issues.slice(0, 2).map((i) => [i.count, i.reason])).toEqual([
      [1, 'device work whose launch is not in the trace (queued before the profiler began, or the call is not recorded)'],
      [2, 'device work of a graph replay, which no operator launched: no shapes'],
    ]);
  });
});

describe('two ranks in one file', () => {
  const rank = (n: number, after: number): Event[] =>
    tinyEvents(twoSteps()).map((e) =>
      e.cat === 'kernel'
        ? { ...e, ts: Number(e.ts) + after, pid: n, args: { ...args(e), device: n } }
        : { ...e, ts: Number(e.ts) + after, pid: 1000 + n },
    );

  it('have each its own kernels where correlation ids are the same', async () => {
    for (const events of [
      [...rank(0, 0), ...rank(1, 33)],
      [...rank(1, 33), ...rank(0, 0)],
    ]) {
      const { operators, networks, summary } = await read(text(events));
      expect(operators.map((o) => Math.round(o.latency * 1e6))).toEqual([5, 2, 5, 2, 5, 2, 5, 2]);
      expect(summary!.launchDelaySum).toBeCloseTo(2 * 2 * (9 + 4) * 1e-6, 12);
      expect(networks.map((n) => us(n.latencies))).toEqual([
        [37, 37],
        [37, 37],
      ]);
    }
  });

  it('are refused where their kernels cannot be told apart', async () => {
    const sameDevice = [...rank(0, 0), ...rank(1, 33)].map((e) =>
      e.cat === 'kernel' ? { ...e, pid: 0, args: { ...args(e), device: 0 } } : e,
    );
    expect(await failure(read(text(sameDevice)))).toMatchObject({
      code: 'unsupported',
      message: expect.stringContaining('launch under the same correlation ids on one device'),
    });
    const sameProcess = [...rank(0, 0), ...rank(1, 33)].map((e) => (e.cat === 'kernel' ? e : { ...e, pid: 1 }));
    expect(await failure(read(text(sameProcess)))).toMatchObject({
      code: 'unsupported',
      message: "correlation id 100 belongs to 2 calls of one process: its kernels are nobody's",
    });
  });
});

describe('times that cannot be', () => {
  /** the tiny trace with one event changed */
  const changed = (cat: string, nth: number, change: Event, more: Event[] = []) => {
    let seen = 0;
    return text([...tinyEvents(twoSteps()).map((e) => (e.cat === cat && seen++ === nth ? { ...e, ...change } : e)), ...more]);
  };

  it.each([
    ['N/A', "dur is no duration (first: 'N/A' of device work at byte "],
    [-5, 'dur is no duration (first: -5 of device work at byte '],
    [null, 'dur is no duration (first: null of device work at byte '],
  ])('a kernel whose dur is %s spoils its operator and its step, not the rest', async (dur, reason) => {
    const { operators, networks, issues } = await read(changed('kernel', 2, { dur }));
    expect(issues.find((i) => i.what === 'event')?.reason).toContain(`event left out: ${reason}`);
    expect(operators.map((o) => Math.round(o.latency * 1e6))).toEqual([5, 2, 2]);
    expect(issues.filter((i) => i.what === 'step')).toMatchObject([{ count: 1, reason: 'step of which an event is lost' }]);
    expect(networks.map((n) => us(n.latencies))).toEqual([[37]]);
  });

  it('a step that lost an event is left out, the others stay', async () => {
    const marks = [mark(1, 0, 90), mark(2, 100, 90)];
    const { networks, issues } = await read(changed('kernel', 2, { dur: 'N/A' }, marks));
    expect(networks.map((n) => us(n.latencies))).toEqual([[37]]);
    expect(issues.filter((i) => i.what === 'step').map((i) => [i.count, i.reason])).toEqual([
      [1, 'step of which an event is lost'],
    ]);
    const ofOperator = await read(changed('cpu_op', 3, { dur: -1 }, marks));
    expect(ofOperator.networks.map((n) => us(n.latencies))).toEqual([[37]]);
  });

  it.each([
    ['lasts two seconds', { dur: 2e6 }, 'it lasts longer than work that began after it on its stream'],
    ['begins at 0', { ts: -4e12 }, 'it begins before its launch'],
  ])('a kernel that %s is not believed', async (_, change, reason) => {
    const { operators, summary, issues } = await read(changed('kernel', 1, change));
    expect(issues.find((i) => i.what === 'kernel')).toMatchObject({ count: 1, reason: `device work left out: ${reason}` });
    expect(operators.map((o) => Math.round(o.latency * 1e6))).toEqual([5, 5, 2]);
    expect(summary!.launchDelaySum).toBeCloseTo((9 + 9 + 4) * 1e-6, 12);
  });

  it('a kernel does not end after the profiler', async () => {
    const end: Event = { ph: 'i', name: 'Record Window End', pid: '', tid: '', ts: 200 };
    const { issues } = await read(changed('kernel', 3, { dur: 2e6 }, [end]));
    expect(issues.find((i) => i.what === 'kernel')?.reason).toBe('device work left out: it ends after the profiler stopped');
  });

  it('0 is no time where others are absolute', async () => {
    const late = tinyEvents(twoSteps()).map((e, i) => ({ ...e, ts: i === 2 ? 0 : Number(e.ts) + 4e12 }));
    const { issues, summary } = await read(text(late));
    expect(issues.find((i) => i.what === 'event')?.reason).toContain('ts is no time (first: 0 of device work at byte ');
    expect(summary!.launchDelaySum).toBeCloseTo((4 + 9 + 4) * 1e-6, 12);
  });
});

describe('steps', () => {
  it('begin at their first operator, with device work or without', async () => {
    const view = (at: number): TinyOp => ({ name: 'aten::view', at, dur: 1, dims: [[4, 8]], types: ['float'] });
    const ops = [...twoSteps().slice(0, 2), ...twoSteps().slice(2)].map((op) => ({
      ...op,
      at: op.at + 10,
      kernels: op.kernels!.map(([s, d]): [number, number] => [s + 10, d]),
    }));
    const { networks } = await read(
      tinyTrace([{ name: 'aten::ones', at: 0, dur: 1 }, view(4), ...ops.slice(0, 2), view(60), view(106), ...ops.slice(2)]),
    );
    // `view(60)` ends the first step; what stands before both steps is one `view`
    expect(networks.map((n) => us(n.latencies))).toEqual([[43, 41]]);
  });

  it('begin at a compiled region around their operators', async () => {
    const region: TinyOp = { name: 'Torch-Compiled Region: 0/0', at: 0, dur: 60 };
    const ops = twoSteps()
      .slice(0, 2)
      .map((op) => ({ ...op, at: op.at + 15, kernels: op.kernels!.map(([s, d]): [number, number] => [s + 15, d]) }));
    expect((await read(tinyTrace([region, ...ops]))).networks.map((n) => us(n.latencies))).toEqual([[52]]);
  });

  it('in which the runtime loaded something are first iterations', async () => {
    const [linear, relu] = twoSteps();
    const slow = { ...relu, at: 9000, dur: 10, kernels: [[9005, 2]] as [number, number][] };
    const trace = tinyTrace([{ ...linear, dur: 8000 }, slow], undefined, [call('cudaModuleLoad', 20, 8, 7000)]);
    const { networks, operators, issues } = await read(trace);
    expect(operators).toHaveLength(2);
    expect(networks).toEqual([]);
    expect(issues.map((i) => i.reason)).toEqual([
      'first iteration: the device idled while one call took 7.0 of 9.0 ms (libraries and kernels are loaded); profile after warm-up',
    ]);
    const waiting = tinyTrace([{ ...linear, dur: 8000 }, slow], undefined, [call('cudaStreamSynchronize', 20, 8, 7000)]);
    expect((await read(waiting)).networks).toHaveLength(1);
  });
});

describe('launches and devices', () => {
  it.each(['xpu_runtime', 'mtia_runtime', 'privateuse1_runtime'])('reads launches of %s', async (cat) => {
    const events = tinyEvents(twoSteps()).map((e) => (e.cat === 'cuda_runtime' ? { ...e, cat } : e));
    expect((await read(text(events))).summary!.launchDelaySum).toBeCloseTo(26e-6, 12);
  });

  it('has no sum of launch delays where no launch is known', async () => {
    const events = tinyEvents(twoSteps()).filter((e) => e.cat !== 'cuda_runtime');
    expect((await read(text(events))).summary!.launchDelaySum).toBeNull();
  });

  it('says why times of the device are not there', async () => {
    const host = tinyEvents(twoSteps()).filter((e) => e.cat === 'cpu_op');
    const reason = async (more: Event[]) => (await read(text([...host, ...more]))).issues.map((i) => i.reason);
    const foreign = (cat: string): Event => ({ ph: 'X', cat, name: 'x', pid: 17, tid: 1, ts: 5, dur: 1, args: {} });
    expect(await reason([foreign('mtia_ccp_events')])).toEqual([
      'the trace is of an MTIA device: its 1 device events (mtia_ccp_events) are no kernels hwcast reads',
    ]);
    expect(await reason([foreign('cuda_profiler_range')])).toEqual([
      'the trace is a CUPTI range profile: counters of 1 ranges, no times of kernels; profile without experimental_config',
    ]);
    expect(await reason([call('cudaLaunchKernel', 3, 4)])).toEqual([
      "the trace has 1 launches but no kernel: the profiler lost the device's events; profile again",
    ]);
  });

  it('takes a run on the CPU of a host with a GPU as one of a CPU', async () => {
    const host = tinyEvents(twoSteps()).filter((e) => e.cat === 'cpu_op');
    const { summary, operators, networks } = await read(text([...host, call('cudaGetDeviceCount', 3, 4)]));
    expect(summary!.device).toBeNull();
    expect(operators.map((o) => [o.device, Math.round(o.latency * 1e6)])).toEqual([
      [null, 20],
      [null, 10],
      [null, 20],
      [null, 10],
    ]);
    expect(us(networks[0].latencies)).toEqual([40, 40]);
  });
});

describe.skipIf(!hasShared)(`real traces${hasShared ? '' : ' (skipped: no shared data beside the project)'}`, () => {
  const real = (name: string) =>
    read(gunzipSync(readFileSync(join(SHARED, 'data/traces/kineto-chrome', `${name}.json.gz`))).toString(), `${name}.json`);

  it('the first iteration is left out, a later one stays', async () => {
    const first = await real('part_b128_first');
    expect(first.networks).toEqual([]);
    expect(first.issues.map((i) => i.reason)).toContain(
      'first iteration: the device idled while one call took 629.6 of 978.8 ms (libraries and kernels are loaded); profile after warm-up',
    );
    expect(first.summary!.launchDelaySum! * 1e6).toBeCloseTo(659425.2, 1);
    expect((await real('part_b128_later')).networks[0].latencies[0]).toBeCloseTo(30902.4e-6, 7);
  });

  it('a compiled network lasts from its first operator to its last kernel', async () => {
    expect((await real('tracelens_torch_compile_triton')).networks[0].latencies[0] * 1e3).toBeCloseTo(12.796, 3);
  });

  it('a CPU run on a GPU host, lost kernels and an MTIA device are told apart', async () => {
    const cpu = await real('part_cpu.pt.trace');
    expect(cpu.summary!.device).toBeNull();
    expect(cpu.networks[0].latencies[0] * 1e6).toBeCloseTo(4819507.8, 0);
    expect((await real('zoology_trace')).issues[0].reason).toContain('260 launches but no kernel');
    expect((await real('hta_mtia_inference_rank0')).issues[0].reason).toContain('MTIA device: its 1313 device events');
  });
});
