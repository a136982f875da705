import { HwcastError } from '../../../src/core/errors.js';
import { inferShape } from '../../../src/graph/inferShape.js';
import { graphCosts, type OperatorCost } from '../../../src/graph/operatorCost.js';
import { operatorGraph } from '../../../src/graph/operatorText.js';
import type { Attrs, Dtype, OpType } from '../../../src/graph/opGraph.js';

/** Shape and cost of one operator on inputs of the given shapes. */
export function costOf(
  op: OpType,
  shapes: number[][],
  attrs: Attrs = {},
  dtype: Dtype = 'fp32',
): OperatorCost & { shape: number[] } {
  const shape = inferShape(op, shapes, attrs);
  const graph = operatorGraph({ op, attrs, inputs: shapes.map((s) => ({ shape: s, dtype })), shape, dtype });
  return { shape, ...graphCosts(graph).each[shapes.length] };
}

/** Message and hint of what an operator refuses. */
export function refusal(op: OpType, shapes: number[][], attrs: Attrs = {}): string {
  try {
    costOf(op, shapes, attrs);
  } catch (error) {
    if (error instanceof HwcastError) return `${error.code}: ${error.describe()}`;
    throw error;
  }
  return 'nothing refused';
}
