/**
 * Values computed from lists, kept by list as long as it lives. Each entry has a copy of what was in the list, so that a caller who sorts or extends
 * the list and asks again gets a fresh value.
 */
export function listCache<T, V>(): (list: readonly T[], compute: () => V) => V {
  const cache = new WeakMap<readonly T[], { listed: readonly T[]; value: V }>();
  return (list, compute) => {
    const known = cache.get(list);
    if (known && known.listed.length === list.length && known.listed.every((item, i) => item === list[i])) return known.value;
    const value = compute();
    cache.set(list, { listed: [...list], value });
    return value;
  };
}
