import { Resvg } from '@resvg/resvg-js';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../src/core/random.js';
import { deviceNamed } from '../../../src/device/deviceNamed.js';
import type { OpGraph, OpNode } from '../../../src/graph/opGraph.js';
import { blocksOf } from '../../../src/present/graphPicture/blocksOf.js';
import { fitted, textWidth } from '../../../src/present/graphPicture/fitted.js';
import { graphPicture, MOST_BOXES } from '../../../src/present/graphPicture/graphPicture.js';
import { layeredLayout } from '../../../src/present/graphPicture/layeredLayout.js';

const node = (id: string, op: string, inputs: string[], attrs = {}): OpNode => ({
  ...{ id, op, inputs, attrs },
  ...{ shape: [1, 8], dtype: 'fp32' },
});
const input = node('x', 'input', [], { shape: [1, 8] });

/** A random graph of additions and activations over one input, some nodes read by many. */
function randomGraph(count: number, seed: number): OpGraph {
  const random = createRandom(seed);
  const nodes = [input];
  for (let i = 1; i < count; i++) {
    const near = () => nodes[Math.max(0, i - 1 - Math.floor(random.next() ** 2 * 12))].id;
    nodes.push(random.next() < 0.5 ? node(`n${i}`, 'add', [near(), near()]) : node(`n${i}`, 'relu', [near()]));
  }
  return { nodes, outputs: [nodes[nodes.length - 1].id] };
}

const SIZES = { boxWidth: 200, boxHeight: 36, gap: 20, rise: 24, lane: 9 };
const GRAPHS: [string, OpGraph][] = [
  ['one node', { nodes: [input], outputs: ['x'] }],
  ['a chain', { nodes: [input, node('a', 'relu', ['x']), node('b', 'relu', ['a'])], outputs: ['b'] }],
  ['100 nodes', randomGraph(100, 1)],
  ['700 nodes', randomGraph(700, 2)],
  ['nodes without edges', { nodes: Array.from({ length: 150 }, (_, i) => ({ ...input, id: `x${i}` })), outputs: ['x0'] }],
];

describe('blocksOf', () => {
  it.each(GRAPHS)('every node of %s stands in one of at most 120 blocks, which feed later ones only', (_, graph) => {
    const blocks = blocksOf(graph, MOST_BOXES);
    expect(blocks.length).toBeLessThanOrEqual(MOST_BOXES);
    expect(blocks.flatMap((b) => b.nodes).sort((a, b) => a - b)).toEqual(graph.nodes.map((_, i) => i));
    expect(blocks.every((b, i) => b.feeds.every((f) => f > i))).toBe(true);
    if (graph.nodes.length <= MOST_BOXES) expect(blocks).toHaveLength(graph.nodes.length);
  });

  it('keeps each edge between blocks', () => {
    const graph = randomGraph(700, 3);
    const blocks = blocksOf(graph, MOST_BOXES);
    const blockOf = new Map(blocks.flatMap((b, i) => b.nodes.map((n) => [graph.nodes[n].id, i])));
    const crossing = graph.nodes.flatMap(({ id, inputs }) => inputs.map((from) => [blockOf.get(from)!, blockOf.get(id)!]));
    const drawn = new Set(blocks.flatMap((b, i) => b.feeds.map((f) => `${i}-${f}`)));
    expect(new Set(crossing.filter(([a, b]) => a !== b).map(([a, b]) => `${a}-${b}`))).toEqual(drawn);
  });

  it('joins chains before branches, and stored tensors with their first reader', () => {
    const branch = (name: string) => [node(`${name}1`, 'relu', ['x']), node(`${name}2`, 'relu', [`${name}1`])];
    const nodes = [input, ...branch('a'), ...branch('b'), node('y', 'add', ['a2', 'b2'])];
    const named = (graph: OpGraph, most: number) =>
      blocksOf(graph, most).map((b) => b.nodes.map((i) => graph.nodes[i].id).join(' '));
    expect(named({ nodes, outputs: ['y'] }, 4).sort()).toEqual(['a1 a2', 'b1 b2', 'x', 'y']);
    const stored = node('w', 'stored', [], { shape: [1, 8] });
    const tied = [input, stored, node('a', 'add', ['x', 'w']), node('b', 'add', ['a', 'w'])];
    expect(named({ nodes: tied, outputs: ['b'] }, 9).sort()).toEqual(['b', 'w a', 'x']);
  });
});

