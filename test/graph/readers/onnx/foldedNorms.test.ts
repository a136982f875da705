import { describe, expect, it } from 'vitest';
import { foldedNorms } from '../../../../src/graph/readers/onnx/foldedNorms.js';
import type { OnnxTensor } from '../../../../src/graph/readers/onnx/onnxModel.js';

const tensor = (name: string, dims: number[]): [string, OnnxTensor] => [
  name,
  { name, dims, dataType: 'float32', stored: 'external', values: () => undefined },
];
const SIGNATURE = `# inputs
p_conv1_weight: PARAMETER target='conv1.weight'
p_bn1_weight: PARAMETER target='bn1.weight'
p_bn1_bias: PARAMETER target='bn1.bias'
p_conv2_weight: PARAMETER target='conv2.weight'
p_bn2_weight: PARAMETER target='bn2.weight'
p_bn2_bias: PARAMETER target='bn2.bias'
p_fc_weight: PARAMETER target='fc.weight'
p_fc_bias: PARAMETER target='fc.bias'
b_bn1_running_mean: BUFFER target='bn1.running_mean' persistent=True
b_bn2_running_mean: BUFFER target='bn2.running_mean' persistent=True
x: USER_INPUT`;
const graphOf = (initializers: [string, OnnxTensor][], signature?: string) => ({
  name: 'net',
  nodes: [],
  inputs: [],
  outputs: [],
  valueInfo: new Map(),
  initializers: new Map(initializers),
  metadata: new Map(signature ? [['pkg.torch.export.ExportedProgram.graph_signature', signature]] : []),
});
const CONVOLUTIONS = [tensor('conv1.weight', [16, 3, 3, 3]), tensor('conv2.weight', [32, 16, 1, 1])];

describe('foldedNorms', () => {
  it('counts scale and shift of the channels of the convolution before, not of what is no norm', () => {
    expect(foldedNorms(graphOf(CONVOLUTIONS, SIGNATURE))).toEqual({
      norms: 2,
      params: 2 * (16 + 32),
      into: new Set(['conv1.weight', 'conv2.weight']),
    });
  });

  it('leaves out what the file holds: a norm, or a shift that became a bias', () => {
    const held = [...CONVOLUTIONS, tensor('bn1.weight', [16]), tensor('bn1.bias', [16]), tensor('bn2.bias', [32])];
    expect(foldedNorms(graphOf(held, SIGNATURE))).toEqual({ norms: 1, params: 32, into: new Set(['conv2.weight']) });
  });

  it('does not guess: without the weight before, or without a signature, nothing', () => {
    expect(foldedNorms(graphOf([], SIGNATURE))).toEqual({ norms: 0, params: 0, into: new Set() });
    expect(foldedNorms(graphOf(CONVOLUTIONS))).toEqual({ norms: 0, params: 0, into: new Set() });
  });
});
