import { HwcastError } from '../../../core/errors.js';
import type { KinetoCounts } from './kinetoScan.js';

/** @throws HwcastError `unsupported` where nothing of PyTorch was found */
export function refuseEmpty({ events, ops, work }: KinetoCounts, where: string): void {
  if (!ops && !work)
    throw new HwcastError('unsupported', `none of the ${events} events is a PyTorch operator or kernel`, {
      where,
      hint: 'export the trace with torch.profiler (export_chrome_trace)',
    });
}

/** @throws HwcastError `corrupt` where a trace was cut before it told what ran on a device */
export function refuseCut({ cut, work, opsOfCpu }: KinetoCounts, where: string): void {
  if (cut && !work && !opsOfCpu)
    throw new HwcastError('corrupt', cut.reason, {
      where,
      hint: 'nothing before the end says what ran on a device: copy the file again, or profile again and let the export finish',
    });
}

/**
 * Where the operators of a trace ran: on a device, on the host alone, or the reason why their times are not there. A host with a device may
 * run all on its CPU: the runtime was watched and launched nothing, or operators are those of CPUs.
 */
export function hostOrReason({
  work,
  devices,
  calls,
  launches,
  unread,
  opsOfCpu,
}: KinetoCounts): 'host' | 'device' | (string & {}) {
  if (work) return 'device';
  const count = (category: string) => unread.get(category) ?? 0;
  const mtia = count('mtia_ccp_events') + count('mtia_workloadd');
  if (mtia) return `the trace is of an MTIA device: its ${mtia} device events (mtia_ccp_events) are no kernels hwcast reads`;
  if (count('cuda_profiler_range'))
    return `the trace is a CUPTI range profile: counters of ${count('cuda_profiler_range')} ranges, no times of kernels; profile without experimental_config`;
  if (launches) return `the trace has ${launches} launches but no kernel: the profiler lost the device's events; profile again`;
  if (!devices.length || calls || opsOfCpu) return 'host';
  return 'the trace has a device but no kernel: nothing ran on it, or the profiler lacked ProfilerActivity.CUDA';
}
