import { z } from 'zod';
import { TARGETS, type Target } from '../graph/targets.js';
import type { Workload } from '../graph/workload.js';

/** One measured value, as it stands in `measurements.parquet`. */
export const MeasurementSchema = z.strictObject({
  /** canonical workload id */
  workload: z.string().min(1),
  /** the device or execution configuration that was measured, e.g. `titan_rtx_256` */
  device: z.string().min(1),
  /** key into the device's conditions; empty where the device has one condition only */
  condition: z.string(),
  target: z.enum(TARGETS),
  /** SI */
  value: z.number().positive().refine(Number.isFinite, 'must be finite'),
  /** passes behind the value; null where the source does not say */
  repeats: z.int().positive().nullable(),
  /** median absolute deviation of the logs of the passes; null where the source does not say */
  spread: z.number().nonnegative().nullable(),
});
export type Measurement = z.infer<typeof MeasurementSchema>;

/** How it ran. Every field may be unknown (absent). */
const ConditionSchema = z.strictObject({
  batch: z.int().positive().optional(),
  /** values are per image of batches that fill the device, whatever their sizes */
  fullBatch: z.literal(true).optional(),
  dtype: z.string().optional(),
  framework: z.string().optional(),
  frameworkVersion: z.string().optional(),
  backend: z.string().optional(),
  threads: z.int().positive().optional(),
  /** eager, graph, compiled */
  execution: z.string().optional(),
  clocks: z.string().optional(),
  toolVersion: z.string().optional(),
  stage: z.string().optional(),
  note: z.string().optional(),
});
export type Condition = z.infer<typeof ConditionSchema>;

/** Kind of runtime of a condition: framework, backend without its version, and way of execution, e.g. `ncnn vulkan`, `pytorch cu dynamo`. */
export const runtimeKind = (condition: Condition | undefined): string =>
  [condition?.framework, /^[a-z]+/i.exec(condition?.backend ?? '')?.[0], condition?.execution]
    .filter((part) => part)
    .join(' ')
    .toLowerCase();

export const DeviceEntrySchema = z.strictObject({
  /** name in the device catalogue, where it is there */
  hardware: z.string().optional(),
  /** conditions by key; key '' is the only condition of most devices */
  conditions: z.record(z.string(), ConditionSchema),
});
export type DeviceEntry = z.infer<typeof DeviceEntrySchema>;

/** The black-box function that is learned over: what a workload costs on a device under a condition. */
export interface Task {
  device: string;
  /** key into the device's conditions; empty where the device has one condition only */
  condition: string;
  target: Target;
}

/** All values of one task. Columns of equal length. */
export interface TaskData extends Task {
  /** positions in `Dataset.workloads` */
  rows: Int32Array;
  /** SI */
  values: Float64Array;
  /** NaN where unknown */
  spread: Float64Array;
  /** 0 where unknown */
  repeats: Int32Array;
}

export interface DatasetCard {
  name: string;
  source: string;
  licence: string;
  devices: Record<string, DeviceEntry>;
  /** noise per task id: Spearman between halves of the passes, and what it implies for their mean; only where passes were ingested */
  noise: Record<string, { halves: number; ofMean: number; medianDifference: number; passes: number }>;
  /** free text for the reader: how it was made, the command, caveats */
  notes: string[];
}

export interface Dataset {
  card: DatasetCard;
  workloads: Workload[];
  tasks: TaskData[];
  /** named lists of workload positions or device ids, e.g. `test` */
  splits: Record<string, string[]>;
}

/** `device:target`, or `device@condition:target`. */
export function taskId(task: Task): string {
  return `${task.device}${task.condition ? `@${task.condition}` : ''}:${task.target}`;
}
