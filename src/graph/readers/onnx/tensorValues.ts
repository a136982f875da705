import type { Int64, TensorProto } from './onnxSchema.js';

export const toNumber = (value: Int64): number => (typeof value === 'number' ? value : value.toNumber());

/** Names and widths in bits of `TensorProto.DataType`; 0 bits: no number hwcast reads. */
const DATA_TYPES: Record<number, [name: string, bits: number]> = {
  1: ['float32', 32],
  2: ['uint8', 8],
  3: ['int8', 8],
  4: ['uint16', 16],
  5: ['int16', 16],
  6: ['int32', 32],
  7: ['int64', 64],
  8: ['string', 0],
  9: ['bool', 8],
  10: ['float16', 16],
  11: ['float64', 64],
  12: ['uint32', 32],
  13: ['uint64', 64],
  14: ['complex64', 0],
  15: ['complex128', 0],
  16: ['bfloat16', 16],
  17: ['float8e4m3fn', 0],
  18: ['float8e4m3fnuz', 0],
  19: ['float8e5m2', 0],
  20: ['float8e5m2fnuz', 0],
  21: ['uint4', 4],
  22: ['int4', 4],
  23: ['float4e2m1', 0],
  24: ['float8e8m0', 0],
  25: ['uint2', 2],
  26: ['int2', 2],
};

export const dataTypeName = (type: number): string => DATA_TYPES[type]?.[0] ?? `type ${type}`;
export const dataTypeBits = (type: number): number => DATA_TYPES[type]?.[1] ?? 0;
/** The number of `TensorProto.DataType` by its name. */
export const dataTypeNumber = (name: string): number | undefined => {
  const found = Object.entries(DATA_TYPES).find(([, [known]]) => known === name);
  return found && Number(found[0]);
};

/** IEEE half precision. */
function float16(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1,
    exponent = (bits >> 10) & 31,
    fraction = bits & 1023;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (exponent ? (1 + fraction / 1024) * 2 ** (exponent - 15) : (fraction / 1024) * 2 ** -14);
}

/** The bits of the nearest number in IEEE half precision; for magnitudes below 65520. */
export function float16Bits(value: number): number {
  const size = Math.abs(value);
  const exponent = size ? Math.max(Math.floor(Math.log2(size)), -14) : -14;
  // in units of the last place; 1024 is the bit that normal numbers leave out, a carry goes on into the exponent
  const places = Math.round(size * 2 ** (10 - exponent));
  const bits = places < 1024 ? places : ((exponent + 15) << 10) + places - 1024;
  return value < 0 ? bits | 0x8000 : bits;
}

const word = new DataView(new ArrayBuffer(4));
function bfloat16(bits: number): number {
  word.setUint32(0, bits << 16);
  return word.getFloat32(0);
}

/** The bits of a number as bfloat16, rounded towards 0. */
export function bfloat16Bits(value: number): number {
  word.setFloat32(0, value);
  return word.getUint16(0);
}

/** Numbers by their index. A loop: ten times as fast as `Float64Array.from`. */
function filled(count: number, at: (i: number) => number): Float64Array {
  const values = new Float64Array(count);
  for (let i = 0; i < count; i++) values[i] = at(i);
  return values;
}

/** Integers of 2 or 4 bits, the first in the low bits of a byte. */
function packed(bytes: (byte: number) => number, count: number, bits: number, signed: boolean): Float64Array {
  const perByte = 8 / bits,
    half = 2 ** (bits - 1);
  return filled(count, (i) => {
    const value = (bytes(Math.floor(i / perByte)) >> ((i % perByte) * bits)) & (2 * half - 1);
    return signed && value >= half ? value - 2 * half : value;
  });
}

/** Readers of one element of `raw_data`, little-endian. */
const RAW: Record<number, (view: DataView, at: number) => number> = {
  1: (v, i) => v.getFloat32(4 * i, true),
  2: (v, i) => v.getUint8(i),
  3: (v, i) => v.getInt8(i),
  4: (v, i) => v.getUint16(2 * i, true),
  5: (v, i) => v.getInt16(2 * i, true),
  6: (v, i) => v.getInt32(4 * i, true),
  7: (v, i) => Number(v.getBigInt64(8 * i, true)),
  9: (v, i) => v.getUint8(i),
  10: (v, i) => float16(v.getUint16(2 * i, true)),
  11: (v, i) => v.getFloat64(8 * i, true),
  12: (v, i) => v.getUint32(4 * i, true),
  13: (v, i) => Number(v.getBigUint64(8 * i, true)),
  16: (v, i) => bfloat16(v.getUint16(2 * i, true)),
};

/** The typed field that holds the values where `raw_data` does not; int32_data also holds the small integers and the bits of half floats. */
function typedData(tensor: TensorProto): readonly Int64[] {
  switch (tensor.dataType) {
    case 1:
      return tensor.floatData;
    case 7:
      return tensor.int64Data;
    case 11:
      return tensor.doubleData;
    case 12:
    case 13:
      return tensor.uint64Data;
    default:
      return tensor.int32Data;
  }
}

/** How many elements a tensor's fields hold, for comparison with its dims; undefined where none are stored or the type is not read. */
export function storedElements(tensor: TensorProto, wanted: number): number | undefined {
  const bits = dataTypeBits(tensor.dataType);
  if (!bits) return undefined;
  const perByte = bits < 8 ? 8 / bits : 1;
  // a last byte may be filled in part
  const unpacked = (n: number): number => (Math.ceil(wanted / perByte) === n ? wanted : n * perByte);
  if (tensor.rawData.length) return bits < 8 ? unpacked(tensor.rawData.length) : tensor.rawData.length / (bits / 8);
  const data = typedData(tensor);
  return data.length ? unpacked(data.length) : undefined;
}

/** Where the values of a tensor of `elements` are: in the file, in another one, or left out. */
export function storageOf(tensor: TensorProto, elements: number): 'inside' | 'external' | 'absent' {
  if (tensor.dataLocation === 1) return 'external';
  const isAbsent = elements > 0 && dataTypeBits(tensor.dataType) > 0 && storedElements(tensor, elements) === undefined;
  return isAbsent ? 'absent' : 'inside';
}

/** The values of a tensor of `count` elements, whose fields hold as many (`storedElements`). */
export function tensorValues(tensor: TensorProto, count: number): Float64Array {
  const type = tensor.dataType,
    bits = dataTypeBits(type);
  if (!tensor.rawData.length) {
    const data = typedData(tensor);
    if (bits < 8) return packed((i) => toNumber(data[i]), count, bits, type === 22 || type === 26);
    const value = type === 10 ? float16 : type === 16 ? bfloat16 : (n: number) => n;
    return filled(count, (i) => value(toNumber(data[i])));
  }
  const { buffer, byteOffset, byteLength } = tensor.rawData;
  if (bits < 8) return packed((i) => tensor.rawData[i], count, bits, type === 22 || type === 26);
  const view = new DataView(buffer, byteOffset, byteLength),
    read = RAW[type];
  return filled(count, (i) => read(view, i));
}
