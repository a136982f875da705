import { parseEvent } from './parseEvent.js';

/** What a trace says of one device. */
export interface DeviceHeader {
  id: number;
  name: string;
  memoryBytes?: number;
  sms?: number;
  compute?: string;
}

/** Only the fields of hardware are read, each checked; names of anything else never are. */
export function deviceHeaders(text: string): DeviceHeader[] {
  const list = parseEvent(`{"list":${text}}`)?.list;
  if (!Array.isArray(list)) return [];
  return list.flatMap((d: Record<string, unknown>) => {
    if (typeof d?.name !== 'string') return [];
    const header: DeviceHeader = { id: Number(d.id ?? 0), name: d.name.slice(0, 80) };
    const memory = Number(d.totalGlobalMem),
      sms = Number(d.numSms ?? d.multiProcessorCount);
    const major = Number(d.computeMajor ?? d.major),
      minor = Number(d.computeMinor ?? d.minor);
    if (memory > 0) header.memoryBytes = memory;
    if (sms > 0) header.sms = sms;
    if (major > 0) header.compute = `${major}.${minor || 0}`;
    return [header];
  });
}
