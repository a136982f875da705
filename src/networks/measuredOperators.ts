import { type KernelWork, kernelOfOperator } from '../analytical/kernelWork.js';
import type { Dataset } from '../dataset/dataset.js';
import { operatorNamed } from '../graph/operators/index.js';
import { type MappedOp, operatorOfGraph } from '../graph/operatorText.js';
import { DTYPE_BYTES } from '../graph/tensorType.js';
import { domainTasks } from '../surrogate/domainTasks.js';
import { domainOf } from '../surrogate/kind.js';
import type { MeasuredOperators } from './tableSums.js';

/**
 * The single operators of a dataset with their latencies, a list for each task. Operators of which hwcast knows the tensors only are left out.
 * @param keep whether a workload may be used, by its position
 */
export function measuredOperators(data: Dataset, keep: (row: number) => boolean = () => true): MeasuredOperators[] {
  const { workloads } = data;
  return domainTasks(data, workloads.map(domainOf), 'operators')
    .filter((task) => task.target === 'latency')
    .map(({ setting, rows, values }) => ({
      // kernels that a host launched are timed without it
      setting: { ...setting, execution: setting.execution === 'compiled' ? 'compiled' : 'graph' },
      kernels: Array.from(rows, (row, i) => ({ row, seconds: values[i] })).flatMap(({ row, seconds }) => {
        const { graph } = workloads[row];
        if (!graph || !keep(row)) return [];
        const node = operatorOfGraph(graph),
          kernel = kernelOf(node);
        return node.op === 'opaque' && kernel.kind === 'other' ? [] : [{ kernel, seconds }];
      }),
    }));
}

/** The kernel of one operator, as the kernels of a model are described: as if its elements were fp32. */
export function kernelOf(op: MappedOp): KernelWork {
  const { bytes, weightBytes, ...kernel } = kernelOfOperator(op, op.inputs, operatorNamed(op.op).cost(op, op.inputs)),
    wider = DTYPE_BYTES.fp32 / DTYPE_BYTES[op.dtype];
  return { ...kernel, bytes: wider * bytes, weightBytes: wider * weightBytes };
}

/** Keeps the operators that a dataset's splits do not say to be of left-out models alone. */
export function operatorsWithout({ splits }: Dataset, isLeft: (model: string) => boolean): (row: number) => boolean {
  const ofLeft = new Set<number>(),
    ofOthers = new Set<number>();
  for (const [model, rows] of Object.entries(splits))
    for (const row of rows) (isLeft(model) ? ofLeft : ofOthers).add(Number(row));
  return (row) => !ofLeft.has(row) || ofOthers.has(row);
}
