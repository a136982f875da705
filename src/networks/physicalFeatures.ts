import { type GraphIndex, graphIndex, operands } from '../graph/graphIndex.js';
import { liveOf } from '../graph/liveNodes.js';
import { operatorNamed } from '../graph/operators/index.js';
import { OPERATOR_CLASSES, type Operator, type OperatorClass } from '../graph/operators/operator.js';
import type { Attrs, OpGraph } from '../graph/opGraph.js';
import type { FeatureGroup } from '../surrogate/featureGroups.js';

/** Classes that do the arithmetic: they keep a kernel of their own when the rest is fused into them. */
const COMPUTE = new Set<OperatorClass>(['conv', 'pointwise', 'depthwise', 'grouped', 'gemm', 'attention', 'pool']);
/** Classes that a runtime may run as one kernel where several read the same tensor: those with weights, and those that are the same function. */
const SIBLINGS = new Set<OperatorClass>(['conv', 'pointwise', 'depthwise', 'grouped', 'gemm']);
const DUPLICATES = new Set<OperatorClass>(['pool', 'activation']);
const MERGED = ['conv', 'pointwise', 'depthwise', 'grouped', 'gemm', 'pool', 'activation'] as const;
const RESOLUTIONS = 6;
/** Weight of an operator without arithmetic on the path of launches: breaks ties by their number. */
const SMALL_LAUNCH = 1e-3;

const HYPOTHESES = (['eager', 'compiled'] as const).map((name) => ({
  name,
  group: (name === 'eager' ? 'physical' : 'compiled') as FeatureGroup,
  counts: OPERATOR_CLASSES.map((k) => `${name}.count.${k}`),
  flops: OPERATOR_CLASSES.map((k) => `${name}.flops.${k}`),
  bytes: OPERATOR_CLASSES.map((k) => `${name}.bytes.${k}`),
}));
const COMPUTE_CLASSES = OPERATOR_CLASSES.filter((k) => COMPUTE.has(k));
/** Columns of one resolution: bytes, count, then FLOPs of each class that computes. */
const LEVEL_WIDTH = 2 + COMPUTE_CLASSES.length;
const LEVEL_NAMES = Array.from({ length: RESOLUTIONS }, (_, level) =>
  ['bytes', 'count', ...COMPUTE_CLASSES.map((k) => `flops.${k}`)].map((name) => `r${level}.${name}`),
);
const LEVEL_COLUMN = OPERATOR_CLASSES.map((k) => 2 + COMPUTE_CLASSES.indexOf(k));
const CLASS_POSITION = Object.fromEntries(OPERATOR_CLASSES.map((k, i) => [k, i])) as Record<OperatorClass, number>;

/** Sink of the named values of one graph. */
export type FeatureSink = (group: FeatureGroup, name: string, value: number) => void;

/** What the features are made of, one entry for each node. */
interface NodeTable {
  index: GraphIndex;
  operators: Operator[];
  live: boolean[];
  kind: OperatorClass[];
  flops: Float64Array;
  /** bytes of activations read and written, weights apart */
  bytesIn: Float64Array;
  bytesOut: Float64Array;
  bytesWeights: Float64Array;
  params: Float64Array;
}

function nodeTable(graph: OpGraph): NodeTable {
  const n = graph.nodes.length;
  const index = graphIndex(graph);
  const operators: Operator[] = new Array(n);
  for (let i = 0; i < n; i++) operators[i] = operatorNamed(graph.nodes[i].op);
  const kind: OperatorClass[] = new Array(n);
  const [flops, bytesIn, bytesOut, bytesWeights, params] = [0, 1, 2, 3, 4].map(() => new Float64Array(n));
  for (let i = 0; i < n; i++) {
    const node = graph.nodes[i];
    const read = operands(graph, index, i);
    kind[i] = operators[i].featureClass(read, node.attrs);
    const cost = operators[i].cost(node, read);
    flops[i] = cost.flops;
    bytesIn[i] = cost.bytesIn;
    bytesOut[i] = cost.bytesOut;
    bytesWeights[i] = cost.bytesWeights;
    params[i] = cost.params;
  }
  return { index, operators, live: liveOf(operators, index), kind, flops, bytesIn, bytesOut, bytesWeights, params };
}

