import { elementCount } from '../../../core/elementCount.js';
import { HwcastError } from '../../../core/errors.js';
import { type Dtype, type Shape, tensorBytes } from '../../tensorType.js';
import { FlatTable } from './flatTable.js';
import { BUILTIN_OPERATORS, TENSOR_TYPES } from './tfliteSchema.js';

/** A tensor of a TFLite file. */
export interface TfliteTensor {
  name: string;
  /** as the file states it; open sizes stand as 1 */
  shape: Shape;
  /** -1 where a size is open */
  signature: Shape;
  dtype: Dtype;
  /** of the schema, e.g. `FLOAT32` */
  type: string;
  /** integers of a scale */
  quantized: boolean;
  sparse: boolean;
  /** kept from one pass to the next */
  variable: boolean;
  /** what it holds; tensors of one content share it. Empty for what is computed */
  data: TfliteData;
}

/** Bytes of the file. */
export interface TfliteData {
  bytes: Uint8Array;
}

export interface TfliteOperator {
  /** of the schema, or the code of a custom operator */
  code: string;
  custom: boolean;
  /** places of tensors in the subgraph; -1 for one that is left out */
  inputs: readonly number[];
  outputs: readonly number[];
  /** options of the operator, whose type its code says */
  options(table: Parameters<FlatTable['table']>[1]): FlatTable | undefined;
}

export interface TfliteSubgraph {
  tensors: readonly TfliteTensor[];
  inputs: readonly number[];
  outputs: readonly number[];
  operators: readonly TfliteOperator[];
}

export interface TfliteModel {
  subgraphs: readonly TfliteSubgraph[];
  /** subgraphs that are models of their own: name and place */
  entries: readonly { name: string | undefined; subgraph: number }[];
}

const VERSION = 3;
/** Strings count as the indices they stand for; complex numbers of two real ones by their bytes. */
const DTYPES: Readonly<Record<string, Dtype>> = {
  FLOAT32: 'fp32',
  FLOAT16: 'fp16',
  BFLOAT16: 'bf16',
  FLOAT64: 'fp64',
  COMPLEX64: 'fp64',
  COMPLEX128: 'fp64',
  INT64: 'int64',
  UINT64: 'int64',
  STRING: 'int64',
  INT32: 'int32',
  UINT32: 'int32',
  RESOURCE: 'int32',
  VARIANT: 'int32',
  INT16: 'int16',
  UINT16: 'int16',
  INT8: 'int8',
  UINT8: 'uint8',
  INT4: 'int4',
  BOOL: 'bool',
};

/** The identifier of a TFLite file, `TFL3`; undefined for other files. */
export const tfliteIdentifier = (head: Uint8Array): string | undefined =>
  /^TFL\d$/.exec(Buffer.from(head.subarray(4, 8)).toString('latin1'))?.[0];

/**
 * The tables of a TFLite file; weights stay where they are.
 * @throws HwcastError `corrupt` with the byte for a cut or damaged file, `unsupported` for another version or another kind of file
 */
export function parseTflite(bytes: Uint8Array, where: string): TfliteModel {
  const identifier = tfliteIdentifier(bytes);
  if (identifier !== `TFL${VERSION}`)
    throw new HwcastError(
      'unsupported',
      identifier ? `TFLite of version ${identifier[3]}` : 'no TFLite file: it does not begin with TFL3',
      {
        where,
        hint: identifier ? 'convert the model anew' : 'name the file that the converter wrote',
      },
    );
  const model = FlatTable.root(bytes, 'Model', where);
  if (model.number('version') !== VERSION)
    throw new HwcastError('unsupported', `TFLite of schema version ${model.number('version')}, not ${VERSION}`, { where });
  const codes = model.tables('operator_codes').map((code) => operatorCode(code));
  const buffers = model.tables('buffers').map((buffer) => dataOf(buffer, bytes, where));
  const subgraphs = model.tables('subgraphs').map((graph, i) => subgraph(graph, codes, buffers, `${where}, subgraph ${i}`));
  if (!subgraphs.length) throw new HwcastError('corrupt', 'the TFLite file has no subgraph', { where });
  return { subgraphs, entries: entriesOf(model, subgraphs.length) };
}

function operatorCode(table: FlatTable): { code: string; custom: boolean } {
  const number = Math.max(table.number('deprecated_builtin_code'), table.number('builtin_code'));
  const name = BUILTIN_OPERATORS[number] ?? `builtin operator ${number}`;
  return name === 'CUSTOM' ? { code: table.text('custom_code') || 'CUSTOM', custom: true } : { code: name, custom: false };
}

