import { Builder } from 'flatbuffers';
import { BUILTIN_OPERATORS, FIELDS, type TableName, TENSOR_TYPES } from '../../../../src/graph/readers/tflite/tfliteSchema.js';

/** A tensor of a file for tests: `values` make it a constant. */
export interface TinyTensor {
  shape: number[];
  type?: string;
  values?: number[] | 'weights';
  signature?: number[];
  quantized?: boolean;
  variable?: boolean;
}

export interface TinyOperator {
  /** name in the schema; another one is a custom operator */
  code: string;
  /** names of tensors, '' for one left out */
  inputs: string[];
  outputs: string[];
  options?: { table: TableName } & Record<string, unknown>;
}

export interface TinySubgraph {
  tensors: Record<string, TinyTensor>;
  inputs: string[];
  outputs: string[];
  operators: TinyOperator[];
}

type Fields = Record<string, unknown>;

const WIDTHS: Record<string, number> = { FLOAT32: 4, FLOAT16: 2, INT32: 4, INT64: 8, INT16: 2, INT8: 1, UINT8: 1, BOOL: 1 };

function bytesOf({ shape, type = 'FLOAT32', values }: TinyTensor): Uint8Array {
  if (values === undefined) return new Uint8Array();
  const count = shape.reduce((product, n) => product * n, 1);
  const bytes = new Uint8Array(count * WIDTHS[type]);
  if (values === 'weights') return bytes;
  const view = new DataView(bytes.buffer);
  values.forEach((value, i) => {
    if (type === 'FLOAT32') view.setFloat32(4 * i, value, true);
    else if (type === 'INT32') view.setInt32(4 * i, value, true);
    else view.setInt8(i, value);
  });
  return bytes;
}

/** A TFLite file of one subgraph or more. */
export function encodeTflite(
  subgraphs: readonly TinySubgraph[],
  more: { version?: number; signatures?: Fields[] } = {},
): Uint8Array {
  const codes = [...new Set(subgraphs.flatMap((g) => g.operators.map((o) => o.code)))];
  const buffers: Fields[] = [{}];
  const bufferOf = (tensor: TinyTensor): number =>
    tensor.values === undefined ? 0 : buffers.push({ data: bytesOf(tensor) }) - 1;
  const model: Fields = {
    version: more.version ?? 3,
    operator_codes: codes.map((code) => {
      const number = BUILTIN_OPERATORS.indexOf(code);
      return number < 0
        ? { deprecated_builtin_code: 32, builtin_code: 32, custom_code: code }
        : { deprecated_builtin_code: Math.min(number, 127), builtin_code: number };
    }),
    subgraphs: subgraphs.map(({ tensors, inputs, outputs, operators }) => {
      const names = Object.keys(tensors);
      const places = (list: string[]) => list.map((name) => names.indexOf(name));
      return {
        tensors: Object.entries(tensors).map(([name, tensor]) => ({
          name,
          shape: tensor.shape,
          type: TENSOR_TYPES.indexOf(tensor.type ?? 'FLOAT32'),
          buffer: bufferOf(tensor),
          ...(tensor.signature ? { shape_signature: tensor.signature } : {}),
          ...(tensor.quantized ? { quantization: { scale: [0.5] } } : {}),
          is_variable: tensor.variable ? 1 : 0,
        })),
        inputs: places(inputs),
        outputs: places(outputs),
        operators: operators.map((o) => ({
          opcode_index: codes.indexOf(o.code),
          inputs: places(o.inputs),
          outputs: places(o.outputs),
          ...(o.options ? { builtin_options_type: 1, builtin_options: o.options } : {}),
        })),
      };
    }),
    buffers,
    ...(more.signatures ? { signature_defs: more.signatures } : {}),
  };
  const builder = new Builder(1024);
  builder.finish(encodeTable(builder, 'Model', model), 'TFL3');
  return builder.asUint8Array();
}

/** A table with the fields given; a field that stands in another table needs its name as `table`. */
function encodeTable(builder: Builder, name: TableName, given: Fields): number {
  const fields = FIELDS[name];
  const values = Object.entries(given).filter(([field]) => field !== 'table');
  const offsets = new Map<string, number>();
  for (const [field, value] of values) {
    const { type } = fields.get(field)!;
    if (type === 'string') offsets.set(field, builder.createString(value as string));
    else if (type.startsWith('[')) offsets.set(field, encodeVector(builder, type.slice(1, -1), value as unknown[]));
    else if (typeof value === 'object')
      offsets.set(field, encodeTable(builder, (value as { table?: TableName }).table ?? (type as TableName), value as Fields));
  }
  builder.startObject(fields.size);
  for (const [field, value] of values) {
    const { number, type } = fields.get(field)!;
    const offset = offsets.get(field);
    if (offset !== undefined) builder.addFieldOffset(number, offset, 0);
    else if (['bool', 'byte', 'ubyte'].includes(type)) builder.addFieldInt8(number, Number(value), 0);
    else builder.addFieldInt32(number, value as number, 0);
  }
  return builder.endObject();
}

function encodeVector(builder: Builder, type: string, list: ArrayLike<unknown>): number {
  const items = Array.from(list);
  if (type === 'ubyte') return builder.createByteVector(Uint8Array.from(items as number[]));
  const add: Record<string, (item: unknown) => void> = {
    int: (n) => builder.addInt32(n as number),
    float: (n) => builder.addFloat32(n as number),
  };
  const encoded = add[type] ? items : items.map((item) => encodeTable(builder, type as TableName, item as Fields));
  builder.startVector(4, encoded.length, 4);
  for (const item of [...encoded].reverse()) (add[type] ?? ((offset) => builder.addOffset(offset as number)))(item);
  return builder.endVector();
}

/** A file of one operator with weights and settings beside what it reads. */
export const oneOperator = (
  code: string,
  tensors: Record<string, TinyTensor>,
  {
    options,
    inputs = Object.keys(tensors).filter((name) => !name.startsWith('y')),
  }: { options?: TinyOperator['options']; inputs?: string[] } = {},
): Uint8Array => {
  const outputs = Object.keys(tensors).filter((name) => name.startsWith('y'));
  const given = inputs.filter((name) => name && tensors[name].values === undefined && !tensors[name].variable);
  return encodeTflite([
    { tensors, inputs: given, outputs, operators: [{ code, inputs, outputs, ...(options ? { options } : {}) }] },
  ]);
};
