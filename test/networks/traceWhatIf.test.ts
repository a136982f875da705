import { describe, expect, it } from 'vitest';
import { operatorTime } from '../../src/analytical/operatorTime.js';
import type { HwcastError } from '../../src/core/errors.js';
import { deviceNamed } from '../../src/device/deviceNamed.js';
import { operatorGraph, parseOperatorText } from '../../src/graph/operatorText.js';
import { traceWhatIf } from '../../src/networks/traceWhatIf.js';
import { analysisOf } from '../../src/trace/profileReader.js';
import type { OperatorRecord } from '../../src/trace/traceReader.js';

const record = (text: string, latency: number): OperatorRecord => ({
  kind: 'operator',
  framework: 'pytorch',
  device: null,
  graph: operatorGraph(parseOperatorText(text)),
  latency,
  kernels: 1,
  hostTime: 1e-5,
  launchDelay: 1e-5,
});
/** a step of 1 ms of which the device works `busy` */
const analysis = (busy: number, issue: number) =>
  analysisOf({
    source: 'a.json',
    format: 'kineto',
    device: 'NVIDIA H100 80GB HBM3',
    batch: 4,
    steps: 1,
    latency: 1e-3,
    idleShare: 1 - busy / 1e-3,
    issue,
  });
/** the shortest kernel, of a nanosecond */
const LEAST = record('op:relu/fp32/4x1/', 1e-9);
/** s that one over four million elements takes by its prediction */
const H100 = deviceNamed('H100-SXM5-80GB'),
  BIG = 'op:relu/fp32/4x1048576/',
  EXPECTED = operatorTime(parseOperatorText(BIG), H100, H100.bandwidth!);
const RELU = [record(BIG, EXPECTED), LEAST];
const code = (run: () => unknown) => {
  try {
    run();
  } catch (error) {
    return (error as HwcastError).code;
  }
  return undefined;
};

describe('traceWhatIf', () => {
  it('takes what like operators took on the device, where batch or type change and the device does not', () => {
    const times = () => 3e-6;
    const w = traceWhatIf(analysis(9e-4, 2e-4), RELU, { batch: 8 }, times),
      shareOfOne = (RELU.length * 3e-6) / RELU.reduce((sum, r) => sum + r.latency, 0);
    expect(w.deviceTime / traceWhatIf(analysis(9e-4, 2e-4), RELU, {}).deviceTime).toBeCloseTo(shareOfOne, 9);
    expect(w.assumptions).toContain('operators of 100.0 % of the device time take what like ones took on the device');
    expect(traceWhatIf(analysis(9e-4, 2e-4), RELU, {}, times)).toEqual(traceWhatIf(analysis(9e-4, 2e-4), RELU, {}));
  });

  it('is the trace itself where nothing is changed', () => {
    const w = traceWhatIf(analysis(9e-4, 2e-4), RELU, {});
    expect([w.latency, w.low, w.high]).toEqual([1e-3, 1e-3, 1e-3]);
    expect(w).toMatchObject({ coverage: 1, provenance: 'measured x ratio' });
  });

  it('rescales what is bound by memory with its bytes: batch and element type', () => {
    const twice = traceWhatIf(analysis(9e-4, 2e-4), RELU, { batch: 8 });
    expect(twice.deviceTime).toBeCloseTo(18e-4, 6);
    expect(twice.latency).toBeCloseTo(19e-4, 6);
    const half = traceWhatIf(analysis(9e-4, 2e-4), RELU, { dtype: 'bf16' });
    expect(half.deviceTime).toBeCloseTo(4.5e-4, 7);
  });

  it('rescales it with the bandwidth of another device', () => {
    const a100 = deviceNamed('A100-SXM4-80GB');
    const w = traceWhatIf(analysis(9e-4, 2e-4), RELU, { device: a100 });
    expect(w.deviceTime).toBeCloseTo((9e-4 * H100.bandwidth!) / a100.bandwidth!, 6);
    expect(w.assumptions).toContain('the other device has the same host');
  });

  it('keeps the launches: a launch-bound step does not get faster', () => {
    const w = traceWhatIf(analysis(1e-4, 9.5e-4), RELU, { dtype: 'bf16' });
    expect(w.latency).toBeCloseTo(1e-3, 9);
    expect(w.deviceTime).toBeCloseTo(5e-5, 7);
  });

  it('takes the shortest kernel for what each takes however little it does', () => {
    const short = record('op:relu/fp32/4x1/', 2e-6);
    const w = traceWhatIf(analysis(9e-4, 2e-4), [short], { batch: 400 });
    expect(w.deviceTime).toBeLessThan(1e-3);
    expect(w.high).toBeGreaterThan(50e-3);
  });

  it('expects the less of what the prediction missed, the further batch and type change', () => {
    const slow = [record(BIG, 8 * EXPECTED), LEAST],
      ratio = (change: Parameters<typeof traceWhatIf>[2]) => traceWhatIf(analysis(9e-4, 2e-4), slow, change).deviceTime / 9e-4;
    expect(ratio({ device: deviceNamed('A100-SXM4-80GB') })).toBeCloseTo(
      H100.bandwidth! / deviceNamed('A100-SXM4-80GB').bandwidth!,
      3,
    );
    // six octaves of batch: 64 times the work, of the factor 8 its root
    expect(ratio({ batch: 256 })).toBeCloseTo(64 / Math.sqrt(8), 1);
    // an octave of width
    expect(ratio({ dtype: 'bf16' })).toBeCloseTo(0.5 * 8 ** (0.5 ** (1 / 6) - 1), 3);
  });

  it('brackets it by the ratios of arithmetic and of traffic', () => {
    const conv = record(
      'op:conv2d/fp32/4x64x56x56/bias=0;dilation=[1x1];groups=1;kernel=[3x3];outChannels=64;padding=[1x1x1x1];stride=[1x1]',
      9e-4,
    );
    const w = traceWhatIf(analysis(9e-4, 2e-4), [conv], { dtype: 'bf16' });
    expect(w.low).toBeLessThan(w.high);
    expect(w.low).toBeLessThanOrEqual(w.latency);
    expect(w.high).toBeGreaterThanOrEqual(w.latency);
  });

  it('says what it cannot rescale', () => {
    const w = traceWhatIf(analysis(9e-4, 2e-4), [...RELU, record('op:reshape/fp32/4x6/shape=[24]', EXPECTED / 3)], { batch: 8 });
    expect(w.coverage).toBeCloseTo(0.75, 4);
    expect(w.assumptions).toContain('operators of 25.0 % of the device time could not be rescaled and follow the others');
    expect(code(() => traceWhatIf({ ...analysis(9e-4, 1e-4), batch: null }, RELU, { batch: 8 }))).toBe('bad-input');
    expect(code(() => traceWhatIf({ ...analysis(9e-4, 1e-4), device: 'Nothing 9' }, RELU, {}))).toBe('unsupported');
    expect(code(() => traceWhatIf(analysis(9e-4, 1e-4), [], {}))).toBe('unsupported');
  });
});
