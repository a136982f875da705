import { HwcastError } from '../../core/errors.js';
import type { PeakDtype } from '../../device/deviceSpec.js';

/** How a number of weights, activations or cache is stored, and what computes with it. */
export interface WeightFormat {
  name: string;
  /** with scales and zero points */
  bits: number;
  /** type of the arithmetic; `wide` where the weights are widened to the 16-bit type of the activations first */
  compute: PeakDtype | 'wide';
  /** embedding and output are in it as well (GGUF) */
  whole?: boolean;
}

const floating = (name: PeakDtype, bits: number): WeightFormat => ({ name, bits, compute: name });
const weightOnly = (name: string, bits: number): WeightFormat => ({ name, bits, compute: 'wide' });

/**
 * Formats by the names people type. GGUF: bits of a block over its weights (ggml `block_*` structs: q4_0 is 18 bytes for 32 weights, q4_k 144 for
 * 256). nvfp4: an 8-bit scale for 16 weights; mxfp4: for 32. int4: a 16-bit scale and a 4-bit zero point for 128. The `_m` and `_s` mixtures of
 * llama.cpp are read from the tensors of a GGUF; by name they stand for what they are on Llama-2-7B (llama.cpp `quantize` table, bits per weight).
 */
export const WEIGHT_FORMATS: Readonly<Record<string, WeightFormat>> = Object.fromEntries(
  [
    floating('fp32', 32),
    floating('tf32', 32),
    floating('fp16', 16),
    floating('bf16', 16),
    floating('fp8', 8),
    floating('int8', 8),
    { name: 'nvfp4', bits: 4.5, compute: 'fp4' as const },
    { name: 'fp4', bits: 4.5, compute: 'fp4' as const },
    weightOnly('mxfp4', 4.25),
    weightOnly('fp8-weights', 8),
    weightOnly('int8-weights', 8.125),
    weightOnly('int4', 4 + 20 / 128),
    weightOnly('int3', 3 + 20 / 128),
    weightOnly('int2', 2 + 20 / 128),
    weightOnly('nf4', 4.127),
    weightOnly('ternary', 1.6875),
    weightOnly('binary', 1.125),
    weightOnly('q2_k', 2.625),
    weightOnly('q3_k', 3.4375),
    weightOnly('q4_0', 4.5),
    weightOnly('q4_1', 5),
    weightOnly('q4_k', 4.5),
    weightOnly('q4_k_m', 4.83),
    weightOnly('q5_0', 5.5),
    weightOnly('q5_1', 6),
    weightOnly('q5_k', 5.5),
    weightOnly('q5_k_m', 5.67),
    weightOnly('q6_k', 6.5625),
    weightOnly('q8_0', 8.5),
  ].map((format) => [format.name, /^q\d/.test(format.name) ? { ...format, whole: true } : format]),
);

const ALIASES: Readonly<Record<string, string>> = {
  float32: 'fp32',
  float: 'fp32',
  float16: 'fp16',
  half: 'fp16',
  bfloat16: 'bf16',
  float8_e4m3fn: 'fp8',
  fp8_e4m3: 'fp8',
  e4m3: 'fp8',
  w8a8: 'int8',
  w4a16: 'int4',
  int4_wo: 'int4',
  int8_wo: 'int8-weights',
};

/** @throws HwcastError `usage` for an unknown name */
export function weightFormat(text: string, flag = 'dtype'): WeightFormat {
  const name = text.toLowerCase().replace(/^torch\./, '');
  const found = WEIGHT_FORMATS[ALIASES[name] ?? name];
  if (!found)
    throw new HwcastError('usage', `no element type '${text}' (${flag})`, {
      hint: `one of ${Object.keys(WEIGHT_FORMATS).join(', ')}`,
    });
  return found;
}

/** The format of that name, undefined where there is none. */
export const findWeightFormat = (text: string): WeightFormat | undefined => {
  const name = text.toLowerCase().replace(/^torch\./, '');
  return WEIGHT_FORMATS[ALIASES[name] ?? name];
};

export const bytesOf = ({ bits }: WeightFormat): number => bits / 8;
