import { describe, expect, test } from 'vitest';
import { fpgaPartNamed } from '../../../src/device/fpgaParts.js';
import { hlsNetwork } from '../../../src/fpga/design/designBuilder.js';
import { withSparsity } from '../../../src/fpga/design/sparsity.js';
import { analyseDesign } from '../../../src/fpga/rules/analyseDesign.js';
import { overflow, synthesisLimit, tensorLimit } from '../../../src/fpga/rules/feasibility.js';
import { denseDesign, ruleRows } from './fpgaRows.js';

describe('tensorLimit', () => {
  test('is 4096 elements between layers, 65536 bits of the input', () => {
    expect([tensorLimit(4096, 16, false), tensorLimit(4096, 16, true)]).toEqual([undefined, undefined]);
    expect(tensorLimit(4097, 4, false)).toMatchObject({ how: 'refused', reason: expect.stringMatching(/4097 results/) });
    expect(tensorLimit(4097, 16, true)).toMatchObject({ how: 'refused', reason: expect.stringMatching(/65552 bits/) });
  });

  test('makes Vivado HLS refuse a picture with io_parallel, not with io_stream, nor Vitis HLS', () => {
    const verdict = (ioType: 'io_parallel' | 'io_stream', tool: string, side: number) =>
      analyseDesign(
        hlsNetwork({ input: [side, side, 1], bits: 16, part: 'xcu250', tool, ioType })
          .maxPool(2)
          .conv2d(8, 3, { padding: 'same' })
          .relu()
          .build(),
      ).verdict;
    expect(verdict('io_parallel', 'vivado_hls', 48)).toMatchObject({ verdict: 'will-not-synthesise' });
    expect(verdict('io_parallel', 'vivado_hls', 48).reasons).toEqual([
      expect.stringMatching(/layer 'conv2d_0': 4608 results/),
      expect.stringMatching(/layer 'relu_0': 4608/),
    ]);
    expect(verdict('io_parallel', 'vivado_hls', 44).verdict).not.toBe('will-not-synthesise');
    expect(verdict('io_stream', 'vivado_hls', 48).verdict).not.toBe('will-not-synthesise');
    expect(verdict('io_parallel', 'vitis_hls', 48).verdict).not.toBe('will-not-synthesise');
  });
});

describe('synthesisLimit', () => {
  test('names what Vivado HLS will not unroll, and what to do', () => {
    expect(synthesisLimit(64, 64, 1, 'resource')?.reason).toMatch(/4096 multiplications.*reuse factor above 1/);
    expect(synthesisLimit(64, 63, 1, 'resource')).toBeUndefined();
    expect(synthesisLimit(64, 64, 64, 'latency')?.reason).toMatch(/ignores the reuse factor/);
    expect(synthesisLimit(64, 64, 2, 'resource')).toBeUndefined();
    expect(synthesisLimit(96, 32, 1, 'latency')).toMatchObject({ how: 'failed', reason: expect.stringMatching(/96 terms/) });
    expect(synthesisLimit(96, 32, 1, 'latency', false)?.how).toBe('risk');
    expect(synthesisLimit(32, 96, 1, 'latency')).toBeUndefined();
    expect(synthesisLimit(640, 640, 1, 'distributed_arithmetic')).toBeUndefined();
  });

  test('is none of Vitis HLS', () => {
    const large = { strategy: 'latency', part: 'xcvu9p-flgb2104-2-i' } as const;
    expect(analyseDesign(denseDesign([196, 56], { ...large, tool: 'vivado_hls' })).verdict.verdict).toBe('will-not-synthesise');
    expect(analyseDesign(denseDesign([196, 56], { ...large, tool: 'vitis_hls' })).verdict.verdict).toBe('fits');
  });

  test('tells the failed rows of wa-hls4ml', () => {
    let flaggedFailed = 0,
      flagged = 0,
      failed = 0;
    for (const row of ruleRows()) {
      const hit = analyseDesign(row.design).verdict.verdict.endsWith('will-not-synthesise');
      if (hit) flagged++;
      if (!row.success) failed++;
      if (hit && !row.success) flaggedFailed++;
    }
    const precision = flaggedFailed / flagged,
      recall = flaggedFailed / failed;
    console.info(
      `feasibility: precision ${precision.toFixed(3)} (${flaggedFailed}/${flagged}), recall ${recall.toFixed(3)} (${flaggedFailed}/${failed})`,
    );
    expect(failed).toBe(1444);
    expect(precision).toBeGreaterThanOrEqual(0.995);
    expect(recall).toBeGreaterThan(0.97);
  });
});

describe('what a verdict hangs on', () => {
  test('a network of other layers than those that failed is a risk, not refused', () => {
    const stream = { strategy: 'latency', reuseFactor: 1, part: 'xcu250', tool: 'vivado_hls' } as const;
    const parallel = analyseDesign(denseDesign([96, 42], stream));
    expect(parallel.verdict).toMatchObject({ verdict: 'likely-will-not-synthesise' });
    const streamed = analyseDesign(denseDesign([96, 42], { ...stream, ioType: 'io_stream' }));
    expect(streamed.verdict.verdict).toBe('fits');
    expect(streamed.warnings).toContainEqual(expect.stringMatching(/^risk: layer .*96 terms/));
  });

  test('weights taken as dense make a design that is too large only likely so', () => {
    const settings = { strategy: 'latency', reuseFactor: 1, part: 'xc7z007s', tool: 'vitis_hls', bits: 16 } as const;
    const design = denseDesign([16, 16, 16], settings);
    const { verdict, takenDense } = analyseDesign(design);
    expect(takenDense).toHaveLength(2);
    expect(verdict.verdict).toBe('likely-does-not-fit');
    expect(verdict.reasons.at(-1)).toMatch(/taken as dense.*--sparsity/);
    const pruned = analyseDesign(withSparsity(design, 0.9));
    expect(pruned.takenDense).toEqual([]);
    expect(pruned.total.dsp).toBeLessThan(66);
    expect(pruned.verdict.verdict).not.toMatch(/does-not-fit/);
  });
});

describe('overflow', () => {
  const part = fpgaPartNamed('xc7z020');
  test('lists what is short, the worst first', () => {
    const lines = overflow({ lut: 60_000, ff: 10, dsp: 660, bram18: 280, uram: 0 }, part);
    expect(lines).toEqual(['DSP: 660 needed, 220 on xc7z020 (300 %)', 'LUT: 60000 needed, 53200 on xc7z020 (113 %)']);
    expect(overflow({ lut: 1, ff: 1, dsp: 1, bram18: 1, uram: 0 }, part)).toEqual([]);
  });

  test('decides the verdict by what logic synthesis leaves', () => {
    const on = (name: string, sizes: number[]) =>
      analyseDesign(denseDesign(sizes, { part: name, reuseFactor: 64, tool: 'vitis_hls' })).verdict;
    expect(on('xcu250', [64, 64, 64])).toEqual({ verdict: 'fits', reasons: [] });
    const small = on('xc7z020', [64, 64, 96]);
    expect(small.verdict).toBe('unknown');
    expect(small.reasons[0]).toMatch(/LUT.*by the estimate of the HLS tool/);
    const far = on('xc7z007s', [512, 512, 512]);
    expect(far.verdict).toBe('does-not-fit');
    expect(far.reasons[0]).toMatch(/needed, .* on xc7z007s/);
  });
});
