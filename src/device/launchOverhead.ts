import { HwcastError } from '../core/errors.js';
import type { DeviceKind, DeviceSpec } from './deviceSpec.js';

/** Seconds; `range` is what was seen, `source` where. */
export interface LaunchOverhead {
  /** from the start of a kernel until it does work: paid by every kernel */
  kernel: number;
  /** what an eager framework on the host needs to hand over one operator: the device waits where its kernel is shorter */
  dispatch: number;
  range: { kernel: readonly [number, number]; dispatch: readonly [number, number] };
  source: string;
}

const US = 1e-6;
const GPU = { kernel: 4 * US, dispatch: 40 * US, range: { kernel: [2 * US, 6 * US], dispatch: [10 * US, 50 * US] } } as const;

/**
 * Defaults per kind. GPU kernel: t0 of max(F / 0.75 peak, B / 0.8 BW) + 4 us fitted to GEMMs of A100 to B200 (smallest 1.6-2.5 us), and 2-3 us an
 * operator in the captured CUDA graphs of the embedded H100 measurements. The rest: slope of latency over the number of operators (eager) or
 * kernels (compiled), arithmetic taken out, of NAS-Bench-201 networks at batch 1. A device's own `launch` goes before these.
 */
const DEFAULTS: Readonly<Record<Exclude<DeviceKind, 'fpga'>, LaunchOverhead>> = {
  gpu: {
    ...GPU,
    source:
      'kernel: GEMM fit on A100-B200 (2-6 us); dispatch: eager PyTorch networks on H100 (42 us) and GTX 1080 Ti (49 us), 10 us for a lone operator',
  },
  tpu: { ...GPU, source: 'taken from the GPU figures: no TPU was measured' },
  cpu: {
    kernel: 2 * US,
    dispatch: 45 * US,
    range: { kernel: [0.2 * US, 12 * US], dispatch: [17 * US, 56 * US] },
    source:
      'kernel: ONNX Runtime, one thread of a Xeon; dispatch: eager PyTorch on Xeon Silver 4210R (37 us), 4114 (56 us), one thread (17 us)',
  },
  edge: {
    kernel: 20 * US,
    dispatch: 50 * US,
    range: { kernel: [9 * US, 36 * US], dispatch: [17 * US, 113 * US] },
    source:
      'kernel: Adreno 630 and 640 (15-20 us), Edge TPU (9-11 us), Jetson (33 us); dispatch: phones Galaxy A50 (51 us), Essential PH-1 (47 us), Galaxy S7 (113 us)',
  },
  npu: {
    kernel: 20 * US,
    dispatch: 20 * US,
    range: { kernel: [9 * US, 36 * US], dispatch: [9 * US, 36 * US] },
    source: 'Edge TPU (9-11 us) and Myriad X (36 us); compiled only, so an operator costs a kernel',
  },
};

/**
 * Launch overhead of a device: its own where the catalogue has it, else the default of its kind.
 * @throws HwcastError `unsupported` for an FPGA, whose designs are not launched operator by operator.
 */
export function launchOverhead(device: DeviceSpec): LaunchOverhead {
  if (device.kind === 'fpga')
    throw new HwcastError(
      'unsupported',
      `device '${device.name}' is an FPGA: its designs are not launched operator by operator`,
      {
        hint: 'the roofline covers GPUs, CPUs, TPUs, NPUs and edge devices',
      },
    );
  const own = device.launch;
  return own
    ? { ...own, range: { kernel: [own.kernel, own.kernel], dispatch: [own.dispatch, own.dispatch] }, source: device.source }
    : DEFAULTS[device.kind];
}