/**
 * Physical features of an operator graph, independent of any device: counts, FLOPs, bytes, longest paths; every value is non-negative and does
 * not depend on the order or names of the nodes. Units: operators, FLOPs, bytes, square roots of FLOPs for weighted paths. Under the hypothesis
 * `eager` every operator as written counts, under `compiled` the live ones only; groups `runtime` and `resolution` are what runtimes may do with them
 * (merging, parallel branches, effects of image size), kept apart so that evidence may switch them off.
 */
export function physicalFeatures(graph: OpGraph, sink: FeatureSink): void {
  const table = nodeTable(graph);
  totals(table, sink);
  paths(table, sink);
  const merged = mergeable(graph, table);
  for (const k of MERGED) sink('runtime', `merged.${k}`, merged[k]);
  sink('runtime', 'residual.adds', residualAdds(table));
  resolutions(graph, table, sink);
}

/** Counts, FLOPs and bytes by class, and their sums. */
function totals({ live, kind, flops, bytesIn, bytesOut, bytesWeights, params }: NodeTable, sink: FeatureSink): void {
  const classes = OPERATOR_CLASSES.length;
  for (const hypothesis of HYPOTHESES) {
    const counts = new Float64Array(classes);
    const flopsOf = new Float64Array(classes);
    const bytesOf = new Float64Array(classes);
    let allFlops = 0;
    let allBytes = 0;
    let allParams = 0;
    for (let i = 0; i < kind.length; i++) {
      if (hypothesis.name === 'compiled' && !live[i]) continue;
      const k = CLASS_POSITION[kind[i]];
      const traffic = bytesIn[i] + bytesOut[i] + bytesWeights[i];
      counts[k]++;
      flopsOf[k] += flops[i];
      bytesOf[k] += traffic;
      allFlops += flops[i];
      allBytes += traffic;
      allParams += params[i];
    }
    const { group, name } = hypothesis;
    for (let k = 0; k < classes; k++) sink(group, hypothesis.counts[k], counts[k]);
    sink(group, `${name}.flops`, allFlops);
    sink(group, `${name}.bytes`, allBytes);
    sink(group, `${name}.params`, allParams);
    for (let k = 0; k < classes; k++) {
      sink(group, hypothesis.flops[k], flopsOf[k]);
      sink(group, hypothesis.bytes[k], bytesOf[k]);
    }
  }
}

/** Longest paths over live nodes: a compiler or a device with free parallel units waits for these. */
function paths({ index, live, kind, flops }: NodeTable, sink: FeatureSink): void {
  const n = kind.length;
  const [matrix, work, compute, all, wide, launches, pools] = Array.from({ length: 7 }, () => new Float64Array(n));
  for (let i = 0; i < n; i++) {
    if (!live[i]) continue;
    const k = kind[i];
    all[i] = flops[i];
    launches[i] = SMALL_LAUNCH;
    if (!COMPUTE.has(k)) continue;
    compute[i] = 1;
    work[i] = launches[i] = Math.sqrt(flops[i]);
    if (k === 'pool') pools[i] = 1;
    else matrix[i] = 1;
    if (k === 'conv' || k === 'depthwise') wide[i] = 1;
  }
  sink('compiled', 'depth.matrix', longestPath(index, matrix)[0]);
  sink('compiled', 'depth.work', longestPath(index, work)[0]);
  sink('runtime', 'depth.compute', longestPath(index, compute)[0]);
  sink('runtime', 'depth.flops', longestPath(index, all)[0]);
  sink('runtime', 'depth.wide', longestPath(index, wide)[0]);
  const [depth, poolsAlong] = longestPath(index, launches, pools);
  sink('runtime', 'depth.launches', depth);
  sink('runtime', 'critical.pools', poolsAlong);
}

