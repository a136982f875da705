import { networkOf } from '../analytical/networkOf.js';
import { powerConstants } from '../analytical/powerConstants.js';
import { attentionTime } from '../analytical/rules/attentionTime.js';
import { allGather, allReduce, allToAll, type Network, pointToPoint } from '../analytical/rules/collectives.js';
import { KERNEL_FAMILIES, type KernelFamily } from '../analytical/rules/efficiencies.js';
import { FITTED } from '../analytical/rules/fittedEfficiencies.js';
import { gemmTime } from '../analytical/rules/gemm.js';
import { type Bound, type DeviceRates, type KernelTime, kernelTime } from '../analytical/rules/kernelTime.js';
import { streamedPass } from '../analytical/rules/offload.js';
import { capSlowdown, powerOf, restPower } from '../analytical/rules/power.js';
import { scanTime } from '../analytical/rules/scanTime.js';
import { HwcastError } from '../core/errors.js';
import type { DeviceSpec, PeakDtype } from '../device/deviceSpec.js';
import { launchOverhead } from '../device/launchOverhead.js';
import { peakFor } from '../device/peakFor.js';
import { hostTier, type LlmSetup } from './llmSetup.js';
import type { PassOperator } from './operatorForms.js';

/** An operator of a pass with its time, all of its runs together. */
export interface TimedOperator {
  name: string;
  family: PassOperator['family'] | 'framework' | 'host-transfer';
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
  /** seconds of its arithmetic at the peak rate, or of its weights and cache at the memory's: no framework is faster */
  least: number;
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
  const ratesFor = ({ compute, narrow: isNarrow }: PassOperator) =>
    compute ? ratesOf(device, compute) : isNarrow ? narrow : wide;
  return (operators, stages) => {
    const kernels = operators.map((o) => timedOperator(o, { rates: ratesFor(o), setup }));
    const timed = [...kernels, ...hostTransfer(kernels, operators, setup)];
    const time = timed.reduce((sum, o) => sum + o.time, 0);
    const energies = timed.map((o) => o.energy);
    const energy = energies.some((e) => e === null) ? null : energies.reduce<number>((sum, e) => sum + e!, 0) * setup.tp;
    // stages of a pipeline wait for one another: they draw their idle power meanwhile
    const waiting = stages > 1 && device.idle !== undefined ? (stages - 1) * setup.tp * device.idle * time : 0;
    return {
      time,
      least: leastTime(operators, ratesFor),
      energy: energy === null ? null : energy + waiting,
      operators: timed,
    };
  };
}

/** Families whose traffic is mostly weights and cache; what others pass on may stay in a device's caches. */
const STREAMED: ReadonlySet<string> = new Set<KernelFamily>([
  'gemm',
  'decodeAttention',
  ...KERNEL_FAMILIES.filter((family) => /experts$/i.test(family)),
]);

function leastTime(operators: readonly PassOperator[], ratesFor: (o: PassOperator) => DeviceRates): number {
  let arithmetic = 0,
    traffic = 0;
  for (const o of operators) {
    if (isMessage(o)) continue;
    const { peak, bandwidth } = ratesFor(o);
    arithmetic += (o.count * o.work.flops) / peak;
    if (STREAMED.has(o.family)) traffic += (o.count * o.work.bytes) / bandwidth;
  }
  return Math.max(arithmetic, traffic);
}

const peakDtype = (compute: PeakDtype | 'wide', name: string): PeakDtype => (compute === 'wide' ? (name as PeakDtype) : compute);

function ratesOf(device: DeviceSpec, dtype: PeakDtype): DeviceRates {
  const launch = device.kind === 'gpu' && !device.launch ? undefined : launchOverhead(device).kernel;
  return { peak: peakFor(device, dtype).rate, bandwidth: device.bandwidth!, units: device.units, launch };
}

/** What a pass waits for weights that are not on the device: nothing where they come while kernels run. */
function hostTransfer(kernels: readonly TimedOperator[], operators: readonly PassOperator[], setup: LlmSetup): TimedOperator[] {
  const { offload, device } = setup,
    tier = hostTier(setup);
  if (!offload?.bytes || !tier) return [];
  const compute = kernels.reduce((sum, o) => sum + o.time, 0),
    blocks = Math.max(1, ...operators.flatMap((o) => (o.gemm ? [o.count] : []))),
    time = streamedPass(compute, offload.bytes, tier, { blocks, overlaps: offload.overlaps }) - compute;
  const energy =
    device.tdp === undefined ? null : restPower({ limit: device.tdp, idle: device.idle }, powerConstants(device)) * time;
  return [
    {
      name: 'weights_from_host',
      family: 'host-transfer',
      count: 1,
      flops: 0,
      bytes: offload.bytes,
      time,
      low: null,
      high: null,
      bound: 'host',
      energy,
    },
  ];
}

