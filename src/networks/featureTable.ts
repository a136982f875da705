import type { OpGraph } from '../graph/opGraph.js';
import { encodeArch } from '../graph/spaces/space.js';
import { type Workload, workloadGraph } from '../graph/workload.js';
import { FEATURE_GROUPS, type FeatureGroup } from '../surrogate/featureGroups.js';
import type { Columns } from '../surrogate/kind.js';
import { physicalFeatures } from './physicalFeatures.js';

/** by id for networks of a space; free graphs of the same id may differ, so they are kept by graph */
const cache = new Map<string, Float64Array>(),
  ofGraph = new WeakMap<OpGraph, Float64Array>();
const layouts = new Map<string, { names: string[]; group: Uint8Array }>();

/** Unscaled features of one workload: physical ones, and the one-hot choices (as written and live) for networks of a space. */
function rawFeatures(workload: Workload): { names: string[]; group: Uint8Array; values: Float64Array } {
  const layoutKey = workload.space?.name ?? '';
  let layout = layouts.get(layoutKey);
  const known = layout && (workload.graph ? ofGraph.get(workload.graph) : cache.get(workload.id));
  if (layout && known) return { ...layout, values: known };
  const names: string[] = [],
    groups: FeatureGroup[] = [],
    values: number[] = [];
  physicalFeatures(workloadGraph(workload), (group, name, value) => {
    if (!layout) {
      names.push(name);
      groups.push(group);
    }
    values.push(value);
  });
  const { space, arch } = workload;
  if (space && arch) {
    const written = encodeArch(space, arch),
      live = encodeArch(space, space.live(arch));
    for (const [prefix, code] of [
      ['choice', written],
      ['live', live],
    ] as const) {
      code.forEach((v, i) => {
        if (!layout) {
          names.push(`${prefix}.${i}`);
          groups.push('choice');
        }
        values.push(v);
      });
    }
  }
  if (!layout) {
    layout = { names, group: Uint8Array.from(groups, (g) => FEATURE_GROUPS.indexOf(g)) };
    layouts.set(layoutKey, layout);
  }
  const row = Float64Array.from(values);
  if (cache.size > 100_000) cache.clear();
  if (workload.graph) ofGraph.set(workload.graph, row);
  else cache.set(workload.id, row);
  return { ...layout, values: row };
}

/** Unscaled features of workloads of one space, or of free graphs. */
export function featureTable(workloads: readonly Workload[]): Columns {
  if (!workloads.length) return { names: [], group: new Uint8Array(), data: new Float64Array(), rows: 0 };
  const first = rawFeatures(workloads[0]),
    width = first.names.length;
  const data = new Float64Array(workloads.length * width);
  workloads.forEach((w, i) => data.set(rawFeatures(w).values, i * width));
  return { names: first.names, group: first.group, data, rows: workloads.length };
}
