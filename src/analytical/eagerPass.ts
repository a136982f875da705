import { HwcastError } from '../core/errors.js';
import type { DeviceSpec, PeakDtype } from '../device/deviceSpec.js';
import { launchOverhead } from '../device/launchOverhead.js';
import { peakFor } from '../device/peakFor.js';
import type { OpGraph } from '../graph/opGraph.js';
import { DTYPE_BYTES, type Dtype } from '../graph/tensorType.js';
import { withDtype } from '../graph/withDtype.js';
import { eagerKernels } from './eagerKernels.js';
import { cublasWorkspace, type EagerMemory, eagerMemory } from './eagerMemory.js';
import type { KernelKind, KernelWork } from './kernelWork.js';
import { powerConstants } from './powerConstants.js';
import { attentionTime } from './rules/attentionTime.js';
import { FITTED } from './rules/fittedEfficiencies.js';
import { gemmTime } from './rules/gemm.js';
import { type DeviceRates, type KernelTime, kernelTime } from './rules/kernelTime.js';
import { launchedPass } from './rules/launchBound.js';
import { powerOf } from './rules/power.js';

/** What one pass of an eager framework costs on a GPU, SI units. */
export interface EagerPass {
  latency: number;
  isHostBound: boolean;
  kernels: number;
  /** seconds of all kernels */
  busy: number;
  /** joules; absent where the catalogue has no power of the device */
  energy?: number;
  memory: EagerMemory;
}

export interface EagerPassOptions {
  /** of all floating-point tensors */
  dtype: Dtype;
  /** see `eagerMemory` */
  keepsCache?: boolean;
}

/**
 * Share of the power limit that a GPU draws while it waits for its host between small kernels: median of operators of an H100 that take less than a
 * quarter of the time that their launch takes (`npx tsx scripts/wholeModels.ts DATA` prints it).
 */
const WAITING = 0.198;

const CONVOLUTIONS = new Set<KernelKind>(['conv', 'pointwise', 'grouped']);
const PRODUCTS = new Set<KernelKind>(['linear', 'bmm']);
const ATTENTIONS = new Set<KernelKind>(['attention', 'masked']);

/** Processors of Hopper by the boards it is on. */
const HOPPER = /^G?H\d{3}/;

/**
 * A pass of a graph as an eager framework runs it again and again: kernels by the rules of their family with constants fitted to single kernels
 * (`FITTED`), the host's launches beside them (`launchedPass`), power while kernels run (`powerOf`) and while they wait. No value was fitted to whole models.
 * Products in fp32 take the fp32 rate and convolutions that of TF32 where there is one, as PyTorch does unless told.
 * @throws HwcastError `unsupported` where the device is no GPU or the catalogue lacks its bandwidth or peak
 */
export function eagerPass(given: OpGraph, device: DeviceSpec, { dtype, keepsCache }: EagerPassOptions): EagerPass {
  const { bandwidth } = device;
  if (device.kind !== 'gpu' || bandwidth === undefined)
    throw new HwcastError('unsupported', `device '${device.name}' is no GPU with a known bandwidth (${device.source})`, {
      hint: 'hwcast roofline takes other devices',
    });
  const graph = withDtype(given, dtype);
  const ratesOf = (type: string): DeviceRates => ({ peak: peakFor(device, type).rate, bandwidth, units: device.units });
  const plain = ratesOf(dtype),
    convolving = dtype === 'fp32' && device.peak.tf32 !== undefined ? ratesOf('tf32' satisfies PeakDtype) : plain;
  const kernels = eagerKernels(graph).filter((k) => !k.isOfHalf || DTYPE_BYTES[dtype] < DTYPE_BYTES.fp32);
  let busy = 0,
    joules = 0;
  for (const kernel of kernels) {
    const rates = CONVOLUTIONS.has(kernel.kind) ? convolving : plain,
      { time } = timeOf(kernel, rates, DTYPE_BYTES[dtype]);
    busy += time;
    if (device.tdp === undefined) continue;
    const use = { compute: kernel.flops / time / rates.peak, memory: (kernel.bytes + kernel.weightBytes) / time / bandwidth };
    joules += time * powerOf(use, { limit: device.tdp, idle: device.idle }, powerConstants(device));
  }
  const pass = launchedPass({ kernels: kernels.length, seconds: busy, launch: launchOverhead(device).dispatch });
  return {
    latency: pass.time,
    isHostBound: pass.isHostBound,
    kernels: kernels.length,
    busy,
    ...(device.tdp === undefined ? {} : { energy: joules + WAITING * device.tdp * (pass.time - busy) }),
    memory: eagerMemory(graph, { reserve: cublasWorkspace(HOPPER.test(device.name)), keepsCache }),
  };
}

/** Time of a kernel by the rule of its kind; `outputBytes` of an element that it writes. */
function timeOf({ kind, flops, bytes, weightBytes, matrix }: KernelWork, rates: DeviceRates, outputBytes: number): KernelTime {
  const work = { flops, bytes: bytes + weightBytes };
  if (!matrix) return kernelTime(work, rates, FITTED.rowwise);
  const { rows, columns, depth, groups } = matrix;
  if (PRODUCTS.has(kind) || CONVOLUTIONS.has(kind))
    return gemmTime({ m: rows, n: columns, k: depth, batch: groups, outputBytes }, work, rates, FITTED.gemm);
  if (ATTENTIONS.has(kind)) return attentionTime({ batch: groups, heads: 1, length: rows }, work, rates, FITTED.attention);
  return kernelTime(work, rates, FITTED.rowwise);
}
