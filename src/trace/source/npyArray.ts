import { HwcastError } from '../../core/errors.js';

/** A NumPy array of numbers. */
export interface NpyArray {
  shape: number[];
  /** row by row; whole numbers of 64 bits as doubles */
  values: ArrayLike<number>;
}

const READERS: Readonly<Record<string, readonly [width: number, read: (view: DataView, at: number) => number]>> = {
  i1: [1, (v, at) => v.getInt8(at)],
  u1: [1, (v, at) => v.getUint8(at)],
  b1: [1, (v, at) => v.getUint8(at)],
  i2: [2, (v, at) => v.getInt16(at, true)],
  u2: [2, (v, at) => v.getUint16(at, true)],
  i4: [4, (v, at) => v.getInt32(at, true)],
  u4: [4, (v, at) => v.getUint32(at, true)],
  i8: [8, (v, at) => Number(v.getBigInt64(at, true))],
  u8: [8, (v, at) => Number(v.getBigUint64(at, true))],
  f4: [4, (v, at) => v.getFloat32(at, true)],
  f8: [8, (v, at) => v.getFloat64(at, true)],
};

/** A `.npy` file of numbers, versions 1 to 3. @throws HwcastError `corrupt` where it is cut or none, `unsupported` for other types */
export function npyArray(bytes: Uint8Array, where: string): NpyArray {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength),
    corrupt = (why: string) => new HwcastError('corrupt', `no whole NumPy array: ${why}`, { where });
  if (bytes.length < 12 || bytes[0] !== 0x93 || Buffer.from(bytes.subarray(1, 6)).toString('latin1') !== 'NUMPY')
    throw corrupt('it does not begin with NUMPY');
  const from = bytes[6] === 1 ? 10 : 12,
    begin = from + (bytes[6] === 1 ? view.getUint16(8, true) : view.getUint32(8, true)),
    header = Buffer.from(bytes.subarray(from, Math.min(begin, from + 65_536))).toString('latin1');
  const type = /'descr':\s*'([<|])(\w\d)'/.exec(header),
    sizes = /'shape':\s*\(([\d\s,]*)\)/.exec(header)?.[1];
  if (begin > bytes.length || sizes === undefined) throw corrupt('its header is cut');
  const reader = type && READERS[type[2]];
  if (!reader) throw new HwcastError('unsupported', 'a NumPy array of another type than numbers', { where });
  const shape = sizes
      .split(',')
      .filter((n) => n.trim())
      .map(Number),
    count = shape.reduce((product, n) => product * n, 1),
    [width, read] = reader;
  if (!Number.isSafeInteger(count) || begin + count * width > bytes.length)
    throw corrupt(`${count} numbers of ${width} bytes do not fit into ${bytes.length - begin}`);
  return { shape, values: Float64Array.from({ length: count }, (_, i) => read(view, begin + i * width)) };
}
