import { type Condition, type Dataset, runtimeKind, type Task, taskId } from '../dataset/dataset.js';
import type { TaskValues } from './head/taskPrior.js';
import type { RunSetting } from './operatorSum/machine.js';

/** A task on the workloads of one kind; `rows` are positions in the dataset's workloads. */
export interface DomainTask extends Task, TaskValues {
  id: string;
  /** kind of runtime, e.g. `ncnn vulkan`; empty where the source does not say */
  runtime: string;
  setting: RunSetting;
  /** passes behind each value, 0 where unknown */
  repeats: Int32Array;
}

/**
 * The tasks of a dataset on the workloads of one kind; those without any are left out.
 * @param domains name of the kind of each workload (`domainOf`)
 */
export const domainTasks = ({ card, tasks }: Dataset, domains: readonly string[], domain: string): DomainTask[] =>
  tasks
    .map((task): DomainTask => {
      const keep = [...task.rows.keys()].filter((i) => domains[task.rows[i]] === domain),
        { device, condition, target } = task,
        entry = card.devices[device],
        ran = entry?.conditions[condition];
      return {
        id: taskId(task),
        device,
        condition,
        target,
        runtime: runtimeKind(ran),
        setting: settingOf(entry?.hardware, ran),
        rows: Int32Array.from(keep, (i) => task.rows[i]),
        values: Float64Array.from(keep, (i) => task.values[i]),
        repeats: Int32Array.from(keep, (i) => task.repeats[i]),
      };
    })
    .filter((task) => task.rows.length > 0);

/** Images of a batch that fills a device, where the source does not say how many. */
const FULL_BATCH = 256;

function settingOf(hardware: string | undefined, ran: Condition | undefined): RunSetting {
  const { batch, dtype, threads, execution, framework, fullBatch } = ran ?? {};
  return {
    hardware,
    batch: batch ?? (fullBatch ? FULL_BATCH : undefined),
    fullBatch,
    dtype,
    threads,
    // a host is ahead of a device that is full
    execution: fullBatch && execution === 'eager' ? 'graph' : execution,
    framework,
  };
}
