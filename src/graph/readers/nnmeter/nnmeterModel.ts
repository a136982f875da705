import { HwcastError } from '../../../core/errors.js';

/** An operator of nn-Meter's graph. */
export interface NnmeterNode {
  name: string;
  /** of TensorFlow (`Conv2D`) or ONNX (`Conv`), whichever converter wrote the file */
  type: string;
  attr: Readonly<Record<string, unknown>>;
  inbounds: readonly string[];
  outbounds: readonly string[];
  inputShapes: readonly (readonly number[])[];
  /** as nn-Meter worked them out: not always right where operands broadcast */
  outputShapes: readonly (readonly number[])[];
}

export interface NnmeterModel {
  name: string;
  nodes: ReadonlyMap<string, NnmeterNode>;
}

/** Whether a text looks like nn-Meter's graph: nodes by name with `inbounds`, `outbounds` and `attr`. */
export const isNnmeter = (text: string): boolean =>
  /^\s*\{/.test(text) &&
  /"attr"\s*:\s*\{/.test(text) &&
  /"(inbounds|outbounds)"\s*:\s*\[/.test(text) &&
  !/"nodes"\s*:\s*\[/.test(text);

/**
 * The models of a file: one graph, or a line for each of a dataset, whose `graph` it is.
 * @throws HwcastError `corrupt` for a cut or damaged file, `bad-input` naming the node that is none
 */
export function parseNnmeter(text: string, where: string): NnmeterModel[] {
  const whole = parsed(text);
  if (!(whole instanceof SyntaxError)) return [modelOf(whole, where, where)];
  const lines = text.split('\n').flatMap((line, i) => (line.trim() ? [{ line, number: i + 1 }] : []));
  const first = parsed(lines[0].line);
  if (first instanceof SyntaxError) throw notWhole(whole, where);
  return lines.map(({ line, number }) => {
    const value = parsed(line);
    if (value instanceof SyntaxError) throw notWhole(value, `${where}, line ${number}`);
    return modelOf(value, `line ${number}`, `${where}, line ${number}`);
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    return error;
  }
}

const notWhole = (cause: SyntaxError, where: string): HwcastError =>
  new HwcastError('corrupt', `not whole JSON: ${cause.message}`, {
    where,
    cause,
    hint: 'the file is cut or damaged: fetch it again',
  });

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** @throws HwcastError `bad-input` naming the node that is none */
export function modelOf(value: unknown, name: string, where: string): NnmeterModel {
  if (!isRecord(value)) throw new HwcastError('bad-input', 'no graph of nn-Meter: it is no object', { where });
  const isRow = isRecord(value.graph) && !('inbounds' in value.graph);
  const graph = isRow ? (value.graph as Record<string, unknown>) : value;
  const nodes = Object.entries(graph).map(([key, node]): [string, NnmeterNode] => [key, nodeOf(key, node, where)]);
  if (!nodes.length) throw new HwcastError('bad-input', 'the graph has no node', { where });
  return { name: isRow && value.id !== undefined ? String(value.id) : name, nodes: new Map(nodes) };
}

function nodeOf(name: string, node: unknown, where: string): NnmeterNode {
  const problem = (why: string) => new HwcastError('bad-input', `node '${name}' ${why}`, { where });
  if (!isRecord(node) || !isRecord(node.attr)) throw problem("has no 'attr'");
  const { attr } = node;
  if (typeof attr.type !== 'string')
    throw new HwcastError('bad-input', `node '${name}' has no type`, {
      where,
      hint: 'nn-Meter leaves out operators whose shapes it does not know: read the model that it was made from',
    });
  const names = (key: 'inbounds' | 'outbounds'): string[] => {
    const list = node[key] ?? [];
    if (!Array.isArray(list) || !list.every((n) => typeof n === 'string')) throw problem(`has ${key} that are no names`);
    return list;
  };
  const shapes = (key: 'input_shape' | 'output_shape'): number[][] => {
    const list = attr[key] ?? [];
    const ok = Array.isArray(list) && list.every((shape) => Array.isArray(shape) && shape.every((n) => Number.isInteger(n)));
    if (!ok) throw problem(`has ${key} ${JSON.stringify(list)}, which is no list of shapes`);
    return list;
  };
  return {
    name,
    type: attr.type,
    attr: isRecord(attr.attr) ? attr.attr : {},
    inbounds: names('inbounds'),
    outbounds: names('outbounds'),
    inputShapes: shapes('input_shape'),
    outputShapes: shapes('output_shape'),
  };
}

/** Nodes in an order in which each stands behind what it reads. @throws HwcastError `corrupt` for a circle */
export function inReadingOrder(nodes: ReadonlyMap<string, NnmeterNode>, where: string): NnmeterNode[] {
  const ordered: NnmeterNode[] = [];
  const done = new Set<NnmeterNode>();
  const open = new Set<NnmeterNode>();
  for (const start of nodes.values()) {
    const stack = [start];
    while (stack.length) {
      const node = stack[stack.length - 1];
      if (done.has(node)) {
        stack.pop();
        continue;
      }
      const waits = node.inbounds.flatMap((name) => nodes.get(name) ?? []).filter((n) => !done.has(n));
      if (waits.some((n) => open.has(n)))
        throw new HwcastError('corrupt', `the graph has a circle through '${node.name}'`, { where });
      if (waits.length) {
        open.add(node);
        stack.push(...waits);
        continue;
      }
      open.delete(node);
      done.add(node);
      ordered.push(node);
      stack.pop();
    }
  }
  return ordered;
}
