import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { kernelRatioRows } from '../../datasets/collect/kernelRatioRows.js';
import type { RatioRow } from '../../datasets/collect/ratioRows.js';
import { ratioRows } from '../../datasets/collect/ratioRows.js';
import { ratioModule } from '../../datasets/collect/rooflineRatios.js';
import { kernelScores, kernelTable, rooflineScores, scoreTable } from '../../datasets/collect/rooflineTable.js';
import { powerShare, summariseRatios } from '../../datasets/collect/summariseRatios.js';
import { mean } from '../../src/core/statistics.js';
import { deviceNamed } from '../../src/device/deviceNamed.js';
import { parseWorkload, workloadGraph } from '../../src/graph/workload.js';
import { SHARED } from '../shared.js';

const spec = deviceNamed('T4');
const row = (kind: string, device: string, ratio: number, more: Partial<RatioRow> = {}): RatioRow => ({
  kind,
  device,
  dataset: 'd',
  configuration: device,
  spec,
  graph: workloadGraph(parseWorkload('nasbench201:#9')),
  latency: ratio,
  roofline: { eager: 0.5 * ratio * (1 + ratio), compiled: 1 },
  ...more,
});
const five = ['a', 'b', 'c', 'd', 'e'].map((device, i) => row('ncnn vulkan', device, 2 ** i));

describe('summariseRatios', () => {
  it('takes the centre of the devices and a width for one that was not measured', () => {
    const [{ kind, unit, median, low, high, devices, n }] = summariseRatios(
      five.map((r) => ({ ...r, roofline: { eager: 1, compiled: 1 } })),
    );
    expect([kind, unit, n]).toEqual(['ncnn vulkan', 'gpu', 5]);
    expect(median).toBeCloseTo(4, 9);
    expect(devices.e).toBeCloseTo(16, 9);
    // sd of the logs 1.58 ln 2, Student's t of four degrees of freedom 2.03, sqrt(1 + 1/5)
    expect(Math.log2(high / median)).toBeCloseTo(2.026 * Math.sqrt(2.5) * Math.sqrt(1.2), 2);
    expect(median / low).toBeCloseTo(high / median, 9);
  });

  it('lends the spread between devices to a kind that was measured on one', () => {
    const [one, many] = summariseRatios([...five, row('pytorch cuda graph', 'h', 3)]);
    expect(one.kind).toBe('pytorch cuda graph');
    expect(one.high / one.low).toBeGreaterThan(many.high / many.low);
    expect(() => summariseRatios(five.slice(1))).toThrow('no kind of runtime of a gpu was measured on 5 devices');
  });

  it('has the same beside the rooflines of kernels, from four devices on', () => {
    const kernelRows = ['a', 'b', 'c', 'd'].map((device, i) => ({
      ...{ kind: 'pytorch cuda graph', device, dataset: 'd', configuration: device },
      latency: 2 ** i,
      roofline: 1,
    }));
    const graph = row('pytorch cuda graph', 'h', 3),
      [plain] = summariseRatios([...five, graph]),
      [{ kernels, ...rest }, vulkan] = summariseRatios([...five, graph], kernelRows);
    expect(rest).toEqual(plain);
    expect(vulkan.kernels).toBeUndefined();
    expect(kernels?.n).toBe(4);
    expect(kernels?.median).toBeCloseTo(2 ** 1.5, 9);
    // sd of the logs 1.29 ln 2, Student's t of three degrees of freedom 2.35 (2.31 by the series), sqrt(1 + 1/4)
    expect(Math.log2(kernels!.high / kernels!.median)).toBeCloseTo(2.31 * Math.sqrt(5 / 3) * Math.sqrt(1.25), 1);
    expect(() => summariseRatios([...five, graph], kernelRows.slice(1))).toThrow('was measured on 4 devices');
  });

  it('reads power off energy and latency', () => {
    const { n, median, devices } = powerShare([row('x', 'T4', 2, { energy: 0.5 * 70 * 2 }), row('x', 'T4', 2)]);
    expect([n, median, devices]).toEqual([1, 0.5, ['T4']]);
  });
});

const zoo = join(SHARED, 'data/zoo');
describe.skipIf(!existsSync(zoo))('the committed ratios (need ../shared/data/zoo)', async () => {
  const rows = existsSync(zoo) ? await ratioRows(zoo) : [],
    kernelRows = await kernelRatioRows();
  const root = join(import.meta.dirname, '../..');

  it('are what their command makes', () => {
    expect(ratioModule(rows, kernelRows)).toBe(readFileSync(join(root, 'src/networks/measuredRatios.ts'), 'utf8'));
  });

  it('give intervals that hold on devices left out: 85 to 95 %', () => {
    const scores = rooflineScores(rows, kernelRows);
    expect(scores).toHaveLength(27);
    const inside = mean(scores.map((s) => s.inside));
    expect(inside).toBeGreaterThan(0.85);
    expect(inside).toBeLessThan(0.95);
    expect(mean(scores.map((s) => s.spearman))).toBeGreaterThan(0.8);
    expect(readFileSync(join(root, 'docs/method.md'), 'utf8')).toContain(scoreTable(scores));
  }, 60_000);

  it('of kernels hold too, and rank models better', () => {
    const scores = kernelScores(kernelRows);
    expect(scores).toHaveLength(7);
    expect(mean(scores.map((s) => s.inside))).toBeGreaterThan(0.87);
    expect(mean(scores.map((s) => s.spearman))).toBeGreaterThan(0.9);
    expect(readFileSync(join(root, 'docs/method.md'), 'utf8')).toContain(kernelTable(scores));
  });
});
