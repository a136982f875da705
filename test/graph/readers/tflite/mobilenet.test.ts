import { describe, expect, it } from 'vitest';
import { tfliteReader } from '../../../../src/graph/readers/tflite/tfliteReader.js';
import { readWith, totalCost, working } from '../readText.js';
import { encodeTflite, int8, ints, type TinyOperator, type TinyTensor, weights } from './encodeTflite.js';

/** Outputs and stride of each separable block (Howard et al., MobileNets, 2017, table 1). */
const BLOCKS: readonly (readonly [channels: number, stride: number])[] = [
  [64, 1],
  [128, 2],
  [128, 1],
  [256, 2],
  [256, 1],
  [512, 2],
  [512, 1],
  [512, 1],
  [512, 1],
  [512, 1],
  [512, 1],
  [1024, 2],
  [1024, 1],
];

/** MobileNet V1 of width 1.0 at 224 as the converter writes it with integers: norms folded into weights and biases, activations into convolutions. */
function mobilenet(): Uint8Array {
  const tensors: Record<string, TinyTensor> = { x0: { shape: [1, 224, 224, 3], ...int8 } };
  const operators: TinyOperator[] = [];
  let [size, channels, at] = [224, 3, 'x0'];
  const layer = (code: 'CONV_2D' | 'DEPTHWISE_CONV_2D', filters: number[], outputs: number, stride: number): void => {
    const name = `x${operators.length + 1}`;
    size /= stride;
    tensors[`w${name}`] = weights(filters, int8);
    tensors[`b${name}`] = weights([outputs], { type: 'INT32', quantized: true });
    tensors[name] = { shape: [1, size, size, outputs], ...int8 };
    const options = { stride_w: stride, stride_h: stride, fused_activation_function: 3 };
    const table = code === 'CONV_2D' ? ('Conv2DOptions' as const) : ('DepthwiseConv2DOptions' as const);
    operators.push({ code, inputs: [at, `w${name}`, `b${name}`], outputs: [name], options: { table, ...options } });
    [at, channels] = [name, outputs];
  };
  layer('CONV_2D', [32, 3, 3, 3], 32, 2);
  for (const [outputs, stride] of BLOCKS) {
    layer('DEPTHWISE_CONV_2D', [1, 3, 3, channels], channels, stride);
    layer('CONV_2D', [outputs, 1, 1, channels], outputs, 1);
  }
  tensors.pooled = { shape: [1, 1, 1, 1024], ...int8 };
  tensors.wide = weights([1001, 1, 1, 1024], int8);
  tensors.biases = weights([1001], { type: 'INT32', quantized: true });
  tensors.logits = { shape: [1, 1, 1, 1001], ...int8 };
  tensors.row = ints(-1, 1001);
  tensors.flat = { shape: [1, 1001], ...int8 };
  tensors.scores = { shape: [1, 1001], ...int8 };
  const once = { stride_w: 1, stride_h: 1 };
  operators.push(
    {
      code: 'AVERAGE_POOL_2D',
      inputs: [at],
      outputs: ['pooled'],
      options: { table: 'Pool2DOptions', padding: 1, ...once, filter_width: 7, filter_height: 7 },
    },
    { code: 'CONV_2D', inputs: ['pooled', 'wide', 'biases'], outputs: ['logits'], options: { table: 'Conv2DOptions', ...once } },
    { code: 'RESHAPE', inputs: ['logits', 'row'], outputs: ['flat'] },
    { code: 'SOFTMAX', inputs: ['flat'], outputs: ['scores'] },
  );
  return encodeTflite([{ tensors, inputs: ['x0'], outputs: ['scores'], operators }]);
}

describe('MobileNet V1 with integers', () => {
  it('has the 569 million products and 4.2 million parameters of its paper', async () => {
    const [model] = await readWith(tfliteReader, mobilenet());
    const { macs, params, bytesResident } = totalCost(model);
    expect(macs / 1e6).toBeCloseTo(568.74, 2);
    expect(params / 1e6).toBeCloseTo(4.22, 2);
    expect(bytesResident).toBe(params);
    expect(working(model).every(({ dtype }) => dtype === 'int8')).toBe(true);
    expect(working(model).filter(({ op }) => op === 'conv2d')).toHaveLength(28);
  });
});
