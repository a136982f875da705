import { strToU8, zipSync } from 'fflate';
import type { ReadModel, ReadModelOptions } from '../../../../src/graph/readers/modelReader.js';
import { pytorchReader } from '../../../../src/graph/readers/pytorch/pytorchReader.js';

/** A size: a number or an expression of symbols. */
type Size = number | string;
const FLOAT = 7;
export const [INT8, INT64, BOOL] = [2, 5, 12];

interface Tensors {
  [name: string]: { sizes: Size[]; dtype?: number; strides?: number[] };
}

/** An exported program in a few lines: `nodes` are target, arguments (`{ input: 'x' }` is a tensor), results. */
export interface TinyProgram {
  inputs?: Tensors;
  parameters?: Tensors;
  buffers?: Tensors;
  /** sizes that nodes take as arguments */
  sizes?: Record<string, Size>;
  nodes: [target: string, args: Record<string, unknown>, results: Tensors][];
  outputs: string[];
}

const sizeOf = (n: Size) => (typeof n === 'number' ? { as_int: n } : { as_expr: { expr_str: n, hint: { as_int: 3 } } });

/** A string is a tensor, a list of strings tensors; numbers and lists of them are numbers; what is written as the schema does stays. */
function argumentOf(value: unknown): unknown {
  if (typeof value === 'string') return { as_tensor: { name: value } };
  if (typeof value === 'boolean') return { as_bool: value };
  if (typeof value === 'number') return Number.isInteger(value) ? { as_int: value } : { as_float: value };
  if (value === null) return { as_none: true };
  if (!Array.isArray(value)) return value;
  return typeof value[0] === 'string' ? { as_tensors: value.map((name) => ({ name })) } : { as_ints: value };
}

export function programJson({ inputs = {}, parameters = {}, buffers = {}, sizes = {}, nodes, outputs }: TinyProgram): string {
  const tensors = Object.assign({}, inputs, parameters, buffers, ...nodes.map(([, , results]) => results)) as Tensors;
  const meta = Object.entries(tensors).map(([name, { sizes, dtype = FLOAT, strides }]) => [
    name,
    { dtype, sizes: sizes.map(sizeOf), strides: strides?.map(sizeOf) ?? [], requires_grad: false, layout: 7 },
  ]);
  const named = (kind: string, names: object) => Object.keys(names).map((name) => ({ [kind]: { arg: { name } } }));
  return JSON.stringify({
    graph_module: {
      graph: {
        inputs: [],
        outputs: outputs.map((name) => ({ as_tensor: { name } })),
        nodes: nodes.map(([target, args, results]) => ({
          target: target.includes('.') ? `torch.ops.${target}` : `torch.ops.aten.${target}.default`,
          inputs: Object.entries(args).map(([name, value]) => ({ name, arg: argumentOf(value), kind: 1 })),
          outputs:
            Object.keys(results).length > 1 && target.startsWith('split')
              ? [{ as_tensors: Object.keys(results).map((name) => ({ name })) }]
              : Object.keys(results).map((name) => ({ as_tensor: { name } })),
          metadata: {},
        })),
        tensor_values: Object.fromEntries(meta),
        sym_int_values: Object.fromEntries(Object.entries(sizes).map(([name, n]) => [name, sizeOf(n)])),
        sym_bool_values: {},
      },
      signature: {
        input_specs: [
          ...named('parameter', parameters),
          ...named('buffer', buffers),
          ...Object.keys(inputs).map((name) => ({ user_input: { arg: { as_tensor: { name } } } })),
        ],
        output_specs: [],
      },
    },
    range_constraints: {},
    schema_version: { major: 8, minor: 17 },
  });
}

/** The one model of a program. */
export async function readTiny(program: TinyProgram, options: ReadModelOptions = {}): Promise<ReadModel> {
  const [model] = await pytorchReader.read({ name: 'tiny.json', bytes: strToU8(programJson(program)) }, options);
  return model;
}

export const archive = (files: Record<string, string>): Uint8Array =>
  zipSync(Object.fromEntries(Object.entries(files).map(([name, text]) => [name, strToU8(text)])));
