import { createRandom } from '../core/random.js';
import type { OpGraph, OpType } from '../graph/opGraph.js';
import { tf } from '../tensor/tf.js';
import { type Layout, shapeInside, toPlain } from './tfjsLayout.js';
import { tfjsOperator } from './tfjsOperator.js';
import type { WeightSource } from './tfjsWeights.js';

const IMAGE_OPS = new Set<OpType>(['conv2d', 'avg_pool2d', 'max_pool2d', 'global_avg_pool', 'resize']);
const PASS = new Set<OpType>(['identity', 'dropout']);

export interface TfjsGraph {
  /** Runs all nodes in order and returns the asked tensors (the outputs unless told) as the graph shapes them; the caller disposes of them. */
  execute(keep?: readonly string[]): tf.Tensor[];
  dispose(): void;
}

/**
 * Makes a graph executable: kernels chosen, weights and inputs built, once. Intermediate tensors are freed after their last reader, as an eager
 * framework does; dead operators run too.
 * @throws HwcastError `unsupported` naming the node without a kernel.
 */
export function tfjsGraph(graph: OpGraph, weights: WeightSource, seed: number): TfjsGraph {
  const { nodes } = graph;
  const index = new Map(nodes.map((n, i) => [n.id, i]));
  const hasImages = nodes.some((n) => IMAGE_OPS.has(n.op));
  const layouts: Layout[] = [];
  /** node whose tensor a node's value is: itself unless it only passes its input on */
  const owner: number[] = [];
  const from = nodes.map((n) => n.inputs.map((id) => index.get(id)!));
  const steps = nodes.map((node, i) => {
    owner[i] = PASS.has(node.op) ? owner[from[i][0]] : i;
    layouts[i] = layouts[owner[i]];
    if (owner[i] !== i) return undefined;
    if (node.op === 'input') {
      layouts[i] = hasImages && node.shape.length === 4 ? 'nhwc' : 'plain';
      return undefined;
    }
    const operator = tfjsOperator(
      node,
      from[i].map((j) => nodes[j]),
      from[i].map((j) => layouts[j]),
      weights,
    );
    layouts[i] = operator.layout;
    return operator;
  });

  // only once every operator is known to have its kernels
  const inputs = inputTensors(graph, layouts, seed);

  function execute(keep: readonly string[] = graph.outputs): tf.Tensor[] {
    const kept = keep.map((id) => index.get(id)!);
    const readers = new Int32Array(nodes.length);
    from.forEach((list, i) => {
      if (steps[i]) for (const j of list) readers[owner[j]]++;
    });
    for (const i of kept) readers[owner[i]]++;
    const values: (tf.Tensor | undefined)[] = nodes.map((_, i) => inputs.get(i));
    nodes.forEach((_, i) => {
      const step = steps[i];
      if (!step) return;
      const operands = from[i].map((j) => values[owner[j]]!);
      const y = tf.tidy(() => step.run(operands));
      if (readers[i]) values[i] = y;
      else y.dispose();
      for (const j of from[i]) {
        const o = owner[j];
        if (--readers[o] || inputs.has(o)) continue;
        values[o]!.dispose();
        values[o] = undefined;
      }
    });
    const results = kept.map((i) => tf.tidy(() => tf.clone(toPlain(values[owner[i]]!, layouts[i]))));
    for (const i of new Set(kept.map((k) => owner[k]))) if (!inputs.has(i)) values[i]!.dispose();
    return results;
  }
  return { execute, dispose: () => tf.dispose([...inputs.values()]) };
}

/** Random tensors of the input nodes, by position; integers are indices within the smallest table that reads them. */
function inputTensors(graph: OpGraph, layouts: readonly Layout[], seed: number): Map<number, tf.Tensor> {
  const random = createRandom(seed).fork('input');
  const inputs = new Map<number, tf.Tensor>();
  graph.nodes.forEach((node, i) => {
    if (node.op !== 'input') return;
    const integer = node.dtype.startsWith('int');
    const tables = graph.nodes.filter((n) => n.op === 'embedding' && n.inputs[0] === node.id).map((n) => Number(n.attrs.rows));
    const rows = Math.min(...tables, 1000);
    const size = node.shape.reduce((a, b) => a * b, 1);
    const values = Float32Array.from({ length: size }, () => (integer ? random.int(rows) : random.normal()));
    inputs.set(i, tf.keep(tf.tensor(values, shapeInside(node.shape, layouts[i]), integer ? 'int32' : 'float32')));
  });
  return inputs;
}
