import { liveNodes } from '../graph/liveNodes.js';
import { type OperatorCost, operatorCost } from '../graph/operatorCost.js';
import type { OpGraph, OpNode } from '../graph/opGraph.js';
import type { FeatureGroup } from './featureGroups.js';

/** Kinds of operators that cost differently; `pass` costs an eager framework nothing on the device. */
export const OPERATOR_CLASSES = [
  'conv',
  'pointwise',
  'depthwise',
  'grouped',
  'gemm',
  'attention',
  'pool',
  'activation',
  'norm',
  'add',
  'zero',
  'pass',
  'other',
] as const;
type OperatorClass = (typeof OPERATOR_CLASSES)[number];
/** Classes that do the arithmetic: they keep a kernel of their own when the rest is fused into them. */
const COMPUTE = new Set<OperatorClass>(['conv', 'pointwise', 'depthwise', 'grouped', 'gemm', 'attention', 'pool']);
const RESOLUTIONS = 6;

function classOf(node: OpNode, byId: (id: string) => OpNode): OperatorClass {
  switch (node.op) {
    case 'conv2d': {
      const groups = Number(node.attrs.groups ?? 1),
        channels = byId(node.inputs[0]).shape[1];
      if (groups > 1) return groups === channels ? 'depthwise' : 'grouped';
      const [kh, kw] = node.attrs.kernel as number[];
      return kh * kw > 1 ? 'conv' : 'pointwise';
    }
    case 'linear':
    case 'matmul':
      return 'gemm';
    case 'attention':
      return 'attention';
    case 'avg_pool2d':
    case 'max_pool2d':
    case 'global_avg_pool':
    case 'reduce':
      return 'pool';
    case 'relu':
    case 'relu6':
    case 'sigmoid':
    case 'hardsigmoid':
    case 'hardswish':
    case 'gelu':
    case 'silu':
    case 'tanh':
    case 'exp':
    case 'erf':
      return 'activation';
    case 'batch_norm':
    case 'layer_norm':
    case 'rms_norm':
    case 'softmax':
      return 'norm';
    case 'add':
    case 'mul':
    case 'sub':
    case 'div':
      return 'add';
    case 'zero':
      return 'zero';
    case 'identity':
    case 'reshape':
    case 'dropout':
    case 'input':
      return 'pass';
    default:
      return 'other';
  }
}

/** Sink of the named values of one graph. */
export type FeatureSink = (group: FeatureGroup, name: string, value: number) => void;

/**
 * Physical features of an operator graph, independent of any device: counts, FLOPs, bytes, longest paths; every value is non-negative and does
 * not depend on the order or names of the nodes. Units: operators, FLOPs, bytes, square roots of FLOPs for weighted paths.
 * Source: research of the project (closed form on physical features), generalised from cells to graphs.
 */
