import { z } from 'zod';

/** Number formats a data sheet states a peak for. */
export const PEAK_DTYPES = ['fp64', 'fp32', 'tf32', 'fp16', 'bf16', 'fp8', 'fp4', 'int16', 'int8', 'int4', 'int1'] as const;
export type PeakDtype = (typeof PEAK_DTYPES)[number];

const DEVICE_KINDS = ['gpu', 'tpu', 'npu', 'cpu', 'edge', 'fpga'] as const;
export type DeviceKind = (typeof DEVICE_KINDS)[number];

/**
 * How devices are linked. `switch`: every device reaches every other at its full rate (NVSwitch); `in-switch`: the switch adds as well (NVLink SHARP);
 * `mesh`: a link of its own to each of the others (xGMI, NVLink of eight V100s); `ring`: links to two neighbours; `pair`: a bridge between two, all others
 * over the host; `host`: all of them over the host's bridge (PCIe).
 */
export const TOPOLOGIES = ['switch', 'in-switch', 'mesh', 'ring', 'pair', 'host'] as const;
export type Topology = (typeof TOPOLOGIES)[number];

const Rate = z.number().positive();

/** A piece of hardware as its data sheet describes it. SI units; a field that is not published or not certain is absent. */
export const DeviceSpecSchema = z.strictObject({
  name: z.string().min(1),
  vendor: z.string().min(1),
  kind: z.enum(DEVICE_KINDS),
  /** which processor of an edge device `peak` is of, where it is one of the two */
  unit: z.enum(['cpu', 'gpu']).optional(),
  /** CUDA compute capability (CUDA C++ programming guide): libraries choose kernels by it */
  capability: z.number().positive().optional(),
  /** processors that take tiles of work on their own: streaming multiprocessors, compute units, Xe cores */
  units: z.int().positive().optional(),
  /** dense peak in operations per second (a multiply-accumulate counts 2), tensor or matrix units where the device has them */
  peak: z.partialRecord(z.enum(PEAK_DTYPES), Rate),
  /** main memory, bytes per second */
  bandwidth: Rate.optional(),
  /** main memory, bytes (SRAM for microcontrollers and the Edge TPU) */
  memory: Rate.optional(),
  /** of microcontrollers: bytes that weights are read from in place, so that `memory` holds activations only */
  flash: Rate.optional(),
  /** of microcontrollers: cycles per second; `peak` over twice this are multiply-accumulates a cycle (`macsPerCycle`) */
  clock: Rate.optional(),
  /** bytes of L2 of a GPU, last-level cache of a CPU, on-chip SRAM of a TPU or NPU */
  cache: Rate.optional(),
  /** of that cache, read, bytes per second */
  cacheBandwidth: Rate.optional(),
  /** one direction per device, bytes per second */
  interconnect: Rate.optional(),
  /** how devices of one host are linked; `host` where the catalogue does not say */
  topology: z.enum(TOPOLOGIES).optional(),
  /** one direction between the host's memory and the device, bytes per second */
  hostLink: Rate.optional(),
  /** board, module or package limit, watts */
  tdp: Rate.optional(),
  /** watts */
  idle: Rate.optional(),
  /** how power follows what kernels reach of the rates above, as shares (`analytical/rules/power.ts`); of all measured devices unless told */
  power: z.strictObject({ base: Rate.max(1), compute: z.number().nonnegative(), memory: z.number().nonnegative() }).optional(),
  /** other names, e.g. what drivers and datasets call it */
  aliases: z.array(z.string().min(1)).optional(),
  /** seconds a kernel takes before it works, and that a framework needs to hand over one operator; defaults per kind: `launchOverhead` */
  launch: z.strictObject({ kernel: Rate, dispatch: Rate }).optional(),
  /** where the numbers come from */
  source: z.string().min(1),
});
export type DeviceSpec = z.infer<typeof DeviceSpecSchema>;

/** Multiply-accumulates a cycle by data type, of devices whose clock the catalogue has (microcontrollers). */
export const macsPerCycle = ({ clock, peak }: Pick<DeviceSpec, 'clock' | 'peak'>): Partial<Record<PeakDtype, number>> =>
  clock === undefined ? {} : Object.fromEntries(Object.entries(peak).map(([dtype, rate]) => [dtype, rate / (2 * clock)]));
