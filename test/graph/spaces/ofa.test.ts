import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { liveNodes } from '../../../src/graph/liveNodes.js';
import { graphCosts } from '../../../src/graph/operatorCost.js';
import { ofa } from '../../../src/graph/spaces/ofa.js';
import { archOf } from './archOf.js';

const code = (resolution: number, depth: string, kernel = '3', expansion = '3') =>
  `${resolution},${depth},${kernel.repeat(20)},${expansion.repeat(20)}`;
const SMALLEST = code(128, '22222'),
  LARGEST = code(224, '44444', '7', '6');

describe('OFA codes', () => {
  it('parse(format(arch)) is arch', () => {
    fc.assert(
      fc.property(archOf(ofa), (arch) => {
        expect(ofa.parse(ofa.format(arch))).toEqual(arch);
        expect(ofa.recognises(ofa.format(arch))).toBe(true);
      }),
    );
  });

  it('reads semicolons too, for files where commas are taken', () => {
    expect(ofa.parse(LARGEST.replaceAll(',', ';'))).toEqual(ofa.parse(LARGEST));
  });

  it.each([
    [code(225, '22222'), 'resolution 225 is not one of 128, 132, .., 224'],
    [code(130, '22222'), 'resolution 130 is not one of'],
    [code(224, '52222'), 'depth 2-4, kernel 3/5/7, expansion 3/4/6'],
    [code(224, '22222', '4'), 'depth 2-4, kernel 3/5/7, expansion 3/4/6'],
    [code(224, '22222', '3', '5'), 'depth 2-4, kernel 3/5/7, expansion 3/4/6'],
    [code(224, '2222'), 'needs 5 depths, 20 kernels and 20 expansions'],
    ['224', 'needs 5 depths, 20 kernels and 20 expansions'],
    ['', 'not an OFA network'],
  ])('refuses %j', (text, message) => {
    expect(() => ofa.parse(text)).toThrow(
      expect.objectContaining({
        code: 'bad-input',
        message: expect.stringContaining(message),
        hint: expect.stringContaining('RESOLUTION,DEPTHS,KERNELS,EXPANSIONS'),
      }),
    );
  });
});

describe('the expanded network', () => {
  it('ends in 1000 classes whatever the choices, and all of it is live', () => {
    fc.assert(
      fc.property(archOf(ofa), fc.integer({ min: 1, max: 3 }), (arch, batch) => {
        const graph = ofa.toOpGraph(arch, { batch });
        expect(graph.nodes.at(-1)!.shape).toEqual([batch, 1000]);
        expect(liveNodes(graph).every(Boolean)).toBe(true);
      }),
      { numRuns: 25 },
    );
  });

  it.each([
    [SMALLEST, 10, 6],
    [LARGEST, 20, 12],
  ])('%s has three convolutions a layer, two more where it squeezes, five outside', (text, layers, squeezed) => {
    const graph = ofa.toOpGraph(ofa.parse(text));
    expect(graph.nodes.filter((n) => n.op === 'conv2d')).toHaveLength(3 * layers + 2 * squeezed + 5);
    expect(graph.nodes.filter((n) => n.op === 'mul')).toHaveLength(squeezed);
    // a residual addition in every layer but the first of its stage, and the first block
    expect(graph.nodes.filter((n) => n.op === 'add')).toHaveLength(layers - 5 + 1);
  });

  it('pools what is left of the resolution after five halvings', () => {
    const sizeBeforePool = (text: string) => {
      const graph = ofa.toOpGraph(ofa.parse(text)),
        last = graph.nodes.filter((n) => n.op === 'global_avg_pool').at(-1)!;
      return graph.nodes.find((n) => n.id === last.inputs[0])!.shape;
    };
    expect(sizeBeforePool(SMALLEST)).toEqual([1, 960, 4, 4]);
    expect(sizeBeforePool(LARGEST)).toEqual([1, 960, 7, 7]);
  });

  it('does not see the choices of layers beyond the depth', () => {
    const arch = ofa.parse(code(160, '23242', '5', '4')),
      changed = [...arch];
    changed[6 + 2] = 2; // kernel of the third layer of stage 1, whose depth is 2
    changed[26 + 2] = 2;
    expect(ofa.toOpGraph(changed)).toEqual(ofa.toOpGraph(arch));
    expect(ofa.live(changed)).toEqual(ofa.live(arch));
    expect(ofa.compactGraph(changed)).toEqual(ofa.compactGraph(arch));
    changed[6 + 1] = 2; // the second layer exists
    expect(ofa.live(changed)).not.toEqual(ofa.live(arch));
    expect(graphCosts(ofa.toOpGraph(changed)).total.flops).toBeGreaterThan(graphCosts(ofa.toOpGraph(arch)).total.flops);
  });

  it('the live choices give the same network', () => {
    fc.assert(
      fc.property(archOf(ofa), (arch) => {
        expect(ofa.toOpGraph(ofa.live(arch))).toEqual(ofa.toOpGraph(arch));
      }),
      { numRuns: 15 },
    );
  });

  it('is a chain of resolution and layers as compact graph', () => {
    const { nodes, edges } = ofa.compactGraph(ofa.parse(code(132, '23432', '7', '4')));
    expect(nodes.map((c) => ofa.nodeClasses[c])).toEqual(['input', 'r132', ...Array(14).fill('k7_e4'), 'output']);
    expect(edges).toHaveLength(16);
  });
});
