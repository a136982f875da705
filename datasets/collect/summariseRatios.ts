import type { Hypothesis } from '../../src/analytical/roofline.js';
import { median, quantile, standardDeviation, weightedQuantile } from '../../src/core/statistics.js';
import type { PowerShare, RuntimeRatio } from '../../src/networks/ratioInterval.js';
import { grouped, KINDS, type RatioRow } from './ratioRows.js';

const Z95 = 1.645;
/** 95 % quantile of Student's t, to 1 % from five degrees of freedom. */
const student = (degrees: number): number => Z95 + (Z95 ** 3 + Z95) / (4 * degrees);
/** Devices from which a spread between devices is taken. */
const ENOUGH = 5;

interface Spread {
  kind: string;
  hypothesis: Hypothesis;
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
function narrower(eager: Spread, compiled: Spread): Spread {
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
 * @throws Error where no kind of a processor has enough devices
 */
export function summariseRatios(rows: readonly RatioRow[]): RuntimeRatio[] {
  const byKind = grouped(rows, (r) => r.kind);
  const spreads = KINDS.filter((kind) => byKind.has(kind)).map((kind) =>
    narrower(spreadOf(kind, byKind.get(kind)!, 'eager'), spreadOf(kind, byKind.get(kind)!, 'compiled')),
  );
  return spreads.map((spread): RuntimeRatio => {
    const unit = unitOfKind(spread.kind);
    const lender =
      spread.centres.size >= ENOUGH
        ? spread
        : spreads.filter((s) => unitOfKind(s.kind) === unit).reduce((a, b) => (b.centres.size > a.centres.size ? b : a));
    if (lender.centres.size < ENOUGH) throw new Error(`no kind of runtime of a ${unit} was measured on ${ENOUGH} devices`);
    const centre = median([...spread.centres.values()]),
      [below, above] = halfWidths(spread, lender);
    return {
      kind: spread.kind,
      unit,
      hypothesis: spread.hypothesis,
      n: spread.n,
      median: Math.exp(centre),
      low: Math.exp(centre - below),
      high: Math.exp(centre + above),
      within: [Math.exp(spread.within[0]), Math.exp(spread.within[1])],
      devices: Object.fromEntries([...spread.centres].map(([device, log]) => [device, Math.exp(log)])),
    };
  });
}

function spreadOf(kind: string, rows: readonly RatioRow[], hypothesis: Hypothesis): Spread {
  const devices = grouped(rows, (r) => r.device);
  const centres = new Map<string, number>();
  const around: number[] = [],
    weights: number[] = [];
  for (const [device, ofDevice] of devices) {
    const logs = ofDevice.map((r) => Math.log(r.latency / r.roofline[hypothesis])),
      shares = sharesOf(ofDevice);
    const centre = weightedQuantile(logs, shares, 0.5);
    centres.set(device, centre);
    around.push(...logs.map((log) => log - centre));
    weights.push(...shares.map((share) => share / devices.size));
  }
  return {
    kind,
    hypothesis,
    n: rows.length,
    centres,
    within: [weightedQuantile(around, weights, 0.05), weightedQuantile(around, weights, 0.95)],
  };
}

/** Weights of the rows of a device, which sum to one. */
function sharesOf(rows: readonly RatioRow[]): number[] {
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
