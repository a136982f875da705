import type { Hypothesis } from '../analytical/roofline.js';
import type { DeviceSpec } from '../device/deviceSpec.js';

/** Median and 90 % range of a ratio. */
export interface Range {
  median: number;
  /** 5 % lie below */
  low: number;
  /** 5 % lie above */
  high: number;
}

/** Measured latency / roofline of one kind of runtime; made by datasets/collect/rooflineRatios.ts. */
export interface RuntimeRatio extends Range {
  /** `runtimeKind`, e.g. `pytorch cuda graph`; `low` and `high` are for a device that was not measured */
  kind: string;
  unit: 'cpu' | 'gpu';
  /** the one whose ratios spread less */
  hypothesis: Hypothesis;
  /** measured values */
  n: number;
  /** range of a measured device around its median, as factors */
  within: readonly [low: number, high: number];
  /** median ratio by measured device */
  devices: Readonly<Record<string, number>>;
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
export function rangeOn(device: string, ratio: RuntimeRatio): Range {
  const own = ratio.devices[device];
  return own === undefined ? ratio : { median: own, low: own * ratio.within[0], high: own * ratio.within[1] };
}

/** Logistic distributions of two halves that meet at the median have 5 % below -1 and above 1 at this steepness. */
const STEEPNESS = Math.log(19);

/**
 * Median and 90 % range of something that is as likely one range as another: of the mixture in logs, each split at its median.
 * @param ranges at least one
 */
export function mixtureRange(ranges: readonly Range[]): Range {
  if (ranges.length === 1) return ranges[0];
  const parts = ranges.map(({ median, low, high }) => {
    const centre = Math.log(median);
    return { centre, below: STEEPNESS / (centre - Math.log(low)), above: STEEPNESS / (Math.log(high) - centre) };
  });
  const from = Math.log(Math.min(...ranges.map((r) => r.low))),
    to = Math.log(Math.max(...ranges.map((r) => r.high)));
  const at = (share: number): number => {
    let [a, b] = [from, to];
    for (let i = 0; i < 30; i++) {
      const x = (a + b) / 2;
      let sum = 0;
      for (const { centre, below, above } of parts) sum += 1 / (1 + Math.exp((centre - x) * (x < centre ? below : above)));
      if (sum < share * parts.length) a = x;
      else b = x;
    }
    return Math.exp((a + b) / 2);
  };
  return { median: at(0.5), low: at(0.05), high: at(0.95) };
}

/** Range of the product of two that vary on their own, in logs. */
export function productRange(a: Range, b: Range): Range {
  const median = a.median * b.median;
  const width = (end: 'low' | 'high') => Math.hypot(Math.log(a[end] / a.median), Math.log(b[end] / b.median));
  return { median, low: median * Math.exp(-width('low')), high: median * Math.exp(width('high')) };
}
