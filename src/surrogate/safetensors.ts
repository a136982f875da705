import { elementCount } from '../core/elementCount.js';
import { HwcastError } from '../core/errors.js';

export type TensorData = Float64Array | Float32Array | Int32Array | Uint8Array;
export interface NamedTensor {
  shape: number[];
  data: TensorData;
}

const TYPES = { F64: Float64Array, F32: Float32Array, I32: Int32Array, U8: Uint8Array } as const;
const typeOf = (d: TensorData) =>
  d instanceof Float64Array ? 'F64' : d instanceof Float32Array ? 'F32' : d instanceof Int32Array ? 'I32' : 'U8';

/** Writes named tensors in the safetensors format: u64 length, JSON header padded with spaces to 8 bytes, little-endian data. Same input, same bytes. */
export function writeSafetensors(tensors: Readonly<Record<string, NamedTensor>>): Uint8Array {
  const names = Object.keys(tensors).sort();
  const header: Record<string, unknown> = {};
  let at = 0;
  for (const name of names) {
    const { shape, data } = tensors[name];
    header[name] = { dtype: typeOf(data), shape, data_offsets: [at, at + data.byteLength] };
    at += data.byteLength;
  }
  const json = Buffer.from(JSON.stringify(header)),
    padded = Math.ceil(json.length / 8) * 8;
  const out = Buffer.alloc(8 + padded + at, ' ');
  out.writeBigUInt64LE(BigInt(padded));
  json.copy(out, 8);
  let to = 8 + padded;
  for (const name of names) {
    const { data } = tensors[name];
    out.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), to);
    to += data.byteLength;
  }
  return out;
}

/** @throws HwcastError `corrupt` when header, offsets and sizes do not agree. */
export function readSafetensors(bytes: Uint8Array, where?: string): Record<string, NamedTensor> {
  const bad = (why: string) => new HwcastError('corrupt', `not a safetensors file: ${why}`, { where });
  if (bytes.length < 8) throw bad('shorter than its header');
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  if (!(length > 0 && 8 + length <= bytes.length)) throw bad(`header of ${length} bytes in a file of ${bytes.length}`);
  let header: Record<string, { dtype: keyof typeof TYPES; shape: number[]; data_offsets: [number, number] }>;
  try {
    header = JSON.parse(Buffer.from(bytes.subarray(8, 8 + length)).toString());
  } catch {
    throw bad('header is no JSON');
  }
  if (!header || typeof header !== 'object') throw bad('header is no JSON object');
  const out: Record<string, NamedTensor> = {};
  for (const [name, entry] of Object.entries(header)) {
    // free text of whoever wrote the file
    if (name === '__metadata__') continue;
    if (!entry || !Array.isArray(entry.shape)) throw bad(`tensor '${name}' has no shape`);
    const { dtype, shape, data_offsets } = entry;
    const Type = TYPES[dtype],
      [from, to] = data_offsets ?? [0, -1];
    if (!Type || !(from >= 0 && to >= from && 8 + length + to <= bytes.length))
      throw bad(`tensor '${name}' lies outside the file`);
    if ((to - from) % Type.BYTES_PER_ELEMENT) throw bad(`tensor '${name}' has ${to - from} bytes of ${dtype}`);
    const data = new Type(Uint8Array.from(bytes.subarray(8 + length + from, 8 + length + to)).buffer);
    if (data.length !== elementCount(shape)) throw bad(`tensor '${name}' has ${data.length} values for shape [${shape}]`);
    out[name] = { shape, data };
  }
  return out;
}
