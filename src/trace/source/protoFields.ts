import { HwcastError } from '../../core/errors.js';

/** One field of a message in the wire format of protocol buffers: numbers as numbers, everything else as bytes. */
export interface ProtoField {
  field: number;
  number: number;
  bytes: Buffer;
}

const NOTHING = Buffer.alloc(0);

/**
 * The fields of a message in order, whatever its schema; those that are not asked for cost nothing.
 * @throws HwcastError `corrupt` where it is cut or no message
 */
export function* protoFields(message: Buffer, where: string): Generator<ProtoField> {
  for (let at = 0; at < message.length; ) {
    const key = varint(message, at, where),
      field = Math.floor(key.value / 8),
      wire = key.value % 8;
    at = key.next;
    if (wire === 0) {
      const { value, next } = varint(message, at, where);
      yield { field, number: value, bytes: NOTHING };
      at = next;
    } else {
      const size = wire === 2 ? varint(message, at, where) : { value: wire === 1 ? 8 : 4, next: at };
      if (field === 0 || ![1, 2, 5].includes(wire) || size.next + size.value > message.length)
        throw new HwcastError(
          'corrupt',
          `the protocol buffer is cut or damaged (field ${field} at byte ${at} of ${message.length})`,
          { where },
        );
      at = size.next + size.value;
      yield { field, number: Number.NaN, bytes: message.subarray(size.next, at) };
    }
  }
}

/** The whole numbers of a repeated field, packed or one by one. */
export function packedNumbers({ number, bytes }: ProtoField, where: string): number[] {
  if (!bytes.length) return Number.isNaN(number) ? [] : [number];
  const numbers: number[] = [];
  for (let at = 0; at < bytes.length; ) {
    const { value, next } = varint(bytes, at, where);
    numbers.push(value);
    at = next;
  }
  return numbers;
}

/** Messages one after the other, each behind its length. */
export function* delimitedMessages(stream: Buffer, where: string): Generator<Buffer> {
  for (let at = 0; at < stream.length; ) {
    const { value, next } = varint(stream, at, where);
    if (next + value > stream.length)
      throw new HwcastError('corrupt', `the stream ends inside a message, at byte ${stream.length} (it began at ${at})`, {
        where,
      });
    yield stream.subarray(next, next + value);
    at = next + value;
  }
}

function varint(bytes: Buffer, from: number, where: string): { value: number; next: number } {
  let value = 0,
    scale = 1;
  for (let at = from; at < bytes.length && at < from + 10; at++, scale *= 128) {
    value += (bytes[at] & 127) * scale;
    if (bytes[at] < 128) return { value, next: at + 1 };
  }
  throw new HwcastError('corrupt', `the protocol buffer is cut or damaged at byte ${from}`, { where });
}
