import { HwcastError } from '../../core/errors.js';
import { GraphBuilder } from '../graphBuilder.js';
import type { OpGraph } from '../opGraph.js';
import type { Arch, GraphOptions, Space } from './space.js';

/** Block of each choice 0..7: [kernel, expansion, groups of the pointwise convolutions]; 8 is skip (Wu et al., FBNet, CVPR 2019, table 2). */
const BLOCKS = [
  [3, 1, 1],
  [3, 1, 2],
  [3, 3, 1],
  [3, 6, 1],
  [5, 1, 1],
  [5, 1, 2],
  [5, 3, 1],
  [5, 6, 1],
] as const;
const DEPTH = [1, 4, 4, 4, 4, 4, 1],
  CHANNELS = [16, 24, 32, 64, 112, 184, 352],
  STRIDE = [1, 1, 2, 2, 1, 2, 1];
const LAYERS = DEPTH.flatMap((n, s) =>
  Array.from({ length: n }, (_, i) => ({ channels: CHANNELS[s], stride: i ? 1 : STRIDE[s] })),
);
const NAMES = [...BLOCKS.map(([k, e, g]) => `k${k}_e${e}${g > 1 ? `_g${g}` : ''}`), 'skip'];

/** CIFAR-100 network (32x32): stem conv3x3 to 16 channels, 22 layers, head conv1x1 to 1504, pool, 100 classes. */
function toOpGraph(arch: Arch, { batch = 1, dtype = 'fp32' }: GraphOptions = {}): OpGraph {
  const b = new GraphBuilder(dtype);
  const convBn = (x: string, c: number, k: number, s = 1, g = 1) => b.add('batch_norm', [b.conv(x, c, k, s, g)]);
  let x = b.add('relu', [convBn(b.input([batch, 3, 32, 32]), 16, 3)]),
    c = 16;
  LAYERS.forEach(({ channels, stride }, i) => {
    const input = x;
    if (arch[i] === 8) {
      // a skip that changes shape is a pointwise convolution; otherwise it passes its input on
      x = c === channels && stride === 1 ? b.add('identity', [x]) : b.add('relu', [convBn(x, channels, 1, stride)]);
    } else {
      const [kernel, expansion, groups] = BLOCKS[arch[i]],
        mid = c * expansion;
      x = b.add('relu', [convBn(x, mid, 1, 1, groups)]);
      x = b.add('relu', [convBn(x, mid, kernel, stride, mid)]);
      x = convBn(x, channels, 1, 1, groups);
      if (c === channels && stride === 1) x = b.add('add', [input, x]);
    }
    c = channels;
  });
  x = b.add('global_avg_pool', [b.add('relu', [convBn(x, 1504, 1)])]);
  return b.build([b.add('linear', [b.add('reshape', [x], { shape: [batch, 1504] })], { outFeatures: 100, bias: 1 })]);
}

export const fbnet: Space = {
  name: 'fbnet',
  choices: LAYERS.map(() => 9),
  nodeClasses: ['input', ...NAMES, 'output'],
  recognises: (code) => /^[0-8]{22}$/.test(code.trim()),
  parse(code) {
    const text = code.trim();
    if (!/^[0-8]{22}$/.test(text))
      throw new HwcastError('bad-input', `not an FBNet network: '${text}' (${text.length} characters)`, {
        hint: 'write 22 digits 0-8, one per layer',
      });
    return [...text].map(Number);
  },
  format: (arch) => arch.join(''),
  draw: (random) => LAYERS.map(() => Math.floor(random() * 9)),
  compactGraph: (arch) => ({
    nodes: [0, ...arch.map((v) => v + 1), NAMES.length + 1],
    edges: Array.from({ length: arch.length + 1 }, (_, i): [number, number] => [i, i + 1]),
  }),
  live: (arch) => arch,
  toOpGraph,
};
