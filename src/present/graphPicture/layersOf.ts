/** The layer of each vertex, from 0: one below the lowest of those that feed it. `order` is topological. */
export function layersOf(order: readonly number[], feeds: ReadonlyMap<number, Iterable<number>>): Map<number, number> {
  const layer = new Map<number, number>();
  for (const vertex of order) {
    const own = layer.get(vertex) ?? 0;
    layer.set(vertex, own);
    for (const next of feeds.get(vertex)!) layer.set(next, Math.max(layer.get(next) ?? 0, own + 1));
  }
  return layer;
}
