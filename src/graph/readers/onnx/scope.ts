import { HwcastError } from '../../../core/errors.js';
import type { OnnxAttribute, OnnxGraph, OnnxNode, OnnxTensor, OnnxValueInfo } from './onnxModel.js';
import { storedValue, type Value } from './value.js';

/** Nodes that see each other's tensors by name: a graph, the body of an operator inside one, or a function. */
export interface Block {
  nodes: readonly OnnxNode[];
  initializers?: ReadonlyMap<string, OnnxTensor>;
  valueInfo?: ReadonlyMap<string, OnnxValueInfo>;
  outputs: readonly string[];
  /** versions of operator sets; those of the model unless told */
  opsets?: ReadonlyMap<string, number>;
  /** what attributes of a function stand for */
  attributes?: ReadonlyMap<string, OnnxAttribute>;
}

export const blockOf = (graph: OnnxGraph): Block => ({ ...graph, outputs: graph.outputs.map((o) => o.name) });

/** Tensors by name while a block is translated. */
export class Scope {
  private readonly values = new Map<string, Value>();
  /** who reads a tensor; the graph itself counts as undefined */
  private readonly readers = new Map<string, (OnnxNode | undefined)[]>();

  /** @param outer finds names of the graph around a body */
  constructor(
    readonly block: Block,
    private readonly outer: (name: string) => Value | undefined = () => undefined,
  ) {
    const read = (name: string, node?: OnnxNode) => {
      const list = this.readers.get(name);
      if (list) list.push(node);
      else this.readers.set(name, [node]);
    };
    for (const node of block.nodes) {
      for (const name of node.inputs) if (name) read(name, node);
      for (const attribute of node.attributes.values())
        if (attribute.kind === 'graph') for (const name of capturedNames(attribute.value)) read(name);
    }
    for (const name of block.outputs) read(name);
  }

  set(name: string, value: Value): void {
    this.values.set(name, value);
  }

  get(name: string): Value | undefined {
    const known = this.values.get(name);
    if (known) return known;
    const stored = this.block.initializers?.get(name);
    if (!stored) return this.outer(name);
    const value = storedValue(stored);
    this.values.set(name, value);
    return value;
  }

  /** The node that alone reads a tensor. */
  onlyReader(name: string): OnnxNode | undefined {
    const readers = this.readers.get(name);
    return readers?.length === 1 ? readers[0] : undefined;
  }

  isRead = (name: string): boolean => this.readers.has(name);
}

/** Names that a body reads of the graph around it. */
export function capturedNames(graph: OnnxGraph): Set<string> {
  const own = new Set([...graph.inputs.map((i) => i.name), ...graph.initializers.keys(), '']);
  const captured = new Set<string>();
  for (const node of graph.nodes) {
    for (const name of node.inputs) if (!own.has(name)) captured.add(name);
    for (const a of node.attributes.values())
      if (a.kind === 'graph') for (const name of capturedNames(a.value)) if (!own.has(name)) captured.add(name);
    for (const name of node.outputs) own.add(name);
  }
  for (const { name } of graph.outputs) if (!own.has(name)) captured.add(name);
  return captured;
}

/** Nodes in an order in which every tensor is made before it is read; the file's where it is one. @throws HwcastError `corrupt` for a circle */
export function inOrder(nodes: readonly OnnxNode[], where: string): readonly OnnxNode[] {
  const maker = new Map(nodes.flatMap((n) => n.outputs.filter(Boolean).map((o) => [o, n] as const)));
  const needs = (n: OnnxNode) => [
    ...n.inputs,
    ...[...n.attributes.values()].flatMap((a) => (a.kind === 'graph' ? [...capturedNames(a.value)] : [])),
  ];
  const done = new Set<OnnxNode>();
  let sorted = true;
  for (const node of nodes) {
    if (needs(node).some((i) => maker.has(i) && !done.has(maker.get(i)!))) sorted = false;
    done.add(node);
  }
  if (sorted) return nodes;
  const waits = new Map<OnnxNode, number>();
  const feeds = new Map<OnnxNode, OnnxNode[]>();
  for (const node of nodes) {
    const before = new Set(needs(node).flatMap((i) => maker.get(i) ?? []));
    waits.set(node, before.size);
    for (const b of before) feeds.set(b, [...(feeds.get(b) ?? []), node]);
  }
  const ready = nodes.filter((n) => !waits.get(n));
  for (let i = 0; i < ready.length; i++)
    for (const fed of feeds.get(ready[i]) ?? []) {
      const left = waits.get(fed)! - 1;
      waits.set(fed, left);
      if (!left) ready.push(fed);
    }
  if (ready.length === nodes.length) return ready;
  const stuck = nodes.find((n) => waits.get(n)! > 0)!;
  throw new HwcastError('corrupt', `the operators form a circle through '${stuck.name || stuck.outputs[0]}'`, { where });
}
