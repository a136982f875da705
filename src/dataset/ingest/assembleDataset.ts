import { HwcastError } from '../../core/errors.js';
import { findDevice } from '../../device/deviceNamed.js';
import { hardwareOfDevice } from '../../device/hardwareOfDevice.js';
import type { Workload } from '../../graph/workload.js';
import type { Framework } from '../../trace/traceReader.js';
import type { Condition, Dataset, DeviceEntry, TaskData } from '../dataset.js';
import type { IngestOptions } from './ingestOptions.js';
import type { IngestTask } from './ingestTask.js';

/**
 * Condition of what the profiler of a framework measured: it slows the host, so whole networks take longer than without it. PyTorch's, the first that was
 * read, has no name in it; nn-Meter's datasets were measured without one.
 */
export const profiledCondition = (framework: Framework): string =>
  framework === 'pytorch' ? 'profiled' : framework === 'nn-meter' ? framework : `profiled-${framework}`;

const NOTES: Readonly<Record<Framework, string>> = {
  pytorch: 'from profiler traces: operators by the time of their kernels, networks by step with the profiler on',
  onnxruntime:
    'from profiles of ONNX Runtime: operators by the time of their node, fused ones under the operator that leads, networks by run',
  tensorrt:
    'from layer profiles of TensorRT: operators by the mean time of their layer, fused ones under the operator that leads',
  tflite: 'from operator profiles of benchmark_model: operators by their mean time',
  tvm: 'from tuning logs of AutoTVM: operators by the mean time of their fastest configuration',
  'nn-meter': "from nn-Meter's dataset: networks by their mean latency on a device with its runtime, no profiler",
  xla: 'from XPlane profiles and tuning data of XLA: instructions by the time of their kernels, fusions under the convolution or product in them',
  cuda: 'from kernels of Nsight Systems joined with the model: operators by the time of their kernels',
};

const PROFILED = new Map<string, Condition>(
  (Object.keys(NOTES) as Framework[]).map((framework) => [profiledCondition(framework), { framework, note: NOTES[framework] }]),
);

/**
 * Tasks with their values -> dataset: workloads by id, rows of a task by workload, devices with their catalogue name where it has one.
 * @param headers name a trace gives each device id
 * @throws HwcastError `bad-input` where a table and a trace give the same measurement.
 */
export function assembleDataset(
  tasks: readonly IngestTask[],
  workloads: ReadonlyMap<string, Workload>,
  headers: ReadonlyMap<string, string>,
  noise: Dataset['card']['noise'],
  options: IngestOptions,
): Dataset {
  const ids = [...new Set(tasks.flatMap((t) => t.values.map((v) => v.workload)))].sort();
  const position = new Map(ids.map((id, i) => [id, i]));
  const devices = new Map<string, DeviceEntry>();
  for (const { device, condition } of tasks) {
    const told = options.devices?.[device],
      header = headers.get(device);
    const hardware = told?.hardware ?? hardwareOfDevice(device)?.spec.name ?? (header && findDevice(header)?.name);
    const entry = devices.get(device) ?? { ...(hardware ? { hardware } : {}), conditions: {} };
    devices.set(device, entry);
    entry.conditions[condition] = {
      ...PROFILED.get(condition),
      ...told?.conditions[condition],
    };
  }
  const { name = 'ingested', source = 'own measurements', licence = 'not stated', notes = [] } = options;
  return {
    card: { name, source, licence, devices: Object.fromEntries(devices), noise, notes: [...notes] },
    workloads: ids.map((id) => workloads.get(id)!),
    tasks: tasks.map((task) => taskData(task, position)),
    splits: {},
  };
}

function taskData({ device, condition, target, values }: IngestTask, position: ReadonlyMap<string, number>): TaskData {
  const at = values.map((v) => ({ ...v, row: position.get(v.workload)! })).sort((a, b) => a.row - b.row);
  const twice = at.find((v, i) => i > 0 && at[i - 1].row === v.row);
  if (twice)
    throw new HwcastError(
      'bad-input',
      `${target} of '${twice.workload}' on '${device}' under '${condition}' is given by a table and by a trace`,
      {
        hint: 'give the rows of the table another condition',
      },
    );
  return {
    device,
    condition,
    target,
    rows: Int32Array.from(at, (v) => v.row),
    values: Float64Array.from(at, (v) => v.value),
    spread: Float64Array.from(at, (v) => v.spread ?? Number.NaN),
    repeats: Int32Array.from(at, (v) => v.repeats ?? 0),
  };
}
