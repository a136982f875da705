import { describe, expect, it } from 'vitest';
import { roofline } from '../../src/analytical/roofline.js';
import { deviceNamed } from '../../src/device/deviceNamed.js';
import { parseWorkload, workloadGraph } from '../../src/graph/workload.js';
import { rooflineOfDevice, rooflinePredictor } from '../../src/networks/rooflinePredictor.js';
import { intervalsOf } from '../../src/surrogate/predictor.js';

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

  it('is the geometric mean of eager and compiled, its interval a factor beyond both, and says that nothing was measured', () => {
    const spec = deviceNamed('RTX-2080Ti'),
      graph = workloadGraph(cell);
    const [eager, compiled] = (['eager', 'compiled'] as const).map((hypothesis) => roofline(graph, spec, { hypothesis }).latency);
    const p = latency('RTX-2080Ti');
    expect(p.value).toBeCloseTo(Math.sqrt(eager * compiled), 15);
    expect(compiled / p.low).toBeCloseTo(2.5, 9);
    expect(p.high / eager).toBeCloseTo(2.5, 9);
    expect(p).toMatchObject({ unit: 's', provenance: 'analytical' });
    expect(predicted('RTX-2080Ti').warnings[0]).toMatch(
      /^no measurement of this device: analytical roofline of RTX-2080Ti, its interval spans compiled to eager execution/,
    );
  });

  it('takes batch and type from the id of a dataset, unless told', () => {
    expect(predicted('titan_rtx_256')).toEqual(predicted('Titan-RTX', { batch: 256 }));
    expect(predicted('titan_rtx_256', { batch: 1 })).toEqual(predicted('Titan-RTX'));
    expect(latency('titan_rtx_256').value).toBeGreaterThan(latency('titan_rtx_1').value);
    expect(latency('Titan-RTX', { batch: 256, dtype: 'fp16' }).value).toBeLessThan(latency('Titan-RTX', { batch: 256 }).value);
  });

  it('energy is power times time, labelled as a bound', () => {
    const predictions = rooflineOfDevice('Titan-RTX', 'energy').predict([cell]),
      [p] = intervalsOf(predictions, 'energy');
    expect(p.unit).toBe('J');
    expect(p.value).toBeCloseTo(280 * latency('Titan-RTX').value, 12);
    expect(predictions[0].warnings.join()).toContain('upper bound');
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