/** What a buffer holds; of files above 2 GB it stands behind the tables. */
function dataOf(buffer: FlatTable, bytes: Uint8Array, where: string): TfliteData {
  const [offset, size] = [buffer.number('offset'), buffer.number('size')];
  if (offset <= 1) return { bytes: buffer.bytes('data') };
  if (offset + size > bytes.length)
    throw new HwcastError(
      'corrupt',
      `the TFLite file is cut or damaged: weights reach byte ${offset + size}, the file has ${bytes.length}`,
      {
        where,
        hint: 'fetch it again',
      },
    );
  return { bytes: bytes.subarray(offset, offset + size) };
}

function subgraph(
  graph: FlatTable,
  codes: readonly { code: string; custom: boolean }[],
  buffers: readonly TfliteData[],
  where: string,
): TfliteSubgraph {
  const tensors = graph.tables('tensors').map((table, i) => tensorOf(table, i, buffers, where));
  const known = (list: number[], what: string, least = 0): number[] => {
    const wrong = list.find((i) => i < least || i >= tensors.length);
    if (wrong === undefined) return list;
    throw new HwcastError('corrupt', `${what} names tensor ${wrong} of ${tensors.length}`, { where });
  };
  const operators = graph.tables('operators').map((table, i): TfliteOperator => {
    const index = table.number('opcode_index');
    const code = codes[index];
    if (!code) throw new HwcastError('corrupt', `operator ${i} has code ${index} of ${codes.length}`, { where });
    return {
      ...code,
      inputs: known(table.numbers('inputs'), `operator ${i}`, -1),
      outputs: known(table.numbers('outputs'), `operator ${i}`),
      options: (name) => table.table('builtin_options', name) ?? table.table('builtin_options_2', name),
    };
  });
  return {
    tensors,
    inputs: known(graph.numbers('inputs'), 'an input'),
    outputs: known(graph.numbers('outputs'), 'an output'),
    operators,
  };
}

function tensorOf(table: FlatTable, index: number, buffers: readonly TfliteData[], where: string): TfliteTensor {
  const name = table.text('name') || `tensor ${index}`;
  const type = TENSOR_TYPES[table.number('type')];
  if (!type) throw new HwcastError('unsupported', `tensor '${name}' has element type ${table.number('type')}`, { where });
  const shape = table.numbers('shape');
  const data = buffers[table.number('buffer')];
  if (!data)
    throw new HwcastError('corrupt', `tensor '${name}' has buffer ${table.number('buffer')} of ${buffers.length}`, { where });
  if (shape.some((n) => n < -1) || !Number.isSafeInteger(elementCount(shape)))
    throw new HwcastError('corrupt', `tensor '${name}' has shape [${shape}]`, { where });
  const sparse = table.has('sparsity');
  const needed = sparse || DTYPES[type] === 'int4' || type === 'STRING' ? 0 : tensorBytes({ shape, dtype: DTYPES[type] });
  if (data.bytes.length && data.bytes.length < needed)
    throw new HwcastError('corrupt', `tensor '${name}' of [${shape}] holds ${data.bytes.length} bytes, not ${needed}`, { where });
  const signature = table.numbers('shape_signature');
  return {
    name,
    shape: shape.map((n) => (n < 0 ? 1 : n)),
    signature: signature.length === shape.length ? signature : shape,
    dtype: DTYPES[type],
    type,
    quantized: (table.table('quantization')?.numbers('scale').length ?? 0) > 0,
    sparse,
    variable: table.number('is_variable') !== 0,
    data,
  };
}

/** The subgraphs that signatures name, else the first. */
function entriesOf(model: FlatTable, count: number): { name: string | undefined; subgraph: number }[] {
  const named = new Map<number, string>();
  for (const signature of model.tables('signature_defs')) {
    const at = signature.number('subgraph_index');
    if (at < count && !named.has(at)) named.set(at, signature.text('signature_key'));
  }
  return named.size > 1
    ? [...named].map(([subgraph, name]) => ({ name: name || `subgraph ${subgraph}`, subgraph }))
    : [{ name: undefined, subgraph: [...named.keys()][0] ?? 0 }];
}

/** Whole or real numbers that a tensor holds. */
export function valuesOf({ data: { bytes }, type, shape }: TfliteTensor): number[] | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const readers: Record<string, readonly [number, (at: number) => number]> = {
    INT32: [4, (at) => view.getInt32(at, true)],
    INT64: [8, (at) => Number(view.getBigInt64(at, true))],
    INT16: [2, (at) => view.getInt16(at, true)],
    INT8: [1, (at) => view.getInt8(at)],
    UINT8: [1, (at) => view.getUint8(at)],
    BOOL: [1, (at) => view.getUint8(at)],
    FLOAT32: [4, (at) => view.getFloat32(at, true)],
  };
  const reader = readers[type];
  const count = elementCount(shape);
  if (!reader || bytes.length < count * reader[0]) return undefined;
  return Array.from({ length: count }, (_, i) => reader[1](i * reader[0]));
}
