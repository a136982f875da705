import { HwcastError } from '../core/errors.js';
import { parseOpGraph } from '../graph/opGraph.js';
import { spaceNamed } from '../graph/spaces/index.js';
import { spaceWorkload, type Workload } from '../graph/workload.js';
import { corruptFile, readParquet, writeParquet } from './parquet.js';

/** Columns id, space, code, graph; graph is the OpGraph as JSON, null where the space rebuilds it. */
export function writeWorkloads(workloads: readonly Workload[]): Uint8Array {
  const graphs = workloads.map((w) => (w.graph ? JSON.stringify(w.graph) : null));
  workloads.forEach((w, i) => {
    if (!w.graph && !(w.space && w.arch))
      throw new HwcastError('bad-input', `workload '${w.id}' has neither graph nor space`, { where: `workload ${i + 1}` });
  });
  return writeParquet([
    { name: 'id', data: workloads.map((w) => w.id), type: 'STRING', nullable: false },
    { name: 'space', data: workloads.map((w) => w.space?.name ?? null), type: 'STRING' },
    { name: 'code', data: workloads.map((w) => (w.space && w.arch ? w.space.format(w.arch) : null)), type: 'STRING' },
    { name: 'graph', data: graphs, type: 'STRING' },
  ]);
}

/** @throws HwcastError `corrupt`, `bad-input`, `not-found` (unknown space), naming the row of `where`. */
export async function readWorkloads(bytes: Uint8Array, where: string): Promise<Workload[]> {
  const { id, space, code, graph } = await readParquet(bytes, ['id', 'space', 'code', 'graph'], where);
  return Array.from(id as ArrayLike<string>, (name, i) => {
    const place = `${where}, row ${i + 1}`;
    try {
      const own = space[i] == null ? undefined : spaceNamed(String(space[i]));
      const workload: Workload = own ? spaceWorkload(own, own.parse(String(code[i]))) : { id: name };
      if (workload.id !== name)
        throw new HwcastError('bad-input', `workload '${name}' is '${workload.id}' by its space and code`, { where: place });
      if (graph[i] != null) workload.graph = parseOpGraph(JSON.parse(String(graph[i])), place);
      else if (!own) throw new HwcastError('bad-input', `workload '${name}' has neither graph nor space`, { where: place });
      return workload;
    } catch (cause) {
      if (!(cause instanceof HwcastError)) throw corruptFile(place, `graph is not JSON: ${(cause as Error).message}`, cause);
      throw cause.where ? cause : new HwcastError(cause.code, cause.message, { where: place, hint: cause.hint, cause });
    }
  });
}
