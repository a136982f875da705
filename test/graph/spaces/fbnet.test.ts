import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { liveNodes } from '../../../src/graph/liveNodes.js';
import { graphCosts } from '../../../src/graph/operatorCost.js';
import { fbnet } from '../../../src/graph/spaces/fbnet.js';
import { archOf } from './archOf.js';

const all = (block: number) => Array(22).fill(block);

describe('FBNet codes', () => {
  it('parse(format(arch)) is arch', () => {
    fc.assert(
      fc.property(archOf(fbnet), (arch) => {
        expect(fbnet.parse(fbnet.format(arch))).toEqual(arch);
        expect(fbnet.recognises(` ${fbnet.format(arch)}\n`)).toBe(true);
      }),
    );
  });

  it.each([
    ['781848887414732412', '18 characters'],
    ['9818488874147324124245', "'9818488874147324124245' (22 characters)"],
    ['78184888741473241242x5', 'not an FBNet network'],
    ['', '0 characters'],
  ])('refuses %j', (code, message) => {
    expect(() => fbnet.parse(code)).toThrow(
      expect.objectContaining({
        code: 'bad-input',
        message: expect.stringContaining(message),
        hint: 'write 22 digits 0-8, one per layer',
      }),
    );
    expect(fbnet.recognises(code)).toBe(false);
  });
});

describe('the expanded network', () => {
  it('ends in 100 classes whatever the blocks, and all of it is live', () => {
    fc.assert(
      fc.property(archOf(fbnet), fc.integer({ min: 1, max: 4 }), (arch, batch) => {
        const graph = fbnet.toOpGraph(arch, { batch });
        expect(graph.nodes.at(-1)!.shape).toEqual([batch, 100]);
        expect(graph.nodes.find((n) => n.op === 'global_avg_pool')!.shape).toEqual([batch, 1504, 1, 1]);
        expect(liveNodes(graph).every(Boolean)).toBe(true);
      }),
      { numRuns: 40 },
    );
  });

  it('halves the pixels three times: 32 to 4', () => {
    const graph = fbnet.toOpGraph(all(0));
    const sizes = graph.nodes.filter((n) => n.op === 'conv2d').map((n) => n.shape[2]);
    expect([...new Set(sizes)]).toEqual([32, 16, 8, 4]);
    expect(graph.nodes.filter((n) => n.op === 'conv2d').map((n) => n.shape[1])).toContain(1504);
  });

  it('skips cost nothing where the shape stays, a pointwise convolution where it changes', () => {
    const graph = fbnet.toOpGraph(all(8));
    const convolutions = graph.nodes.filter((n) => n.op === 'conv2d');
    // stem, six layers that change channels (the first keeps 16), head
    expect(convolutions).toHaveLength(8);
    expect(convolutions.slice(1, -1).every((n) => (n.attrs.kernel as number[])[0] === 1)).toBe(true);
    expect(graph.nodes.filter((n) => n.op === 'identity')).toHaveLength(16);
    expect(graph.nodes.some((n) => n.op === 'add')).toBe(false);
  });

  it('has the parameters of a block counted by hand', () => {
    const skip = all(8),
      params = (arch: number[]) => graphCosts(fbnet.toOpGraph(arch)).total.params;
    // layer 1 (16 channels in and out) as k5_e3: 16 -> 48 pointwise, 5x5 depthwise, 48 -> 16, with two values a channel of each batch norm
    const k5e3 = [6, ...skip.slice(1)];
    expect(params(k5e3) - params(skip)).toBe(16 * 48 + 25 * 48 + 48 * 16 + 2 * (48 + 48 + 16));
    // grouped: half of each pointwise convolution
    const grouped = [1, ...skip.slice(1)];
    expect(params(grouped) - params(skip)).toBe((16 * 16) / 2 + 9 * 16 + (16 * 16) / 2 + 2 * (16 + 16 + 16));
  });

  it('is a chain as compact graph', () => {
    const { nodes, edges } = fbnet.compactGraph(all(3));
    expect(nodes).toHaveLength(24);
    expect([nodes[0], nodes[1], nodes[23]].map((c) => fbnet.nodeClasses[c])).toEqual(['input', 'k3_e6', 'output']);
    expect(edges).toHaveLength(23);
    expect(edges.at(-1)).toEqual([22, 23]);
    expect(fbnet.live(all(8))).toEqual(all(8));
  });
});
