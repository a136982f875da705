import { KERNEL_KINDS, type KernelWork } from '../../analytical/kernelWork.js';
import { KERNEL_WIDTH, kernelNumbers, writeFeatures } from './kernelFeatures.js';
import { SINGLE } from './kernelSeconds.js';
import type { Machine } from './machine.js';
import { type NearOperators, residualNear } from './nearOperators.js';

/** The distinct kernels of a model on a machine. */
export interface KernelSet {
  /** roofline time of all of each, [n] seconds */
  seconds: Float64Array;
  /** position of the kind, [n] */
  kind: Uint8Array;
  /** [n, KERNEL_WIDTH] */
  features: Float64Array;
  /** 1 where an operator of nearly its sizes was measured, [n] */
  isNear: Uint8Array;
}

/**
 * @param batch see `kernelNumbers`
 * @param near measured operators, whose differences from what features say go into the roofline times of those like them
 */
export function kernelSet(kernels: readonly KernelWork[], machine: Machine, batch: number, near?: NearOperators): KernelSet {
  const distinct = new Map<string, { seconds: number; kind: number; numbers: number[]; isNear: boolean }>();
  for (const kernel of kernels) {
    if (kernel.isOfHalf && machine.width >= SINGLE) continue;
    const { seconds: roofline, numbers } = kernelNumbers(kernel, machine, batch),
      { log, isNear } = near ? residualNear(near, kernel, batch) : { log: 0, isNear: false },
      seconds = roofline * Math.exp(log),
      key = `${kernel.kind} ${numbers.map((n) => n.toFixed(6)).join(' ')}`;
    const known = distinct.get(key);
    if (known) known.seconds += seconds;
    else distinct.set(key, { seconds, kind: KERNEL_KINDS.indexOf(kernel.kind), numbers, isNear });
  }
  const all = [...distinct.values()],
    features = new Float64Array(all.length * KERNEL_WIDTH);
  all.forEach(({ kind, numbers }, i) => {
    writeFeatures(kind, numbers, features, i * KERNEL_WIDTH);
  });
  return {
    seconds: Float64Array.from(all, (k) => k.seconds),
    kind: Uint8Array.from(all, (k) => k.kind),
    features,
    isNear: Uint8Array.from(all, (k) => Number(k.isNear)),
  };
}
