import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { liveNodes } from '../../../src/graph/liveNodes.js';
import { graphCosts } from '../../../src/graph/operatorCost.js';
import type { OpGraph } from '../../../src/graph/opGraph.js';
import { EDGES, nasbench201, OPS } from '../../../src/graph/spaces/nasbench201.js';
import { SHARED } from '../../shared.js';
import { archOf } from './archOf.js';

const ARCHS = join(SHARED, 'data/nasbench201-latency/archs.csv.gz');
const convolutions = (graph: OpGraph) => graph.nodes.filter((n) => n.op === 'conv2d').length;
const macs = (graph: OpGraph) => {
  const { each } = graphCosts(graph);
  return graph.nodes.reduce((sum, n, i) => sum + (n.op === 'conv2d' || n.op === 'linear' ? each[i].flops / 2 : 0), 0);
};
/** Live nodes of the expanded network by operator. */
const liveCounts = (graph: OpGraph) => {
  const live = liveNodes(graph),
    counts: Record<string, number> = {};
  graph.nodes.forEach((n, i) => {
    if (live[i]) counts[n.op] = (counts[n.op] ?? 0) + 1;
  });
  return counts;
};
/** True where a path of operators other than none leads from the cell's input to its output: all paths tried one by one. */
const connected = (arch: readonly number[], node = 0): boolean =>
  node === 3 || EDGES.some(([s, t], k) => s === node && arch[k] !== 0 && connected(arch, t));

describe('the standard order of NAS-Bench-201', () => {
  it.each([
    [0, '|avg_pool_3x3~0|+|nor_conv_1x1~0|skip_connect~1|+|nor_conv_1x1~0|skip_connect~1|skip_connect~2|'],
    [9, '|avg_pool_3x3~0|+|none~0|none~1|+|skip_connect~0|none~1|nor_conv_3x3~2|'],
    [1462, '|nor_conv_3x3~0|+|nor_conv_3x3~0|nor_conv_3x3~1|+|nor_conv_3x3~0|nor_conv_3x3~1|nor_conv_3x3~2|'],
    [15624, '|nor_conv_1x1~0|+|none~0|nor_conv_1x1~1|+|none~0|nor_conv_1x1~1|nor_conv_1x1~2|'],
  ])('cell #%i', (index, code) => {
    expect(nasbench201.format(nasbench201.at!(index))).toBe(code);
    expect(nasbench201.indexOf!(nasbench201.parse(code))).toBe(index);
    expect(nasbench201.parse(`#${index}`)).toEqual(nasbench201.parse(code));
    expect(nasbench201.parse(` ${index} `)).toEqual(nasbench201.parse(code));
  });

  it('holds every cell once', () => {
    const codes = new Set(Array.from({ length: 15625 }, (_, i) => nasbench201.at!(i).join('')));
    expect(codes.size).toBe(5 ** 6);
    expect(nasbench201.size).toBe(15625);
  });

  it.skipIf(!existsSync(ARCHS))('is the order of the published tables, all 15,625 (needs the shared data)', () => {
    const lines = gunzipSync(readFileSync(ARCHS)).toString().trimEnd().split('\n').slice(1);
    expect(lines).toHaveLength(15625);
    const wrong = lines.filter((line, i) => {
      const [index, code, ...ops] = line.split(',');
      const arch = nasbench201.at!(i);
      return (
        Number(index) !== i ||
        nasbench201.format(arch) !== code ||
        arch.join() !== ops.join() ||
        nasbench201.parse(code).join() !== ops.join() ||
        nasbench201.indexOf!(arch) !== i
      );
    });
    expect(wrong).toEqual([]);
  });
});

describe('cell strings', () => {
  it('parse(format(arch)) is arch', () => {
    fc.assert(
      fc.property(archOf(nasbench201), (arch) => {
        expect(nasbench201.parse(nasbench201.format(arch))).toEqual(arch);
        expect(nasbench201.recognises(nasbench201.format(arch))).toBe(true);
      }),
    );
  });

  it.each([
    ['|conv~0|+|none~0|none~1|+|none~0|none~1|none~2|', "unknown operator 'conv'; known: none, skip_connect, nor_conv_1x1"],
    ['|none~0|+|none~0|none~1|', 'node 1 of the cell needs 1 edges and the cell 3 nodes'],
    ['|none~0|+|none~0|+|none~0|none~1|none~2|', 'node 2 of the cell needs 2 edges'],
    ['|none~0|+|none~0|none~0|+|none~0|none~1|none~2|', "edge 'none~0' should end in ~1"],
    ['', "not a NAS-Bench-201 cell: ''"],
  ])('refuses %j', (code, message) => {
    expect(() => nasbench201.parse(code)).toThrow(
      expect.objectContaining({
        code: 'bad-input',
        message: expect.stringContaining(message),
        hint: expect.stringContaining('#index'),
      }),
    );
  });

  it('refuses an index beyond the space and names both', () => {
    expect(() => nasbench201.parse('#15625')).toThrow(
      expect.objectContaining({ code: 'bad-input', message: 'NAS-Bench-201 has cells #0 to #15624, not #15625' }),
    );
  });
});

