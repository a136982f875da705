import { HwcastError } from '../core/errors.js';
import { listCache } from '../core/listCache.js';
import type { Random } from '../core/random.js';
import type { Workload } from '../graph/workload.js';
import { FEATURE_GROUPS } from '../surrogate/featureGroups.js';
import { domainOf, kindNamed } from '../surrogate/kind.js';
import { applyScaler, type FeatureScaler, fitScaler } from './featureScaler.js';
import './networkKinds.js';

/** Features that a trained encoder adds to the physical ones. */
export interface LearnedFeatures {
  readonly width: number;
  /** [workloads, width] row-major, about unit variance over the space */
  of(workloads: readonly Workload[]): Float64Array;
}

/** phi(workload): from workloads of one domain (a space, or free graphs) to the scaled features [rows, width] that the head works on. */
export interface FeatureMap {
  /** name of the kind of workload: a space, `graphs`, `operators` */
  domain: string;
  /** positions of the groups of the columns in FEATURE_GROUPS */
  group: Uint8Array;
  names: string[];
  width: number;
  scaler: FeatureScaler;
  learned?: LearnedFeatures;
  of(workloads: readonly Workload[]): Float64Array;
}

/**
 * Networks that scalers are fitted to: drawn from the space, so that no constant comes from measured data.
 * @throws HwcastError `unsupported` for kinds that cannot be drawn
 */
export function population(domain: string, random: Random, count = 2000): Workload[] {
  const { draw } = kindNamed(domain);
  if (!draw)
    throw new HwcastError('unsupported', `${domain} is no space to draw networks from`, {
      hint: 'give the workloads that matter',
    });
  return Array.from({ length: count }, () => draw(random));
}

/** What a scaler is fitted to: networks drawn from the space, or, of kinds that cannot be drawn, the measured workloads of the kind. */
export const scalingSet = (domain: string, measured: readonly Workload[], random: Random): readonly Workload[] =>
  kindNamed(domain).draw ? population(domain, random.fork('population')) : measured.filter((w) => domainOf(w) === domain);

/** A feature map with its scaler fitted to `fitOn`; `groups` limits which feature groups are used. */
export function fitFeatureMap(
  domain: string,
  fitOn: readonly Workload[],
  options: { learned?: LearnedFeatures; groups?: readonly string[] } = {},
): FeatureMap {
  const table = kindNamed(domain).columns(fitOn),
    scaler = fitScaler(table);
  if (options.groups) keepGroups(scaler, options.groups);
  return featureMap(domain, scaler, options.learned);
}

function keepGroups(scaler: FeatureScaler, groups: readonly string[]): void {
  const keep = [...scaler.group.keys()].filter((j) => groups.includes(FEATURE_GROUPS[scaler.group[j]]));
  scaler.columns = Int32Array.from(keep, (j) => scaler.columns[j]);
  scaler.names = keep.map((j) => scaler.names[j]);
  scaler.mean = Float64Array.from(keep, (j) => scaler.mean[j]);
  scaler.scale = Float64Array.from(keep, (j) => scaler.scale[j]);
  scaler.group = Uint8Array.from(keep, (j) => scaler.group[j]);
}

/** The feature map of a fitted scaler. @throws HwcastError `unsupported` (from `of`) for a workload of another domain. */
export function featureMap(domain: string, scaler: FeatureScaler, learned?: LearnedFeatures): FeatureMap {
  const own = scaler.columns.length,
    width = own + (learned?.width ?? 0);
  const cached = listCache<Workload, Float64Array>();
  return {
    domain,
    scaler,
    learned,
    width,
    names: [...scaler.names, ...Array.from({ length: width - own }, (_, i) => `learned.${i}`)],
    group: Uint8Array.from({ length: width }, (_, j) => (j < own ? scaler.group[j] : FEATURE_GROUPS.indexOf('learned'))),
    of: (workloads) => cached(workloads, () => compute(workloads)),
  };

  function compute(workloads: readonly Workload[]): Float64Array {
    for (const w of workloads)
      if (domainOf(w) !== domain)
        throw new HwcastError('unsupported', `'${w.id}' is not of ${domain}, which this model was trained on`, {
          hint: 'use a model of its space, or --device for the roofline',
        });
    const scaled = applyScaler(scaler, kindNamed(domain).columns(workloads));
    let X = scaled;
    if (learned) {
      const extra = learned.of(workloads);
      X = new Float64Array(workloads.length * width);
      for (let i = 0; i < workloads.length; i++) {
        X.set(scaled.subarray(i * own, (i + 1) * own), i * width);
        X.set(extra.subarray(i * learned.width, (i + 1) * learned.width), i * width + own);
      }
    }
    return X;
  }
}
