import { describe, expect, test } from 'vitest';
import { hlsNetwork } from '../../../src/fpga/design/designBuilder.js';
import { unmodelledTool } from '../../../src/fpga/design/modelledTool.js';
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
    expect(whole.targets.bram18.high! - own.targets.bram18.high!).toBe(10);
    const within = (backend: string) => analyseDesign({ ...design, backend }).warnings.filter((w) => w.includes('block design'));
    expect(within('VivadoAccelerator')).toEqual([
      'the block design that VivadoAccelerator puts around it (DMA, interconnect) is not counted, but for how far block RAM may reach when placed',
    ]);
    expect(within('Vivado')).toEqual([]);
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
    expect(with_.targets.lut.high! - with_.targets.lut.value).toBeGreaterThan(with_.analysis!.rounded!.lut);
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
