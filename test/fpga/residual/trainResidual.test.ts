import { beforeAll, describe, expect, it } from 'vitest';
import { HwcastError } from '../../../src/core/errors.js';
import { createRandom } from '../../../src/core/random.js';
import { DESIGN_TARGETS } from '../../../src/fpga/designTargets.js';
import { FpgaModel, residualFromParts, residualToParts } from '../../../src/fpga/residual/fpgaModel.js';
import { applyResidual, intervalOf, type ResidualModel } from '../../../src/fpga/residual/residualModel.js';
import { type ResidualState, trainResidual } from '../../../src/fpga/residual/trainResidual.js';
import { analyseDesign } from '../../../src/fpga/rules/analyseDesign.js';
import { readSafetensors, writeSafetensors } from '../../../src/surrogate/safetensors.js';
import { initBackend } from '../../../src/tensor/backend.js';
import { denseDesign, madeUpRows, twoLayers } from './residualRows.js';

beforeAll(() => initBackend('wasm'));
const rows = madeUpRows();
const short = { epochs: 4, members: 2, width: 8, seed: 1 };
const bytes = (m: ResidualModel) => {
  const { parts, scaler, tensors } = residualToParts(m);
  return Buffer.concat([writeSafetensors(tensors), Buffer.from(JSON.stringify({ parts, scaler }))]);
};

describe('trainResidual', () => {
  it('learns what the rules leave over and leaves alone what they have right', async () => {
    const model = new FpgaModel(await trainResidual(rows, { epochs: 150, members: 3, width: 16, batch: 16 }));
    const unrolled = denseDesign(20, 10, 'latency', 1),
      looped = denseDesign(20, 10, 'resource');
    const [a, b] = model.predict([unrolled, looped], { stage: 'csynth' }),
      rule = analyseDesign(unrolled).total;
    expect(a.targets.lut.value / (1.5 * rule.lut)).toBeGreaterThan(0.85);
    expect(a.targets.lut.value / (1.5 * rule.lut)).toBeLessThan(1.15);
    expect(a.targets.lut.provenance).toBe('surrogate');
    expect(a.targets.dsp).toMatchObject({ value: rule.dsp, low: rule.dsp, high: rule.dsp, provenance: 'analytical' });
    expect(b.targets.lut).toMatchObject({ value: analyseDesign(looped).total.lut, provenance: 'analytical' });
    expect(b.targets.ii.value).toBe(analyseDesign(looped).total.iiMax);
  });

  it('does not trust what it cannot know of other models', async () => {
    const random = createRandom(4),
      factor = new Map([...new Set(rows.map((r) => r.group))].map((g) => [g, Math.exp(0.5 * random.normal())]));
    const noisy = rows.map((r) => ({ ...r, labels: { ...r.labels, lut: Math.round(r.labels.lut! * factor.get(r.group)!) } }));
    const { calibration } = await trainResidual(noisy, { epochs: 150, members: 3, width: 16, batch: 16 });
    expect(calibration.csynth.lut!.groups).toBe(15);
    expect(calibration['csynth/dense/loops'].lut!.trust).toBe(0);
    expect(calibration['csynth/dense/loops'].lut!.halfWidth).toBeGreaterThan(0.5);
    expect(calibration.csynth.dsp).toMatchObject({ trust: 0, halfWidth: 0, analytical: 0 });
  });

  it('is trusted where it proved itself on five models, not on four', async () => {
    const sizes = [...new Set(rows.map((r) => r.design.layers[0].inShape[0]))];
    const trusted = async (models: number) => {
      const some = rows.filter((r) => sizes.indexOf(r.design.layers[0].inShape[0]) < models),
        bySize = some.map((r) => ({ ...r, group: `inputs ${r.design.layers[0].inShape[0]}` }));
      const { calibration } = await trainResidual(bySize, { epochs: 150, members: 3, width: 16, batch: 16 });
      return calibration['csynth/dense/unrolled'].lut;
    };
    expect(await trusted(5)).toMatchObject({ groups: 5, trust: 1 });
    expect(await trusted(4)).toMatchObject({ groups: 4, trust: 0 });
  });

  it('counts a model once for intervals, however many variants it has', async () => {
    const looped = denseDesign(20, 10, 'resource'),
      { dsp } = analyseDesign(looped).total;
    const one = (group: string, factor: number) => ({
      design: looped,
      stage: 'vsynth' as const,
      labels: { dsp: factor * dsp },
      group,
    });
    const intervalRows = [
      ...Array.from({ length: 400 }, () => one('many', 1)),
      ...Array.from({ length: 19 }, (_, i) => one(`single ${i}`, 3)),
    ];
    const { calibration } = await trainResidual(rows, { ...short, intervalRows });
    expect(calibration.vsynth.dsp!.halfWidth).toBeCloseTo(Math.log((3 * dsp + 1) / (dsp + 1)), 6);
    expect(calibration.vsynth.dsp!.groups).toBe(20);
  });

  it('gives the same bytes for the same seed, others for another', async () => {
    const [a, b, c] = [
      await trainResidual(rows, short),
      await trainResidual(rows, short),
      await trainResidual(rows, { ...short, seed: 2 }),
    ];
    expect(bytes(a).equals(bytes(b))).toBe(true);
    expect(bytes(a).equals(bytes(c))).toBe(false);
  });

  it.each(['mlp', 'gnn'] as const)('goes on from a checkpoint as if not stopped (%s)', async (encoder) => {
    const states: ResidualState[] = [];
    const whole = await trainResidual(rows, { ...short, encoder, every: 1, onCheckpoint: (s) => states.push(s) });
    for (const state of [states[1], states.at(-1)!]) {
      const resumed = await trainResidual(rows, { ...short, encoder, resume: state });
      expect(bytes(resumed).equals(bytes(whole))).toBe(true);
    }
  });

  it('stops on a signal with a last checkpoint', async () => {
    const controller = new AbortController();
    let state: ResidualState | undefined;
    const run = trainResidual(rows, {
      ...short,
      signal: controller.signal,
      onProgress: ({ member, epoch }) => {
        if (member === 2 && epoch === 2) controller.abort();
      },
      onCheckpoint: (s) => {
        state = s;
      },
    });
    await expect(run).rejects.toMatchObject({ code: 'interrupted' });
    expect(state).toMatchObject({ epoch: 2 });
    expect(state!.finished).toHaveLength(1);
  });

  it('needs several models', async () => {
    await expect(trainResidual(rows.slice(0, 4), short)).rejects.toThrow(HwcastError);
  });
});