export function physicalFeatures(graph: OpGraph, sink: FeatureSink): void {
  const n = graph.nodes.length,
    index = new Map<string, number>();
  graph.nodes.forEach((node, i) => index.set(node.id, i));
  const byId = (id: string) => graph.nodes[index.get(id)!];
  const live = liveNodes(graph);
  const kind: OperatorClass[] = new Array(n),
    cost: OperatorCost[] = new Array(n),
    inputs: number[][] = new Array(n);
  /** the tensor a node really reads once identities, duplicates and dead additions are looked through */
  const source = new Int32Array(n);
  const seen = new Map<string, number>();
  const merged = { conv: 0, pointwise: 0, depthwise: 0, grouped: 0, gemm: 0, pool: 0, activation: 0 } as Record<string, number>;
  const readers = new Map<string, number>();
  let largest = 1;
  for (let i = 0; i < n; i++) {
    const node = graph.nodes[i];
    inputs[i] = node.inputs.map((id) => index.get(id)!);
    kind[i] = classOf(node, byId);
    cost[i] = operatorCost(
      node,
      inputs[i].map((j) => graph.nodes[j]),
    );
    source[i] = i;
    if (node.shape.length === 4) largest = Math.max(largest, node.shape[2]);
    if (node.op === 'identity' || (node.op === 'add' && !live[i])) {
      const kept = inputs[i].find((j) => live[source[j]]);
      if (kept !== undefined) source[i] = source[kept];
    } else if (live[i] && (kind[i] === 'activation' || kind[i] === 'pool') && inputs[i].length === 1) {
      const signature = `${node.op}(${source[inputs[i][0]]})${JSON.stringify(node.attrs)}`;
      const twin = seen.get(signature);
      if (twin === undefined) seen.set(signature, i);
      else {
        source[i] = twin;
        merged[kind[i]]++;
      }
    }
    if (live[i] && COMPUTE.has(kind[i]) && kind[i] !== 'pool' && kind[i] !== 'attention') {
      const signature = `${kind[i]}(${source[inputs[i][0]]})${node.attrs.kernel ?? ''}/${node.attrs.stride ?? ''}`;
      const siblings = readers.get(signature) ?? 0;
      readers.set(signature, siblings + 1);
      if (siblings > 0) merged[kind[i]]++;
    }
  }

  for (const hypothesis of ['eager', 'compiled'] as const) {
    const group = hypothesis === 'eager' ? 'physical' : 'compiled';
    const counts = zeros(),
      flops = zeros(),
      bytes = zeros();
    let allFlops = 0,
      allBytes = 0,
      params = 0;
    for (let i = 0; i < n; i++) {
      if (hypothesis === 'compiled' && !live[i]) continue;
      const c = cost[i],
        traffic = c.bytesIn + c.bytesOut + c.bytesWeights;
      counts[kind[i]]++;
      flops[kind[i]] += c.flops;
      bytes[kind[i]] += traffic;
      allFlops += c.flops;
      allBytes += traffic;
      params += c.params;
    }
    for (const k of OPERATOR_CLASSES) sink(group, `${hypothesis}.count.${k}`, counts[k]);
    sink(group, `${hypothesis}.flops`, allFlops);
    sink(group, `${hypothesis}.bytes`, allBytes);
    sink(group, `${hypothesis}.params`, params);
    for (const k of OPERATOR_CLASSES) {
      sink(group, `${hypothesis}.flops.${k}`, flops[k]);
      sink(group, `${hypothesis}.bytes.${k}`, bytes[k]);
    }
  }

  // longest paths over live nodes: a compiler or a device with free parallel units waits for these
  const path = (weight: (i: number) => number, count?: (i: number) => number): [number, number] => {
    const longest = new Float64Array(n),
      along = new Float64Array(n);
    for (let i = 0; i < n; i++) {
      let best = 0,
        at = -1;
      for (const j of inputs[i])
        if (longest[j] > best) {
          best = longest[j];
          at = j;
        }
      longest[i] = best + (live[i] ? weight(i) : 0);
      along[i] = (at >= 0 ? along[at] : 0) + (live[i] && count ? count(i) : 0);
    }
    let end = index.get(graph.outputs[0])!;
    for (const id of graph.outputs) if (longest[index.get(id)!] > longest[end]) end = index.get(id)!;
    return [longest[end], along[end]];
  };
  const matrix = (i: number) => COMPUTE.has(kind[i]) && kind[i] !== 'pool';
  sink('compiled', 'depth.matrix', path((i) => (matrix(i) ? 1 : 0))[0]);
  sink('compiled', 'depth.work', path((i) => (COMPUTE.has(kind[i]) ? Math.sqrt(cost[i].flops) : 0))[0]);
  sink('runtime', 'depth.compute', path((i) => (COMPUTE.has(kind[i]) ? 1 : 0))[0]);
  sink('runtime', 'depth.flops', path((i) => cost[i].flops)[0]);
  sink('runtime', 'depth.wide', path((i) => (kind[i] === 'conv' || kind[i] === 'depthwise' ? 1 : 0))[0]);
  const [launches, pools] = path(
    (i) => (COMPUTE.has(kind[i]) ? Math.sqrt(cost[i].flops) : 1e-3),
    (i) => (kind[i] === 'pool' ? 1 : 0),
  );
  sink('runtime', 'depth.launches', launches);
  sink('runtime', 'critical.pools', pools);
  for (const k of Object.keys(merged)) sink('runtime', `merged.${k}`, merged[k]);
  let residual = 0;
  for (let i = 0; i < n; i++)
    if (live[i] && kind[i] === 'add' && inputs[i].some((j) => graph.nodes[j].op === 'identity' && live[j])) residual++;
  sink('runtime', 'residual.adds', residual);

  const table = new Map<string, number>();
  for (let i = 0; i < n; i++) {
    const shape = graph.nodes[i].shape;
    if (shape.length !== 4 || (cost[i].flops === 0 && cost[i].bytesOut === 0)) continue;
    const level = Math.min(RESOLUTIONS - 1, Math.max(0, Math.round(Math.log2(largest / Math.max(1, shape[2])))));
    if (COMPUTE.has(kind[i])) add(table, `r${level}.flops.${kind[i]}`, cost[i].flops);
    add(table, `r${level}.bytes`, cost[i].bytesIn + cost[i].bytesOut);
    add(table, `r${level}.count`, 1);
  }
  for (let level = 0; level < RESOLUTIONS; level++) {
    for (const name of RESOLUTION_NAMES) sink('resolution', `r${level}.${name}`, table.get(`r${level}.${name}`) ?? 0);
  }
}

const RESOLUTION_NAMES = ['bytes', 'count', ...OPERATOR_CLASSES.filter((k) => COMPUTE.has(k)).map((k) => `flops.${k}`)];
const zeros = () => Object.fromEntries(OPERATOR_CLASSES.map((k) => [k, 0])) as Record<OperatorClass, number>;
const add = (table: Map<string, number>, key: string, value: number) => table.set(key, (table.get(key) ?? 0) + value);
