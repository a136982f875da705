import { fbnet } from '../../graph/spaces/fbnet.js';
import type { Arch } from '../../graph/spaces/space.js';

/**
 * The entries of HW-NAS-Bench's FBNet look-up tables that a network's cost is the sum of (Li et al., HW-NAS-Bench, ICLR 2021, released API): stem, 22
 * blocks or skips, head, pooling, classifier; CIFAR-100, 32x32. Shapes come from the operator graph of the space.
 */
export function fbnetBlockKeys(arch: Arch): string[] {
  const { stem, layers, head, classes } = skeleton();
  return [
    `ConvNorm_H${stem.size}_W${stem.size}_Cin${stem.from}_Cout${stem.to}_kernel3_stride${stem.stride}_group1`,
    ...layers.map(({ size, from, to, stride }, i) => {
      const block = /^k(\d)_e(\d)(?:_g(\d))?$/.exec(fbnet.nodeClasses[arch[i] + 1]);
      return block
        ? `ConvBlock_H${size}_W${size}_Cin${from}_Cout${to}_exp${block[2]}_kernel${block[1]}_stride${stride}_group${block[3] ?? 1}`
        : `Skip_H${size}_W${size}_Cin${from}_Cout${to}_stride${stride}`;
    }),
    `ConvNorm_H${head.size}_W${head.size}_Cin${head.from}_Cout${head.to}_kernel1_stride1_group1`,
    `AvgP_H${head.size}_W${head.size}_Cin${head.to}_Cout${head.to}_kernel${head.size}_stride1`,
    `FC_Cin${head.to}_Cout${classes}`,
  ];
}

interface Layer {
  size: number;
  from: number;
  to: number;
  stride: number;
}
let known: { stem: Layer; layers: Layer[]; head: Layer; classes: number } | undefined;

/** Sizes and channels of every layer, read off the network whose blocks are all of the first kind: each is three convolutions. */
function skeleton() {
  if (known) return known;
  const { nodes } = fbnet.toOpGraph(fbnet.choices.map(() => 0));
  const shape = new Map(nodes.map((n) => [n.id, n.shape]));
  const convs = nodes
    .filter((n) => n.op === 'conv2d')
    .map((n) => {
      const [, from, size] = shape.get(n.inputs[0])!; // [N, C, H, W]
      return { size, from, to: n.shape[1], stride: size / n.shape[2] };
    });
  const layers = fbnet.choices.map((_, i) => ({ ...convs[1 + 3 * i], stride: convs[2 + 3 * i].stride, to: convs[3 + 3 * i].to }));
  known = { stem: convs[0], layers, head: convs[1 + 3 * layers.length], classes: nodes.find((n) => n.op === 'linear')!.shape[1] };
  return known;
}
