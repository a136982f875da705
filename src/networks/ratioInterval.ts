import type { Hypothesis } from '../analytical/roofline.js';
import type { DeviceSpec } from '../device/deviceSpec.js';
import { Z90 } from '../surrogate/head/tuneSettings.js';

/** Median and 90 % range of a ratio. */
export interface Range {
  median: number;
  /** 5 % lie below */
  low: number;
  /** 5 % lie above */
  high: number;
}

/** Range of a value whose log is Gaussian. */
export function logRange(log: number, deviation: number): Range {
  const at = (deviations: number) => Math.exp(log + deviations * deviation);
  return { median: at(0), low: at(-Z90), high: at(Z90) };
}

/** Measured latency / roofline over devices; `low` and `high` are for a device that was not measured. */
export interface RatioOverDevices extends Range {
  /** measured values */
  n: number;
  /** range of a measured device around its median, as factors */
  within: readonly [low: number, high: number];
  /** median ratio by measured device */
  devices: Readonly<Record<string, number>>;
}

/** Measured latency / roofline of one kind of runtime; made by datasets/collect/rooflineRatios.ts. */
export interface RuntimeRatio extends RatioOverDevices {
  /** `runtimeKind`, e.g. `pytorch cuda graph` */
  kind: string;
  unit: 'cpu' | 'gpu';
  /** the one whose ratios spread less */
  hypothesis: Hypothesis;
  /** the same beside the rooflines of the kernels that the framework launches, where these are known */
  kernels?: RatioOverDevices;
}

/** Measured power / thermal design power; made by datasets/collect/rooflineRatios.ts. */
export interface PowerShare extends Range {
  /** measured values */
  n: number;
  devices: readonly string[];
}

/** The processor that a device's peak is of, where that is known and some runtime was measured on such. */
export const unitOf = ({ kind, unit }: DeviceSpec): 'cpu' | 'gpu' | undefined =>
  kind === 'gpu' || kind === 'cpu' ? kind : kind === 'edge' ? unit : undefined;

/** Kinds of runtime that a device may run: those of its processor, all where it is neither CPU nor GPU. */
export function kindsFor(spec: DeviceSpec, ratios: readonly RuntimeRatio[]): RuntimeRatio[] {
  const unit = unitOf(spec);
  return ratios.filter((r) => !unit || r.unit === unit);
}

/** The range for one device: its own median and the spread of networks where it was measured, else that of other devices. */
export function rangeOn(device: string, ratio: RatioOverDevices): Range {
  const own = ratio.devices[device];
  return own === undefined ? ratio : { median: own, low: own * ratio.within[0], high: own * ratio.within[1] };
}

/** Logistic distributions of two halves that meet at the median have 5 % below -1 and above 1 at this steepness. */
const STEEPNESS = Math.log(19);

/** One range of a mixture in logs: two halves of logistic distributions that meet at the median. */
interface Part {
  centre: number;
  /** steepness of the half below the centre, and of the one above */
  below: number;
  above: number;
}

/** Steps of Newton's method, which may turn in a circle where two halves of a range meet, and steps with the bisections after them. */
const NEWTON_STEPS = 40,
  MOST_STEPS = 100;
/** Change of a logarithm at which a quantile is taken as found. */
const CLOSE = 1e-12;

/**
 * Quantile `share` of a mixture of equally likely parts, a logarithm: Newton's method from `start`, bisected where it would leave the bracket or does not settle.
 * @param from `to` are below and above it
 */
function mixtureQuantile(parts: readonly Part[], share: number, from: number, to: number, start: number): number {
  let x = start;
  for (let step = 0; step < MOST_STEPS; step++) {
    let excess = -share * parts.length,
      slope = 0;
    for (const { centre, below, above } of parts) {
      const steepness = x < centre ? below : above,
        p = 1 / (1 + Math.exp((centre - x) * steepness));
      excess += p;
      slope += steepness * p * (1 - p);
    }
    if (excess < 0) from = x;
    else to = x;
    const newton = x - excess / slope;
    const next = step < NEWTON_STEPS && newton > from && newton < to ? newton : (from + to) / 2;
    if (Math.abs(next - x) < CLOSE) return next;
    x = next;
  }
  return x;
}

/**
 * Median and 90 % range of something that is as likely one range as another: of the mixture in logs, each split at its median.
 * @param ranges at least one
 */
export function mixtureRange(ranges: readonly Range[]): Range {
  if (ranges.length === 1) return ranges[0];
  let [from, to, centres] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0];
  const parts = ranges.map(({ median, low, high }): Part => {
    const centre = Math.log(median),
      bottom = Math.log(low),
      top = Math.log(high);
    from = Math.min(from, bottom);
    to = Math.max(to, top);
    centres += centre;
    return { centre, below: STEEPNESS / (centre - bottom), above: STEEPNESS / (top - centre) };
  });
  const quantile = (share: number, start: number) => mixtureQuantile(parts, share, from, to, start);
  const median = quantile(0.5, centres / parts.length);
  return { median: Math.exp(median), low: Math.exp(quantile(0.05, from)), high: Math.exp(quantile(0.95, to)) };
}

/** Range of the product of two that vary on their own, in logs. */
export function productRange(a: Range, b: Range): Range {
  const median = a.median * b.median;
  const width = (end: 'low' | 'high') => Math.hypot(Math.log(a[end] / a.median), Math.log(b[end] / b.median));
  return { median, low: median * Math.exp(-width('low')), high: median * Math.exp(width('high')) };
}
