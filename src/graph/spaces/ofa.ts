import { HwcastError } from '../../core/errors.js';
import { GraphBuilder } from '../graphBuilder.js';
import type { OpGraph } from '../opGraph.js';
import type { Arch, GraphOptions, Space } from './space.js';

/** Once-for-All MobileNetV3 (Cai et al., ICLR 2020): 5 stages of 2-4 layers, kernel 3/5/7, expansion 3/4/6, any input resolution in steps of 4. */
const KERNELS = [3, 5, 7],
  EXPANSIONS = [3, 4, 6],
  RESOLUTIONS = Array.from({ length: 25 }, (_, i) => 128 + 4 * i);
const CHANNELS = [24, 40, 80, 112, 160],
  STRIDE = [2, 2, 2, 1, 2],
  SQUEEZE = [0, 1, 0, 1, 1],
  SWISH = [0, 0, 1, 1, 1];
/** choices: resolution, 5 depths, 20 kernels, 20 expansions */
const CHOICES = [RESOLUTIONS.length, ...Array(5).fill(3), ...Array(40).fill(3)] as number[];
const HINT = 'write RESOLUTION,DEPTHS,KERNELS,EXPANSIONS: e.g. 224,22334,3 x 20 digits of 3/5/7, 20 digits of 3/4/6';

function values(arch: Arch): { resolution: number; depth: number[]; kernel: number[]; expansion: number[] } {
  return {
    resolution: RESOLUTIONS[arch[0]],
    depth: arch.slice(1, 6).map((v) => v + 2),
    kernel: arch.slice(6, 26).map((v) => KERNELS[v]),
    expansion: arch.slice(26, 46).map((v) => EXPANSIONS[v]),
  };
}

/** Layers beyond the depth of their stage do not exist: their choices are set to the first value. */
function live(arch: Arch): Arch {
  return arch.map((v, i) => {
    const layer = i >= 26 ? i - 26 : i - 6;
    return i < 6 || layer % 4 < arch[1 + Math.floor(layer / 4)] + 2 ? v : 0;
  });
}

/** ImageNet network at width 1.0: conv3x3/2 to 16, a separable first block, the stages, conv1x1 to 960, pool, 1280, 1000 classes. */
function toOpGraph(arch: Arch, { batch = 1, dtype = 'fp32' }: GraphOptions = {}): OpGraph {
  const { resolution, depth, kernel, expansion } = values(arch);
  const b = new GraphBuilder(dtype);
  const convBn = (x: string, c: number, k: number, s = 1, g = 1) => b.add('batch_norm', [b.conv(x, c, k, s, g)]);
  const act = (x: string, swish: number) => b.add(swish ? 'hardswish' : 'relu', [x]);
  let x = act(convBn(b.input([batch, 3, resolution, resolution]), 16, 3, 2), 1);
  x = b.add('add', [x, convBn(act(convBn(x, 16, 3, 1, 16), 0), 16, 1)]);
  let c = 16;
  CHANNELS.forEach((channels, stage) => {
    for (let i = 0; i < depth[stage]; i++) {
      const layer = stage * 4 + i,
        input = x,
        mid = c * expansion[layer],
        stride = i ? 1 : STRIDE[stage];
      x = act(convBn(x, mid, 1), SWISH[stage]);
      x = act(convBn(x, mid, kernel[layer], stride, mid), SWISH[stage]);
      if (SQUEEZE[stage]) {
        const gate = b.conv(
          b.add('relu', [b.conv(b.add('global_avg_pool', [x]), Math.max(8, Math.round(mid / 32) * 8), 1)]),
          mid,
          1,
        );
        x = b.add('mul', [x, b.add('hardsigmoid', [gate])]);
      }
      x = convBn(x, channels, 1);
      if (i) x = b.add('add', [input, x]);
      c = channels;
    }
  });
  x = b.add('global_avg_pool', [act(convBn(x, 960, 1), 1)]);
  x = act(b.conv(x, 1280, 1), 1);
  return b.build([b.add('linear', [b.add('reshape', [x], { shape: [batch, 1280] })], { outFeatures: 1000, bias: 1 })]);
}

export const ofa: Space = {
  name: 'ofa',
  choices: CHOICES,
  nodeClasses: [
    'input',
    'output',
    ...KERNELS.flatMap((k) => EXPANSIONS.map((e) => `k${k}_e${e}`)),
    ...RESOLUTIONS.map((r) => `r${r}`),
  ],
  recognises: (code) => /^\d{2,3},[2-4]{5},[357]{20},[346]{20}$/.test(code.trim()),
  parse(code) {
    const [r, d, k, e] = code.trim().split(/[,;]/);
    const arch = [
      RESOLUTIONS.indexOf(Number(r)),
      ...[...(d ?? '')].map((v) => Number(v) - 2),
      ...[...(k ?? '')].map((v) => KERNELS.indexOf(Number(v))),
      ...[...(e ?? '')].map((v) => EXPANSIONS.indexOf(Number(v))),
    ];
    const bad =
      arch.length !== 46
        ? `needs 5 depths, 20 kernels and 20 expansions`
        : arch[0] < 0
          ? `resolution ${r} is not one of 128, 132, .., 224`
          : arch.some((v, i) => !(v >= 0 && v < CHOICES[i]))
            ? 'depth 2-4, kernel 3/5/7, expansion 3/4/6'
            : '';
    if (bad) throw new HwcastError('bad-input', `not an OFA network: '${code.trim()}' (${bad})`, { hint: HINT });
    return arch;
  },
  format(arch) {
    const { resolution, depth, kernel, expansion } = values(arch);
    return `${resolution},${depth.join('')},${kernel.join('')},${expansion.join('')}`;
  },
  draw: (random) => CHOICES.map((n) => Math.floor(random() * n)),
  compactGraph(arch) {
    const { depth } = values(arch);
    const layers = depth.flatMap((d, stage) =>
      Array.from({ length: d }, (_, i) => 2 + arch[6 + stage * 4 + i] * 3 + arch[26 + stage * 4 + i]),
    );
    const nodes = [0, 11 + arch[0], ...layers, 1];
    return { nodes, edges: nodes.slice(1).map((_, i): [number, number] => [i, i + 1]) };
  },
  live,
  toOpGraph,
};
