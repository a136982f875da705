import { HwcastError } from '../../../core/errors.js';
import { fileName } from '../../fileName.js';
import { recordsOf } from '../../source/recordsOf.js';
import { siblingSources } from '../../source/siblingSources.js';
import { wholeJson } from '../../source/wholeSource.js';
import { executionTraceReader } from '../executionTrace/executionTraceReader.js';
import { asDims, type OperatorCall } from './eventArguments.js';

/** An operator of an execution trace: schema 1.0.1 has fields, 1.0.2 and later groups and attributes. */
interface EtNode {
  name?: string;
  rf_id?: number;
  attrs?: { name?: string; value?: unknown }[];
  inputs?: unknown[] | { values?: unknown[]; shapes?: unknown[]; types?: unknown[] };
  input_shapes?: unknown[];
  input_types?: unknown[];
}

/** `net` of `net_trace.json.gz`, `net_kineto.json` and `net_et.json`: what the two traces of one run share. */
const runOf = (name: string): string =>
  fileName(name)
    .replace(/(\.(gz|zst|json|pt|trace))+$/i, '')
    .replace(/([._-](pt|et|kineto|trace|execution_?trace|profiler))+$/i, '')
    .toLowerCase();

/**
 * What operators were called with, by the id that both traces of a run give them (`External id`, `rf_id`), from the execution trace beside a profiler
 * trace that lacks shapes.
 * @param source name of the profiler trace
 * @returns undefined where there is none beside it
 */
export async function executionTraceCalls(source: string): Promise<Map<number, OperatorCall> | undefined> {
  const run = runOf(source);
  for await (const sibling of siblingSources(source, (name) => /\.json(\.gz|\.zst)?$/i.test(name) && runOf(name) === run)) {
    if (!executionTraceReader.detect(sibling.head, sibling.name)) continue;
    let nodes: unknown;
    try {
      ({ nodes } = (await wholeJson(sibling)) as { nodes?: unknown });
    } catch (error) {
      if (error instanceof HwcastError) continue;
      throw error;
    }
    const calls = new Map<number, OperatorCall>();
    for (const node of recordsOf(nodes) as EtNode[]) {
      const id = Number(node.rf_id ?? recordsOf(node.attrs).find((a) => a.name === 'rf_id')?.value ?? Number.NaN);
      if (Number.isSafeInteger(id) && typeof node.name === 'string') calls.set(id, callOf(node.name, node));
    }
    return calls;
  }
  return undefined;
}

function callOf(name: string, { inputs, input_shapes, input_types }: EtNode): OperatorCall {
  const grouped = Array.isArray(inputs) ? { values: inputs, shapes: input_shapes, types: input_types } : (inputs ?? {}),
    list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []),
    types = list(grouped.types).map(String);
  return {
    name,
    dims: asDims(grouped.shapes),
    types: types.map(typeOf),
    concrete: list(grouped.values).map((value, i) => (/Tensor/.test(types[i] ?? '') ? '' : concreteOf(value))),
  };
}

/** `Tensor(float)` as profiler traces write it: `float`; a list of tensors is a `TensorList`. */
function typeOf(type: string): string {
  if (/^GenericList\[Tensor/.test(type)) return 'TensorList';
  return /^Tensor\((.*)\)$/.exec(type)?.[1] ?? (type === 'None' ? '' : 'Scalar');
}

/** A value as profiler traces write it: `[1, 2]`, `True`, nothing for none. */
function concreteOf(value: unknown): string {
  if (value === null || value === undefined || value === '<None>') return '';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  return Array.isArray(value) ? `[${value.map(concreteOf).join(', ')}]` : String(value);
}
