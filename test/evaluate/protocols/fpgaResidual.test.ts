import { beforeAll, describe, expect, it } from 'vitest';
import { smape } from '../../../src/evaluate/countScores.js';
import {
  ofModelsLeftOut,
  type ResidualCaseOptions,
  residualGroup,
  residualRows,
} from '../../../src/evaluate/protocols/fpgaResidual.js';
import { runGroup } from '../../../src/evaluate/run.js';
import type { FpgaSourceRow } from '../../../src/fpga/data/fpgaSources.js';
import { prepareRows } from '../../../src/fpga/residual/residualRow.js';
import { initBackend } from '../../../src/tensor/backend.js';
import { madeUpRows } from '../../fpga/residual/residualRows.js';

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
const residualScores = async (rows: readonly FpgaSourceRow[], options?: ResidualCaseOptions) =>
  runGroup(residualGroup(rows, options), { command: 'c', measuredAt: 't' });
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

describe('the protocol residual', () => {
  it('scores every method on every design, by model and by source', async () => {
    const results = await residualScores(source, {
      folds: 3,
      seeds: [0, 1],
      training: fast,
      methods: ['analytical', 'unscaled', 'ridge', 'nearest', 'mlp'],
    });
    const row = (task: string, target: string, method: string, name = 'wa_hls4ml_dense1') =>
      results.find((r) => r.task === task && r.target === target && r.method === method && r.space === name)!;
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
    expect(results.filter(ofModelsLeftOut).every((r) => r.k === 0 && r.device === 'csynth')).toBe(true);
  });

  it('has what other variants of a model tell, for reference', async () => {
    const labels = (lut: number) => ({ lut, ff: 10 }),
      [first] = source.filter((r) => r.source === 'wa_hls4ml_dense1');
    const { total } = prepareRows(residualRows([first]).rows)[0].analysis;
    const variant = (modelId: string, factor: number) => ({ ...first, modelId, labels: labels(Math.round(factor * total.lut)) });
    const rows = [variant('a', 2), variant('a', 2), variant('a', 2), variant('b', 3)];
    const errorOf = async (method: 'siblings' | 'analytical') =>
      (await residualScores(rows, { folds: 2, seeds: [0], leaveOut: [], training: fast, methods: [method] })).find(
        (r) => r.target === 'lut' && r.task === 'models-left-out',
      )!.smape!;
    // two others say 2, shrunk to 2^(2/3); the only variant of its model has no other
    const errors = [2 / 2 ** (2 / 3), 2 / 2 ** (2 / 3), 2 / 2 ** (2 / 3), 3].map((r) => (200 * (r - 1)) / (r + 1));
    expect(await errorOf('siblings')).toBeCloseTo(errors.reduce((a, b) => a + b) / 4, 0);
    expect(await errorOf('analytical')).toBeGreaterThan(await errorOf('siblings'));
  });

  it('trains on no design of a model that is left out', async () => {
    // modules of the same models under another source must go too: nothing is left to train on
    const both = source.flatMap((r) => [
      { ...r, source: 'some/projects' },
      { ...r, source: 'hls4ml_modules' },
    ]);
    await expect(
      residualScores(both, { folds: 0, leaveOut: ['some/projects'], seeds: [0], training: fast, methods: ['mlp'] }),
    ).rejects.toThrow(/too few to leave some out/);
  });

  it('says when there is nothing to score', async () => {
    await expect(residualScores([])).rejects.toMatchObject({ code: 'bad-input' });
  });
});
