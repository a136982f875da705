import { type Machine, machineOf, type RunSetting } from '../surrogate/operatorSum/machine.js';
import type { Lowering } from '../surrogate/operatorSum/operatorSum.js';

const OF_EXECUTION: ReadonlyMap<string, Lowering> = new Map([
  ['eager', 'eager'],
  ['graph', 'captured'],
  ['compiled', 'compiled'],
  ['dynamo', 'compiled'],
]);

/** Ways of execution whose kernels are known. */
export const EXECUTIONS: readonly string[] = [...OF_EXECUTION.keys()];

/** How tasks run: what ONNX Runtime compiles are the nodes of a session. */
export function loweringOf({ execution, framework }: Partial<RunSetting> = {}): Lowering | undefined {
  if (execution === 'compiled' && framework === 'onnxruntime') return 'session';
  return execution === undefined ? undefined : OF_EXECUTION.get(execution);
}

/** The kernels and the machine of a setting; undefined where it is incomplete. */
export function loweredOn(setting: RunSetting): { lowering: Lowering; machine: Machine } | undefined {
  const machine = machineOf(setting),
    lowering = loweringOf(setting);
  return machine && lowering && { lowering, machine };
}
