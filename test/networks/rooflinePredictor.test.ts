import { describe, expect, it } from 'vitest';
import { roofline } from '../../src/analytical/roofline.js';
import { deviceNamed } from '../../src/device/deviceNamed.js';
import { parseWorkload, type Workload, workloadGraph } from '../../src/graph/workload.js';
import { kernelRoofline } from '../../src/networks/kernelRoofline.js';
import { GPU_POWER_SHARE } from '../../src/networks/measuredRatios.js';
import type { RuntimeRatio } from '../../src/networks/ratioInterval.js';
import { rooflineOfDevice, rooflinePredictor } from '../../src/networks/rooflinePredictor.js';
import type { RunSetting } from '../../src/surrogate/operatorSum/machine.js';
import { intervalsOf } from '../../src/surrogate/predictor.js';

const EAGER: RuntimeRatio = {
  kind: 'pytorch cuda eager',
  unit: 'gpu',
  hypothesis: 'eager',
  n: 3,
  median: 1.5,
  low: 0.5,
  high: 4,
  within: [0.8, 2],
  devices: { 'H100-SXM5-80GB': 2 },
};
const GRAPH: RuntimeRatio = { ...EAGER, kind: 'pytorch cuda graph', hypothesis: 'compiled', median: 2, low: 1, high: 3 };
const cell = parseWorkload('nasbench201:#9');
type Options = Parameters<typeof rooflineOfDevice>[3];
const predicted = (device: string, options: Options = {}) => rooflineOfDevice(device, 'latency', [], options).predict([cell])[0];
const latency = (device: string, options?: Options) => intervalsOf([predicted(device, options)], 'latency')[0];