function timedOperator(o: PassOperator, { rates, setup }: { rates: DeviceRates; setup: LlmSetup }): TimedOperator {
  const fitted = FITTED[efficiencyOf(o)];
  const once = isMessage(o) ? messageTime(o, setup) : kernelOf(o, rates, setup);
  const { tdp, idle } = setup.device;
  const use = {
    compute: o.work.flops / once.time / rates.peak,
    memory: isMessage(o) ? 0 : o.work.bytes / once.time / rates.bandwidth,
  };
  const slower = underCap(once, use, setup),
    time = once.time * slower.by * o.count;
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
    energy:
      tdp === undefined ? null : Math.min(slower.cap, powerOf(use, { limit: tdp, idle }, powerConstants(setup.device))) * time,
  };
}

/** How much longer a kernel takes under the setup's power cap. */
function underCap(
  { compute, memory }: KernelTime,
  use: { compute: number; memory: number },
  { powerCap: cap, device }: LlmSetup,
): { by: number; cap: number } {
  const { tdp, idle } = device,
    constants = powerConstants(device);
  if (cap === undefined || tdp === undefined) return { by: 1, cap: Number.POSITIVE_INFINITY };
  const limits = { limit: tdp, idle },
    draw = powerOf(use, limits, constants),
    share = compute + memory > 0 ? compute / (compute + memory) : 0;
  return { by: capSlowdown({ draw, idle: restPower(limits, constants), cap }, share), cap };
}

/** Families of messages: how many devices take part, and how long one takes. */
const MESSAGES: Readonly<
  Record<string, { peers: (setup: LlmSetup) => number; time: (n: number, bytes: number, network: Network) => number }>
> = {
  'all-reduce': { peers: ({ tp }) => tp, time: allReduce },
  'all-gather': { peers: ({ tp }) => tp, time: allGather },
  'reduce-scatter': { peers: ({ tp }) => tp, time: allGather },
  'all-to-all': { peers: ({ ep }) => ep, time: allToAll },
  'point-to-point': { peers: () => 2, time: (_, bytes, network) => pointToPoint(bytes, network) },
};

const isMessage = ({ family }: PassOperator): boolean => family in MESSAGES;

/**
 * Name of the constants of an operator. Narrow products take those of bf16: lone fp8 and fp4 products were measured with the quantisation of their inputs
 * beside them, which servers fuse; with constants of their own the times of served models in fp8 and fp4 are further off (docs/llm.md).
 */
const efficiencyOf = (o: PassOperator): string => (isMessage(o) ? 'network' : o.family);

/** Rows up to which narrow weights are multiplied by kernels for vectors, which widen them on the way and use no tiles. */
const VECTOR_ROWS = 8;

/** Products are dealt out in large tiles on GPUs only; processors of other kinds work in tiles of registers, which waste little. */
const isTiled = ({ gemm, narrow }: PassOperator, { device, formats }: LlmSetup): boolean =>
  device.kind === 'gpu' && !(narrow && formats.weights.compute === 'wide' && gemm!.m <= VECTOR_ROWS);

function kernelOf(o: PassOperator, rates: DeviceRates, setup: LlmSetup): KernelTime {
  const e = FITTED[efficiencyOf(o)];
  if (o.gemm && isTiled(o, setup)) return gemmTime(o.gemm, o.work, rates, e);
  if (o.attention) return attentionTime(o.attention, o.work, rates, e);
  return o.scan ? scanTime(o.scan, o.work, rates, e) : kernelTime(o.work, rates, e);
}

function messageTime(o: PassOperator, setup: LlmSetup): KernelTime {
  const { peers, time } = MESSAGES[o.family],
    n = peers(setup);
  return {
    time: time(n, o.work.bytes, networkOf(setup.device, NETWORK, n, setup.link)),
    compute: 0,
    memory: 0,
    bound: 'network',
  };
}
