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
  const pragmas = Object.entries(point).map(([key, value]) => ({
    key,
    value,
    depth: key.split('__').at(-1)!.split('_').length,
    log: typeof value === 'number' ? Math.log2(Math.max(1, value)) : 0,
  }));
  const deepest = Math.max(...pragmas.map(({ depth }) => depth));
  const parallel = pragmas.filter(({ key }) => key.startsWith('__PARA__')),
    tiles = pragmas.filter(({ key }) => key.startsWith('__TILE__')),
    pipelines = pragmas.filter(({ key }) => !key.startsWith('__PARA__') && !key.startsWith('__TILE__')),
    pipelined = pipelines.filter(({ value }) => value === '');
  const all = sumOfLogs(parallel),
    flattened = pipelines.filter(({ value }) => value === 'flatten').length;
  const features: Record<(typeof PRAGMA_FEATURES)[number], number> = {
    'parallel.all': all,
    'parallel.inner': sumOfLogs(parallel.filter(({ depth }) => depth === deepest)),
    'parallel.outer': sumOfLogs(parallel.filter(({ depth }) => depth === 1)),
    'parallel.largest': Math.max(0, ...parallel.map(({ log }) => log)),
    'parallel.loops': parallel.filter(({ log }) => log > 0).length,
    'tile.all': sumOfLogs(tiles),
    flattened,
    pipelined: pipelined.length,
    'pipelined.inner': pipelined.filter(({ depth }) => depth >= deepest - 1).length,
    'pipelined.outer': pipelined.filter(({ depth }) => depth === 1).length,
    'parallel.flattened': all * Math.min(1, flattened),
    'parallel.pipelined': all * Math.min(1, pipelined.length),
    'parallel.squared': all * all,
  };
  return Float64Array.from(PRAGMA_FEATURES, (name) => features[name]);
}

const sumOfLogs = (pragmas: readonly { log: number }[]): number => pragmas.reduce((sum, { log }) => sum + log, 0);