describe('rooflinePredictor', () => {
  it('passes on what was assumed of a graph', () => {
    const graph = { ...workloadGraph(cell), assumptions: ['batch axis taken as 1'] };
    const [p] = rooflineOfDevice('RTX-2080Ti', 'latency').predict([{ id: 'mine.json', graph }]);
    expect(p.assumptions).toEqual(['batch axis taken as 1']);
    expect(predicted('RTX-2080Ti').assumptions).toEqual([]);
  });

  it('is the roofline times the measured ratio, and says where value and interval come from', () => {
    const { latency: eager } = roofline(workloadGraph(cell), deviceNamed('RTX-2080Ti'), { hypothesis: 'eager' });
    const p = latency('RTX-2080Ti', { condition: 'eager', ratios: [EAGER, GRAPH] });
    expect(p.value).toBeCloseTo(1.5 * eager, 12);
    expect(p.low).toBeCloseTo(0.5 * eager, 12);
    expect(p.high).toBeCloseTo(4 * eager, 12);
    expect(p).toMatchObject({ unit: 's', provenance: 'analytical' });
    expect(predicted('RTX-2080Ti', { condition: 'eager', ratios: [EAGER, GRAPH] }).warnings[0]).toBe(
      'no measurement of this device: analytical roofline of RTX-2080Ti x measured / roofline on 1 device (pytorch cuda eager)',
    );
  });

  it('covers all kinds of runtime of such a processor unless told one', () => {
    const both = latency('RTX-2080Ti', { ratios: [EAGER, GRAPH] });
    const [eager, graph] = ['eager', 'pytorch cuda graph'].map((condition) =>
      latency('RTX-2080Ti', { condition, ratios: [EAGER, GRAPH] }),
    );
    expect(graph.high).toBeLessThan(eager.low);
    expect(both.low).toBeGreaterThanOrEqual(graph.low);
    expect(both.low).toBeLessThan(graph.value);
    expect(both.high).toBeGreaterThan(eager.value);
    expect(both.high).toBeLessThanOrEqual(eager.high);
    expect(predicted('RTX-2080Ti').warnings[0]).toMatch(/pytorch cuda eager, pytorch cuda graph, ncnn vulkan: .*--condition/);
    expect(predicted('Raspberry-Pi-4B').warnings[0]).toMatch(/onnxruntime cpu compiled, ncnn cpu: /);
  });

  it('a device that was measured has its own ratio and a narrower interval', () => {
    const [own, other] = [EAGER, { ...EAGER, devices: { elsewhere: 2 } }].map((ratio) =>
      latency('H100-SXM5-80GB', { ratios: [ratio] }),
    );
    expect(own.value / other.value).toBeCloseTo(2 / 1.5, 9);
    expect(own.high / own.low).toBeCloseTo(2 / 0.8, 9);
    expect(other.high / other.low).toBeCloseTo(8, 9);
  });

  it('refuses a kind of runtime that was not measured on such devices, naming those there are', () => {
    expect(() => latency('RTX-2080Ti', { condition: 'onnxruntime' })).toThrow(
      expect.objectContaining({
        code: 'not-found',
        message: "no kind of runtime 'onnxruntime' was measured beside rooflines of devices like 'RTX-2080Ti'",
        hint: expect.stringContaining("'pytorch cuda graph'"),
      }),
    );
  });

  it('takes batch and type from the id of a dataset, unless told', () => {
    expect(predicted('titan_rtx_256')).toEqual(predicted('Titan-RTX', { batch: 256 }));
    expect(predicted('titan_rtx_256', { batch: 1 })).toEqual(predicted('Titan-RTX'));
    expect(latency('titan_rtx_256').value).toBeGreaterThan(latency('titan_rtx_1').value);
    expect(latency('Titan-RTX', { batch: 256, dtype: 'fp16' }).value).toBeLessThan(latency('Titan-RTX', { batch: 256 }).value);
  });

  it('energy is time x the measured share of power on GPUs, an upper bound elsewhere', () => {
    const energy = (device: string) => rooflineOfDevice(device, 'energy').predict([cell]);
    const [gpu] = intervalsOf(energy('Titan-RTX'), 'energy'),
      time = latency('Titan-RTX');
    expect(gpu.unit).toBe('J');
    expect(gpu.value).toBeCloseTo(280 * GPU_POWER_SHARE.median * time.value, 12);
    expect(gpu.high / gpu.low).toBeGreaterThan(time.high / time.low);
    expect(energy('Titan-RTX')[0].warnings.join()).toContain('of thermal design power, as measured on H100-SXM5-80GB');
    expect(intervalsOf(energy('Jetson-Nano'), 'energy')[0].value).toBeCloseTo(10 * latency('Jetson-Nano').value, 12);
    expect(energy('Jetson-Nano')[0].warnings.join()).toContain('upper bound');
    expect(() => rooflineOfDevice('pixel-3', 'energy').predict([cell])).toThrow(
      expect.objectContaining({ code: 'unsupported', hint: expect.stringContaining('measurements') }),
    );
  });

  it('peak memory grows with the batch', () => {
    const bytes = (batch: number) =>
      intervalsOf(rooflineOfDevice('T4', 'peak_memory', [], { batch }).predict([cell]), 'peak_memory')[0];
    expect(bytes(8).unit).toBe('B');
    expect(bytes(8).value).toBeGreaterThan(bytes(1).value);
  });

  it.each(['lut', 'power', 'cycles'] as const)('does not give %s', (target) => {
    expect(() => rooflinePredictor(deviceNamed('T4'), target)).toThrow(
      expect.objectContaining({
        code: 'unsupported',
        message: `the roofline gives latency, energy and peak_memory, not ${target}`,
      }),
    );
  });

  it('refuses a device whose data sheet has no bandwidth, by name', () => {
    expect(() => latency('Eyeriss')).toThrow(
      expect.objectContaining({ code: 'unsupported', message: expect.stringContaining('Eyeriss') }),
    );
  });
});

describe('a model file on a GPU', () => {
  const graph = workloadGraph(cell),
    kernels = { n: 9, median: 1.5, low: 1, high: 2, within: [0.9, 1.1] as const, devices: { A: 1, B: 2 } },
    ratios = [{ ...GRAPH, kernels }];
  const of = (options: Options = {}, asked: Workload = { id: 'mine', graph }) =>
    rooflineOfDevice('RTX-3090', 'latency', [], { ratios, ...options }).predict([asked])[0];

  it('is the roofline of its kernels times their ratio', () => {
    const seconds = kernelRoofline(graph, { hardware: 'RTX-3090', dtype: 'fp16', batch: 1, execution: 'graph' })!,
      p = of({ dtype: 'fp16' });
    expect(intervalsOf([p], 'latency')[0]).toMatchObject({
      value: expect.closeTo(1.5 * seconds, 12),
      low: expect.closeTo(seconds, 12),
      high: expect.closeTo(2 * seconds, 12),
      provenance: 'analytical',
    });
    expect(p.warnings).toEqual([
      'no measurement of this device: analytical roofline of RTX-3090 x measured / roofline on 2 devices (pytorch cuda graph)',
    ]);
  });

  it('is that of operators for networks of search spaces, and where kernels are not compared', () => {
    const plain = of({ ratios: [GRAPH] });
    expect(of({}, cell)).toEqual({ ...plain, assumptions: [] });
    expect(intervalsOf([of()], 'latency')[0].value).not.toBeCloseTo(intervalsOf([plain], 'latency')[0].value, 9);
  });
});

