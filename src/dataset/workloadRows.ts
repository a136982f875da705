import { z } from 'zod';
import { HwcastError } from '../core/errors.js';
import { type ModelFacts, ModelFactsSchema } from '../graph/namedModel.js';
import { parseOpGraph } from '../graph/opGraph.js';
import { spaceNamed } from '../graph/spaces/index.js';
import { spaceWorkload, type Workload } from '../graph/workload.js';
import { corruptFile, readParquet, writeParquet } from './parquet.js';

/**
 * Columns id, space, code, graph; graph is the OpGraph as JSON, null where the space rebuilds it. Where models are known by name, also facts: what their
 * table says of them, as JSON.
 */
export function writeWorkloads(workloads: readonly Workload[]): Uint8Array {
  const graphs = workloads.map((w) => (w.graph ? JSON.stringify(w.graph) : null));
  workloads.forEach((w, i) => {
    if (!w.graph && !(w.space && w.arch) && !w.facts)
      throw new HwcastError('bad-input', `workload '${w.id}' has neither graph nor space, and is no model of a table`, {
        where: `workload ${i + 1}`,
      });
    if (w.facts) factsOf(w.facts, `workload ${i + 1}`, 'bad-input');
  });
  return writeParquet([
    { name: 'id', data: workloads.map((w) => w.id), type: 'STRING', nullable: false },
    { name: 'space', data: workloads.map((w) => w.space?.name ?? null), type: 'STRING' },
    { name: 'code', data: workloads.map((w) => (w.space && w.arch ? w.space.format(w.arch) : null)), type: 'STRING' },
    { name: 'graph', data: graphs, type: 'STRING' },
    ...(workloads.some((w) => w.facts)
      ? [{ name: 'facts', data: workloads.map((w) => (w.facts ? JSON.stringify(w.facts) : null)), type: 'STRING' as const }]
      : []),
  ]);
}

/** @throws HwcastError `corrupt`, `bad-input`, `not-found` (unknown space), naming the row of `where`. */
export async function readWorkloads(bytes: Uint8Array, where: string): Promise<Workload[]> {
  const { id, space, code, graph, facts } = await readParquet(bytes, ['id', 'space', 'code', 'graph'], where, ['facts']);
  return Array.from(id as ArrayLike<string>, (name, i) => {
    const place = `${where}, row ${i + 1}`;
    try {
      const own = space[i] == null ? undefined : spaceNamed(String(space[i]));
      const workload: Workload = own ? spaceWorkload(own, own.parse(String(code[i]))) : { id: name };
      if (workload.id !== name)
        throw new HwcastError('bad-input', `workload '${name}' is '${workload.id}' by its space and code`, { where: place });
      if (graph[i] != null) workload.graph = parseOpGraph(JSON.parse(String(graph[i])), place);
      if (facts?.[i] != null) workload.facts = factsOf(JSON.parse(String(facts[i])), place);
      if (!own && !workload.graph && !workload.facts)
        throw new HwcastError('bad-input', `workload '${name}' has neither graph nor space`, { where: place });
      return workload;
    } catch (cause) {
      if (!(cause instanceof HwcastError)) throw corruptFile(place, `graph is not JSON: ${(cause as Error).message}`, cause);
      throw cause.where ? cause : new HwcastError(cause.code, cause.message, { where: place, hint: cause.hint, cause });
    }
  });
}

function factsOf(value: unknown, where: string, code: 'corrupt' | 'bad-input' = 'corrupt'): ModelFacts {
  const parsed = ModelFactsSchema.safeParse(value);
  if (!parsed.success) throw new HwcastError(code, `facts of a model: ${z.prettifyError(parsed.error)}`, { where });
  return parsed.data;
}