describe('applyResidual and intervalOf', () => {
  it('moves LUTs by trust on a log scale, DSPs only where the rule is likelier off', () => {
    expect(applyResidual(0, 99, 399, 0, 0.5)).toBe(199);
    expect(applyResidual(0, 99.4, 399, 1, 0)).toBe(99);
    expect(applyResidual(2, 10, 40, 0.4, 1)).toBe(10);
    expect(applyResidual(2, 10, 40.2, 0.6, 1)).toBe(40);
  });
  it('holds the value, and only it where nothing was ever wrong', () => {
    expect(intervalOf(7, 0)).toEqual({ low: 7, high: 7 });
    expect(intervalOf(99, Math.log(2))).toEqual({ low: 49, high: 199 });
    expect(intervalOf(0, 3).low).toBe(0);
  });
});

describe('FpgaModel', () => {
  const designs = [denseDesign(20, 10, 'latency', 1), denseDesign(16, 8, 'resource'), twoLayers()];
  it('predicts the same alone and in a batch, with ordered whole numbers', async () => {
    const model = new FpgaModel(await trainResidual(rows, short));
    const all = model.predict(designs, { stage: 'csynth' });
    designs.forEach((d, i) => expect(model.predict([d], { stage: 'csynth' })[0]).toEqual(all[i]));
    for (const { targets } of all)
      for (const name of DESIGN_TARGETS) {
        const { value, low, high } = targets[name];
        expect(Number.isInteger(value)).toBe(true);
        if (low !== null && high !== null) expect(low <= value && value <= high).toBe(true);
      }
    expect(all[2].targets.cycles_min.value).toBeLessThanOrEqual(all[2].targets.cycles.value);
  });

  it('says where nothing was learned', async () => {
    const model = new FpgaModel(await trainResidual(rows, short));
    const [impl] = model.predict([designs[0]], { stage: 'impl' });
    expect(impl.targets.lut).toMatchObject({ low: null, high: null, provenance: 'analytical' });
    expect(impl.warnings.join()).toContain('no design of stage impl');
    expect(model.predict([designs[2]], { stage: 'csynth' })[0].warnings.join()).toContain('no activation was in training');
  });

  it('saves and loads to the same bytes and predictions', async () => {
    const trained = await trainResidual(rows, { ...short, encoder: 'gnn' }),
      { parts, scaler, tensors } = residualToParts(trained);
    const loaded = residualFromParts({
      parts: JSON.parse(JSON.stringify(parts)),
      scaler: JSON.parse(JSON.stringify(scaler)),
      tensors: readSafetensors(writeSafetensors(tensors)),
    });
    expect(bytes(loaded).equals(bytes(trained))).toBe(true);
    expect(new FpgaModel(loaded).predict(designs, { stage: 'csynth' })).toEqual(
      new FpgaModel(trained).predict(designs, { stage: 'csynth' }),
    );
  });

  it('refuses what is not whole or newer', async () => {
    const { parts, scaler, tensors } = residualToParts(await trainResidual(rows, short));
    const { 'member1.in.weight': _, ...cut } = tensors;
    expect(() => residualFromParts({ parts, scaler, tensors: cut })).toThrow(/member1.in.weight.*missing/);
    expect(() => residualFromParts({ parts: { ...(parts as object), format: 99 }, scaler, tensors })).toThrow(
      expect.objectContaining({ code: 'newer-format' }),
    );
    expect(() => residualFromParts({ parts: null, scaler, tensors })).toThrow(expect.objectContaining({ code: 'corrupt' }));
  });
});

it('trusts a residual only where it was learned: another tool version keeps the rules', async () => {
  const model = new FpgaModel(await trainResidual(rows, { epochs: 150, members: 3, width: 16, batch: 16 }));
  const known = denseDesign(20, 10, 'latency', 1),
    [here, elsewhere] = model.predict([known, { ...known, toolVersion: '2024.1' }], { stage: 'csynth' });
  expect(here.targets.lut.provenance).toBe('surrogate');
  expect(elsewhere.targets.lut).toMatchObject({ value: analyseDesign(known).total.lut, provenance: 'analytical' });
  // the rules are off by a factor 1.5 there, and the interval knows
  expect(elsewhere.targets.lut.high! / elsewhere.targets.lut.value).toBeGreaterThan(1.4);
  expect(elsewhere.warnings.join()).toContain('too few designs of this kind, tool version and part');
});
