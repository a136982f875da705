import { beforeAll, describe, expect, it } from 'vitest';
import { smape } from '../../../../src/evaluate/protocols/fpga/fpgaScores.js';
import { nearestBaseline, ridgeBaseline } from '../../../../src/evaluate/protocols/fpga/residualBaselines.js';
import { renderResidualResults, residualCases, residualRows } from '../../../../src/evaluate/protocols/fpga/residualCases.js';
import type { FpgaSourceRow } from '../../../../src/fpga/data/fpgaSources.js';
import { prepareRows } from '../../../../src/fpga/residual/residualRow.js';
import { initBackend } from '../../../../src/tensor/backend.js';
import { madeUpRows } from '../../../fpga/residual/residualRows.js';

beforeAll(() => initBackend('wasm'));

const source: FpgaSourceRow[] = madeUpRows().map(({ design, labels, group }, i) => ({
  source: i % 6 < 2 ? 'some/projects' : 'wa_hls4ml_dense1',
  id: `${i}`,
  modelId: group,
  design,
  stage: 'csynth',
  tool: 'vitis_hls',
  toolVersion: '2021.1',
  part: 'xcu250',
  clockNs: 5,
  success: true,
  labels,
  unknown: [],
}));
const fast = { epochs: 3, members: 2, width: 8 };

describe('residualRows', () => {
  it('leaves out what failed or is not described, and counts it', () => {
    const [a, b, c, d] = source;
    const { rows, unknownReuse, unknownKernel } = residualRows([
      a,
      { ...b, unknown: ['reuseFactor', 'strategy'] },
      { ...c, unknown: ['kernel'] },
      { ...d, success: false, labels: {} },
      { ...a, source: 'hls4ml_modules' },
    ]);
    expect(rows.map((r) => r.topLevel)).toEqual([true, false]);
    expect({ unknownReuse, unknownKernel }).toEqual({ unknownReuse: 1, unknownKernel: 1 });
  });
});

describe('residualCases', () => {
  it('scores every method on every design, by model and by source', async () => {
    const results = await residualCases(source, {
      folds: 3,
      seeds: [0, 1],
      training: fast,
      methods: ['analytical', 'unscaled', 'ridge', 'nearest', 'mlp'],
    });
    const row = (task: string, target: string, method: string, name = 'wa_hls4ml_dense1') =>
      results.find((r) => r.task === task && r.target === target && r.method === method && r.source === name)!;
    const dense = prepareRows(residualRows(source).rows).filter((_, i) => source[i].source === 'wa_hls4ml_dense1');
    const expected = smape(
      dense.map((r) => r.labels.lut!),
      dense.map((r) => r.analysis.total.lut),
    );
    expect(row('models-left-out', 'lut', 'analytical')).toMatchObject({ n: dense.length, draws: 2, coverage90: null });
    expect(row('models-left-out', 'lut', 'analytical').smape).toBeCloseTo(expected, 8);
    expect(row('models-left-out, latency', 'lut', 'analytical').smape).toBeGreaterThan(30);
    expect(row('models-left-out, resource', 'lut', 'analytical').smape).toBe(0);
    expect(row('models-left-out', 'lut', 'mlp').coverage90).not.toBeNull();
    expect(row('models-left-out', 'dsp', 'mlp').smape).toBe(0);
    expect(row('source-left-out', 'lut', 'ridge', 'some/projects').n).toBe(10);
    expect(row('models-left-out', 'ii', 'ridge')).toBeUndefined();
    expect(renderResidualResults(results).split('\n').length).toBeGreaterThan(10);
  });

  it('has what other variants of a model tell, for reference', async () => {
    const labels = (lut: number) => ({ lut, ff: 10 }),
      [first] = source.filter((r) => r.source === 'wa_hls4ml_dense1');
    const { total } = prepareRows(residualRows([first]).rows)[0].analysis;
    const variant = (modelId: string, factor: number) => ({ ...first, modelId, labels: labels(Math.round(factor * total.lut)) });
    const rows = [variant('a', 2), variant('a', 2), variant('a', 2), variant('b', 3)];
    const of = async (method: 'siblings' | 'analytical') =>
      (await residualCases(rows, { folds: 2, seeds: [0], leaveOut: [], training: fast, methods: [method] })).find(
        (r) => r.target === 'lut' && r.task === 'models-left-out',
      )!.smape;
    // two others say 2, shrunk to 2^(2/3); the only variant of its model has no other
    const errors = [2 / 2 ** (2 / 3), 2 / 2 ** (2 / 3), 2 / 2 ** (2 / 3), 3].map((r) => (200 * (r - 1)) / (r + 1));
    expect(await of('siblings')).toBeCloseTo(errors.reduce((a, b) => a + b) / 4, 0);
    expect(await of('analytical')).toBeGreaterThan(await of('siblings'));
  });

  it('trains on no design of a model that is left out', async () => {
    // modules of the same models under another source must go too: nothing is left to train on
    const both = source.flatMap((r) => [
      { ...r, source: 'some/projects' },
      { ...r, source: 'hls4ml_modules' },
    ]);
    await expect(
      residualCases(both, { folds: 0, leaveOut: ['some/projects'], seeds: [0], training: fast, methods: ['mlp'] }),
    ).rejects.toThrow(/too few to leave some out/);
  });

  it('says when there is nothing to score', async () => {
    await expect(residualCases([])).rejects.toMatchObject({ code: 'bad-input' });
  });
});

describe('baselines', () => {
  const rows = prepareRows(madeUpRows()),
    train = rows.filter((r) => r.group !== '16x8'),
    test = rows.filter((r) => r.group === '16x8');
  it('nearest: the value of a training design, of itself where it is there', () => {
    expect(test).not.toHaveLength(0);
    expect(nearestBaseline(rows, test)).toEqual(test.map((r) => Array.from(r.targets)));
    const values = nearestBaseline(train, test);
    expect(values).toHaveLength(test.length);
    values.forEach((v) => expect(train.some((r) => String(Array.from(r.targets)) === String(v))).toBe(true));
  });
  it('ridge: near where sizes vary smoothly', () => {
    const values = ridgeBaseline(train, test);
    expect(test).not.toHaveLength(0);
    expect(values).toHaveLength(test.length);
    test.forEach((r, i) => expect(Math.abs(Math.log(values[i][0] / r.targets[0]))).toBeLessThan(0.4));
  });
});
