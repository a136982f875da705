import type { Task } from '../dataset/dataset.js';
import { ModelTable } from './modelTable.js';

/** A table without some of its tasks. */
export const withoutTasks = (table: ModelTable, left: (task: Task) => boolean): ModelTable => {
  const { tasks, models, logs } = table.values,
    kept = tasks.map((_, c) => c).filter((c) => !left(tasks[c]));
  // a model that only the left tasks measured is not known any more
  return restricted(table, kept, (m) => kept.some((c) => !Number.isNaN(logs[c * models.length + m])));
};

/** A table without some of its models, and without the sums that were fitted to them. */
export const withoutModels = (table: ModelTable, left: (model: number) => boolean): ModelTable => {
  const { sums: _sums, drawn: _drawn, ...values } = table.values;
  return restricted(
    new ModelTable(values),
    values.tasks.map((_task, c) => c),
    (m) => !left(m),
  );
};

/** The columns `kept` of a table, and the models that are kept. */
function restricted(table: ModelTable, kept: readonly number[], keep: (model: number) => boolean): ModelTable {
  const { tasks, models, logs, sums } = table.values,
    rows = models.map((_, m) => m).filter(keep);
  const values = new Float64Array(kept.length * rows.length);
  kept.forEach((c, i) => {
    rows.forEach((m, j) => {
      values[i * rows.length + j] = logs[c * models.length + m];
    });
  });
  const of = sums?.flatMap((sum) => (kept.includes(sum.column) ? [{ ...sum, column: kept.indexOf(sum.column) }] : []));
  // draws of the weights of a further task knew the tasks that are left out
  const { drawn: _, ...rest } = table.values;
  return new ModelTable({
    ...rest,
    tasks: kept.map((c) => tasks[c]),
    models: rows.map((m) => models[m]),
    logs: values,
    ...(of ? { sums: of } : {}),
  });
}
