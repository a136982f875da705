import type { ColumnTable } from 'arquero';
import type { Dataset } from './dataset.js';

/** Columns of the measurements, one row each: `workload`, `device`, `condition`, `target`, `value` (SI), `repeats`, `spread` (null where unknown). */
export interface MeasurementColumns {
  workload: string[];
  device: string[];
  condition: string[];
  target: string[];
  value: number[];
  repeats: (number | null)[];
  spread: (number | null)[];
}

/** The measurements of a dataset as columns, task by task. */
export function measurementColumns({ workloads, tasks }: Pick<Dataset, 'workloads' | 'tasks'>): MeasurementColumns {
  const out: MeasurementColumns = { workload: [], device: [], condition: [], target: [], value: [], repeats: [], spread: [] };
  for (const task of tasks)
    for (let i = 0; i < task.rows.length; i++) {
      out.workload.push(workloads[task.rows[i]].id);
      out.device.push(task.device);
      out.condition.push(task.condition);
      out.target.push(task.target);
      out.value.push(task.values[i]);
      out.repeats.push(task.repeats[i] || null);
      out.spread.push(Number.isNaN(task.spread[i]) ? null : task.spread[i]);
    }
  return out;
}

/** The measurements of a dataset as an arquero table, for grouping, joining and plotting. arquero is loaded when this is called. */
export async function toTable(dataset: Pick<Dataset, 'workloads' | 'tasks'>): Promise<ColumnTable> {
  const { table } = await import('arquero');
  return table({ ...measurementColumns(dataset) });
}
