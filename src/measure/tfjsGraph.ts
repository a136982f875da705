import { elementCount } from '../core/elementCount.js';
import { createRandom } from '../core/random.js';
import { graphIndex, operands } from '../graph/graphIndex.js';
import { operatorNamed } from '../graph/operators/index.js';
import type { Layout } from '../graph/operators/tfjsKernel.js';
import type { OpGraph } from '../graph/opGraph.js';
import { parseReference } from '../graph/reference.js';
import { tf } from '../tensor/tf.js';
import { indicesBelow } from './indicesBelow.js';
import { shapeInside, toLayout } from './tfjsLayout.js';
import { type TfjsStep, tfjsOperator } from './tfjsOperator.js';
import type { WeightSource } from './tfjsWeights.js';

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
  const index = graphIndex(graph);
  const { inputs: from, ports } = index;
  const hasImages = nodes.some((n) => operatorNamed(n.op).tfjsLayout === 'image');
  const layouts: Layout[] = [];
  /** tensor that a node's value is: its own first one unless it only passes its input on */
  const owner: { node: number; port: number }[] = [];
  const read = (i: number) =>
    from[i].map((j, k) => {
      const port = ports.get(i)?.[k];
      return port ? { node: j, port } : owner[j];
    });
  const steps = nodes.map((node, i): TfjsStep | undefined => {
    const { value } = operatorNamed(node.op);
    owner[i] = value === 'passed' ? read(i)[0] : { node: i, port: 0 };
    layouts[i] = layouts[owner[i].node];
    if (value === 'passed') return undefined;
    if (value === 'given') {
      layouts[i] = hasImages && node.shape.length === 4 ? 'nhwc' : 'plain';
      return undefined;
    }
    const step = tfjsOperator(
      node,
      operands(graph, index, i),
      from[i].map((j) => layouts[j]),
      weights,
    );
    layouts[i] = step.layout;
    return step;
  });

  // only once every operator is known to have its kernels
  const inputs = inputTensors(graph, layouts, seed);

  function execute(keep: readonly string[] = graph.outputs): tf.Tensor[] {
    const kept = keep.map((reference) => {
      const { node, port } = parseReference(reference, index.position)!;
      return port ? { node, port } : owner[node];
    });
    const readers = new Int32Array(nodes.length);
    steps.forEach((step, i) => {
      if (step) for (const { node } of read(i)) readers[node]++;
    });
    for (const { node } of kept) readers[node]++;
    const values: (tf.Tensor[] | undefined)[] = nodes.map((_, i) => inputs.get(i));
    steps.forEach((step, i) => {
      if (!step) return;
      const tensors = read(i).map(({ node, port }) => values[node]![port]);
      const made = tf.tidy(() => step.run(tensors));
      if (readers[i]) values[i] = made;
      else tf.dispose(made);
      for (const { node } of read(i)) {
        if (--readers[node] || inputs.has(node)) continue;
        tf.dispose(values[node]!);
        values[node] = undefined;
      }
    });
    const results = kept.map(({ node, port }) => tf.tidy(() => tf.clone(toLayout(values[node]![port], layouts[node], 'plain'))));
    for (const node of new Set(kept.map((k) => k.node))) if (!inputs.has(node)) tf.dispose(values[node]!);
    return results;
  }
  return { execute, dispose: () => tf.dispose([...inputs.values()].flat()) };
}

/** Random tensors of the input nodes, by position; integers are indices within the smallest table that reads them. */
function inputTensors(graph: OpGraph, layouts: readonly Layout[], seed: number): Map<number, tf.Tensor[]> {
  const random = createRandom(seed).fork('input');
  const tensors = new Map<number, tf.Tensor[]>();
  graph.nodes.forEach((node, i) => {
    if (operatorNamed(node.op).value !== 'given') return;
    const integer = node.dtype.startsWith('int');
    const rows = Math.min(indicesBelow(graph, i) ?? 1000, 1000);
    const values = Float32Array.from({ length: elementCount(node.shape) }, () => (integer ? random.int(rows) : random.normal()));
    tensors.set(i, [tf.keep(tf.tensor(values, shapeInside(node.shape, layouts[i]), integer ? 'int32' : 'float32'))]);
  });
  return tensors;
}
