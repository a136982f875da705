import { sha256 } from '../../core/files.js';
import { median } from '../../core/statistics.js';
import type { OpGraph } from '../../graph/opGraph.js';
import type { Framework, NetworkRecord } from '../../trace/traceReader.js';
import type { IngestReport } from './ingestReport.js';

/** A traced network and the device id it belongs to. */
export type TracedNetwork = NetworkRecord & { on: string };

export interface MergedNetwork {
  framework: Framework;
  graph: OpGraph;
  /** s, one a step, over all traces */
  latencies: number[];
  line: IngestReport['networks'][number];
}

/**
 * Networks of one name and graph are one workload, `trace:<name>`, over all traces and devices. One name with several graphs gets a piece of
 * the graph's sha256 added to each, whatever the order of the traces; a network without a name is called after its graph alone.
 */
export function mergeNetworks(networks: readonly TracedNetwork[]): MergedNetwork[] {
  const hashed = networks.map((n) => ({ ...n, hash: sha256(JSON.stringify(n.graph)).slice(0, 8) }));
  const graphsOf = new Map<string, Set<string>>();
  for (const { name, hash } of hashed) if (name !== null) graphsOf.set(name, (graphsOf.get(name) ?? new Set()).add(hash));
  const groups = new Map<string, { id: string; parts: typeof hashed }>();
  for (const n of hashed) {
    const id = n.name === null ? `trace:graph-${n.hash}` : `trace:${n.name}${graphsOf.get(n.name)!.size > 1 ? `~${n.hash}` : ''}`;
    const key = `${id} ${n.on} ${n.framework}`,
      group = groups.get(key);
    if (group) group.parts.push(n);
    else groups.set(key, { id, parts: [n] });
  }
  return [...groups]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, { id, parts }]) => {
      const [{ on, steps, graph, framework }] = parts,
        latencies = parts.flatMap((p) => p.latencies);
      return {
        framework,
        graph,
        latencies,
        line: {
          workload: id,
          device: on,
          latency_ms: median(latencies) * 1e3,
          busy_ms: median(parts.flatMap((p) => p.busy)) * 1e3,
          steps: latencies.length,
          how: steps,
          nodes: graph.nodes.length,
          coverage: Math.min(...parts.map((p) => p.coverage)),
        },
      };
    });
}
