import { HwcastError } from '../../core/errors.js';
import { type Arch, encodeArch, type Space } from '../../graph/spaces/space.js';

/** How HELP sees the networks of a space. */
export interface HelpEncoding {
  kind: 'gcn' | 'mlp';
  /** gcn: nodes of a graph, the global node last; mlp: 1 */
  nodes: number;
  /** numbers a node (gcn) or a network (mlp) */
  width: number;
  /** gcn: [nodes, nodes] by rows, 1 where the row's node receives from the column's */
  adjacency?: Float32Array;
  /** [nodes * width]; gcn: the one-hot operators already summed over what each node receives, A X, which the first layer needs only so */
  encode(arch: Arch): Float32Array;
}

/**
 * Encodings of HELP (Lee et al., NeurIPS 2021, published configuration): NAS-Bench-201 cells as graphs of one-hot operators
 * with self loops and a global node that receives from all; FBNet as 22 x 6 bits (kernel, then expansion and groups; skip all zero); OFA as 145
 * bits (kernel and expansion of each layer, zero where the layer is absent, and resolution). Other spaces: graph if every network has the same
 * edges, else the one-hot choices.
 */
export function helpEncoding(space: Space): HelpEncoding {
  if (space.name === 'fbnet') return { kind: 'mlp', nodes: 1, width: 132, encode: encodeFbnet };
  if (space.name === 'ofa') return { kind: 'mlp', nodes: 1, width: 145, encode: encodeOfa };
  if (space.name === 'nasbench201') return graphEncoding(space);
  return { kind: 'mlp', nodes: 1, width: space.choices.reduce((a, b) => a + b, 0), encode: (arch) => encodeArch(space, arch) };
}

function graphEncoding(space: Space): HelpEncoding {
  const first = space.compactGraph(space.draw(() => 0)),
    nodes = first.nodes.length + 1,
    width = space.nodeClasses.length + 1;
  const shape = String(first.edges),
    adjacency = new Float32Array(nodes * nodes),
    global = nodes - 1;
  for (let i = 0; i < nodes; i++) adjacency[i * nodes + i] = adjacency[global * nodes + i] = 1;
  for (const [from, to] of first.edges) adjacency[to * nodes + from] = 1;
  const encode = (arch: Arch): Float32Array => {
    const graph = space.compactGraph(arch),
      out = new Float32Array(nodes * width);
    if (String(graph.edges) !== shape)
      throw new HwcastError(
        'unsupported',
        `network ${space.format(arch)} has other edges than the rest of space '${space.name}'`,
      );
    const classes = [...graph.nodes, width - 1];
    for (let i = 0; i < nodes; i++) for (let j = 0; j < nodes; j++) if (adjacency[i * nodes + j]) out[i * width + classes[j]]++;
    return out;
  };
  return { kind: 'gcn', nodes, width, adjacency, encode };
}

function encodeFbnet(arch: Arch): Float32Array {
  const out = new Float32Array(132);
  arch.forEach((block, layer) => {
    if (block === 8) return;
    out[layer * 6 + (block < 4 ? 0 : 1)] = 1;
    out[layer * 6 + 2 + (block % 4)] = 1;
  });
  return out;
}

function encodeOfa(arch: Arch): Float32Array {
  const out = new Float32Array(145);
  for (let layer = 0; layer < 20; layer++) {
    if (layer % 4 >= arch[1 + Math.floor(layer / 4)] + 2) continue;
    out[layer * 3 + arch[6 + layer]] = 1;
    out[60 + layer * 3 + arch[26 + layer]] = 1;
  }
  out[120 + arch[0]] = 1;
  return out;
}
