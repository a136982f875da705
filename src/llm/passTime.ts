import { attentionTime } from '../analytical/rules/attentionTime.js';
import { allReduce, allToAll, type Link, pointToPoint } from '../analytical/rules/collectives.js';
import { FITTED, POWER } from '../analytical/rules/fittedEfficiencies.js';
import { gemmTime } from '../analytical/rules/gemm.js';
import { type Bound, type DeviceRates, type KernelTime, kernelTime } from '../analytical/rules/kernelTime.js';
import { powerOf } from '../analytical/rules/power.js';
import { HwcastError } from '../core/errors.js';
import type { DeviceSpec, PeakDtype } from '../device/deviceSpec.js';
import { launchOverhead } from '../device/launchOverhead.js';
import { peakFor } from '../device/peakFor.js';
import type { LlmSetup } from './llmSetup.js';
import type { PassOperator } from './operatorForms.js';

/** An operator of a pass with its time, all of its runs together. */
export interface TimedOperator {
  name: string;
  family: PassOperator['family'] | 'framework';
  count: number;
  flops: number;
  bytes: number;
  /** seconds of all runs; 5 % and 95 % by the errors of its family on devices that its constants were not fitted to */
  time: number;
  low: number | null;
  high: number | null;
  bound: Bound | 'host';
  /** joules of one device */
  energy: number | null;
}

export interface PassTime {
  /** seconds */
  time: number;
  /** joules of all devices; null where the power is not known */
  energy: number | null;
  operators: TimedOperator[];
}

/** Seconds before a message moves, and the share of a link's rate that long ones reach; fitted: `FITTED.network`. */
const NETWORK = FITTED.network;

/** What all operators of a setup share. */
export type PassCost = (operators: readonly PassOperator[], stages: number) => PassTime;

/** @throws HwcastError `unsupported` where the catalogue has no bandwidth or no peak of the device */
export function passCost(setup: LlmSetup): PassCost {
  const { device, formats } = setup;
  if (device.bandwidth === undefined)
    throw new HwcastError('unsupported', `device '${device.name}' has no memory bandwidth in the catalogue (${device.source})`, {
      hint: 'choose another device (hwcast devices)',
    });
  const wide = ratesOf(device, peakDtype(formats.wide.compute, formats.wide.name)),
    narrow = formats.weights.compute === 'wide' ? wide : ratesOf(device, formats.weights.compute as PeakDtype);
  const link: Link = { alpha: NETWORK.launch, bandwidth: NETWORK.memory * (setup.link ?? device.interconnect ?? 0) };
  return (operators, stages) => {
    const timed = operators.map((o) => timedOperator(o, { rates: o.narrow ? narrow : wide, link, setup }));
    const time = timed.reduce((sum, o) => sum + o.time, 0);
    const energies = timed.map((o) => o.energy);
    const energy = energies.some((e) => e === null) ? null : energies.reduce<number>((sum, e) => sum + e!, 0) * setup.tp;
    // stages of a pipeline wait for one another: they draw their idle power meanwhile
    const waiting = stages > 1 && device.idle !== undefined ? (stages - 1) * setup.tp * device.idle * time : 0;
    return { time, energy: energy === null ? null : energy + waiting, operators: timed };
  };
}

const peakDtype = (compute: PeakDtype | 'wide', name: string): PeakDtype => (compute === 'wide' ? (name as PeakDtype) : compute);

function ratesOf(device: DeviceSpec, dtype: PeakDtype): DeviceRates {
  const launch = device.kind === 'gpu' && !device.launch ? undefined : launchOverhead(device).kernel;
  return { peak: peakFor(device, dtype).rate, bandwidth: device.bandwidth!, units: device.units, launch };
}

function timedOperator(
  o: PassOperator,
  { rates, link, setup }: { rates: DeviceRates; link: Link; setup: LlmSetup },
): TimedOperator {
  const fitted = FITTED[efficiencyOf(o)];
  const once = isMessage(o) ? messageTime(o, link, setup) : kernelOf(o, rates, setup);
  const time = once.time * o.count;
  const { tdp, idle } = setup.device;
  const use = {
    compute: o.work.flops / once.time / rates.peak,
    memory: isMessage(o) ? 0 : o.work.bytes / once.time / rates.bandwidth,
  };
  return {
    name: o.name,
    family: o.family,
    count: o.count,
    flops: o.work.flops * o.count,
    bytes: o.work.bytes * o.count,
    time,
    low: time * fitted.band[0],
    high: time * fitted.band[1],
    bound: once.bound,
    energy: tdp === undefined ? null : powerOf(use, { limit: tdp, idle }, POWER) * time,
  };
}

const isMessage = ({ family }: PassOperator): boolean =>
  family === 'all-reduce' || family === 'all-to-all' || family === 'point-to-point';

/** Name of the constants of an operator. */
function efficiencyOf(o: PassOperator): string {
  return isMessage(o) ? 'network' : o.family;
}

/** Rows up to which narrow weights are multiplied by kernels for vectors, which widen them on the way and use no tiles. */
const VECTOR_ROWS = 8;

/** Products are dealt out in large tiles on GPUs only; processors of other kinds work in tiles of registers, which waste little. */
const isTiled = ({ gemm, narrow }: PassOperator, { device, formats }: LlmSetup): boolean =>
  device.kind === 'gpu' && !(narrow && formats.weights.compute === 'wide' && gemm!.m <= VECTOR_ROWS);

function kernelOf(o: PassOperator, rates: DeviceRates, setup: LlmSetup): KernelTime {
  const e = FITTED[efficiencyOf(o)];
  if (o.gemm && isTiled(o, setup)) return gemmTime(o.gemm, o.work, rates, e);
  if (o.attention) return attentionTime(o.attention, o.work, rates, e);
  return kernelTime(o.work, rates, e);
}

function messageTime(o: PassOperator, link: Link, { tp, ep }: LlmSetup): KernelTime {
  const { bytes } = o.work;
  const time =
    o.family === 'all-reduce'
      ? allReduce(tp, bytes, link)
      : o.family === 'all-to-all'
        ? allToAll(ep, bytes, link)
        : pointToPoint(bytes, link);
  return { time, compute: 0, memory: 0, bound: 'network' };
}
