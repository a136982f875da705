import { HwcastError } from '../core/errors.js';
import { operatorGraph, operatorOfGraph, parseOperatorText } from '../graph/operatorText.js';
import { type Workload, workloadGraph } from '../graph/workload.js';
import { type Kind, registerKind } from '../surrogate/kind.js';
import { operatorColumns } from './operatorColumns.js';

/** Single operators, as profiler traces and tables of kernels measure them: `op:linear/fp16/128x4096/bias=0;outFeatures=4096`. */
export const operatorKind: Kind = {
  name: 'operators',
  link: 'log',
  holds: ({ id }) => id.startsWith('op:'),
  parse(id): Workload {
    if (!id.startsWith('op:'))
      throw new HwcastError('bad-input', `'${id.slice(0, 80)}' is no operator`, {
        hint: 'write op:NAME/DTYPE/INPUTS/ATTRIBUTES, e.g. op:linear/fp32/1x128x768/bias=1;outFeatures=3072',
      });
    return { id, graph: operatorGraph(parseOperatorText(id)) };
  },
  columns: (workloads) => operatorColumns(workloads.map((w) => operatorOfGraph(workloadGraph(w)))),
};

registerKind(operatorKind);
