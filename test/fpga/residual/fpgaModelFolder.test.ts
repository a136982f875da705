import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hlsNetwork } from '../../../src/fpga/design/designBuilder.js';
import { analyticalFpga } from '../../../src/fpga/fpgaPredictor.js';
import { fpgaModel } from '../../../src/fpga/residual/bundledFpgaModel.js';
import { FpgaModel } from '../../../src/fpga/residual/fpgaModel.js';
import { type FpgaModelInfo, loadFpgaModel, saveFpgaModel } from '../../../src/fpga/residual/fpgaModelFolder.js';
import type { ResidualRow } from '../../../src/fpga/residual/residualRow.js';
import { trainResidual } from '../../../src/fpga/residual/trainResidual.js';
import { initBackend } from '../../../src/tensor/backend.js';

const folder = mkdtempSync(join(tmpdir(), 'hwcast-fpga-model-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const layer = (nIn: number, nOut: number, reuseFactor: number) =>
  hlsNetwork({
    id: `${nIn}x${nOut}/${reuseFactor}`,
    input: [nIn],
    bits: 16,
    reuseFactor,
    strategy: 'resource',
    part: 'xcu250',
    clockNs: 5,
  })
    .dense(nOut)
    .build();
const rows: ResidualRow[] = [8, 16, 24, 32, 48, 64].flatMap((n) =>
  [2, 4, 8].map((reuse): ResidualRow => {
    const design = layer(n, n, reuse),
      [{ targets }] = analyticalFpga.predict([design], { stage: 'csynth' });
    return {
      design,
      stage: 'csynth',
      group: `${n}`,
      labels: { lut: Math.round(1.3 * targets.lut.value), ff: targets.ff.value, dsp: targets.dsp.value },
    };
  }),
);
const info: FpgaModelInfo = {
  sources: [{ name: 'made up', licence: 'Apache-2.0', designs: rows.length }],
  scores: [{ source: 'made up', stage: 'csynth', target: 'lut', n: 18, smape: 1.5, within10: 1, coverage90: 0.9 }],
  command: 'test',
};
let model: FpgaModel, path: string;
beforeAll(async () => {
  await initBackend('cpu');
  model = new FpgaModel(await trainResidual(rows, { members: 2, epochs: 2, width: 8, seed: 1 }));
  path = join(folder, 'model');
  saveFpgaModel(path, model, info);
});

describe('FPGA model folder', () => {
  it('predicts the same after saving and loading, and the same model gives the same bytes', () => {
    const designs = rows.map((r) => r.design),
      read = loadFpgaModel(path);
    expect(read.model.predict(designs, { stage: 'csynth' })).toEqual(model.predict(designs, { stage: 'csynth' }));
    expect(read.info).toEqual(info);
    const again = join(folder, 'again');
    saveFpgaModel(again, read.model, read.info);
    for (const f of ['config.json', 'weights.safetensors', 'scaler.json', 'README.md'])
      expect(readFileSync(join(again, f))).toEqual(readFileSync(join(path, f)));
    expect(readFileSync(join(path, 'README.md'), 'utf8')).toMatch('| made up | csynth | lut | 18 | 1.5 % | 100 % | 90 % |');
  });

  it.each<[string, (c: Record<string, unknown>) => unknown, string]>([
    ['a newer format', (c) => ({ ...c, formatVersion: 99 }), 'newer-format'],
    ['another kind', (c) => ({ ...c, kind: 'closed-form' }), 'corrupt'],
  ])('refuses %s', (_, change, code) => {
    const other = join(folder, code);
    saveFpgaModel(other, model, info);
    const config = join(other, 'config.json');
    writeFileSync(config, JSON.stringify(change(JSON.parse(readFileSync(config, 'utf8')))));
    expect(() => loadFpgaModel(other)).toThrowError(expect.objectContaining({ code }));
  });

  it('refuses a flipped byte and a folder without a model', () => {
    const other = join(folder, 'flipped');
    saveFpgaModel(other, model, info);
    const weights = join(other, 'weights.safetensors'),
      bytes = readFileSync(weights);
    bytes[bytes.length - 3] ^= 1;
    writeFileSync(weights, bytes);
    expect(() => loadFpgaModel(other)).toThrowError(
      expect.objectContaining({ code: 'corrupt', message: expect.stringMatching(/sha256/) }),
    );
    expect(() => loadFpgaModel(join(folder, 'none'))).toThrowError(expect.objectContaining({ code: 'not-found' }));
  });
});

describe('fpgaModel', () => {
  it('is the rules where asked for, a folder, or the bundled model', async () => {
    expect(await fpgaModel({ analytical: true })).toBe(analyticalFpga);
    expect((await fpgaModel({ model: path })).name).toBe('residual-mlp');
    expect((await fpgaModel()).predict([rows[0].design], { stage: 'csynth' })[0].targets.lut.value).toBeGreaterThan(0);
  });
});

describe('models/fpga', () => {
  it('names kinds of layers that no design was collected of, and gives no interval', async () => {
    const mean = (size: number) =>
      hlsNetwork({ input: [12, 4], bits: 16, part: 'xcu250', clockNs: 5, tool: 'vitis_hls', toolVersion: '2024.1' })
        .avgPool(size)
        .build();
    const [halves, thirds] = (await fpgaModel()).predict([mean(2), mean(3)], { stage: 'csynth' });
    expect(halves.targets.lut.high).toBeGreaterThan(halves.targets.lut.value);
    expect(thirds.targets.lut.high).toBeNull();
    expect(thirds.warnings.join()).toContain('no or too few designs with io_parallel avg_pool that divides were collected');
  });
});
