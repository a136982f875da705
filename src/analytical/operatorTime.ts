import type { DeviceSpec } from '../device/deviceSpec.js';
import { peakFor } from '../device/peakFor.js';
import { operatorNamed } from '../graph/operators/index.js';
import type { MappedOp } from '../graph/operatorText.js';
import { DTYPE_BYTES } from '../graph/tensorType.js';
import { type KernelKind, kernelOfOperator } from './kernelWork.js';
import { FITTED } from './rules/fittedEfficiencies.js';
import { gemmTime } from './rules/gemm.js';
import { kernelTime } from './rules/kernelTime.js';

/** Kinds that libraries run as products of matrices, dealt out in tiles. */
const PRODUCTS = new Set<KernelKind>(['conv', 'pointwise', 'grouped', 'linear', 'bmm', 'attention']);

/**
 * Seconds that the kernel of one operator works on a GPU, apart from what it takes before it works: products in waves of tiles (`gemmTime`), so that few
 * images leave processors idle; all else by its traffic (`kernelTime`). Constants as fitted to measured kernels (`FITTED`).
 * @throws HwcastError `unsupported` where the catalogue knows no peak of the device
 */
export function operatorTime(op: MappedOp, device: DeviceSpec, bandwidth: number): number {
  const { kind, flops, bytes, weightBytes, matrix } = kernelOfOperator(op, op.inputs, operatorNamed(op.op).cost(op, op.inputs)),
    work = { flops, bytes: bytes + weightBytes },
    rates = { peak: peakFor(device, op.dtype).rate, bandwidth, units: device.units, launch: 0 };
  if (!matrix || !PRODUCTS.has(kind)) return kernelTime(work, rates, FITTED.rowwise).time;
  const { rows: m, columns: n, depth: k, groups: batch } = matrix;
  return gemmTime({ m, n, k, batch, outputBytes: DTYPE_BYTES[op.dtype] }, work, rates, FITTED.gemm).time;
}
