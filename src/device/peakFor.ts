import { HwcastError } from '../core/errors.js';
import { type DeviceSpec, PEAK_DTYPES, type PeakDtype } from './deviceSpec.js';

/** Where arithmetic of a type runs, best first; wider and slower formats before narrower ones, which only bound it from above. */
const ORDER: Readonly<Record<PeakDtype, readonly PeakDtype[]>> = {
  fp64: ['fp64', 'fp32', 'tf32', 'bf16', 'fp16', 'int16', 'fp8', 'int8', 'fp4'],
  fp32: ['fp32', 'tf32', 'bf16', 'fp16', 'int16', 'fp8', 'int8', 'fp4'],
  tf32: ['tf32', 'fp32', 'bf16', 'fp16', 'int16', 'fp8', 'int8', 'fp4'],
  fp16: ['fp16', 'bf16', 'tf32', 'fp32', 'int16', 'fp8', 'int8', 'fp4'],
  bf16: ['bf16', 'fp16', 'tf32', 'fp32', 'int16', 'fp8', 'int8', 'fp4'],
  fp8: ['fp8', 'fp16', 'bf16', 'tf32', 'fp32', 'int8', 'int16', 'fp4'],
  fp4: ['fp4', 'fp8', 'int8', 'fp16', 'bf16', 'tf32', 'fp32', 'int16'],
  int16: ['int16', 'fp16', 'bf16', 'fp32', 'tf32', 'int8', 'fp8', 'fp4'],
  int8: ['int8', 'fp8', 'int16', 'fp16', 'bf16', 'tf32', 'fp32', 'fp4'],
  int4: ['int4', 'fp4', 'int8', 'fp8', 'fp16', 'bf16', 'tf32', 'fp32', 'int16'],
  int1: ['int1', 'int4', 'fp4', 'int8', 'fp8', 'fp16', 'bf16', 'tf32', 'fp32', 'int16'],
};
const WIDTH_ALIASES: Readonly<Record<string, PeakDtype>> = {
  uint8: 'int8',
  bool: 'int8',
  int32: 'fp32',
  int64: 'fp32',
};

/**
 * Peak rate of a device for elements of `dtype`, operations per second, and the type whose peak it is: that of `dtype` where the data sheet has
 * it (integers of 32 and 64 bits count as fp32), else the next known one.
 * @throws HwcastError `unsupported` where the catalogue knows no peak at all, `bad-input` for an unknown type.
 */
export function peakFor(device: DeviceSpec, dtype: string): { rate: number; dtype: PeakDtype; exact: boolean } {
  const wanted = WIDTH_ALIASES[dtype] ?? (PEAK_DTYPES as readonly string[]).find((d) => d === dtype);
  if (!wanted) throw new HwcastError('bad-input', `no element type '${dtype}'`, { hint: `one of ${PEAK_DTYPES.join(', ')}` });
  const found = ORDER[wanted as PeakDtype].find((d) => device.peak[d] !== undefined);
  if (!found)
    throw new HwcastError(
      'unsupported',
      `device '${device.name}' has no published peak rate in the catalogue (${device.source})`,
      {
        hint: 'choose another device (hwcast devices), or adapt a model with measurements of this one',
      },
    );
  return { rate: device.peak[found]!, dtype: found, exact: found === wanted };
}
