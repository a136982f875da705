import { HwcastError } from '../../core/errors.js';
import type { Arch, CompactGraph, Space } from '../../graph/spaces/space.js';
import { linearSpec } from '../../tensor/parameters.js';
import { tf } from '../../tensor/tf.js';
import { checkExtra } from './checkExtra.js';
import type { EncodedNetworks, Encoder, ExtraInputs } from './encoder.js';
import { silu } from './mlpEncoder.js';

export interface GnnOptions {
  space: Space;
  features: number;
  /** numbers a node */
  width: number;
  /** rounds of messages; 4 unless told */
  layers?: number;
  /** extra input columns of a network, joined at the read-out; 0 unless told */
  extra?: number;
}

/** A graph for the encoder: operator class of each node as written and as a compiler sees it (dead operators replaced), and directed edges. */
export interface NodeGraph extends CompactGraph {
  liveNodes: number[];
}

/**
 * Message passing on the compact graph of a network, both ways along the edges:
 *
 *     h <- h + SiLU([h, sum of h over predecessors, sum of h over successors] W + b)
 *
 * (relational graph convolution of two relations, Schlichtkrull et al., ESWC 2018, equation 2, with a residual), then sum and mean over the nodes,
 * extra columns, two linear layers. Sums, not means, over neighbours: what a graph costs grows with what is in it. Nodes are padded to the largest
 * graph of the batch: padding has no edges and is masked at the read-out, so an embedding depends neither on the batch nor on the order of nodes.
 * Shapes: nodes [B, N, 2 C], receive and send [B, N, N], mask [B, N, 1], extra [B, E] -> [B, features].
 */
export function createGnnEncoder({ space, features, width, layers = 4, extra = 0 }: GnnOptions): Encoder & {
  encodeGraphs(graphs: readonly NodeGraph[], extra?: ExtraInputs): EncodedNetworks;
} {
  const classes = space.nodeClasses.length;
  const specs = [
    ...linearSpec('gnn.in', 2 * classes, width),
    ...Array.from({ length: layers }, (_, i) => linearSpec(`gnn.layer${i + 1}`, 3 * width, width)).flat(),
    ...linearSpec('gnn.out1', 2 * width + extra, width),
    ...linearSpec('gnn.out2', width, features),
  ];
  const encodeGraphs = (graphs: readonly NodeGraph[], given?: ExtraInputs): EncodedNetworks => {
    checkExtra(graphs.length, extra, given);
    return {
      size: graphs.length,
      inputs: { ...padded(graphs, classes), ...(given ? { extra: { shape: [extra], data: given.data } } : {}) },
    };
  };
  return {
    kind: 'gnn',
    features,
    specs,
    encodeGraphs,
    encode: (archs, given) =>
      encodeGraphs(
        archs.map((arch) => nodeGraph(space, arch)),
        given,
      ),
    embed(p, { nodes, receive, send, mask, extra: columns }) {
      const [size, n] = nodes.shape;
      const linear = (layer: string, h: tf.Tensor) =>
        tf.add(tf.matMul(h as tf.Tensor2D, p[`${layer}.weight`] as tf.Tensor2D), p[`${layer}.bias`]);
      let h = linear('gnn.in', tf.reshape(nodes, [size * n, 2 * classes])); // [B * N, w]
      for (let layer = 1; layer <= layers; layer++) {
        const block = tf.reshape(h, [size, n, width]);
        const from = tf.reshape(tf.matMul(receive, block), [size * n, width]),
          to = tf.reshape(tf.matMul(send, block), [size * n, width]);
        h = tf.add(h, silu(linear(`gnn.layer${layer}`, tf.concat([h, from, to], 1)))); // [B * N, w]
      }
      const kept = tf.mul(tf.reshape(h, [size, n, width]), mask); // [B, N, w]
      const sum = tf.sum(kept, 1),
        mean = tf.div(sum, tf.sum(mask, 1)); // [B, w]
      // the sum grows with the graph; an eighth keeps it near the mean's size for graphs of about 8 to 24 nodes
      const pooled = [tf.mul(sum, 1 / 8), mean, ...(columns ? [columns] : [])] as tf.Tensor2D[];
      return linear('gnn.out2', silu(linear('gnn.out1', tf.concat(pooled, 1)))) as tf.Tensor2D; // [B, features]
    },
  };
}

/** The compact graph of a network with both views of its operators. */
export function nodeGraph(space: Space, arch: Arch): NodeGraph {
  const graph = space.compactGraph(arch),
    live = space.compactGraph(space.live(arch));
  if (live.nodes.length !== graph.nodes.length)
    throw new HwcastError(
      'unsupported',
      `network ${space.format(arch)} has ${graph.nodes.length} nodes as written and ${live.nodes.length} live ones`,
      {
        where: `space '${space.name}'`,
        hint: 'live() must keep the nodes of compactGraph() and change only their classes',
      },
    );
  return { ...graph, liveNodes: live.nodes };
}

function padded(graphs: readonly NodeGraph[], classes: number): EncodedNetworks['inputs'] {
  const n = graphs.reduce((most, g) => Math.max(most, g.nodes.length), 1),
    size = graphs.length;
  const nodes = new Float32Array(size * n * 2 * classes),
    mask = new Float32Array(size * n);
  const receive = new Float32Array(size * n * n),
    send = new Float32Array(size * n * n);
  graphs.forEach((graph, b) => {
    graph.nodes.forEach((c, i) => {
      nodes[(b * n + i) * 2 * classes + c] = 1;
      nodes[(b * n + i) * 2 * classes + classes + graph.liveNodes[i]] = 1;
      mask[b * n + i] = 1;
    });
    for (const [from, to] of graph.edges) receive[(b * n + to) * n + from] = send[(b * n + from) * n + to] = 1;
  });
  return {
    nodes: { shape: [n, 2 * classes], data: nodes },
    receive: { shape: [n, n], data: receive },
    send: { shape: [n, n], data: send },
    mask: { shape: [n, 1], data: mask },
  };
}
