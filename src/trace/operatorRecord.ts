import type { MappedOp } from '../graph/operatorText.js';
import { operatorGraph } from '../graph/operatorText.js';
import type { OperatorRecord } from './traceReader.js';

/** An operator as a profile without a host tells of it: how long it took (s), and where kernels are told apart how many and how late. */
export const operatorRecord = (
  operator: MappedOp,
  { kernels = 1, launchDelay = null, ...ran }: Pick<OperatorRecord, 'framework' | 'device' | 'latency'> & Partial<OperatorRecord>,
): OperatorRecord => ({ kind: 'operator', graph: operatorGraph(operator), kernels, hostTime: null, launchDelay, ...ran });
