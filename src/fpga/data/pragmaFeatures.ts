/** Names of the features of a pragma setting, in order. */
export const PRAGMA_FEATURES = [
  'parallel.all',
  'parallel.inner',
  'parallel.outer',
  'parallel.largest',
  'parallel.loops',
  'tile.all',
  'flattened',
  'pipelined',
  'pipelined.inner',
  'pipelined.outer',
  'parallel.flattened',
  'parallel.pipelined',
  'parallel.squared',
] as const;

/**
 * A pragma setting of the Merlin compiler as numbers that mean the same in every kernel: base-2 logarithms of the parallel factors of all loops, of the
 * innermost and the outermost ones, of tiles; how many loops are pipelined (`''`) or flattened. `__PARA__L0_1` is loop 1 in loop 0.
 * @returns [PRAGMA_FEATURES.length]
 */
export function pragmaFeatures(point: Readonly<Record<string, number | string>>): Float64Array {
  const depthOf = (key: string) => key.split('__').at(-1)!.split('_').length,
    keys = Object.keys(point);
  const deepest = Math.max(...keys.map(depthOf));
  let all = 0,
    inner = 0,
    outer = 0,
    largest = 0,
    loops = 0,
    tile = 0,
    flattened = 0,
    pipelined = 0,
    innerPipe = 0,
    outerPipe = 0;
  for (const key of keys) {
    const value = point[key],
      depth = depthOf(key),
      log = typeof value === 'number' ? Math.log2(Math.max(1, value)) : 0;
    if (key.startsWith('__PARA__')) {
      all += log;
      if (depth === deepest) inner += log;
      if (depth === 1) outer += log;
      largest = Math.max(largest, log);
      if (log > 0) loops++;
    } else if (key.startsWith('__TILE__')) tile += log;
    else if (value === 'flatten') flattened++;
    else if (value === '') {
      pipelined++;
      if (depth === deepest || depth === deepest - 1) innerPipe++;
      if (depth === 1) outerPipe++;
    }
  }
  return Float64Array.of(
    all,
    inner,
    outer,
    largest,
    loops,
    tile,
    flattened,
    pipelined,
    innerPipe,
    outerPipe,
    all * Math.min(1, flattened),
    all * Math.min(1, pipelined),
    all * all,
  );
}
