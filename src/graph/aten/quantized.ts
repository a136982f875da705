import { type AtenRule, type AtenTable, operators } from './atenCall.js';

const convert =
  (op: 'quantize' | 'dequantize'): AtenRule =>
  (call) => {
    const x = call.tensor('input');
    return { op, attrs: {}, inputs: [x], shape: x.shape, dtype: call.outputs?.[0]?.dtype };
  };

/** Scale and zero point of a tensor: its largest and smallest. */
const observe: AtenRule = (call) => {
  const x = call.tensor('input');
  return { op: 'reduce', attrs: { kind: 'max' }, inputs: [x], shape: call.outputs?.[0]?.shape ?? [] };
};

/** Operators of `quantized_decomposed` and of torchao, which PyTorch 2 writes around operators of floats. */
export const QUANTIZED: AtenTable = {
  ...operators(
    'quantize_per_tensor quantize_per_channel quantize_per_token quantize_per_channel_group quantize_affine fake_quant_per_channel',
    'input scales zero_points',
    convert('quantize'),
  ),
  ...operators(
    'fake_quantize_per_tensor_affine fake_quantize_per_channel_affine _fake_quantize_per_tensor_affine_cachemask_tensor_qparams fake_quantize_per_tensor_affine_cachemask fake_quantize_per_channel_affine_cachemask',
    'input scale zero_point',
    convert('quantize'),
  ),
  ...operators(
    'dequantize_per_tensor dequantize_per_channel dequantize_per_token dequantize_per_channel_group dequantize_affine dequantize',
    'input scales zero_points',
    convert('dequantize'),
  ),
  ...operators(
    'choose_qparams choose_qparams_symmetric choose_qparams_per_token choose_qparams_per_token_asymmetric choose_qparams_affine',
    'input',
    observe,
  ),
};
