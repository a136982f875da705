import { describe, expect, test } from 'vitest';
import { type HlsLayer, parseHlsDesign } from '../../../src/fpga/design/hlsDesign.js';
import { analyseDesign } from '../../../src/fpga/rules/analyseDesign.js';
import { fifoCost } from '../../../src/fpga/rules/fifoCost.js';

const relu = (name: string, inputs: string[]): HlsLayer => ({
  ...{ name, kind: 'activation', activation: 'relu', inputs },
  ...{ inShape: [16, 16, 8], outShape: [16, 16, 8] },
});
const sum = (inputs: string[]): HlsLayer => ({ ...relu('sum', inputs), kind: 'merge', merge: 'add', activation: undefined });
const of = (layers: HlsLayer[], ioType: 'io_parallel' | 'io_stream' = 'io_stream', tool = 'vivado_hls') =>
  analyseDesign(
    parseHlsDesign({
      ...{ id: 'd', precision: { bits: 16, intBits: 6, signed: true }, reuseFactor: 1, strategy: 'latency', ioType, tool },
      ...{ part: 'xcu250', clockS: 5e-9, assumptions: [], layers },
    }),
  );
const bram = (tool?: string, ...layers: HlsLayer[]) => of(layers, 'io_stream', tool).layers[0].bram18;

describe('addCopies', () => {
  test('has a FIFO for each reader of a stream beside the one that is copied, as deep as the tensor', () => {
    const one = fifoCost(256, 8, 16, true).bram18;
    expect(one).toBe(8);
    expect(bram('vivado_hls', relu('a', []), relu('b', ['a']))).toBe(one);
    expect(bram('vivado_hls', relu('a', []), relu('b', ['a']), sum(['a', 'b']))).toBe(3 * one);
    expect(bram('vitis_hls', relu('a', []), relu('b', ['a']), sum(['a', 'b']))).toBe(3 * fifoCost(256, 8, 16, false).bram18);
    // the input, which two layers read
    expect(bram('vivado_hls', relu('a', []), relu('b', []), sum(['a', 'b']))).toBe(3 * one);
  });

  test('copies nothing with io_parallel', () => {
    const parallel = of([relu('a', []), relu('b', ['a']), sum(['a', 'b'])], 'io_parallel');
    expect(parallel.total.bram18).toBe(0);
  });

  test('is refused beyond three readers, as hls4ml does', () => {
    const readers = ['b', 'c', 'd', 'e'].map((name) => relu(name, ['a']));
    const four = of([relu('a', []), ...readers, sum(['b', 'c', 'd', 'e'])]);
    expect(four.verdict).toMatchObject({ verdict: 'will-not-synthesise' });
    expect(four.verdict.reasons.join()).toMatch(/layer 'a': 4 layers read one stream/);
    expect(of([relu('a', []), ...readers.slice(1), sum(['c', 'd', 'e'])]).verdict.verdict).not.toMatch(/synthesise/);
  });
});
