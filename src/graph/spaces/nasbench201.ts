import { HwcastError } from '../../core/errors.js';
import { GraphBuilder } from '../graphBuilder.js';
import type { Attrs, OpGraph } from '../opGraph.js';
import { pythonShuffle } from './pythonShuffle.js';
import type { Arch, CompactGraph, GraphOptions, Space } from './space.js';

/** Operators of a cell edge, in the order of NAS-Bench-201 (Dong and Yang, ICLR 2020, section 2.1). */
export const OPS = ['none', 'skip_connect', 'nor_conv_1x1', 'nor_conv_3x3', 'avg_pool_3x3'] as const;
/** Choice k is the operator on the edge EDGES[k] = [from, to] of the four nodes of a cell; 0 is its input, 3 its output. */
export const EDGES = [
  [0, 1],
  [0, 2],
  [1, 2],
  [0, 3],
  [1, 3],
  [2, 3],
] as const;

const SIZE = 15625;
let order: Arch[] | undefined;
let position: Map<number, number> | undefined;
const key = (a: Arch) => a.reduce((k, v) => k * 5 + v, 0);

/** The 15,625 cells in the standard order of the benchmark: all combinations, shuffled by Python's generator with seed 88. */
function standardOrder(): Arch[] {
  order ??= pythonShuffle(
    Array.from({ length: SIZE }, (_, i) => [5 ** 5, 5 ** 4, 5 ** 3, 25, 5, 1].map((p) => Math.floor(i / p) % 5)),
    88,
  );
  return order;
}

function parse(code: string): Arch {
  const text = code.trim();
  if (/^#?\d+$/.test(text)) {
    const index = Number(text.replace('#', ''));
    if (index >= SIZE) throw new HwcastError('bad-input', `NAS-Bench-201 has cells #0 to #${SIZE - 1}, not #${index}`);
    return standardOrder()[index];
  }
  const nodes = text.split('+');
  const arch: number[] = [];
  nodes.forEach((node, n) => {
    const edges = node.replace(/^\||\|$/g, '').split('|');
    if (nodes.length !== 3 || edges.length !== n + 1)
      throw malformed(text, `node ${n + 1} of the cell needs ${n + 1} edges and the cell 3 nodes`);
    edges.forEach((edge, from) => {
      const [op, source] = edge.split('~');
      const index = (OPS as readonly string[]).indexOf(op);
      if (index < 0) throw malformed(text, `unknown operator '${op}'; known: ${OPS.join(', ')}`);
      if (Number(source) !== from) throw malformed(text, `edge '${edge}' should end in ~${from}`);
      arch.push(index);
    });
  });
  return arch;
}
const malformed = (text: string, why: string) =>
  new HwcastError('bad-input', `not a NAS-Bench-201 cell: '${text}' (${why})`, {
    hint: 'write |op~0|+|op~0|op~1|+|op~0|op~1|op~2|, or #index',
  });

/** Operators on no path from the cell's input to its output become `none`: they are removed by compilers and run by eager frameworks. */
function live(arch: Arch): Arch {
  const reach = [true, false, false, false],
    use = [false, false, false, true];
  EDGES.forEach(([s, t], k) => {
    reach[t] ||= reach[s] && arch[k] !== 0;
  });
  for (let k = 5; k >= 0; k--) use[EDGES[k][0]] ||= use[EDGES[k][1]] && arch[k] !== 0;
  return arch.map((op, k) => (reach[EDGES[k][0]] && use[EDGES[k][1]] ? op : 0));
}

/** Cell graph with operators on nodes: input, six operators in choice order, output; class 0 input, 1..5 operators, 6 output. */
function compactGraph(arch: Arch): CompactGraph {
  const edges: [number, number][] = [];
  EDGES.forEach(([s, t], k) => {
    if (s === 0) edges.push([0, k + 1]);
    EDGES.forEach(([s2], k2) => {
      if (s2 === t) edges.push([k + 1, k2 + 1]);
    });
    if (t === 3) edges.push([k + 1, 7]);
  });
  return { nodes: [0, ...arch.map((op) => op + 1), 6], edges };
}

// one object each, so that they are checked once and not in every network
const POOL: Attrs = Object.freeze({ kernel: [3, 3], stride: [1, 1], padding: [1, 1] });
const HALVE: Attrs = Object.freeze({ kernel: [2, 2], stride: [2, 2], padding: [0, 0] });

/** CIFAR-10 network: stem, 3 stages of 5 cells with 16/32/64 channels at 32/16/8 pixels, residual blocks between, pool, 10 classes. */
function toOpGraph(arch: Arch, { batch = 1, dtype = 'fp32' }: GraphOptions = {}, channels = 16, cells = 5): OpGraph {
  const b = new GraphBuilder(dtype);
  const bn = (x: string) => b.add('batch_norm', [x]);
  const reluConvBn = (x: string, c: number, kernel: number, stride = 1) => bn(b.conv(b.add('relu', [x]), c, kernel, stride));
  const edge = (op: number, x: string, c: number): string => {
    switch (op) {
      case 0:
        return b.add('zero', [x]);
      case 1:
        return b.add('identity', [x]);
      case 2:
        return reluConvBn(x, c, 1);
      case 3:
        return reluConvBn(x, c, 3);
      default:
        return b.add('avg_pool2d', [x], POOL);
    }
  };
  let x = bn(b.conv(b.input([batch, 3, 32, 32]), channels, 3)),
    c = channels;
  for (let stage = 0; stage < 3; stage++) {
    if (stage) {
      const main = reluConvBn(reluConvBn(x, 2 * c, 3, 2), 2 * c, 3);
      const side = b.conv(b.add('avg_pool2d', [x], HALVE), 2 * c, 1);
      x = b.add('add', [side, main]);
      c *= 2;
    }
    for (let i = 0; i < cells; i++) {
      const node = [x, '', '', ''];
      EDGES.forEach(([s, t], k) => {
        const y = edge(arch[k], node[s], c);
        node[t] = node[t] ? b.add('add', [node[t], y]) : y;
      });
      x = node[3];
    }
  }
  x = b.add('global_avg_pool', [b.add('relu', [bn(x)])]);
  x = b.add('linear', [b.add('reshape', [x], { shape: [batch, c] })], { outFeatures: 10, bias: 1 });
  return b.build([x]);
}

export const nasbench201: Space = {
  name: 'nasbench201',
  choices: [5, 5, 5, 5, 5, 5],
  size: SIZE,
  nodeClasses: ['input', ...OPS, 'output'],
  recognises: (code) => /^\|[a-z0-9_]+~0\|\+\|/.test(code.trim()),
  parse,
  format: (a) => `|${OPS[a[0]]}~0|+|${OPS[a[1]]}~0|${OPS[a[2]]}~1|+|${OPS[a[3]]}~0|${OPS[a[4]]}~1|${OPS[a[5]]}~2|`,
  at: (index) => standardOrder()[index],
  indexOf: (arch) => {
    position ??= new Map(standardOrder().map((a, i) => [key(a), i]));
    return position.get(key(arch))!;
  },
  draw: (random) => Array.from({ length: 6 }, () => Math.floor(random() * 5)),
  compactGraph,
  live,
  toOpGraph,
};
