import { describe, expect, it } from 'vitest';
import { PRAGMA_FEATURES, pragmaFeatures } from '../../../src/fpga/data/pragmaFeatures.js';

const named = (point: Record<string, number | string>) =>
  Object.fromEntries(Array.from(pragmaFeatures(point), (v, j) => [PRAGMA_FEATURES[j], v]));

describe('pragmaFeatures', () => {
  it('counts parallel factors, tiles and pipelining by the depth of their loops', () => {
    const f = named({
      __PARA__L0: 2,
      __PARA__L0_0: 4,
      __PARA__L0_0_0: 16,
      __PIPE__L0: 'off',
      __PIPE__L0_0: '',
      __PIPE__L1: 'flatten',
      __TILE__L0: 8,
    });
    expect(f).toMatchObject({
      'parallel.all': 7,
      'parallel.inner': 4,
      'parallel.outer': 1,
      'parallel.largest': 4,
      'parallel.loops': 3,
      'tile.all': 3,
      flattened: 1,
      pipelined: 1,
      'pipelined.inner': 1,
      'pipelined.outer': 0,
      'parallel.flattened': 7,
      'parallel.squared': 49,
    });
  });
  it('does not depend on the order of the pragmas', () => {
    const point = { __PARA__L0: 2, __PIPE__L0: '', __TILE__L0_1: 4, __PARA__L0_1: 8 };
    expect(pragmaFeatures(Object.fromEntries(Object.entries(point).reverse()))).toEqual(pragmaFeatures(point));
  });
});
