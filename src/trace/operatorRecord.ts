import { type MappedOp, operatorGraph } from '../graph/operatorText.js';
import type { OperatorRecord } from './traceReader.js';

/** One run of an operator; what the profile does not tell of is one kernel, of no known delay and host. */
export const operatorRecord = (
  operator: MappedOp,
  {
    kernels = 1,
    hostTime = null,
    launchDelay = null,
    ...ran
  }: Pick<OperatorRecord, 'framework' | 'device' | 'latency'> & Partial<OperatorRecord>,
): OperatorRecord => ({ kind: 'operator', graph: operatorGraph(operator), kernels, hostTime, launchDelay, ...ran });