/** Weight of the heaviest path to an output, and the sum of `counted` along it; `weight` is overwritten. */
function longestPath({ inputs, outputs }: GraphIndex, weight: Float64Array, counted?: Float64Array): [number, number] {
  for (let i = 0; i < weight.length; i++) {
    let best = 0;
    let before = -1;
    const from = inputs[i];
    for (let k = 0; k < from.length; k++)
      if (weight[from[k]] > best) {
        before = from[k];
        best = weight[before];
      }
    weight[i] += best;
    if (counted && before >= 0) counted[i] += counted[before];
  }
  let end = outputs[0];
  for (const i of outputs) if (weight[i] > weight[end]) end = i;
  return [weight[end], counted ? counted[end] : 0];
}

const texts = new WeakMap<Attrs, string>();

/** Attributes as text. */
function attrsText(attrs: Attrs): string {
  let text = texts.get(attrs);
  if (text === undefined) {
    text = JSON.stringify(attrs);
    texts.set(attrs, text);
  }
  return text;
}

/** How many operators of each class a runtime may merge: duplicates of a pool or activation, and siblings on one tensor after the first. */
function mergeable(graph: OpGraph, { index, operators, live, kind }: NodeTable): Record<(typeof MERGED)[number], number> {
  const { inputs, ports } = index;
  const merged = Object.fromEntries(MERGED.map((k) => [k, 0])) as Record<OperatorClass, number>;
  /** the tensor a node really reads once identities, duplicates and dead sums are looked through */
  const source = new Int32Array(inputs.length);
  const firstOf = new Map<string, number>();
  const siblingsOf = new Map<string, number>();
  for (let i = 0; i < inputs.length; i++) {
    source[i] = i;
    const operator = operators[i];
    const port = ports.get(i)?.[0];
    if (operator.value === 'passed' || (operator.value === 'sum' && !live[i])) {
      const kept = port ? undefined : inputs[i].find((j) => live[source[j]]);
      if (kept !== undefined) source[i] = source[kept];
      continue;
    }
    if (!live[i]) continue;
    const read = port ? `${source[inputs[i][0]]}:${port}` : `${source[inputs[i][0]]}`;
    if (DUPLICATES.has(kind[i]) && inputs[i].length === 1) {
      const signature = `${operator.name}(${read})${attrsText(graph.nodes[i].attrs)}`;
      const twin = firstOf.get(signature);
      if (twin === undefined) firstOf.set(signature, i);
      else {
        source[i] = twin;
        merged[kind[i]]++;
      }
    } else if (SIBLINGS.has(kind[i])) {
      const signature = `${kind[i]}(${read})${operator.sibling(graph.nodes[i].attrs)}`;
      const siblings = siblingsOf.get(signature) ?? 0;
      siblingsOf.set(signature, siblings + 1);
      if (siblings > 0) merged[kind[i]]++;
    }
  }
  return merged;
}

/** Additions of a tensor that was passed on unchanged. */
function residualAdds({ index, operators, live, kind }: NodeTable): number {
  let count = 0;
  for (let i = 0; i < kind.length; i++)
    if (live[i] && kind[i] === 'add' && index.inputs[i].some((j) => operators[j].value === 'passed' && live[j])) count++;
  return count;
}

/** FLOPs, bytes and operators by image size, in halvings of the largest. */
function resolutions(graph: OpGraph, { kind, flops, bytesIn, bytesOut }: NodeTable, sink: FeatureSink): void {
  let largest = 1;
  for (const { shape } of graph.nodes) if (shape.length === 4) largest = Math.max(largest, shape[2]);
  const sums = new Float64Array(RESOLUTIONS * LEVEL_WIDTH);
  for (let i = 0; i < kind.length; i++) {
    const { shape } = graph.nodes[i];
    if (shape.length !== 4 || (flops[i] === 0 && bytesOut[i] === 0)) continue;
    const level = Math.min(RESOLUTIONS - 1, Math.max(0, Math.round(Math.log2(largest / Math.max(1, shape[2])))));
    const row = level * LEVEL_WIDTH;
    if (COMPUTE.has(kind[i])) sums[row + LEVEL_COLUMN[CLASS_POSITION[kind[i]]]] += flops[i];
    sums[row] += bytesIn[i] + bytesOut[i];
    sums[row + 1]++;
  }
  LEVEL_NAMES.forEach((names, level) => {
    for (let j = 0; j < LEVEL_WIDTH; j++) sink('resolution', names[j], sums[level * LEVEL_WIDTH + j]);
  });
}
