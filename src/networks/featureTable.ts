import type { OpGraph } from '../graph/opGraph.js';
import { encodeArch } from '../graph/spaces/space.js';
import { type Workload, workloadGraph } from '../graph/workload.js';
import { FEATURE_GROUPS, type FeatureGroup } from '../surrogate/featureGroups.js';
import type { Columns } from '../surrogate/kind.js';
import { physicalFeatures } from './physicalFeatures.js';
import { RowCache } from './rowCache.js';

/** The columns of one space, or of free graphs, and the rows that are known: by id for networks of a space; free graphs of one id may differ. */
interface Layout {
  names: string[];
  group: Uint8Array;
  rows: RowCache;
  graphs: WeakMap<OpGraph, Float64Array>;
}

/** Networks of a space whose features are kept: more than NAS-Bench-201 has, about 40 MB of the widest space. */
const KEPT_ROWS = 2 ** 14;

const layouts = new Map<string, Layout>();

/** Calls `sink` with each feature of a workload: physical ones, and the one-hot choices (as written and live) for networks of a space. */
function eachFeature(workload: Workload, sink: (group: FeatureGroup, name: string, value: number) => void): void {
  physicalFeatures(workloadGraph(workload), sink);
  const { space, arch } = workload;
  if (!space || !arch) return;
  const written = encodeArch(space, arch),
    live = encodeArch(space, space.live(arch));
  for (let i = 0; i < written.length; i++) sink('choice', `choice.${i}`, written[i]);
  for (let i = 0; i < live.length; i++) sink('choice', `live.${i}`, live[i]);
}

function layoutOf(workload: Workload): Layout {
  const key = workload.space?.name ?? '';
  let layout = layouts.get(key);
  if (!layout) {
    const names: string[] = [],
      group: number[] = [];
    eachFeature(workload, (feature, name) => {
      names.push(name);
      group.push(FEATURE_GROUPS.indexOf(feature));
    });
    layout = { names, group: Uint8Array.from(group), rows: new RowCache(names.length, KEPT_ROWS), graphs: new WeakMap() };
    layouts.set(key, layout);
  }
  return layout;
}

/** Writes the unscaled features of one workload to `row`, [names.length]. */
function fillRow(layout: Layout, workload: Workload, row: Float64Array): void {
  const { graph, id } = workload;
  if (graph) {
    const known = layout.graphs.get(graph);
    if (known) {
      row.set(known);
      return;
    }
  } else if (layout.rows.read(id, row)) return;
  let column = 0;
  eachFeature(workload, (_, __, value) => {
    row[column++] = value;
  });
  if (graph) layout.graphs.set(graph, row.slice());
  else layout.rows.keep(id, row);
}

/** Unscaled features of workloads of one space, or of free graphs. */
export function featureTable(workloads: readonly Workload[]): Columns {
  if (!workloads.length) return { names: [], group: new Uint8Array(), data: new Float64Array(), rows: 0 };
  const layout = layoutOf(workloads[0]),
    { names, group } = layout,
    width = names.length;
  const data = new Float64Array(workloads.length * width);
  workloads.forEach((w, i) => {
    fillRow(layout, w, data.subarray(i * width, (i + 1) * width));
  });
  return { names, group, data, rows: workloads.length };
}
