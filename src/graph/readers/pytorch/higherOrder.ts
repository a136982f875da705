import { HwcastError } from '../../../core/errors.js';
import { tensorNames } from './programCall.js';
import { Graph, type ProgramGraph, type ProgramNode } from './programSchema.js';

/** Graphs among the arguments of a node (conditions, bodies of loops and scans). @throws HwcastError `corrupt` */
export function subgraphsOf(node: ProgramNode, where: string): ProgramGraph[] {
  return node.inputs.flatMap(({ arg }) => {
    if (!('as_graph' in arg)) return [];
    const parsed = Graph.safeParse((arg.as_graph as { graph?: unknown })?.graph);
    if (!parsed.success)
      throw new HwcastError('corrupt', `no whole graph inside ${node.target}: ${parsed.error.issues[0].message}`, {
        where,
        cause: parsed.error,
      });
    return [parsed.data];
  });
}

/** Names of the tensors that a node hands to its graph: those after it. */
export function handedOver(node: ProgramNode): string[] {
  const position = node.inputs.findIndex(({ arg }) => 'as_graph' in arg);
  return node.inputs.slice(position + 1).flatMap(({ arg }) => tensorNames(arg));
}
