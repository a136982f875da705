import { describe, expect, test } from 'vitest';
import { hlsNetwork } from '../../../src/fpga/design/designBuilder.js';
import { unmodelledTool } from '../../../src/fpga/design/modelledTool.js';
import { withSparsity } from '../../../src/fpga/design/sparsity.js';
import { fpgaModel } from '../../../src/fpga/residual/bundledFpgaModel.js';
import { analyseDesign } from '../../../src/fpga/rules/analyseDesign.js';

const settings = { input: [16], bits: 8, part: 'xcu250', clockNs: 5, tool: 'vivado_hls' } as const;
const design = hlsNetwork(settings).dense(16).relu().build();

describe('what is not modelled is said', () => {
  test('a backend other than Vivado and Vitis: the verdict is likely, there is no interval', async () => {
    expect(unmodelledTool({ backend: 'VitisUnified', tool: 'vitis_hls' })).toBeUndefined();
    expect(unmodelledTool({ tool: 'catapult' })).toBe('catapult');
    const foreign = { ...design, backend: 'Bambu' };
    const { verdict, warnings } = analyseDesign(foreign);
    const line = "'Bambu' is not modelled: all counts are those of Vivado HLS";
    expect(verdict).toEqual({ verdict: 'likely-fits', reasons: [line] });
    expect(warnings).toContain(line);
    const [{ targets }] = (await fpgaModel()).predict([foreign], { stage: 'csynth' });
    expect(targets.lut.low).toBeNull();
  });

  test('a backend with a block design says that this is not counted', async () => {
    const [own, whole] = (await fpgaModel()).predict([design, { ...design, backend: 'VivadoAccelerator' }], { stage: 'impl' });
    expect(whole.targets.bram18.high! - own.targets.bram18.high!).toBe(20);
    const within = (backend: string) => analyseDesign({ ...design, backend }).warnings.filter((w) => w.includes('block design'));
    expect(within('VivadoAccelerator')).toEqual([
      'the block design that VivadoAccelerator puts around it (DMA, interconnect) is not counted, but for how far block RAM may reach when placed',
    ]);
    expect(within('Vivado')).toEqual([]);
  });

  test('weights taken as dense: what pruning would leave is said; intervals reach there in networks, not in single layers', async () => {
    const deep = hlsNetwork({ ...settings, bits: 16 })
      .dense(16)
      .relu()
      .dense(8)
      .build();
    for (const [of, within] of [
      [{ ...deep, layers: deep.layers.slice(0, 2) }, false],
      [deep, true],
    ] as const) {
      const predict = async (d: typeof of) => (await fpgaModel()).predict([d], { stage: 'csynth' })[0];
      const [dense, pruned] = [await predict(of), await predict(withSparsity(of, 0.75))];
      const { value, low } = dense.targets.lut,
        { lut, ff, dsp } = pruned.targets;
      expect(lut.value).toBeLessThan(0.6 * value);
      expect(low! <= lut.value).toBe(within);
      expect(dense.warnings).toContain(
        `with 75 % of these weights zero csynth would have LUT ${lut.value}, FF ${ff.value}, DSP ${dsp.value}; ${within ? 'intervals reach so low' : 'intervals are those of dense weights'}`,
      );
      expect(pruned.warnings.join()).not.toMatch(/weights zero csynth/);
    }
  });

  test('rounding and saturation of sums: a warning, and intervals from without to what they are made of', async () => {
    const rounded = { ...design, precision: { ...design.precision, rounding: 'rnd', overflow: 'sat' } };
    expect(analyseDesign(design).warnings.join()).not.toMatch(/rounding/);
    expect(analyseDesign(rounded).warnings).toContainEqual(expect.stringMatching(/^sums are rounded or saturated \(dense_0\)/));
    const [cut, with_] = (await fpgaModel()).predict([design, rounded], { stage: 'csynth' });
    for (const target of ['lut', 'ff', 'cycles'] as const) {
      expect(with_.targets[target].low).toBeLessThanOrEqual(cut.targets[target].value);
      expect(with_.targets[target].value).toBeGreaterThanOrEqual(cut.targets[target].value);
    }
    expect(with_.targets.lut.high! - with_.targets.lut.value).toBeGreaterThan(with_.analysis!.rounded!.more);
  });
});

describe('slopes of leaky rectifiers', () => {
  test('are multiplied by where they are no shifts', () => {
    const leaky = hlsNetwork({ ...settings, bits: 16 })
      .activation('leaky_relu')
      .build();
    const dsp = (slope?: number) => analyseDesign({ ...leaky, layers: [{ ...leaky.layers[0], slope }] }).total.dsp;
    expect([dsp(0.3), dsp(), dsp(0.5), dsp(1)]).toEqual([16, 16, 0, 0]);
  });
});
