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

/** A constant whose values do not matter. */
export const weights = (shape: number[], more: Partial<TinyTensor> = {}): TinyTensor => ({ shape, values: 'weights', ...more });
export const ints = (...values: number[]): TinyTensor => ({ shape: [values.length], type: 'INT32', values });
/** Integers of a scale. */
export const int8 = { type: 'INT8', quantized: true };

/** A convolution of a picture [1, 6, 8, 3] with 4 filters of 3 x 3, stride 2, relu6, then a mean and a layer of 5 outputs. */
export const CLASSIFIER: TinySubgraph = {
  tensors: {
    picture: { shape: [1, 6, 8, 3] },
    filters: weights([4, 3, 3, 3]),
    biases: weights([4]),
    features: { shape: [1, 3, 4, 4] },
    places: ints(1, 2),
    mean: { shape: [1, 4] },
    matrix: weights([5, 4]),
    scores: { shape: [1, 5] },
  },
  inputs: ['picture'],
  outputs: ['scores'],
  operators: [
    {
      code: 'CONV_2D',
      inputs: ['picture', 'filters', 'biases'],
      outputs: ['features'],
      options: { table: 'Conv2DOptions', padding: 0, stride_w: 2, stride_h: 2, fused_activation_function: 3 },
    },
    { code: 'MEAN', inputs: ['features', 'places'], outputs: ['mean'], options: { table: 'ReducerOptions', keep_dims: 0 } },
    { code: 'FULLY_CONNECTED', inputs: ['mean', 'matrix', ''], outputs: ['scores'], options: { table: 'FullyConnectedOptions' } },
  ],
};
/** The same with other tensors. */
export const classifier = (tensors: Record<string, TinyTensor>): Uint8Array =>
  encodeTflite([{ ...CLASSIFIER, tensors: { ...CLASSIFIER.tensors, ...tensors } }]);
