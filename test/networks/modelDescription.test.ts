import { describe, expect, it } from 'vitest';
import { cholesky } from '../../src/core/cholesky.js';
import { GraphBuilder } from '../../src/graph/graphBuilder.js';
import { describeModel, isDescribed, SIZES } from '../../src/networks/modelDescription.js';
import { kernelParts, scaledModels, selfParts, sizeScale } from '../../src/networks/modelKernel.js';

const named = (id: string, facts = {}) => describeModel({ id, facts });

describe('describeModel', () => {
  it('takes sizes from what the table says, unknown ones stay unknown', () => {
    const { sizes } = named('timm:resnet50.a1_in1k@224', { macs: 4e9, inputSize: [3, 224, 224] });
    expect(sizes[SIZES.indexOf('macs')]).toBeCloseTo(Math.log(4e9), 12);
    expect(sizes[SIZES.indexOf('pixels')]).toBeCloseTo(Math.log(3 * 224 * 224), 12);
    expect(sizes[SIZES.indexOf('params')]).toBeNaN();
  });

  it('takes words from name, family and precision, not from the table', () => {
    const { words } = named('timm:resnet50.a1_in1k@224', { family: 'ResNet', precision: 'int8' });
    expect([...words].sort()).toEqual(['224', 'a1', 'in1k', 'in', 'int', 'int8', 'resnet', 'resnet50'].sort());
  });

  it('counts a graph: 3x3 convolution of 4x4 pixels, 2 to 5 channels', () => {
    const b = new GraphBuilder();
    const x = b.input([1, 2, 4, 4]);
    const y = b.add('conv2d', [x], { kernel: [3, 3], stride: [1, 1], outChannels: 5, padding: [1, 1], groups: 1, bias: 0 });
    const { sizes, shares } = describeModel({ id: 'tiny.onnx', graph: b.build([y]) });
    expect(Math.exp(sizes[SIZES.indexOf('macs')])).toBeCloseTo(16 * 9 * 2 * 5, 6);
    expect(Math.max(...shares)).toBeCloseTo(1, 6);
  });

  it('knows nothing of a bare name', () => {
    expect(isDescribed(named('timm:unknown_model'))).toBe(false);
  });
});

describe('kernelParts', () => {
  const models = [
    named('timm:resnet50@224', { macs: 4e9, params: 25e6 }),
    named('timm:resnet34@224', { macs: 3.7e9, params: 22e6 }),
    named('timm:vit_base@224', { macs: 17e9 }),
    named('timm:vit_tiny@224', { macs: 1.2e9, activations: 5e6 }),
  ];
  const scaled = scaledModels(models, sizeScale(models));
  const parts = kernelParts(scaled, scaled, 1);

  it('is symmetric, and 1 of a model with itself', () => {
    for (const part of ['linear', 'smooth', 'words'] as const) {
      const at = parts[part];
      expect(Array.from({ length: 16 }, (_, i) => at[i] - at[(i % 4) * 4 + Math.floor(i / 4)])).toEqual(new Array(16).fill(0));
      expect([0, 5, 10, 15].map((i) => at[i])).toEqual([...selfParts(scaled, 1)[part]]);
    }
    expect(parts.smooth[0]).toBe(1);
    expect(parts.words[0]).toBe(1);
  });

  it('makes a covariance, and near models alike', () => {
    for (const part of ['smooth', 'words'] as const) {
      const K = parts[part].slice();
      for (let i = 0; i < 4; i++) K[i * 5] += 1e-9;
      expect(cholesky(K, 4)).toBe(true);
    }
    expect(parts.words[1]).toBeGreaterThan(parts.words[2]);
    expect(parts.smooth[1]).toBeGreaterThan(parts.smooth[2]);
  });
});
