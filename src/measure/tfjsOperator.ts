import { HwcastError } from '../core/errors.js';
import { operatorNamed } from '../graph/operators/index.js';
import type { Layout } from '../graph/operators/tfjsKernel.js';
import type { OpNode } from '../graph/opGraph.js';
import type { TensorType } from '../graph/tensorType.js';
import { tf } from '../tensor/tf.js';
import { toLayout } from './tfjsLayout.js';
import type { WeightSource } from './tfjsWeights.js';

/** One operator as a function of its input tensors, and how its outputs lie. */
export interface TfjsStep {
  run(inputs: tf.Tensor[]): tf.Tensor[];
  layout: Layout;
}

/**
 * The TensorFlow.js kernels of one node, from the table of operators. `inputs` are the tensors it reads, `layouts` how they lie.
 * @throws HwcastError `unsupported` for operators and forms that have no kernel.
 */
export function tfjsOperator(
  node: OpNode,
  inputs: readonly TensorType[],
  layouts: readonly Layout[],
  weights: WeightSource,
): TfjsStep {
  const { prepareTfjs, tfjsLayout } = operatorNamed(node.op);
  if (!prepareTfjs)
    throw new HwcastError('unsupported', `the tfjs runtime has no kernel for '${node.op}'`, {
      where: `node ${node.id}`,
      hint: 'measure it with another runtime',
    });
  const layout = layoutOf(tfjsLayout!, inputs, layouts);
  const run = prepareTfjs({
    tf,
    id: node.id,
    op: node.op,
    attrs: node.attrs,
    inputs,
    output: node,
    layout,
    weight: (name, shape) => weights(node, name, [...shape]),
  });
  return {
    layout,
    run(tensors) {
      const made = run(...tensors.map((t, k) => toLayout(t, layouts[k], layout)));
      return Array.isArray(made) ? made : [made];
    },
  };
}

function layoutOf(wanted: string, inputs: readonly TensorType[], layouts: readonly Layout[]): Layout {
  if (wanted === 'image') return 'nhwc';
  if (wanted === 'same') return layouts[0];
  const images = wanted === 'joint' && layouts.includes('nhwc') && inputs.every((t) => t.shape.length === 4);
  return images ? 'nhwc' : 'plain';
}
