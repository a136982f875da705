import { elementCount } from '../../core/elementCount.js';
import { HwcastError } from '../../core/errors.js';

/** Numbers of a PyTorch or NumPy object found in a pickle, in C order. An empty shape is a scalar. */
export class TensorValue {
  constructor(
    readonly shape: readonly number[],
    readonly data: Float64Array,
  ) {}
}

const WIDTH = { f4: 4, f8: 8, i1: 1, i2: 2, i4: 4, i8: 8, u1: 1, u2: 2, u4: 4, u8: 8, b1: 1 } as const;
/** Element type in NumPy's letters: kind and bytes. */
export type ElementType = keyof typeof WIDTH;
export const isElementType = (type: string): type is ElementType => type in WIDTH;

/** Most elements a tensor may claim: a file of a few bytes must not claim gigabytes through strides of 0. */
const MAX_ELEMENTS = 20_000_000;

/**
 * A strided view of raw bytes as numbers.
 * @param strides in elements; C order unless told
 * @throws RangeError where the view leaves the bytes.
 */
export function decodeTensor(
  bytes: Uint8Array,
  type: ElementType,
  shape: readonly number[],
  options: { bigEndian?: boolean; offset?: number; strides?: readonly number[] } = {},
): TensorValue {
  const width = WIDTH[type],
    view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength),
    little = !options.bigEndian;
  const total = elementCount(shape);
  if (!shape.every((d) => Number.isInteger(d) && d >= 0) || total > MAX_ELEMENTS)
    throw new RangeError(`a tensor of shape [${shape}] is not read`);
  const read: Record<ElementType, (at: number) => number> = {
    f4: (at) => view.getFloat32(at, little),
    f8: (at) => view.getFloat64(at, little),
    i1: (at) => view.getInt8(at),
    i2: (at) => view.getInt16(at, little),
    i4: (at) => view.getInt32(at, little),
    i8: (at) => Number(view.getBigInt64(at, little)),
    u1: (at) => view.getUint8(at),
    u2: (at) => view.getUint16(at, little),
    u4: (at) => view.getUint32(at, little),
    u8: (at) => Number(view.getBigUint64(at, little)),
    b1: (at) => view.getUint8(at),
  };
  const strides = options.strides ?? shape.map((_, i) => elementCount(shape.slice(i + 1)));
  const data = new Float64Array(total),
    index = shape.map(() => 0);
  for (let i = 0; i < total; i++) {
    let at = options.offset ?? 0;
    for (let d = 0; d < index.length; d++) at += index[d] * strides[d];
    data[i] = read[type](at * width);
    for (let d = index.length - 1; d >= 0 && ++index[d] === shape[d]; d--) index[d] = 0;
  }
  return new TensorValue(shape, data);
}

/**
 * A list of numbers out of a pickle: a list or tuple of numbers or scalars, or a tensor with one axis longer than 1.
 * @throws HwcastError `bad-input` with the position of what is no number.
 */
export function numberList(value: unknown, where: string): Float64Array {
  if (value instanceof TensorValue) {
    if (value.shape.filter((d) => d !== 1).length <= 1) return value.data;
    throw new HwcastError('bad-input', `a list of numbers is expected, not a tensor of shape [${value.shape}]`, { where });
  }
  if (!Array.isArray(value))
    throw new HwcastError('bad-input', `a list of numbers is expected, not ${value === null ? 'None' : typeof value}`, { where });
  return Float64Array.from(value, (item, i) => {
    if (typeof item === 'number') return item;
    if (typeof item === 'bigint') return Number(item);
    if (item instanceof TensorValue && item.data.length === 1) return item.data[0];
    throw new HwcastError('bad-input', `item ${i} is no number but ${JSON.stringify(String(item)).slice(0, 60)}`, { where });
  });
}