describe('a device that a model knows in other settings', () => {
  const LOG = Math.log(2e-3),
    graph = workloadGraph(cell);
  const learnedOf = (kinds: readonly string[]) => (setting: RunSetting) =>
    kinds.includes(setting.execution ?? '')
      ? { tasks: ['h100_b8'], latencyOf: () => ({ log: LOG, deviation: 0.1, unmeasured: 0.3, warnings: ['much is new'] }) }
      : undefined;
  const of = (kinds: readonly string[], options: Options = {}, asked: Workload = { id: 'mine', graph }) =>
    rooflineOfDevice('H100-SXM5-80GB', 'latency', [], { ratios: [EAGER, GRAPH], learned: learnedOf(kinds), ...options }).predict([
      asked,
    ])[0];

  it('is the sum over operators, of the kind of runtime that is told', () => {
    const told = of(['graph'], { condition: 'pytorch cuda graph' }),
      [{ value, low, high, provenance }] = intervalsOf([told], 'latency');
    expect([value, low, high]).toEqual([0, -1, 1].map((d) => expect.closeTo(Math.exp(LOG + 1.645 * 0.1 * d), 6)));
    expect(provenance).toBe('surrogate');
    expect(told.warnings).toEqual([
      'no measurement of this setting: pytorch cuda graph: sum over operators, as in h100_b8',
      'much is new',
    ]);
  });

  it('is the roofline for the other kinds, and both where none is told', () => {
    const plain = of([], { condition: 'eager' });
    expect(of(['graph'], { condition: 'eager' })).toEqual(plain);
    const mixed = of(['graph']),
      [{ low, high, provenance }] = intervalsOf([mixed], 'latency'),
      [eager] = intervalsOf([plain], 'latency');
    expect(provenance).toBe('analytical');
    expect(low).toBeLessThan(Math.min(eager.value, Math.exp(LOG)));
    expect(high).toBeGreaterThan(Math.max(eager.value, Math.exp(LOG)));
    expect(mixed.warnings[0]).toMatch(
      /^no measurement of this setting: analytical roofline .*\(pytorch cuda eager\); pytorch cuda graph: sum/,
    );
  });

  it('is asked for the element type and kind of runtime', () => {
    const asked: RunSetting[] = [];
    const learned = (setting: RunSetting) => {
      asked.push(setting);
      return undefined;
    };
    of([], { learned, dtype: 'fp16', condition: 'graph' });
    expect(asked).toEqual([{ hardware: 'H100-SXM5-80GB', framework: 'pytorch', execution: 'graph', dtype: 'fp16', batch: 1 }]);
  });

  it('is the roofline where most of the time is of operators unlike any measured one', () => {
    const learned = () => ({
      tasks: [],
      latencyOf: () => ({ log: LOG, deviation: 0.1, unmeasured: 0.6, warnings: ['most is new'] }),
    });
    expect(of([], { learned })).toEqual(of([]));
  });

  it('is the roofline for networks of search spaces, which the operators were not learned from', () => {
    expect(of(['graph', 'eager'], {}, cell)).toEqual(of([], {}, cell));
  });

  it('is the roofline for graphs that are not in single precision, and for graphs without kernels', () => {
    const half = { ...graph, nodes: graph.nodes.map((n) => ({ ...n, dtype: 'fp16' as const })) };
    expect(intervalsOf([of(['graph', 'eager'], {}, { id: 'half', graph: half })], 'latency')[0].provenance).toBe('analytical');
    const learned = () => ({ tasks: [], latencyOf: () => undefined });
    expect(of([], { learned })).toEqual(of([]));
  });
});

describe('an unknown device', () => {
  it('names close matches of the catalogue and of the model', () => {
    expect(() => rooflineOfDevice('titan-rtxx', 'latency', ['titan_rtxy'])).toThrow(
      expect.objectContaining({
        code: 'not-found',
        exitCode: 4,
        message: expect.stringContaining("unknown device 'titan-rtxx'"),
        hint: expect.stringMatching(/close names: .*Titan-RTX/),
      }),
    );
    expect(() => rooflineOfDevice('graph_fp16', 'latency', ['graph_fp16_b1'])).toThrow(
      expect.objectContaining({ hint: expect.stringContaining('graph_fp16_b1') }),
    );
  });

  it('says where to look where nothing is close', () => {
    expect(() => rooflineOfDevice('qqqqqqqqqqqq', 'latency')).toThrow(
      expect.objectContaining({ code: 'not-found', hint: expect.stringContaining('hwcast devices') }),
    );
  });
});