describe('the expanded network', () => {
  it('has the multiply-accumulates counted by hand: 7,783,040 outside the cells and 3,932,160 (n1x1 + 9 n3x3)', () => {
    // stem 32 32 16 27, two residual blocks (3x3/2, 3x3, 1x1), 64 -> 10 classes. The benchmark's own table runs from 7.78305 M to 220.11969 M: these
    // and the ten additions of the classifier's bias. (The README of the shared data has a constant 256 smaller; its slope is the same.)
    const blocks = [16, 32].reduce((sum, c, i) => sum + (16 >> i) ** 2 * (2 * c * c * 9 + 2 * c * 2 * c * 9 + 2 * c * c), 0);
    const outside = 32 * 32 * 16 * 27 + blocks + 640;
    expect(outside).toBe(7_783_040);
    expect(outside + 10).toBe(7_783_050);
    expect(outside + 10 + 3_932_160 * 9 * 6).toBe(220_119_690);
    const biasAdditions = 10 / 2;
    fc.assert(
      fc.property(archOf(nasbench201), (arch) => {
        const n1 = arch.filter((op) => op === 2).length,
          n3 = arch.filter((op) => op === 3).length;
        expect(macs(nasbench201.toOpGraph(arch))).toBe(outside + biasAdditions + 3_932_160 * (n1 + 9 * n3));
      }),
      { numRuns: 60 },
    );
  });

  it('has the parameters of the benchmark: 0.073306 M for the empty cell, 1.531546 M for six 3x3', () => {
    const params = (op: number) => graphCosts(nasbench201.toOpGraph(Array(6).fill(op))).total.params;
    expect(params(0)).toBe(73_306);
    expect(params(3)).toBe(1_531_546);
    expect(params(1)).toBe(params(4));
  });

  it('ends in ten classes of each image, in the wanted type', () => {
    const graph = nasbench201.toOpGraph([3, 1, 2, 0, 4, 3], { batch: 7, dtype: 'fp16' });
    const last = graph.nodes.at(-1)!;
    expect(last).toMatchObject({ op: 'linear', shape: [7, 10], dtype: 'fp16' });
    expect(graph.outputs).toEqual([last.id]);
    expect(new Set(graph.nodes.map((n) => n.dtype))).toEqual(new Set(['fp16']));
    expect(graph.nodes.find((n) => n.op === 'global_avg_pool')!.shape).toEqual([7, 64, 1, 1]);
  });
});

describe('live choices', () => {
  const EMPTY = [0, 0, 0, 0, 0, 0];

  it.each([
    ['nothing reaches node 1, so what leaves it is dead', [0, 3, 2, 0, 4, 1], [0, 3, 0, 0, 0, 1]],
    ['node 2 leads nowhere', [3, 2, 2, 0, 1, 0], [3, 0, 0, 0, 1, 0]],
    ['no path at all', [3, 0, 0, 0, 0, 3], EMPTY],
    ['everything is used', [1, 2, 3, 4, 1, 2], [1, 2, 3, 4, 1, 2]],
  ])('%s', (_, arch, live) => {
    expect(nasbench201.live(arch)).toEqual(live);
  });

  it('are those that liveNodes finds in the expanded network', () => {
    fc.assert(
      fc.property(archOf(nasbench201), (arch) => {
        const live = nasbench201.live(arch),
          counts = liveCounts(nasbench201.toOpGraph(arch));
        if (!connected(arch)) {
          expect(live).toEqual(EMPTY);
          expect(counts).toEqual({});
          return;
        }
        const of = (op: string) => live.filter((v) => OPS[v] === op).length;
        // 15 cells, and outside them the stem and two blocks of three convolutions; two pools at stride 2
        expect(counts.conv2d).toBe(15 * (of('nor_conv_1x1') + of('nor_conv_3x3')) + 7);
        expect(counts.avg_pool2d).toBe(15 * of('avg_pool_3x3') + 2);
        expect(counts.identity ?? 0).toBe(15 * of('skip_connect'));
        expect(counts.zero).toBeUndefined();
        // a network whose dead choices were never written has the same live operators, and no convolution that is dead
        const pruned = nasbench201.toOpGraph(live);
        expect(liveCounts(pruned)).toEqual(counts);
        expect(convolutions(pruned)).toBe(counts.conv2d);
      }),
      { numRuns: 150 },
    );
  });

  it('keep the output constant for the 341 cells without a path', () => {
    const dead = Array.from({ length: 15625 }, (_, i) => nasbench201.at!(i)).filter((a) =>
      nasbench201.live(a).every((op) => op === 0),
    );
    expect(dead).toHaveLength(341);
    expect(dead.some((a) => connected(a))).toBe(false);
  });
});

describe('compact graph', () => {
  it('has eight nodes; every operator is fed by what its edge starts from', () => {
    const { nodes, edges } = nasbench201.compactGraph([4, 3, 2, 1, 0, 3]);
    expect(nodes.map((c) => nasbench201.nodeClasses[c])).toEqual(['input', ...[4, 3, 2, 1, 0, 3].map((op) => OPS[op]), 'output']);
    expect(edges.map((e) => e.join('>')).sort()).toEqual(
      ['0>1', '0>2', '0>4', '1>3', '1>5', '2>6', '3>6', '4>7', '5>7', '6>7'].sort(),
    );
  });
});
