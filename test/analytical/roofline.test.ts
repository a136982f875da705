import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { COMPUTE_EFFICIENCY, HYPOTHESES, MEMORY_EFFICIENCY, roofline, rooflineTimes } from '../../src/analytical/roofline.js';
import { CATALOGUE } from '../../src/device/catalogue.js';
import { deviceNamed } from '../../src/device/deviceNamed.js';
import type { DeviceSpec } from '../../src/device/deviceSpec.js';
import { GraphBuilder } from '../../src/graph/graphBuilder.js';
import { DTYPE_BYTES, type OpGraph } from '../../src/graph/opGraph.js';
import { parseWorkload, workloadGraph } from '../../src/graph/workload.js';
import { shuffleNodes } from './shuffleNodes.js';

const DEVICE: DeviceSpec = {
  name: 'D',
  vendor: 'V',
  kind: 'gpu',
  peak: { fp32: 1e12 },
  bandwidth: 1e11,
  memory: 2 ** 30,
  tdp: 100,
  idle: 20,
  launch: { kernel: 1e-6, dispatch: 5e-6 },
  source: 'test',
};
const USABLE = CATALOGUE.filter((d) => d.bandwidth !== undefined && Object.keys(d.peak).length && d.kind !== 'fpga');

function linear(m: number, k: number, n: number): OpGraph {
  const b = new GraphBuilder();
  return b.build([b.add('linear', [b.input([m, k])], { outFeatures: n, bias: 0 })]);
}

const anyNetwork = fc.oneof(
  fc.integer({ min: 0, max: 15624 }).map((i) => `nasbench201:#${i}`),
  fc.array(fc.integer({ min: 0, max: 8 }), { minLength: 22, maxLength: 22 }).map((a) => `fbnet:${a.join('')}`),
);

