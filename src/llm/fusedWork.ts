import type { KernelWork } from '../analytical/rules/kernelTime.js';
import { operatorNamed } from '../graph/operators/index.js';

/** One object, so that operators check it once. */
const NO_ATTRS = Object.freeze({});

/**
 * Elementwise and row operators over [rows, width] as one kernel, in 16 bits, as the table of operators counts each: what passes between them stays on
 * chip, so that an operator does not read what the one before it gives.
 */
export function fusedWork(ops: readonly (readonly [op: string, inputs: 1 | 2])[], rows: number, width: number): KernelWork {
  const tensor = { shape: [rows, width], dtype: 'bf16' as const, attrs: NO_ATTRS },
    tensors = [tensor, tensor];
  let flops = 0,
    bytes = 0;
  ops.forEach(([op, inputs], i) => {
    const cost = operatorNamed(op).cost(tensor, inputs === 2 ? tensors : tensors.slice(0, inputs));
    flops += cost.flops;
    bytes += cost.bytesIn + cost.bytesOut + cost.bytesWeights;
    // neither written nor read between two of them; a sum stays a tensor of its own (the residual)
    if (i) bytes -= cost.bytesIn / inputs + (ops[i - 1][0] === 'add' ? 0 : cost.bytesIn / inputs);
  });
  return { flops, bytes };
}