describe('layeredLayout', () => {
  it.each(GRAPHS)('%s: no boxes overlap, every edge goes down and past all boxes', (_, graph) => {
    const feeds = blocksOf(graph, MOST_BOXES).map((b) => b.feeds);
    const { places, routes, width, height } = layeredLayout(feeds, SIZES);
    const overlaps = places.flatMap((a, i) =>
      places.slice(i + 1).filter((b) => Math.abs(a.x - b.x) < SIZES.boxWidth - 0.01 && Math.abs(a.y - b.y) < SIZES.boxHeight),
    );
    expect(overlaps).toEqual([]);
    expect(routes).toHaveLength(feeds.flat().length);
    expect(routes.every(({ points }) => points.every((p, i) => i === 0 || p.y > points[i - 1].y))).toBe(true);
    expect(
      routes.every(({ from, to, points }) => points[0].y > places[from].y && points[points.length - 1].y === places[to].y),
    ).toBe(true);
    const isInside = (x: number, y: number) =>
      places.some((b) => x > b.x && x < b.x + SIZES.boxWidth && y > b.y && y < b.y + SIZES.boxHeight);
    // upright parts of edges stand in the layers, curves between them
    const lanes = routes.flatMap(({ points }) => points.slice(1, -1));
    expect(lanes.filter(({ x, y }) => isInside(x, y + 1) || isInside(x, y - 1))).toEqual([]);
    expect(
      places.every(({ x, y }) => x >= 0 && x + SIZES.boxWidth <= width + 0.01 && y >= 0 && y + SIZES.boxHeight <= height),
    ).toBe(true);
  });

  it('puts a source right above what it feeds', () => {
    // 0 -> 1 -> 2 -> 3, 4 -> 3 in the order of the list
    const { places } = layeredLayout([[1], [2], [4], [4], []], SIZES);
    const pitch = SIZES.boxHeight + SIZES.rise;
    expect(places.map((p) => p.y / pitch)).toEqual([0, 1, 2, 2, 3]);
  });
});

describe('graphPicture', () => {
  const T4 = deviceNamed('T4');

  it('says what is drawn, on which device, and how much a box stands for', () => {
    const { svg } = graphPicture(randomGraph(700, 2), { name: 'net', device: T4, note: 'unless told' });
    const boxes = svg.match(/class="box"/g)!;
    expect(boxes.length).toBeLessThanOrEqual(MOST_BOXES);
    expect(svg).toMatch(/T4 \(unless told\): compiled roofline, [\d.]+ [mu]s in \d+ kernels/);
    expect(svg).toContain(`700 nodes in ${boxes.length} boxes`);
    expect(svg).toMatch(/[\d.]+ % \(largest box\)/);
    const counts = [...svg.matchAll(/>(\d+) nodes(?: ·|<)/g)].map((m) => Number(m[1]));
    const single = boxes.length - counts.length;
    expect(counts.reduce((a, b) => a + b, 0) + single).toBe(700);
    expect(graphPicture(randomGraph(700, 2), { name: 'net', device: T4, note: 'unless told' }).svg).toBe(svg);
  });

  it('is whole XML whatever the names are', () => {
    const graph: OpGraph = { nodes: [input, node('<a> & "b"', 'relu', ['x'])], outputs: ['<a> & "b"'] };
    const { svg } = graphPicture(graph, { name: 'a<b>&c\u0001.onnx', device: T4 });
    expect(svg).toContain('&lt;a> &amp; "b": relu');
    expect(svg).toContain('a&lt;b>&amp;c');
    expect(new Resvg(svg).width).toBeGreaterThan(0);
  });
});

describe('fitted', () => {
  it('cuts what is too wide, and says so', () => {
    expect(fitted('conv2d', 200, 11)).toBe('conv2d');
    const cut = fitted('convolution, batch_norm, relu, max_pool2d', 120, 11, true);
    expect(cut).toMatch(/^convolution.*\.\.$/);
    expect(textWidth(cut, 11, true)).toBeLessThanOrEqual(120);
  });
});
