import type { DeviceSpec } from '../device/deviceSpec.js';
import { launchOverhead } from '../device/launchOverhead.js';

/** Makers whose GPUs answer to PyTorch's CUDA interface. */
const CUDA_MAKERS: readonly string[] = ['NVIDIA', 'AMD'];

/**
 * Seconds that the host needed for a kernel of aiconfigurator's tables; undefined where it replayed a graph. Its benchmark captures one where
 * `torch.cuda.is_available()` and calls the kernel six times from Python elsewhere (collector/helper.py, `benchmark_with_power`), so that on Intel's GPUs
 * short kernels take as long as a call.
 */
export const benchmarkDispatch = (device: DeviceSpec): number | undefined =>
  CUDA_MAKERS.includes(device.vendor) ? undefined : launchOverhead(device).dispatch;
