import { HYPOTHESES } from '../../src/analytical/roofline.js';
import { median, quantile, standardDeviation, weightedQuantile } from '../../src/core/statistics.js';
import type { PowerShare, RatioOverDevices, RuntimeRatio } from '../../src/networks/ratioInterval.js';
import type { KernelRatioRow } from './kernelRatioRows.js';
import { grouped, KINDS, type RatioRow } from './ratioRows.js';

const Z95 = 1.645;
/** 95 % quantile of Student's t, to 1 % from five degrees of freedom, to 2 % at three (Abramowitz and Stegun, 26.7.5). */
const student = (degrees: number): number =>
  Z95 + (Z95 ** 3 + Z95) / (4 * degrees) + (degrees < 4 ? (5 * Z95 ** 5 + 16 * Z95 ** 3 + 3 * Z95) / (96 * degrees ** 2) : 0);
/** Devices from which a spread between devices is taken, and from which it is beside rooflines of kernels, which spread less. */
const ENOUGH = 5,
  ENOUGH_OF_KERNELS = 4;

/** A ratio of a kind of runtime on a device. */
interface Ratio extends Pick<RatioRow, 'kind' | 'device' | 'dataset' | 'configuration'> {
  /** of measured / roofline */
  log: number;
}

interface Spread {
  kind: string;
  n: number;
  /** log of the median ratio by device */
  centres: Map<string, number>;
  /** 5 and 95 % of the logs around the median of their device */
  within: [low: number, high: number];
}

/** Half-widths in logs for a device that was not measured: networks within a device, and devices by Student's t. */
function halfWidths({ centres, within }: Spread, lender: Spread): [below: number, above: number] {
  const count = lender.centres.size;
  const between = standardDeviation([...lender.centres.values()]) * Math.sqrt(count / (count - 1));
  const device = student(count - 1) * between * Math.sqrt(1 + 1 / centres.size);
  return [Math.hypot(within[0], device), Math.hypot(within[1], device)];
}

/** The hypothesis under which the ratios spread less: over devices too, where they are enough. */
function narrower<T extends Spread>(eager: T, compiled: T): T {
  const width = (s: Spread): number => {
    const [below, above] = s.centres.size >= ENOUGH ? halfWidths(s, s) : [-s.within[0], s.within[1]];
    return below + above;
  };
  return width(eager) < width(compiled) ? eager : compiled;
}

const unitOfKind = (kind: string): 'cpu' | 'gpu' => (kind.includes('cpu') ? 'cpu' : 'gpu');

/**
 * The ratios of each kind of runtime. Devices count equally, datasets within a device, configurations within a dataset. A kind with few devices takes the
 * spread between devices from the kind of its processor that has the most.
 * @param kernelRows the same beside the rooflines of kernels, of some kinds
 * @throws Error where no kind of a processor has enough devices
 */
export function summariseRatios(rows: readonly RatioRow[], kernelRows: readonly KernelRatioRow[] = []): RuntimeRatio[] {
  const byKind = grouped(rows, (r) => r.kind);
  const spreads = KINDS.filter((kind) => byKind.has(kind)).map((kind) => {
    const [eager, compiled] = HYPOTHESES.map((hypothesis) => {
      const ratios = byKind.get(kind)!.map((r): Ratio => ({ ...r, log: Math.log(r.latency / r.roofline[hypothesis]) }));
      return { ...spreadOf(kind, ratios), hypothesis };
    });
    return narrower(eager, compiled);
  });
  const kernels = kernelRatios(kernelRows);
  return spreads.map((spread): RuntimeRatio => {
    const ofKernels = kernels.get(spread.kind);
    return {
      kind: spread.kind,
      unit: unitOfKind(spread.kind),
      hypothesis: spread.hypothesis,
      ...rangeOver(spread, spreads, ENOUGH),
      ...(ofKernels ? { kernels: ofKernels } : {}),
    };
  });
}

/** The same beside the rooflines of kernels, by kind. @throws Error where none was measured on enough devices */
export function kernelRatios(rows: readonly KernelRatioRow[]): Map<string, RatioOverDevices> {
  const spreads = [...grouped(rows, (r) => r.kind)].map(([kind, of]) =>
    spreadOf(
      kind,
      of.map((r): Ratio => ({ ...r, log: Math.log(r.latency / r.roofline) })),
    ),
  );
  return new Map(spreads.map((s) => [s.kind, rangeOver(s, spreads, ENOUGH_OF_KERNELS)]));
}

/** Range for a device that was not measured. @param all kinds of runtime, one of which lends the spread between devices where there are few */
function rangeOver(spread: Spread, all: readonly Spread[], enough: number): RatioOverDevices {
  const unit = unitOfKind(spread.kind);
  const lender =
    spread.centres.size >= enough
      ? spread
      : all.filter((s) => unitOfKind(s.kind) === unit).reduce((a, b) => (b.centres.size > a.centres.size ? b : a));
  if (lender.centres.size < enough) throw new Error(`no kind of runtime of a ${unit} was measured on ${enough} devices`);
  const centre = median([...spread.centres.values()]),
    [below, above] = halfWidths(spread, lender);
  return {
    n: spread.n,
    median: Math.exp(centre),
    low: Math.exp(centre - below),
    high: Math.exp(centre + above),
    within: [Math.exp(spread.within[0]), Math.exp(spread.within[1])],
    devices: Object.fromEntries([...spread.centres].map(([device, log]) => [device, Math.exp(log)])),
  };
}

function spreadOf(kind: string, rows: readonly Ratio[]): Spread {
  const devices = grouped(rows, (r) => r.device);
  const centres = new Map<string, number>();
  const around: number[] = [],
    weights: number[] = [];
  for (const [device, ofDevice] of devices) {
    const logs = ofDevice.map((r) => r.log),
      shares = sharesOf(ofDevice);
    const centre = weightedQuantile(logs, shares, 0.5);
    centres.set(device, centre);
    around.push(...logs.map((log) => log - centre));
    weights.push(...shares.map((share) => share / devices.size));
  }
  return {
    kind,
    n: rows.length,
    centres,
    within: [weightedQuantile(around, weights, 0.05), weightedQuantile(around, weights, 0.95)],
  };
}

/** Weights of the rows of a device, which sum to one. */
function sharesOf(rows: readonly Ratio[]): number[] {
  const datasets = grouped(rows, (r) => r.dataset);
  const configurations = new Map([...datasets].map(([name, of]) => [name, grouped(of, (r) => r.configuration)] as const));
  return rows.map((r) => {
    const beside = configurations.get(r.dataset)!;
    return 1 / datasets.size / beside.size / beside.get(r.configuration)!.length;
  });
}

/** Measured power / thermal design power, of the rows with an energy. */
export function powerShare(rows: readonly RatioRow[]): PowerShare {
  const measured = rows.filter((r) => r.energy !== undefined && r.spec.tdp !== undefined);
  const shares = measured.map((r) => r.energy! / r.latency / r.spec.tdp!);
  return {
    n: shares.length,
    devices: [...grouped(measured, (r) => r.device).keys()],
    median: quantile(shares, 0.5),
    low: quantile(shares, 0.05),
    high: quantile(shares, 0.95),
  };
}
