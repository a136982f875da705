import { describe, expect, test } from 'vitest';
import { type HlsDesign, type HlsLayer, parseHlsDesign } from '../../../src/fpga/design/hlsDesign.js';
import { analyseDesign } from '../../../src/fpga/rules/analyseDesign.js';
import { alongPath } from '../../../src/fpga/rules/designCycles.js';

const dense = (name: string, inputs: string[]): HlsLayer => ({ name, kind: 'dense', inputs, inShape: [16], outShape: [16] }),
  add = (name: string, inputs: string[]): HlsLayer => ({
    name,
    kind: 'merge',
    merge: 'add',
    inputs,
    inShape: [16],
    outShape: [16],
  });
const designOf = (layers: HlsLayer[], fields: Partial<HlsDesign> = {}) =>
  parseHlsDesign({
    ...{
      id: 'd',
      precision: { bits: 16, intBits: 6, signed: true },
      reuseFactor: 4,
      strategy: 'resource',
      ioType: 'io_parallel',
    },
    ...{ part: 'xcu250', clockS: 5e-9, tool: 'vitis_hls', toolVersion: '2023.2', assumptions: [], layers },
    ...fields,
  });
const branched = [dense('a', []), dense('b', ['a']), dense('c', ['b']), dense('skip', ['a']), add('sum', ['c', 'skip'])];

describe('alongPath', () => {
  test('takes the longer branch, and all of a chain', () => {
    expect(alongPath(designOf(branched), [1, 2, 3, 4, 5])).toBe(1 + 5 + 5);
    expect(alongPath(designOf(branched), [1, 2, 3, 40, 5])).toBe(1 + 40 + 5);
    expect(alongPath(designOf(branched.slice(0, 3)), [1, 2, 3])).toBe(6);
  });
});

describe('branches', () => {
  test.each(['vivado_hls', 'vitis_hls'])('with %s a shorter branch beside a longer one takes no cycle more', (tool) => {
    for (const ioType of ['io_parallel', 'io_stream'] as const) {
      const without = branched.filter((l) => l.name !== 'skip').map((l) => (l.name === 'sum' ? add('sum', ['c', 'a']) : l));
      const cycles = (layers: HlsLayer[]) => analyseDesign(designOf(layers, { tool, ioType })).total.latencyMax;
      expect(cycles(branched), ioType).toBe(cycles(without));
    }
  });
});
