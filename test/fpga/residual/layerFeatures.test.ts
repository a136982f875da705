import { describe, expect, it } from 'vitest';
import { hlsNetwork } from '../../../src/fpga/design/designBuilder.js';
import type { HlsDesign } from '../../../src/fpga/design/hlsDesign.js';
import { CONTEXT_COLUMNS } from '../../../src/fpga/residual/contextColumns.js';
import { LAYER_COLUMNS } from '../../../src/fpga/residual/layerColumns.js';
import { fpgaLayerFeatures, RESIDUAL_TARGETS } from '../../../src/fpga/residual/layerFeatures.js';
import { analyseDesign } from '../../../src/fpga/rules/analyseDesign.js';
import { laterCounts } from '../../../src/fpga/rules/laterCounts.js';

const T = RESIDUAL_TARGETS.length,
  F = LAYER_COLUMNS.length;
const network = (tool: string, strategy: 'latency' | 'resource' = 'resource'): HlsDesign =>
  hlsNetwork({ input: [16], reuseFactor: 4, strategy, part: 'xcu250', clockNs: 5, tool, toolVersion: '2021.1' })
    .dense(32)
    .relu()
    .dense(5)
    .softmax()
    .build();
const features = (design: HlsDesign, stage: 'csynth' | 'vsynth' = 'csynth', topLevel?: boolean) =>
  fpgaLayerFeatures(design, analyseDesign(design, { topLevel }), { stage });
const cell = (f: ReturnType<typeof features>, layer: number, name: string) => f.layers[layer * F + LAYER_COLUMNS.indexOf(name)];

describe('fpgaLayerFeatures', () => {
  it.each(['vivado_hls', 'vitis_hls'])('splits the totals over the nodes (%s)', (tool) => {
    for (const strategy of ['latency', 'resource'] as const) {
      const design = network(tool, strategy),
        f = features(design),
        { total } = analyseDesign(design);
      expect(Array.from(f.totals)).toEqual([total.lut, total.ff, total.dsp, total.bram18, total.latencyMax]);
      for (let t = 0; t < T; t++) {
        let sum = 0;
        for (let i = 0; i < f.nodes; i++) sum += f.base[i * T + t];
        expect(sum).toBeCloseTo(f.totals[t], 1);
      }
    }
  });

  it.each(['vivado_hls', 'vitis_hls'])('has a node for what a project of %s has around its layers, none for a module', (tool) => {
    expect(features(network(tool)).kinds.at(-1)).toBe('top');
    expect(features(network(tool)).nodes).toBe(5);
    expect(features(network(tool), 'csynth', false).nodes).toBe(4);
  });

  it('expects of later stages what is left of csynth, and says the stage', () => {
    const design = network('vitis_hls'),
      csynth = features(design),
      vsynth = features(design, 'vsynth');
    const { total, kept } = analyseDesign(design),
      later = laterCounts(total, kept, 'vsynth');
    expect(vsynth.totals[0]).toBeCloseTo(later.lut, 2);
    expect(vsynth.totals[1]).toBeCloseTo(later.ff, 2);
    expect(vsynth.totals[0]).toBeLessThan(csynth.totals[0]);
    expect(vsynth.layers).toEqual(csynth.layers);
    expect(vsynth.context[CONTEXT_COLUMNS.indexOf('stage:vsynth')]).toBe(1);
    expect(csynth.context[CONTEXT_COLUMNS.indexOf('stage:vsynth')]).toBe(0);
    expect(csynth.context[CONTEXT_COLUMNS.indexOf('version:2021')]).toBe(1);
    expect(csynth.context[CONTEXT_COLUMNS.indexOf('dsp:DSP48E2')]).toBe(1);
    expect(csynth.context[0]).toBeCloseTo(Math.log(5), 5);
  });

  it('has the sizes and settings of each layer', () => {
    const f = features(network('vitis_hls'));
    expect(Math.expm1(cell(f, 0, 'inputs'))).toBeCloseTo(16, 3);
    expect(Math.expm1(cell(f, 0, 'weights'))).toBeCloseTo(512, 2);
    expect(Math.expm1(cell(f, 2, 'outputs'))).toBeCloseTo(5, 3);
    expect(cell(f, 0, 'loops')).toBe(1);
    expect(cell(f, 1, 'loops')).toBe(0);
    expect(cell(f, 1, 'activation:relu')).toBe(1);
    expect(cell(f, 0, 'first')).toBe(1);
    expect(cell(f, 3, 'last')).toBe(1);
    expect(Array.from(f.edges)).toEqual([0, 1, 1, 2, 2, 3]);
  });

  it('tells bits, tool and part apart, and is finite', () => {
    const design = network('vitis_hls'),
      f = features(design);
    for (const changed of [
      { ...design, tool: 'vivado_hls' },
      { ...design, part: 'xc7z020' },
      { ...design, toolVersion: '2024.1' },
      { ...design, multipliers: 'lut' as const },
    ])
      expect(features(changed).context).not.toEqual(f.context);
    const narrow = { ...design, precision: { bits: 8, intBits: 3, signed: true } };
    expect(features(narrow).layers).not.toEqual(f.layers);
    expect([...f.layers, ...f.base, ...f.scale, ...f.context].every(Number.isFinite)).toBe(true);
  });
});