describe('roofline', () => {
  it('is the larger of arithmetic and traffic, plus the launch', () => {
    const compute = roofline(linear(1024, 1024, 1024), DEVICE, { hypothesis: 'compiled' });
    expect(compute.latency).toBeCloseTo((2 * 1024 ** 3) / (COMPUTE_EFFICIENCY * 1e12) + 1e-6, 12);
    expect(compute.operators[1]).toMatchObject({
      op: 'linear',
      bound: 'compute',
      live: true,
      flops: 2 * 1024 ** 3,
      bytes: 3 * 4 * 1024 ** 2,
    });
    const memory = roofline(linear(1, 4096, 4096), DEVICE, { hypothesis: 'compiled' });
    expect(memory.latency).toBeCloseTo((4 * (4096 + 4096 + 4096 ** 2)) / (MEMORY_EFFICIENCY * 1e11) + 1e-6, 12);
    expect(memory.operators[1].bound).toBe('memory');
    const tiny = roofline(linear(1, 4, 4), DEVICE, { hypothesis: 'compiled' });
    expect(tiny.operators[1].bound).toBe('launch');
  });

  it('makes an eager framework pay its dispatch where kernels are shorter, for dead operators too', () => {
    const b = new GraphBuilder();
    const x = b.input([1, 4, 4, 4]);
    const graph = b.build([b.add('add', [b.add('zero', [x]), b.add('relu', [x])])]);
    const eager = roofline(graph, DEVICE, { hypothesis: 'eager' });
    expect(eager.launches).toBe(3);
    expect(eager.latency).toBeCloseTo(3 * 5e-6, 12);
    const compiled = roofline(graph, DEVICE, { hypothesis: 'compiled' });
    expect(compiled.launches).toBe(1);
    expect(compiled.operators.map((o) => o.live)).toEqual([true, false, true, false]);
  });

  it('leaves out the traffic of tensors inside a kernel and names its first operator', () => {
    const b = new GraphBuilder();
    const graph = b.build([b.add('relu', [b.conv(b.input([1, 8, 16, 16]), 8, 1)])]);
    const { operators } = roofline(graph, DEVICE, { hypothesis: 'compiled' });
    const tensor = 8 * 16 * 16 * 4;
    expect(operators[1].bytes).toBe(tensor + 8 * 8 * 4); // input and weights
    expect(operators[2]).toMatchObject({ bytes: tensor, time: 0, fusedInto: 'n1' }); // output
  });

  it('bounds the energy by idle and thermal design power', () => {
    const { latency, energy } = roofline(linear(64, 64, 64), DEVICE, { hypothesis: 'eager' });
    expect(energy).toEqual({ high: 100 * latency, low: 20 * latency, kind: 'bound' });
    expect(roofline(linear(64, 64, 64), { ...DEVICE, idle: undefined }, { hypothesis: 'eager' }).energy).toEqual({
      high: 100 * latency,
      kind: 'bound',
    });
    expect(roofline(linear(64, 64, 64), { ...DEVICE, tdp: undefined }, { hypothesis: 'eager' }).energy).toBeUndefined();
  });

  it('counts another element type on request, falling back with a warning', () => {
    const half = roofline(
      linear(64, 64, 64),
      { ...DEVICE, peak: { fp32: 1e12, fp16: 4e12 } },
      { hypothesis: 'compiled', dtype: 'fp16' },
    );
    expect(half.operators[1].bytes).toBe(3 * 64 * 64 * 2);
    expect(half.operators[1].computeTime).toBeCloseTo((2 * 64 ** 3) / (COMPUTE_EFFICIENCY * 4e12), 15);
    expect(half.warnings).toEqual([]);
    expect(roofline(linear(64, 64, 64), DEVICE, { hypothesis: 'compiled', dtype: 'fp16' }).warnings).toEqual([
      'D: no fp16 peak in the catalogue; fp32 used',
    ]);
  });

  it('computes in the type an operator names, e.g. integers summed in a wider type', () => {
    const b = new GraphBuilder('int32');
    const x = b.input([64, 64], 'int8');
    const graph = b.build([b.add('linear', [x], { outFeatures: 64, weightDtype: 'int8', computeDtype: 'int8' })]);
    const { operators } = roofline(graph, { ...DEVICE, peak: { fp32: 1e12, int8: 8e12 } }, { hypothesis: 'compiled' });
    expect(operators[1].computeTime).toBeCloseTo((2 * 64 ** 3) / (COMPUTE_EFFICIENCY * 8e12), 15);
    expect(operators[1].bytes).toBe(64 * 64 * (1 + 1 + 4));
  });

  it('changes the type of every output, but not of indices', () => {
    const b = new GraphBuilder();
    const top = b.add('topk', [b.input([4, 100])], { k: 10 });
    const bytes = (dtype?: 'fp16') =>
      roofline(b.build([`${top}:1`]), DEVICE, { hypothesis: 'compiled', dtype }).operators[1].bytes;
    expect(bytes()).toBe(4 * 400 + 4 * 40 + 8 * 40);
    expect(bytes('fp16')).toBe(2 * 400 + 2 * 40 + 8 * 40);
  });

  it('warns of unknown operators, of networks that are constant and of those too large', () => {
    const b = new GraphBuilder();
    const opaque = b.build([b.add('opaque', [b.input([2, 2])], { shape: [2, 2], kind: 'fancy' })]);
    expect(roofline(opaque, DEVICE, { hypothesis: 'eager' }).warnings).toEqual([
      "operator 'fancy' is unknown: counted by its tensors only",
    ]);
    const none = workloadGraph(parseWorkload('|none~0|+|none~0|none~1|+|none~0|none~1|none~2|'));
    const folded = roofline(none, DEVICE, { hypothesis: 'compiled' });
    expect(folded).toMatchObject({
      latency: 1e-6,
      launches: 1,
      warnings: ['the output does not depend on the input: a compiler folds the network into a constant'],
    });
    expect(roofline(linear(8, 8, 8), { ...DEVICE, memory: 512 }, { hypothesis: 'eager' }).warnings[0]).toMatch(
      /^needs 0\.8 KiB, D has 0\.5 KiB/,
    );
  });

  it('refuses a device whose peak or bandwidth is not known', () => {
    expect(() => roofline(linear(2, 2, 2), { ...DEVICE, bandwidth: undefined }, { hypothesis: 'eager' })).toThrow(
      expect.objectContaining({ code: 'unsupported', message: "device 'D' has no memory bandwidth in the catalogue (test)" }),
    );
    expect(() => roofline(linear(2, 2, 2), { ...DEVICE, peak: {} }, { hypothesis: 'eager' })).toThrow(
      expect.objectContaining({ code: 'unsupported' }),
    );
    expect(() => roofline(linear(2, 2, 2), deviceNamed('Alveo-U280'), { hypothesis: 'eager' })).toThrow('is an FPGA');
  });

  it('is never faster eager than compiled; times add up; memory holds the largest tensor', () => {
    fc.assert(
      fc.property(anyNetwork, fc.constantFrom(...USABLE), (code, device) => {
        const graph = workloadGraph(parseWorkload(code));
        const [eager, compiled] = HYPOTHESES.map((hypothesis) => roofline(graph, device, { hypothesis }));
        expect(compiled.latency).toBeLessThanOrEqual(eager.latency * (1 + 1e-12));
        for (const r of [eager, compiled]) {
          expect(r.latency).toBeGreaterThan(0);
          expect(r.operators.every((o) => o.bytes >= 0 && o.time >= 0)).toBe(true);
          if (r.launches > 1) expect(r.operators.reduce((s, o) => s + o.time, 0)).toBeCloseTo(r.latency, 12);
        }
        const bytes = graph.nodes.map((n) => n.shape.reduce((a, b) => a * b, 1) * DTYPE_BYTES[n.dtype]);
        expect(eager.peakMemory).toBeGreaterThanOrEqual(Math.max(...bytes));
        // a fused kernel keeps what it reads until it has written
        expect(compiled.peakMemory).toBeLessThanOrEqual(eager.peakMemory + Math.max(...bytes));
      }),
      { numRuns: 60 },
    );
  });

  it('grows with the batch and with the arithmetic', () => {
    fc.assert(
      fc.property(
        anyNetwork,
        fc.constantFrom(...HYPOTHESES),
        fc.integer({ min: 1, max: 64 }),
        fc.integer({ min: 1, max: 64 }),
        (code, hypothesis, a, b) => {
          const at = (batch: number) => roofline(workloadGraph(parseWorkload(code), { batch }), DEVICE, { hypothesis }).latency;
          expect(at(Math.min(a, b))).toBeLessThanOrEqual(at(Math.max(a, b)));
        },
      ),
      { numRuns: 30 },
    );
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4096 }), fc.integer({ min: 1, max: 4096 }), (n, more) => {
        const at = (outputs: number) => roofline(linear(32, 64, outputs), DEVICE, { hypothesis: 'compiled' }).latency;
        expect(at(n + more)).toBeGreaterThanOrEqual(at(n));
      }),
      { numRuns: 50 },
    );
  });

  it('does not depend on the order of the nodes', () => {
    fc.assert(
      fc.property(anyNetwork, fc.integer(), fc.constantFrom(...HYPOTHESES), (code, seed, hypothesis) => {
        const graph = workloadGraph(parseWorkload(code));
        const a = roofline(graph, DEVICE, { hypothesis });
        const b = roofline(shuffleNodes(graph, seed), DEVICE, { hypothesis });
        expect(b.launches).toBe(a.launches);
        expect(b.latency / a.latency).toBeCloseTo(1, 9);
      }),
      { numRuns: 30 },
    );
  });
});

describe('rooflineTimes', () => {
  it.each(HYPOTHESES)('is the roofline without the peak memory, warnings of memory included (%s)', (hypothesis) => {
    const graph = workloadGraph(parseWorkload('nasbench201:#4711'));
    const whole = roofline(graph, DEVICE, { hypothesis });
    // as much memory as is needed, and a byte less: all tensors together are more
    const devices = [whole.peakMemory, whole.peakMemory - 1].map((memory) => ({ ...DEVICE, memory }));
    const expected = devices.map((device) => roofline(graph, device, { hypothesis }));
    expect(expected.map((r) => r.warnings.length)).toEqual([0, 1]);
    const { peakMemory: _, ...times } = expected[1];
    expect(rooflineTimes(graph, devices[1], { hypothesis })).toEqual(times);
    expect(rooflineTimes(graph, devices[0], { hypothesis }).warnings).toEqual([]);
  });
});
