import type { DeviceSpec } from '../device/deviceSpec.js';
import type { MappedOp } from '../graph/operatorText.js';
import { kernelTimes } from '../surrogate/operatorSum/fitSums.js';
import { kernelSet } from '../surrogate/operatorSum/kernelSet.js';
import { type Machine, machineOf } from '../surrogate/operatorSum/machine.js';
import type { NearOperators } from '../surrogate/operatorSum/nearOperators.js';
import { bundledModels } from './bundledModel.js';
import { kernelOf } from './measuredOperators.js';
import { MultiTask } from './multiTask.js';

/** Seconds of an operator's kernels on a device, where operators of nearly its sizes were measured there; undefined where none were. */
export type OperatorTimes = (op: MappedOp, device: DeviceSpec) => number | undefined;

/** Measured operators of one element type on one machine, and what else is known of its kernels there. */
export interface MeasuredMachine {
  machine: Machine;
  /** log */
  level: number;
  /** of the features of kernels, [WEIGHTS] */
  weights: Float64Array;
  near?: NearOperators | undefined;
}

/** Element types as which operators were measured. */
const DTYPE_OF: Readonly<Record<string, string>> = { fp16: 'fp16', bf16: 'fp16', fp32: 'fp32' };

/**
 * Times of operators by kernel regression over measured ones of nearly their sizes (`nearOperators`). Convolutions in fp32 have none: they were measured
 * without TF32, which frameworks take unless told otherwise.
 */
export function operatorTimes(measured: readonly MeasuredMachine[]): OperatorTimes {
  const machines = new Map<string, MeasuredMachine | undefined>();
  const on = (device: DeviceSpec, dtype: string): MeasuredMachine | undefined => {
    const key = `${device.name} ${dtype}`;
    if (!machines.has(key)) {
      const own = machineOf({ hardware: device.name, dtype, batch: 1, execution: 'graph' });
      machines.set(key, own && measured.find((m) => m.near && isSame(m.machine, own)));
    }
    return machines.get(key);
  };
  return (op, device) => {
    const dtype = DTYPE_OF[op.dtype];
    if (dtype === undefined || op.op === 'opaque' || (dtype === 'fp32' && op.op.startsWith('conv'))) return undefined;
    const known = on(device, dtype);
    if (!known) return undefined;
    const set = kernelSet([kernelOf(op)], known.machine, 1, known.near);
    return set.isNear[0] ? Math.exp(known.level) * kernelTimes(set, known.weights)[0] : undefined;
  };
}

/** The same hardware and element type, at whatever batch. */
const isSame = (a: Machine, b: Machine): boolean => a.width === b.width && a.peak === b.peak && a.bandwidth === b.bandwidth;

/** Times by the operators that the bundled model of real models keeps. */
export async function bundledOperatorTimes(): Promise<OperatorTimes> {
  const measured: MeasuredMachine[] = [];
  for await (const { learner } of bundledModels())
    if (learner instanceof MultiTask)
      for (const { values } of learner.state.tables) if (values.target === 'latency') measured.push(...(values.sums ?? []));
  return operatorTimes(measured);
}
