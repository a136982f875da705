import { type OpaqueKind, opaqueOperators } from '../graph/opaqueOperators.js';
import { graphCosts } from '../graph/operatorCost.js';
import { operatorNamed } from '../graph/operators/index.js';
import type { OpGraph } from '../graph/opGraph.js';
import type { Dtype } from '../graph/tensorType.js';
import { peakMemory } from './peakMemory.js';

/** Operators of one kind of a graph. */
export interface OperatorShare {
  operator: string;
  count: number;
  macs: number;
  /** 2 for each multiply-accumulate */
  flops: number;
  params: number;
  /** read and written, weights included, each tensor once an operator */
  bytes: number;
  /** of all bytes, 0 to 1 */
  shareOfBytes: number;
}

/** What a graph is and costs, independent of any device. */
export interface GraphSummary {
  inputs: { name: string; shape: number[]; dtype: Dtype }[];
  /** without inputs and tensors of the model */
  operators: number;
  /** learned values, with those that an exporter folded into others (`assumptions` say so) */
  params: number;
  macs: number;
  /** 2 for each multiply-accumulate; other arithmetic is left out, as papers do */
  flops: number;
  /** bytes that the learned values take */
  weightBytes: number;
  /** most bytes of activations that live at one time, in the order of the graph */
  peakActivationBytes: number;
  /** largest share of bytes first */
  byOperator: OperatorShare[];
  opaque: OpaqueKind[];
  assumptions: string[];
}

/** The costs of a graph by kind of operator. @throws HwcastError `bad-input` where a node does not fit */
export function graphSummary(graph: OpGraph): GraphSummary {
  const { each, total } = graphCosts(graph);
  const bytes = total.bytesIn + total.bytesOut + total.bytesWeights;
  const kinds = new Map<string, OperatorShare>();
  const inputs: GraphSummary['inputs'] = [];
  graph.nodes.forEach((node, i) => {
    const { value } = operatorNamed(node.op);
    if (value === 'given') inputs.push({ name: node.id, shape: node.shape, dtype: node.dtype });
    if (value === 'given') return;
    const kind = kinds.get(node.op) ?? { operator: node.op, count: 0, macs: 0, flops: 0, params: 0, bytes: 0, shareOfBytes: 0 };
    kinds.set(node.op, kind);
    const cost = each[i];
    const own = cost.bytesIn + cost.bytesOut + cost.bytesWeights;
    kind.count++;
    kind.macs += cost.macs;
    kind.flops += 2 * cost.macs;
    kind.params += cost.params;
    kind.bytes += own;
    kind.shareOfBytes += bytes ? own / bytes : 0;
  });
  return {
    inputs,
    operators: graph.nodes.filter((n) => !['given', 'stored'].includes(operatorNamed(n.op).value)).length,
    params: total.params + (graph.foldedParams ?? 0),
    macs: total.macs,
    flops: 2 * total.macs,
    weightBytes: total.bytesResident,
    peakActivationBytes: peakMemory(graph) - total.bytesResident,
    byOperator: [...kinds.values()].sort((a, b) => b.bytes - a.bytes || a.operator.localeCompare(b.operator)),
    opaque: opaqueOperators(graph),
    assumptions: [...(graph.assumptions ?? [])],
  };
}
